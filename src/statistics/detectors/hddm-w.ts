import { requireError, requireInnerShare, requireShare } from './checks.ts'
import type { HddmOptions } from './hddm-a.ts'

export interface HddmWOptions extends HddmOptions {
  /** Weight of the newest value in the moving average. */
  readonly lambda: number
}

/** A moving average with the sum of its squared weights; null before the first value. */
interface Weighted {
  mean: number
  weights: number
}

/** Everything HDDM_W remembers: plain fields, to be kept as JSON. */
export interface HddmWState {
  readonly options: HddmWOptions
  all: Weighted | null
  /** Up to the cut where the average's upper bound was lowest, and since; the same for the lower bound at its highest. */
  beforeRise: Weighted | null
  sinceRise: Weighted | null
  beforeFall: Weighted | null
  sinceFall: Weighted | null
  lowest: number | null
  highest: number | null
  warned: boolean
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/**
 * HDDM_W: compares exponentially weighted averages before and after the best cut, by McDiarmid's inequality.
 *
 * @throws RangeError if a level is not between 0 and 1, or lambda not from 0 to 1
 * @see Frías-Blanco et al. (2015), Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE TKDE 27(3)
 * @see river 0.26.1, `drift.binary.HDDMW`: the same detections at the same values
 * @example createHddmW().options.lambda // 0.05
 */
export function createHddmW(options: Partial<HddmWOptions> = {}): HddmWState {
  const full = { drift: 0.001, warning: 0.005, lambda: 0.05, twoSided: false, ...options }
  requireInnerShare('hddmW', 'drift', full.drift)
  requireInnerShare('hddmW', 'warning', full.warning)
  requireShare('hddmW', 'lambda', full.lambda)
  return {
    options: full,
    all: null,
    beforeRise: null,
    sinceRise: null,
    beforeFall: null,
    sinceFall: null,
    lowest: null,
    highest: null,
    warned: false,
    changed: false,
  }
}

/**
 * Takes in one error (1) or its absence (0), changing `state`.
 *
 * @returns true when the mean has changed; the detector then begins afresh with the next value. `state.warned` tells of warnings
 * @throws RangeError if the value does not lie from 0 to 1
 * @example updateHddmW(createHddmW(), 1) ? 1 : 0 // 0
 */
export function updateHddmW(state: HddmWState, value: number): boolean {
  requireError('hddmW', value)
  if (state.changed) Object.assign(state, createHddmW(state.options))
  const { drift, warning, lambda, twoSided } = state.options
  const all = weigh(state.all, value, lambda)
  state.all = all
  const spread = bound(all.weights, drift)
  if (state.lowest === null || all.mean + spread < state.lowest) {
    state.lowest = all.mean + spread
    state.beforeRise = all
    state.sinceRise = null
  } else state.sinceRise = weigh(state.sinceRise, value, lambda)
  state.changed = exceeds(state.beforeRise, state.sinceRise, drift)
  state.warned = !state.changed && exceeds(state.beforeRise, state.sinceRise, warning)
  if (state.highest === null || all.mean - spread > state.highest) {
    state.highest = all.mean - spread
    state.beforeFall = all
    state.sinceFall = null
  } else state.sinceFall = weigh(state.sinceFall, value, lambda)
  if (twoSided) {
    if (exceeds(state.sinceFall, state.beforeFall, drift)) state.changed = true
    else if (exceeds(state.sinceFall, state.beforeFall, warning)) state.warned = true
  }
  return state.changed
}

/** The first value is the average itself; the sum of squared weights starts from 1 before it, as published. */
function weigh(before: Weighted | null, value: number, lambda: number): Weighted {
  return {
    mean: before === null ? value : lambda * value + (1 - lambda) * before.mean,
    weights: lambda * lambda + (1 - lambda) ** 2 * (before?.weights ?? 1),
  }
}

function bound(weights: number, level: number): number {
  return Math.sqrt((weights * Math.log(1 / level)) / 2)
}

function exceeds(lower: Weighted | null, upper: Weighted | null, level: number): boolean {
  if (lower === null || upper === null) return false
  return upper.mean - lower.mean > bound(lower.weights + upper.weights, level)
}
