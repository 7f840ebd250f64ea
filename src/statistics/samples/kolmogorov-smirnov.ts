import { kolmogorovUpperTail } from '../special/kolmogorov.ts'
import { sortedPair, stepsOf } from './values.ts'

/**
 * Two-sample Kolmogorov-Smirnov statistic: the largest difference of the two empirical distribution functions.
 *
 * @param reference values; those that are not finite are left out
 * @param current values, likewise
 * @returns 0 to 1
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Smirnov (1948), Table for estimating the goodness of fit of empirical distributions, Ann. Math. Statist. 19(2)
 * @example ksStatistic(Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 4, 5, 6)) // 0.5
 */
export function ksStatistic(reference: Float64Array, current: Float64Array): number {
  const samples = sortedPair('ksStatistic', reference, current)
  let largest = 0
  for (const step of stepsOf(samples.reference, samples.current)) {
    largest = Math.max(largest, Math.abs(step.reference - step.current))
  }
  return largest
}

/** A statistic and how often chance alone brings one as large. */
export interface KsTest {
  readonly statistic: number
  readonly pValue: number
}

/**
 * The test with its exact p-value for samples without ties (conservative with them). Work and time grow with the product of the
 * sample sizes: for samples up to a few thousand.
 *
 * A random path from (0, 0) to (m, n) stands for a random merging of the samples; counted are the paths that reach the statistic.
 *
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Hodges (1958), The significance probability of the Smirnov two-sample test, Arkiv för Matematik 3
 * @example ksExact(Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 4, 5, 6)).pValue // 0.7714286
 */
export function ksExact(reference: Float64Array, current: Float64Array): KsTest {
  const samples = sortedPair('ksExact', reference, current)
  const statistic = ksStatistic(samples.reference, samples.current)
  return { statistic, pValue: ksExactPValue(statistic, samples.reference.length, samples.current.length) }
}

/**
 * How often chance alone brings two samples of m and n values, without ties, as large a statistic.
 *
 * @param statistic 0 to 1
 * @param m whole number of at least 1
 * @param n likewise
 * @example ksExactPValue(0.5, 4, 4) // 0.7714286
 */
export function ksExactPValue(statistic: number, m: number, n: number): number {
  const limit = Math.round(statistic * m * n)
  // reached[j]: the share of paths to (i, j) that have met |i/m − j/n| ≥ statistic.
  const reached = new Float64Array(n + 1)
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j <= n; j++) {
      const below = i === 0 ? 0 : (i / (i + j)) * (reached[j] as number)
      const beside = j === 0 ? 0 : (j / (i + j)) * (reached[j - 1] as number)
      reached[j] = Math.abs(i * n - j * m) >= limit ? 1 : below + beside
    }
  }
  return reached[n] as number
}

/**
 * The test with the p-value of Kolmogorov's limit for large samples.
 *
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see Smirnov (1948), Table for estimating the goodness of fit of empirical distributions, Ann. Math. Statist. 19(2)
 * @example ksLimit(Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 4, 5, 6)).pValue // 0.69937
 */
export function ksLimit(reference: Float64Array, current: Float64Array): KsTest {
  const samples = sortedPair('ksLimit', reference, current)
  const statistic = ksStatistic(samples.reference, samples.current)
  const [m, n] = [samples.reference.length, samples.current.length]
  return { statistic, pValue: kolmogorovUpperTail(Math.sqrt((m / (m + n)) * n) * statistic) }
}
