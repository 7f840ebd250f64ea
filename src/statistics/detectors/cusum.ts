import { requireFinite, requireNotNegative, requireShare, requireWhole } from './checks.ts'
import type { RunningMean } from './running-mean.ts'

export interface CusumOptions {
  /** Values before which nothing is reported. */
  readonly minInstances: number
  /** Deviations smaller than this are tolerated, 0 to 1. */
  readonly delta: number
  /** How large the sum must be to be a change, in the unit of the values. */
  readonly threshold: number
}

/** Everything CUSUM remembers: plain fields, to be kept as JSON. */
export interface CusumState {
  readonly options: CusumOptions
  mean: RunningMean
  sum: number
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/**
 * One-sided CUSUM chart of deviations from the running mean: sum = max(0, sum + x − mean − δ), a change above the threshold.
 *
 * The running mean includes the value itself. Only a rise is reported.
 *
 * @throws RangeError if an option is out of its range
 * @see Page (1954), Continuous inspection schemes, Biometrika 41(1/2)
 * @see frouros 0.9.0, `CUSUM`, reset after each change: the same detections at the same values
 * @example createCusum().options.threshold // 50
 */
export function createCusum(options: Partial<CusumOptions> = {}): CusumState {
  const full = { minInstances: 30, delta: 0.005, threshold: 50, ...options }
  requireWhole('cusum', 'minInstances', full.minInstances, 1)
  requireShare('cusum', 'delta', full.delta)
  requireNotNegative('cusum', 'threshold', full.threshold)
  return { options: full, mean: { count: 0, mean: 0 }, sum: 0, changed: false }
}

/**
 * Takes in one value, changing `state`.
 *
 * @returns true when the mean has risen; the detector then begins afresh with the next value
 * @throws RangeError if the value is not finite
 * @example updateCusum(createCusum(), 0.2) ? 1 : 0 // 0
 */
export function updateCusum(state: CusumState, value: number): boolean {
  requireFinite('cusum', value)
  if (state.changed) Object.assign(state, createCusum(state.options))
  const { minInstances, delta, threshold } = state.options
  const { mean } = state
  mean.count++
  mean.mean += (value - mean.mean) / mean.count
  state.sum = Math.max(0, state.sum + value - mean.mean - delta)
  state.changed = mean.count >= minInstances && state.sum > threshold
  return state.changed
}
