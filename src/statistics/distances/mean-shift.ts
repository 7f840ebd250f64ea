import { studentTUpperTail } from '../special/student-t.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** Rows, mean and variance (divisor n − 1) of a sample. */
export interface MeanMoments {
  readonly count: number
  readonly mean: number
  readonly variance: number
}

/**
 * Shift of the mean in standard deviations of the reference, (m₁ − m₀) / s₀, with Welch's test of it, two-sided.
 *
 * @returns shift above 0 when the current mean is larger; pValue 0 to 1
 * @throws RangeError if a count is under 2 or not whole, a variance negative, or one of them not finite
 * @throws UndefinedStatisticError if the reference is constant, or the shift too large for a number
 * @see Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, section 2.2; Glass (1976) for s₀ as the unit
 * @example meanShift({ count: 100, mean: 10, variance: 4 }, { count: 50, mean: 11, variance: 9 }).shift // 0.5
 */
export function meanShift(reference: MeanMoments, current: MeanMoments): { shift: number; pValue: number } {
  check('reference', reference)
  check('current', current)
  if (reference.variance === 0) throw new UndefinedStatisticError('meanShift: the reference sample is constant')
  const shift = (current.mean - reference.mean) / Math.sqrt(reference.variance)
  if (!Number.isFinite(shift)) throw new UndefinedStatisticError('meanShift: the shift is too large for a number')
  // In units of the reference's variance, so that no square overflows.
  const before = 1 / reference.count
  const now = current.variance / reference.variance / current.count
  if (!Number.isFinite(now)) return { shift, pValue: 1 }
  const share = before / (before + now)
  // Welch and Satterthwaite's degrees of freedom.
  const degrees = 1 / (share ** 2 / (reference.count - 1) + (1 - share) ** 2 / (current.count - 1))
  return { shift, pValue: 2 * studentTUpperTail(Math.abs(shift) / Math.sqrt(before + now), degrees) }
}

function check(side: string, { count, mean, variance }: MeanMoments): void {
  if (!(Number.isSafeInteger(count) && count >= 2)) {
    throw new RangeError(`meanShift: ${side} has a count of ${count}, it must be a whole number of 2 or more`)
  }
  if (!Number.isFinite(mean)) throw new RangeError(`meanShift: ${side} has a mean of ${mean}, it must be finite`)
  if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`meanShift: ${side} has a variance of ${variance}, it must be 0 or more and finite`)
  }
}
