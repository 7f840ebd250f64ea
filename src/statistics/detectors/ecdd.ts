import { requireError, requireInnerShare, requireShare, requireWhole } from './checks.ts'
import type { RunningMean } from './running-mean.ts'

/** Values between false alarms for which control limits were published. */
export type EcddRunLength = 100 | 400 | 1000

export interface EcddOptions {
  /** Values before which nothing is reported. */
  readonly minInstances: number
  /** Weight of the newest value in the moving average. */
  readonly lambda: number
  readonly averageRunLength: EcddRunLength
  /** Share of the control limit at which a warning begins. */
  readonly warning: number
}

/** Everything the chart remembers: plain fields, to be kept as JSON. */
export interface EcddState {
  readonly options: EcddOptions
  rate: RunningMean
  /** Exponentially weighted moving average, from 0. */
  average: number
  warned: boolean
  /** Whether the newest update reported a change; the next one begins afresh. */
  changed: boolean
}

/** Control limits in standard deviations by error rate p: coefficients of 1, p, p³, p⁵ and p⁷, fitted for λ = 0.2. */
const limits: Readonly<Record<EcddRunLength, readonly [number, number, number, number, number]>> = {
  100: [2.76, -6.23, 18.12, -312.45, 1002.18],
  400: [3.97, -6.56, 48.73, -330.13, 848.18],
  1000: [1.17, 7.56, -21.24, 112.12, -987.23],
}

/**
 * EWMA chart for concept drift (ECDD-WT): a moving average of the errors above its control limit over the running error rate.
 *
 * @throws RangeError if an option is out of its range
 * @see Ross, Adams, Tasoulis and Hand (2012), Exponentially weighted moving average charts for detecting concept drift, Pattern
 * Recognition Letters 33(2)
 * @see frouros 0.9.0, `ECDDWT`, reset after each change: the same detections at the same values
 * @example createEcdd().options.averageRunLength // 400
 */
export function createEcdd(options: Partial<EcddOptions> = {}): EcddState {
  const full = { minInstances: 30, lambda: 0.2, averageRunLength: 400 as const, warning: 0.5, ...options }
  requireWhole('ecdd', 'minInstances', full.minInstances, 1)
  requireShare('ecdd', 'lambda', full.lambda)
  requireInnerShare('ecdd', 'warning', full.warning)
  if (!Object.hasOwn(limits, full.averageRunLength)) {
    throw new RangeError(`ecdd: averageRunLength is ${full.averageRunLength}, it must be 100, 400 or 1000`)
  }
  return { options: full, rate: { count: 0, mean: 0 }, average: 0, warned: false, changed: false }
}

/**
 * Takes in one error (1) or its absence (0), changing `state`.
 *
 * @returns true when the error rate has risen; the detector then begins afresh with the next value. `state.warned` tells of warnings
 * @throws RangeError if the value does not lie from 0 to 1
 * @example updateEcdd(createEcdd(), 1) ? 1 : 0 // 0
 */
export function updateEcdd(state: EcddState, value: number): boolean {
  requireError('ecdd', value)
  if (state.changed) Object.assign(state, createEcdd(state.options))
  const { minInstances, lambda, averageRunLength, warning } = state.options
  const { rate } = state
  rate.count++
  rate.mean += (value - rate.mean) / rate.count
  state.average = lambda * value + (1 - lambda) * state.average
  if (rate.count < minInstances) return false
  const p = rate.mean
  const settled = 1 - (1 - lambda) ** (2 * rate.count)
  const deviation = Math.sqrt((lambda / (2 - lambda)) * settled * Math.max(0, p * (1 - p)))
  const [c0, c1, c3, c5, c7] = limits[averageRunLength]
  const limit = c0 + c1 * p + c3 * p ** 3 + c5 * p ** 5 + c7 * p ** 7
  state.changed = state.average > p + limit * deviation
  state.warned = !state.changed && state.average > p + warning * limit * deviation
  return state.changed
}
