import { ChiSquaredTest } from '../distances/chi-squared-two-sample.ts'

/**
 * Tests whether outcomes are what was expected of them, group by group: the sum of squared misses over their variances.
 *
 * For probabilities c of labels y a group's miss is Σ (y − c) and its variance Σ c (1 − c). Groups without variance are left out,
 * unless they have a miss: what was certain and did not happen refutes any calibration.
 *
 * @param misses per group: realised less expected
 * @param variances per group, 0 or more
 * @returns one degree of freedom per group with variance; none: 0, 0 and p = 1
 * @throws RangeError if lengths differ, a miss is not finite or a variance is negative or not finite
 * @see Hosmer and Lemeshow (1980), Goodness of fit tests for the multiple logistic regression model, for grouping; no parameter is fitted here
 * @example calibrationTest(Float64Array.of(4, -3), Float64Array.of(8, 4.5)).statistic // 4
 */
export function calibrationTest(misses: Float64Array, variances: Float64Array): ChiSquaredTest {
  if (variances.length !== misses.length)
    throw new RangeError(`calibrationTest: variances has ${variances.length} groups, misses has ${misses.length}`)
  let statistic = 0
  let degrees = 0
  for (let i = 0; i < misses.length; i++) {
    const miss = misses[i] as number
    const variance = variances[i] as number
    if (!Number.isFinite(miss)) throw new RangeError(`calibrationTest: misses[${i}] is ${miss}, it must be finite`)
    if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY))
      throw new RangeError(`calibrationTest: variances[${i}] is ${variance}, it must be 0 or more`)
    if (variance === 0 && miss === 0) continue
    degrees++
    // A certainty that failed: as surprising as a miss of one row that had a chance of one in a million.
    statistic += miss ** 2 / Math.max(variance, 1e-6)
  }
  // Beyond a double it is as surprising as a double can say.
  return new ChiSquaredTest(Math.min(statistic, Number.MAX_VALUE), degrees)
}
