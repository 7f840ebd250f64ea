import { ksExact } from '../samples/kolmogorov-smirnov.ts'
import { stepsOf } from '../samples/values.ts'
import { kolmogorovFiniteUpperTail } from '../special/kolmogorov-finite.ts'

/** With more values than this on one side SciPy leaves the exact p-value. */
const EXACT_MAX = 10_000

/** The largest difference of two empirical distribution functions; infinities count as the smallest and largest values. */
export function largestDifference(reference: Float64Array, current: Float64Array): number {
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

/**
 * p-value of a two-sample Kolmogorov-Smirnov statistic by the distribution of one sample of m n / (m + n) values, rounded.
 *
 * @param statistic 0 to 1
 * @param referenceRows 1 or more
 * @param currentRows 1 or more
 * @example ksAsymptoticPValue(0.1, 20000, 150) // 0.09480216
 */
export function ksAsymptoticPValue(statistic: number, referenceRows: number, currentRows: number): number {
  const effective = (referenceRows / (referenceRows + currentRows)) * currentRows
  return kolmogorovFiniteUpperTail(statistic, Math.max(1, roundHalfToEven(effective)))
}

function roundHalfToEven(value: number): number {
  const whole = Math.floor(value)
  return value - whole === 0.5 ? whole + (whole % 2) : Math.round(value)
}
