import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { Interval } from './confidence.ts'
import { standardErrorsAt } from './confidence.ts'

/**
 * Wilson score interval of a proportion.
 *
 * Covers as stated from a dozen rows and at shares of a percent, where value ± 1.96 standard errors covers 40 %.
 *
 * @param successes 0 to n
 * @param n rows, above 0
 * @returns bounds, 0 to 1
 * @throws RangeError if successes or confidence lie elsewhere
 * @throws UndefinedStatisticError if n is 0
 * @see Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22
 * @example wilson(8, 10).low // 0.4901625
 */
export function wilson(successes: number, n: number, confidence = 0.95): Interval {
  // Weighted rows may be fractions, but not so small that their reciprocal overflows.
  if (!(n === 0 || (n >= 1e-9 && n < Number.POSITIVE_INFINITY)))
    throw new RangeError(`wilson: n is ${n}, it must be 0 or more (from 1e-9 on) and finite`)
  if (!(successes >= 0 && successes <= n)) {
    throw new RangeError(`wilson: successes is ${successes}, it must lie between 0 and n (${n})`)
  }
  if (n === 0) throw new UndefinedStatisticError('wilson: no rows')
  const z = standardErrorsAt(confidence)
  const share = successes / n
  const centre = share + (z * z) / (2 * n)
  const half = z * Math.sqrt((share * (1 - share)) / n + (z / (2 * n)) ** 2)
  const scale = 1 + (z * z) / n
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: successes === n ? 1 : Math.min(1, (centre + half) / scale),
  }
}

/**
 * Standard error of a proportion for use in a comparison of two: with one success and one failure added, so that it is not 0
 * when all rows are alike, which would make any difference look certain.
 *
 * @param successes 0 to n
 * @param n rows, above 0
 * @see Agresti and Caffo (2000), Simple and effective confidence intervals for proportions and differences of proportions result
 *   from adding two successes and two failures, The American Statistician 54(4)
 * @example proportionStandardError(0, 5) // 0.1322600
 */
export function proportionStandardError(successes: number, n: number): number {
  const share = (successes + 1) / (n + 2)
  return Math.sqrt((share * (1 - share)) / (n + 2))
}
