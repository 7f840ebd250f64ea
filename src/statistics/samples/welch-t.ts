import { studentTUpperTail } from '../special/student-t.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { momentsOf } from './moments.ts'
import { sortedPair } from './values.ts'

/**
 * Welch's t test that two samples have the same mean, variances free, two-sided.
 *
 * @param reference values; those that are not finite are left out
 * @param current values, likewise
 * @returns statistic above 0 when the current mean is larger; degrees of freedom by Welch and Satterthwaite
 * @throws UndefinedStatisticError if a sample has under two finite values, or both are constant
 * @see Welch (1947), The generalization of Student's problem when several different population variances are involved, Biometrika 34
 * @example welchT(Float64Array.of(1, 2, 3), Float64Array.of(3, 4, 8)).statistic // 1.83711731
 */
export function welchT(
  reference: Float64Array,
  current: Float64Array,
): { statistic: number; degrees: number; pValue: number } {
  const samples = sortedPair('welchT', reference, current, 2)
  const before = momentsOf(samples.reference)
  const now = momentsOf(samples.current)
  const ofBefore = (before.variance ?? 0) / before.count
  const ofNow = (now.variance ?? 0) / now.count
  if (ofBefore + ofNow === 0) throw new UndefinedStatisticError('welchT: the values of each sample are all equal')
  const statistic = (now.mean - before.mean) / Math.sqrt(ofBefore + ofNow)
  // By shares: squares of very small variances would be 0.
  const share = ofBefore / (ofBefore + ofNow)
  const degrees = 1 / (share ** 2 / (before.count - 1) + (1 - share) ** 2 / (now.count - 1))
  return { statistic, degrees, pValue: 2 * studentTUpperTail(Math.abs(statistic), degrees) }
}
