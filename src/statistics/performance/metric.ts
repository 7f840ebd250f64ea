// A performance metric with its uncertainty, or the reason why it has no value.

import { normalQuantile } from '../special/normal.ts'

export interface Measured {
  readonly value: number
  /** 95 % interval. */
  readonly low: number
  readonly high: number
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

const z95 = normalQuantile(0.975)

/** A value with a normal interval, clipped to where the metric can lie. */
export function normalMetric(value: number, standardError: number, range: { min?: number; max?: number } = {}): Measured {
  const low = Math.max(range.min ?? Number.NEGATIVE_INFINITY, value - z95 * standardError)
  const high = Math.min(range.max ?? Number.POSITIVE_INFINITY, value + z95 * standardError)
  return { value, low, high, standardError }
}

/** Sums of a loss over rows. */
export interface LossSums {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

/** Rows below which a mean says too little to be shown. */
export const ROWS_FOR_A_MEAN = 30

/** The mean of a loss, with the normal interval of its own variance. */
export function meanMetric(loss: LossSums | null, minimum: number = ROWS_FOR_A_MEAN): Metric {
  const count = loss?.count ?? 0
  if (loss === null || count < Math.max(1, minimum)) return undefinedBecause(`${count} labelled rows with a probability, ${Math.max(1, minimum)} needed`)
  const mean = loss.sum / count
  const variance = Math.max(0, loss.sumOfSquares / count - mean * mean)
  return normalMetric(mean, Math.sqrt(variance / Math.max(1, count - 1)), { min: 0 })
}
