import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { momentsOf } from './moments.ts'
import { sortedPair, sortedValues, stepsOf } from './values.ts'

/**
 * First Wasserstein distance of two samples: the area between their empirical distribution functions.
 *
 * @param reference values; those that are not finite are left out
 * @param current values, likewise
 * @returns 0 or more, in the values' own unit
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line, Theory of
 *   Probability and its Applications 18(4)
 * @example wasserstein(Float64Array.of(1, 2, 3), Float64Array.of(2, 3, 7)) // 2
 */
export function wasserstein(reference: Float64Array, current: Float64Array): number {
  const samples = sortedPair('wasserstein', reference, current)
  let area = 0
  for (const step of stepsOf(samples.reference, samples.current)) {
    area += step.width * Math.abs(step.reference - step.current)
  }
  if (!Number.isFinite(area)) throw new UndefinedStatisticError('wasserstein: the distance is too large for a number')
  return area
}

/** Floor of the deviation that the distance is divided by, in the values' own unit, as other tools have it. */
const LEAST_DEVIATION = 1e-3

/**
 * Wasserstein distance in units of the reference's standard deviation (divisor n, at least 0.001).
 *
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see `wasserstein`
 * @example wassersteinNormed(Float64Array.of(1, 3), Float64Array.of(2, 4)) // 1
 */
export function wassersteinNormed(reference: Float64Array, current: Float64Array): number {
  const { count, variance } = momentsOf(sortedValues('wassersteinNormed: reference', reference))
  const deviation = Math.sqrt(((variance ?? 0) * (count - 1)) / count)
  const normed = wasserstein(reference, current) / Math.max(deviation, LEAST_DEVIATION)
  if (!Number.isFinite(normed)) {
    throw new UndefinedStatisticError('wassersteinNormed: the distance is too large for a number')
  }
  return normed
}
