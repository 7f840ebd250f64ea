import { normalUpperTail } from '../special/normal.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** Rows, variance (divisor n − 1) and kurtosis (3 for a normal distribution) of a sample. */
export interface SpreadMoments {
  readonly count: number
  readonly variance: number
  readonly kurtosis: number
}

/**
 * Logarithm of the ratio of two standard deviations, ln(s₁ / s₀), with its normal test, two-sided.
 *
 * The standard error takes the kurtosis of each sample into account, so heavy tails are not mistaken for a change.
 *
 * @returns logRatio above 0 when the current spread is larger; standardError of it; pValue 0 to 1
 * @throws RangeError if a count is under 2 or not whole, a variance negative or a kurtosis under 1, or one of them not finite
 * @throws UndefinedStatisticError if a sample is constant, or neither has an error (kurtosis 1 in both)
 * @see Layard (1973), Robust large-sample tests for homogeneity of variances, JASA 68
 * @example varianceRatio({ count: 100, variance: 1, kurtosis: 3 }, { count: 100, variance: 4, kurtosis: 3 }).logRatio // 0.6931472
 */
export function varianceRatio(
  reference: SpreadMoments,
  current: SpreadMoments,
): { logRatio: number; standardError: number; pValue: number } {
  const variance = errorOf('reference', reference) + errorOf('current', current)
  if (variance === 0) throw new UndefinedStatisticError('varianceRatio: both samples hold two values equally often')
  // Of the logarithms, so that no ratio is too large for a double.
  const logRatio = (Math.log(current.variance) - Math.log(reference.variance)) / 2
  const standardError = Math.sqrt(variance)
  return { logRatio, standardError, pValue: 2 * normalUpperTail(Math.abs(logRatio) / standardError) }
}

/** The squared standard error of ln s. */
function errorOf(side: string, { count, variance, kurtosis }: SpreadMoments): number {
  if (!(Number.isSafeInteger(count) && count >= 2)) {
    throw new RangeError(`varianceRatio: ${side} has a count of ${count}, it must be a whole number of 2 or more`)
  }
  if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`varianceRatio: ${side} has a variance of ${variance}, it must be 0 or more and finite`)
  }
  if (!(kurtosis >= 1 && kurtosis < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`varianceRatio: ${side} has a kurtosis of ${kurtosis}, it must be 1 or more and finite`)
  }
  if (variance === 0) throw new UndefinedStatisticError(`varianceRatio: the ${side} sample is constant`)
  return Math.max(0, kurtosis - (count - 3) / (count - 1)) / (4 * count)
}
