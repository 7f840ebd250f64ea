import { requirePositive, requireWhole } from './checks.ts'
import type { RunningMean } from './running-mean.ts'
import { takeIn } from './running-mean.ts'

export interface EddmOptions {
  /** Values, and errors, up to which nothing is reported. */
  readonly warmStart: number
  /** Share of the largest level under which a warning begins; at least `beta`. */
  readonly alpha: number
  /** Share of the largest level under which the distances have changed. */
  readonly beta: number
}

/** Everything EDDM remembers: plain fields, to be kept as JSON. */
export interface EddmState {
  readonly options: EddmOptions
  values: number
  /** Number of the newest value that was an error. */
  lastError: number
  /** Distances between errors. */
  distances: RunningMean
  /** Sum of squared deviations of the distances. */
  squares: number
  /** Largest mean + 2 standard deviations so far; null before the first. */
  levelMax: number | null
  warned: boolean
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/**
 * EDDM, early drift detection method: watches the distances between errors; errors that come closer together than at the best time
 * are a change.
 *
 * @throws RangeError if an option is out of its range, or alpha is smaller than beta
 * @see Baena-García et al. (2006), Early drift detection method, Workshop on Knowledge Discovery from Data Streams
 * @see river 0.26.1, `drift.binary.EDDM`: the same detections at the same values
 * @example createEddm().options.beta // 0.9
 */
export function createEddm(options: Partial<EddmOptions> = {}): EddmState {
  const full = { warmStart: 30, alpha: 0.95, beta: 0.9, ...options }
  requireWhole('eddm', 'warmStart', full.warmStart, 0)
  requirePositive('eddm', 'alpha', full.alpha)
  requirePositive('eddm', 'beta', full.beta)
  if (full.alpha < full.beta) {
    throw new RangeError(`eddm: alpha is ${full.alpha}, it must be at least beta, which is ${full.beta}`)
  }
  return {
    options: full,
    values: 0,
    lastError: 0,
    distances: { count: 0, mean: 0 },
    squares: 0,
    levelMax: null,
    warned: false,
    changed: false,
  }
}

/**
 * Takes in one error (1) or its absence (0), changing `state`.
 *
 * @returns true when errors have come closer together; the detector then begins afresh with the next value. `state.warned` tells of
 * warnings, and keeps its word until the next error
 * @throws RangeError if the value is neither 0 nor 1
 * @example updateEddm(createEddm(), 1) ? 1 : 0 // 0
 */
export function updateEddm(state: EddmState, value: number): boolean {
  if (value !== 0 && value !== 1) throw new RangeError(`eddm: one of the values is ${value}, values must be 0 or 1`)
  if (state.changed) Object.assign(state, createEddm(state.options))
  state.values++
  if (value === 0) return false
  const { warmStart, alpha, beta } = state.options
  const { distances } = state
  const distance = state.values - state.lastError
  state.lastError = state.values
  const before = distances.mean
  takeIn(distances, distance, 1)
  state.squares += (distance - before) * (distance - distances.mean)
  if (state.values <= warmStart) return false
  const variance = distances.count > 1 ? state.squares / (distances.count - 1) : 0
  const level = distances.mean + 2 * Math.sqrt(variance)
  if (state.levelMax === null || level > state.levelMax) state.levelMax = level
  else if (distances.count > warmStart) {
    const share = level / state.levelMax
    state.changed = share < beta
    if (!state.changed) state.warned = share < alpha
  }
  return state.changed
}
