// SageMaker Model Monitor's distances, as its library Deequ defines them. Both are drift above 0.1.

import { lInfinity } from '../../distances/l-infinity.ts'
import { sortedPair } from '../../samples/values.ts'
import { largestDifference } from '../kolmogorov-smirnov.ts'
import type { Shares } from '../shares.ts'
import { sum } from '../shares.ts'

/** SageMaker's default threshold of both kinds of columns. */
export const SAGEMAKER_THRESHOLD = 0.1

/** `simple` is the distance itself; `robust`, the default, takes off what small samples could make of it by chance. */
export type Linf = 'simple' | 'robust'

/**
 * SageMaker's distance of numbers: the largest difference of the two distribution functions.
 *
 * @param reference values; those that are not finite are left out
 * @param current likewise
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Deequ, com.amazon.deequ.analyzers.Distance
 * @example sagemakerLinf('simple', Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 4, 5, 6)) // 0.5
 */
export function sagemakerLinf(method: Linf, reference: Float64Array, current: Float64Array): number {
  const samples = sortedPair('sagemakerLinf', reference, current)
  const rows = { reference: samples.reference.length, current: samples.current.length }
  return linf(method, largestDifference(samples.reference, samples.current), rows)
}

/**
 * SageMaker's distance of categories: the largest difference of a category's share.
 *
 * @param counts rows per category that occurs in either sample
 * @throws UndefinedStatisticError if a sample is empty
 * @see Deequ, com.amazon.deequ.analyzers.Distance
 * @example sagemakerLinfOfCategories('simple', { reference: Float64Array.of(20, 50, 30), current: Float64Array.of(5, 60, 35) }) // 0.15
 */
export function sagemakerLinfOfCategories(method: Linf, { reference, current }: Shares): number {
  const rows = { reference: sum(reference), current: sum(current) }
  return linf(method, lInfinity(reference, current).value, rows)
}

/** How many times √(1/m + 1/n) the robust distance takes off. */
const ALLOWANCE = 1.8

/**
 * The distance, less the allowance of the robust method.
 *
 * @param largest 0 to 1
 * @throws RangeError if it lies elsewhere, or a side has not one row
 * @example linf('robust', 0.3, { reference: 1000, current: 200 }) // 0.1605726
 */
export function linf(
  method: Linf,
  largest: number,
  rows: { readonly reference: number; readonly current: number },
): number {
  if (!(largest >= 0 && largest <= 1)) throw new RangeError(`linf: largest is ${largest}, it must lie between 0 and 1`)
  for (const [side, count] of Object.entries(rows)) {
    if (!(count >= 1)) throw new RangeError(`linf: rows.${side} is ${count}, it must be 1 or more`)
  }
  if (method === 'simple') return largest
  return Math.max(0, largest - ALLOWANCE * Math.sqrt(1 / rows.reference + 1 / rows.current))
}
