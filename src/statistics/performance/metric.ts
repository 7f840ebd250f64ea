// A performance metric with its uncertainty, or the reason why it has no value.

import { normalInterval } from '../intervals/normal-interval.ts'

export interface Measured {
  readonly value: number
  /** 95 % interval. */
  readonly low: number
  readonly high: number
  /** For use in a z test against another measurement of the same metric. */
  readonly standardError: number
}

export interface Undefined {
  readonly value: null
  /** In words: `no positive labels`. */
  readonly reason: string
}

export type Metric = Measured | Undefined

export function undefinedBecause(reason: string): Undefined {
  return { value: null, reason }
}

/** A value with a normal interval, clipped to where the metric can lie. */
export function normalMetric(
  value: number,
  standardError: number,
  range: { min?: number; max?: number } = {},
): Measured {
  return { value, ...normalInterval(value, standardError, range), standardError }
}

/** Sums of a loss over rows. */
export interface LossSums {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

/** The square of a larger mean would not be finite. */
const MEAN_MAX = 1e150

/** Rows below which a mean says too little to be shown. */
export const ROWS_FOR_A_MEAN = 30

/**
 * The mean of a loss that is never negative, with the normal interval of its own variance.
 *
 * @param of what the rows must have to have this loss
 * @throws RangeError if a sum is negative or not finite
 */
export function meanMetric(
  loss: LossSums | null,
  minimum: number = ROWS_FOR_A_MEAN,
  of: string = 'a probability',
): Metric {
  const count = loss?.count ?? 0
  if (loss === null || count === 0 || count < minimum)
    return undefinedBecause(`${count} labelled rows with ${of}, ${minimum} needed`)
  for (const [name, value] of Object.entries(loss)) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new RangeError(`meanMetric: ${name} is ${value}, it must be 0 or more and finite`)
  }
  const mean = loss.sum / count
  if (!(mean <= MEAN_MAX)) return undefinedBecause('its sum is too large for a number')
  return normalMetric(mean, meanStandardError(count, mean, loss.sumOfSquares / count), { min: 0 })
}

/** Standard error of a mean from the mean of squares (divisor n − 1). One row alone has none: 0, which minimums keep from use. */
export function meanStandardError(count: number, mean: number, meanOfSquares: number): number {
  return Math.sqrt(Math.max(0, meanOfSquares - mean * mean) / Math.max(1, count - 1))
}

/** A metric that was measured in multiples of `unit`, in the unit of what was measured. */
export function inUnitsOf(unit: number, metric: Metric): Metric {
  if (metric.value === null) return metric
  const { value, low, high, standardError } = metric
  const scaled = { value: value * unit, low: low * unit, high: high * unit, standardError: standardError * unit }
  return Object.values(scaled).every(Number.isFinite) ? scaled : undefinedBecause('it is too large for a number')
}
