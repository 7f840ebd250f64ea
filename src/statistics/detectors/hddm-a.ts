import { requireError, requireInnerShare } from './checks.ts'
import type { RunningMean } from './running-mean.ts'
import { takeIn } from './running-mean.ts'

export interface HddmOptions {
  /** Level at which a change is reported. */
  readonly drift: number
  /** Level at which a warning begins. */
  readonly warning: number
  /** Whether a fall is reported as well as a rise. */
  readonly twoSided: boolean
}

/** Everything HDDM_A remembers: plain fields, to be kept as JSON. */
export interface HddmAState {
  readonly options: HddmOptions
  /** All values. */
  all: RunningMean
  /** The values up to the cut where the mean was lowest, and highest, for what was known of it. */
  lowest: RunningMean
  highest: RunningMean
  warned: boolean
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/**
 * HDDM_A: compares the mean of all values with the mean up to the best cut, by Hoeffding's inequality for averages.
 *
 * @throws RangeError if a level is not between 0 and 1
 * @see Frías-Blanco et al. (2015), Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE TKDE 27(3)
 * @see river 0.26.1, `drift.binary.HDDMA`: the same detections at the same values
 * @example createHddmA().options.drift // 0.001
 */
export function createHddmA(options: Partial<HddmOptions> = {}): HddmAState {
  const full = { drift: 0.001, warning: 0.005, twoSided: false, ...options }
  requireInnerShare('hddmA', 'drift', full.drift)
  requireInnerShare('hddmA', 'warning', full.warning)
  const none = { count: 0, mean: 0 }
  return { options: full, all: { ...none }, lowest: { ...none }, highest: { ...none }, warned: false, changed: false }
}

/**
 * Takes in one error (1) or its absence (0), changing `state`.
 *
 * @returns true when the mean has changed; the detector then begins afresh with the next value. `state.warned` tells of warnings
 * @throws RangeError if the value does not lie from 0 to 1
 * @example updateHddmA(createHddmA(), 1) ? 1 : 0 // 0
 */
export function updateHddmA(state: HddmAState, value: number): boolean {
  requireError('hddmA', value)
  if (state.changed) Object.assign(state, createHddmA(state.options))
  const { drift, warning, twoSided } = state.options
  const { all } = state
  takeIn(all, value, 1)
  if (state.lowest.count === 0) state.lowest = { ...all }
  if (state.highest.count === 0) state.highest = { ...all }
  const { lowest, highest } = state
  const spread = (of: RunningMean) => Math.sqrt((1 / (2 * of.count)) * Math.log(1 / drift))
  if (lowest.mean + spread(lowest) >= all.mean + spread(all)) state.lowest = { ...all }
  if (highest.mean - spread(highest) <= all.mean - spread(all)) state.highest = { ...all }
  state.changed = hasMoved(state.lowest, all, all.mean - state.lowest.mean, drift)
  state.warned = !state.changed && hasMoved(state.lowest, all, all.mean - state.lowest.mean, warning)
  if (twoSided) {
    const fall = state.highest.mean - all.mean
    if (hasMoved(state.highest, all, fall, drift)) state.changed = true
    else if (hasMoved(state.highest, all, fall, warning)) state.warned = true
  }
  return state.changed
}

function hasMoved(part: RunningMean, all: RunningMean, distance: number, level: number): boolean {
  if (part.count === all.count) return false
  const m = ((all.count - part.count) / part.count) * (1 / all.count)
  return distance >= Math.sqrt((m / 2) * Math.log(2 / level))
}
