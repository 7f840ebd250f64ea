import { normalUpperTail } from '../special/normal.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { ranksOf } from './ranks.ts'

/**
 * Mann-Whitney test that a value of the current sample is as likely to be larger as to be smaller than one of the reference,
 * two-sided, by the normal limit with the correction for ties and none for continuity.
 *
 * @param reference values; those that are not finite are left out
 * @param current values, likewise
 * @returns the share of pairs in which the current value is larger (ties count half), and the p-value
 * @throws UndefinedStatisticError if a sample has no finite value, or all values are equal
 * @see Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger than the other,
 *   Ann. Math. Statist. 18(1)
 * @example mannWhitney(Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 5)).probabilityCurrentGreater // 0.8333333
 */
export function mannWhitney(
  reference: Float64Array,
  current: Float64Array,
): { probabilityCurrentGreater: number; pValue: number } {
  const ranks = ranksOf('mannWhitney', reference, current)
  const [m, n] = [ranks.reference.length, ranks.current.length]
  const rows = m + n
  const larger = ranks.current.reduce((sum, rank) => sum + rank, 0) - (n * (n + 1)) / 2
  const variance = ((m * n) / 12) * (rows + 1 - ranks.ties / (rows * (rows - 1)))
  if (!(variance > 0)) throw new UndefinedStatisticError('mannWhitney: all values are equal')
  const z = Math.abs(larger - (m * n) / 2) / Math.sqrt(variance)
  return { probabilityCurrentGreater: larger / (m * n), pValue: 2 * normalUpperTail(z) }
}
