import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { sortedPair, stepsOf } from './values.ts'

/**
 * Energy distance of two samples: √(2 ∫ (F − G)²).
 *
 * @param reference values; those that are not finite are left out
 * @param current values, likewise
 * @returns 0 or more, in the square root of the values' unit
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Székely and Rizzo (2013), Energy statistics: a class of statistics based on distances, J. Stat. Plan. Inference 143(8)
 * @example energyDistance(Float64Array.of(0, 0), Float64Array.of(2, 2)) // 2
 */
export function energyDistance(reference: Float64Array, current: Float64Array): number {
  const samples = sortedPair('energyDistance', reference, current)
  let sum = 0
  for (const step of stepsOf(samples.reference, samples.current)) {
    sum += step.width * (step.reference - step.current) ** 2
  }
  if (!Number.isFinite(sum)) throw new UndefinedStatisticError('energyDistance: the distance is too large for a number')
  return Math.SQRT2 * Math.sqrt(sum)
}
