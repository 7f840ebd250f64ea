import { ksExact, ksExactPValue } from '../samples/kolmogorov-smirnov.ts'
import { stepsOf } from '../samples/values.ts'
import { kolmogorovUpperTail } from '../special/kolmogorov.ts'
import { kolmogorovFiniteUpperTail } from '../special/kolmogorov-finite.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** With more values than this on one side SciPy leaves the exact p-value. */
const EXACT_MAX = 10_000

/**
 * The largest difference of two empirical distribution functions; infinities count as the smallest and largest values.
 *
 * @param reference ascending
 * @param current ascending
 * @throws RangeError if a sample holds NaN
 * @throws UndefinedStatisticError if a sample is empty
 */
export function largestDifference(reference: Float64Array, current: Float64Array): number {
  for (const [side, sorted] of Object.entries({ reference, current })) {
    if (sorted.length === 0) throw new UndefinedStatisticError(`largestDifference: ${side} has no value`)
    // Sorted last.
    if (Number.isNaN(sorted[sorted.length - 1]))
      throw new RangeError(`largestDifference: ${side} holds NaN, it must hold numbers`)
  }
  let largest = 0
  for (const step of stepsOf(reference, current)) largest = Math.max(largest, Math.abs(step.reference - step.current))
  return largest
}

/**
 * p-value of the two-sample Kolmogorov-Smirnov test as SciPy computes it: exact for samples of up to 10,000 values, beyond that the
 * distribution of one sample of m n / (m + n) values.
 *
 * @param reference ascending finite values, at least one
 * @param current likewise
 * @see SciPy's manual, scipy.stats.ks_2samp
 * @example ksPValue(Float64Array.of(1, 2, 3, 4), Float64Array.of(3, 4, 5, 6)) // 0.7714286
 */
export function ksPValue(reference: Float64Array, current: Float64Array): number {
  if (Math.max(reference.length, current.length) <= EXACT_MAX) return ksExact(reference, current).pValue
  return ksAsymptoticPValue(largestDifference(reference, current), reference.length, current.length)
}

/** Work that a single p-value may take: steps of the exact one, terms of the other. */
const STEPS_MAX = 2_000_000
const TERMS_MAX = 20_000

/**
 * The same from the statistic and the sizes of the samples, within bounded time: where the exact p-value would take millions of steps,
 * the distribution of one sample of m n / (m + n) values, and where that is large its limit with the first correction.
 *
 * @param statistic 0 to 1
 * @param m values of the reference, 1 or more
 * @param n values of the current sample, 1 or more
 * @throws RangeError if an argument lies elsewhere
 * @example ksStatisticPValue(0.5, 4, 4) // 0.7714286
 */
export function ksStatisticPValue(statistic: number, m: number, n: number): number {
  if (!(statistic >= 0 && statistic <= 1))
    throw new RangeError(`ksStatisticPValue: statistic is ${statistic}, it must lie between 0 and 1`)
  for (const [name, rows] of Object.entries({ m, n })) {
    if (!(Number.isSafeInteger(rows) && rows >= 1))
      throw new RangeError(`ksStatisticPValue: ${name} is ${rows}, it must be a whole number of at least 1`)
  }
  if (Math.max(m, n) <= EXACT_MAX && m * n <= STEPS_MAX) return ksExactPValue(statistic, m, n)
  const effective = (m / (m + n)) * n
  if (effective <= TERMS_MAX) return ksAsymptoticPValue(statistic, m, n)
  const root = Math.sqrt(effective)
  return kolmogorovUpperTail(root * statistic + 1 / (6 * root))
}

function ksAsymptoticPValue(statistic: number, m: number, n: number): number {
  return kolmogorovFiniteUpperTail(statistic, Math.max(1, roundHalfToEven((m / (m + n)) * n)))
}

function roundHalfToEven(value: number): number {
  const whole = Math.floor(value)
  return value - whole === 0.5 ? whole + (whole % 2) : Math.round(value)
}
