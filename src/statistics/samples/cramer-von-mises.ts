import { cramerVonMisesUpperTail } from '../special/cramer-von-mises.ts'
import { ranksOf } from './ranks.ts'

/**
 * Two-sample Cramér-von Mises test that two samples come from one distribution, with the p-value of the limit for large samples,
 * the statistic first brought to the limit's mean and variance.
 *
 * @param reference values; those that are not finite are left out
 * @param current values, likewise
 * @param leastTerm where the limit's series ends, see `cramerVonMisesUpperTail`
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Anderson (1962), On the distribution of the two-sample Cramér-von Mises criterion, Ann. Math. Statist. 33(3)
 * @example cramerVonMises(Float64Array.of(1, 2, 3, 4), Float64Array.of(3.5, 5, 6, 7)).statistic // 0.5
 */
export function cramerVonMises(
  reference: Float64Array,
  current: Float64Array,
  leastTerm = 0,
): { statistic: number; pValue: number } {
  const ranks = ranksOf('cramerVonMises', reference, current)
  const [m, n] = [ranks.reference.length, ranks.current.length]
  const rows = m + n
  const product = m * n
  const u = m * squaredOffsets(ranks.reference) + n * squaredOffsets(ranks.current)
  const statistic = u / (product * rows) - (4 * product - 1) / (6 * rows)
  const mean = (1 + 1 / rows) / 6
  const variance =
    ((rows + 1) * (4 * product * rows - 3 * (m * m + n * n) - 2 * product)) / (45 * rows ** 2 * 4 * product)
  const scaled = 1 / 6 + (statistic - mean) / Math.sqrt(45 * variance)
  return { statistic, pValue: scaled > 0 ? cramerVonMisesUpperTail(scaled, leastTerm) : 1 }
}

/** How far ranks in the union lie from ranks in their own sample, squared and added up. */
function squaredOffsets(ranks: Float64Array): number {
  return ranks.reduce((sum, rank, i) => sum + (rank - (i + 1)) ** 2, 0)
}
