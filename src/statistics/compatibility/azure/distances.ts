// Azure Machine Learning's model monitoring: its default distances. Both are drift above 0.1.

import { jensenShannon } from '../../distances/jensen-shannon.ts'
import { momentsOf } from '../../samples/moments.ts'
import { wasserstein } from '../../samples/wasserstein.ts'
import { withinDoubles } from '../../undefined-statistic.ts'
import type { Shares } from '../shares.ts'

/** Azure's default threshold of both distances. */
export const AZURE_THRESHOLD = 0.1
/** Floor of the deviation that the distance is divided by, in the values' own unit. */
const LEAST_DEVIATION = 1e-3

/**
 * Azure's normalised Wasserstein distance of numbers: in units of the reference's standard deviation (divisor n − 1, at least 0.001).
 *
 * @param reference values; those that are not finite are left out
 * @param current likewise
 * @throws UndefinedStatisticError if a sample has no finite value, or the distance is too large for a double
 * @see azureml-assets, model monitoring, data drift metrics for numerical columns
 * @example azureWasserstein(Float64Array.of(1, 3), Float64Array.of(2, 4)) // 0.7071068
 */
export function azureWasserstein(reference: Float64Array, current: Float64Array): number {
  const deviation = Math.sqrt(momentsOf(reference).variance ?? 0)
  return withinDoubles('azureWasserstein', wasserstein(reference, current) / Math.max(deviation, LEAST_DEVIATION))
}

/**
 * Azure's Jensen-Shannon distance of categories, base 2.
 *
 * @param counts rows per category that occurs in either sample
 * @throws UndefinedStatisticError if a sample is empty
 * @see azureml-assets, model monitoring, data drift metrics for categorical columns
 * @example azureJensenShannon({ reference: Float64Array.of(20, 50, 30), current: Float64Array.of(10, 60, 30) }) // 0.12466
 */
export function azureJensenShannon({ reference, current }: Shares): number {
  return jensenShannon(reference, current)
}
