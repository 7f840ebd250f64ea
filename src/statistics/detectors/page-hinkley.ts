import { requireFinite, requireNotNegative, requirePositive, requireShare, requireWhole } from './checks.ts'
import type { RunningMean } from './running-mean.ts'
import { takeIn } from './running-mean.ts'

/** Which changes of the mean are reported. */
export type PageHinkleyMode = 'up' | 'down' | 'both'

export interface PageHinkleyOptions {
  /** Values before which nothing is reported. */
  readonly minInstances: number
  /** Deviations smaller than this are tolerated, in the unit of the values. */
  readonly delta: number
  /** How far a sum must move to be a change, in the unit of the values. */
  readonly threshold: number
  /** Share of a sum that is left after a value: 1 forgets nothing. */
  readonly alpha: number
  readonly mode: PageHinkleyMode
}

/** Everything Page-Hinkley remembers: plain fields, to be kept as JSON. */
export interface PageHinkleyState {
  readonly options: PageHinkleyOptions
  mean: RunningMean
  increase: number
  decrease: number
  /** Smallest `increase` so far; null before the first value. */
  increaseMin: number | null
  /** Largest `decrease` so far; the published detector starts at −1. */
  decreaseMax: number
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/**
 * Page-Hinkley test: the deviations from the running mean, less a tolerance, are added up; a sum that has risen from its smallest
 * value (or fallen from its largest) by more than the threshold is a change of the mean.
 *
 * The threshold is in the unit of the values, so it must be chosen for them: the default suits errors of 0 and 1.
 *
 * @throws RangeError if an option is out of its range
 * @see Page (1954), Continuous inspection schemes, Biometrika 41(1/2)
 * @see river 0.26.1, `drift.PageHinkley`: the same detections at the same values
 * @example createPageHinkley().options.threshold // 50
 */
export function createPageHinkley(options: Partial<PageHinkleyOptions> = {}): PageHinkleyState {
  const full = { minInstances: 30, delta: 0.005, threshold: 50, alpha: 0.9999, mode: 'both' as const, ...options }
  requireWhole('pageHinkley', 'minInstances', full.minInstances, 0)
  requireNotNegative('pageHinkley', 'delta', full.delta)
  requirePositive('pageHinkley', 'threshold', full.threshold)
  requireShare('pageHinkley', 'alpha', full.alpha)
  if (!['up', 'down', 'both'].includes(full.mode)) {
    throw new RangeError(`pageHinkley: mode is ${JSON.stringify(full.mode)}, it must be up, down or both`)
  }
  return {
    options: full,
    mean: { count: 0, mean: 0 },
    increase: 0,
    decrease: 0,
    increaseMin: null,
    decreaseMax: -1,
    changed: false,
  }
}

/**
 * Takes in one value, or `count` consecutive ones of which `value` is the mean (a pane), changing `state`.
 *
 * @returns true when the mean has changed; the detector then begins afresh with the next value
 * @throws RangeError if the value is not finite or count is not a whole number above 0
 * @example updatePageHinkley(createPageHinkley(), 0.2) ? 1 : 0 // 0
 */
export function updatePageHinkley(state: PageHinkleyState, value: number, count = 1): boolean {
  requireFinite('pageHinkley', value)
  requireWhole('pageHinkley', 'count', count, 1)
  if (state.changed) Object.assign(state, createPageHinkley(state.options))
  const { minInstances, delta, threshold, alpha, mode } = state.options
  takeIn(state.mean, value, count)
  const deviation = count * (value - state.mean.mean)
  const left = alpha ** count
  state.increase = left * state.increase + deviation - count * delta
  state.decrease = left * state.decrease + deviation + count * delta
  if (state.increaseMin === null || state.increase < state.increaseMin) state.increaseMin = state.increase
  if (state.decrease > state.decreaseMax) state.decreaseMax = state.decrease
  const hasRisen = mode !== 'down' && pageHinkleyRise(state) > threshold
  const hasFallen = mode !== 'up' && state.decreaseMax - state.decrease > threshold
  state.changed = state.mean.count >= minInstances && (hasRisen || hasFallen)
  return state.changed
}

/**
 * How far the sum of increases has risen from its smallest value: a change when it exceeds the threshold.
 *
 * @example pageHinkleyRise(createPageHinkley()) // 0
 */
export function pageHinkleyRise({ increase, increaseMin }: PageHinkleyState): number {
  return increase - (increaseMin ?? increase)
}
