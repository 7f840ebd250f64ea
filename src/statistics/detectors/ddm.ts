import { requireError, requireNotNegative, requireWhole } from './checks.ts'
import type { RunningMean } from './running-mean.ts'
import { takeIn } from './running-mean.ts'

export interface DdmOptions {
  /** Values up to which nothing is reported. */
  readonly warmStart: number
  /** Standard deviations above the best level at which a warning begins. */
  readonly warning: number
  /** Standard deviations above the best level at which the error rate has changed. */
  readonly drift: number
}

/** Everything DDM remembers: plain fields, to be kept as JSON. */
export interface DdmState {
  readonly options: DdmOptions
  /** Error rate so far. */
  rate: RunningMean
  /** Error rate and its standard deviation where their sum was smallest; null during the warm start. */
  best: { rate: number; deviation: number } | null
  warned: boolean
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/**
 * DDM, drift detection method: the error rate p of a learner should fall; a change is when p + s is well above the smallest p + s
 * so far, with s = √(p (1 − p) ∕ n).
 *
 * Only a rise is reported. Its false alarms are frequent while n is small.
 *
 * @throws RangeError if an option is out of its range
 * @see Gama, Medas, Castillo and Rodrigues (2004), Learning with drift detection, SBIA
 * @see river 0.26.1, `drift.binary.DDM`: the same detections at the same values
 * @example createDdm().options.drift // 3
 */
export function createDdm(options: Partial<DdmOptions> = {}): DdmState {
  const full = { warmStart: 30, warning: 2, drift: 3, ...options }
  requireWhole('ddm', 'warmStart', full.warmStart, 0)
  requireNotNegative('ddm', 'warning', full.warning)
  requireNotNegative('ddm', 'drift', full.drift)
  return { options: full, rate: { count: 0, mean: 0 }, best: null, warned: false, changed: false }
}

/**
 * Takes in one error (1) or its absence (0), or the share of errors among `count` rows (a pane), changing `state`.
 *
 * @returns true when the error rate has risen; the detector then begins afresh with the next value. `state.warned` tells of warnings
 * @throws RangeError if the value does not lie from 0 to 1, or count is not a whole number above 0
 * @example updateDdm(createDdm(), 1) ? 1 : 0 // 0
 */
export function updateDdm(state: DdmState, value: number, count = 1): boolean {
  requireError('ddm', value)
  requireWhole('ddm', 'count', count, 1)
  if (state.changed) Object.assign(state, createDdm(state.options))
  const { warmStart, warning, drift } = state.options
  takeIn(state.rate, value, count)
  if (state.rate.count <= warmStart) return false
  const deviation = deviationOf(state.rate)
  const level = state.rate.mean + deviation
  if (state.best === null || level <= state.best.rate + state.best.deviation)
    state.best = { rate: state.rate.mean, deviation }
  const { best } = state
  state.changed = level > best.rate + drift * best.deviation
  state.warned = !state.changed && level > best.rate + warning * best.deviation
  return state.changed
}

function deviationOf({ count, mean }: RunningMean): number {
  return Math.sqrt(Math.max(0, mean * (1 - mean)) / count)
}

/**
 * The present error rate plus its standard deviation, the smallest error rate that it is held against, and where it would be a change;
 * null during the warm start.
 *
 * @example ddmLevel(createDdm()) === null ? 1 : 0 // 1
 */
export function ddmLevel({ rate, best, options }: DdmState): { level: number; best: number; drift: number } | null {
  if (best === null) return null
  return { level: rate.mean + deviationOf(rate), best: best.rate, drift: best.rate + options.drift * best.deviation }
}
