import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** What an additive summary keeps of a sample. */
export interface ShiftedSums {
  readonly count: number
  /** What was taken off every value before it was added up; near the mean, nothing is lost. */
  readonly shift: number
  readonly sum: number
  readonly sumOfSquares: number
}

/**
 * Mean and variance (divisor n − 1) of a sample from its count and its sums of values and squares.
 *
 * @throws RangeError if the count is not a whole number, or a sum is not finite
 * @throws UndefinedStatisticError if the count is under 2
 * @see Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, The American Statistician 37(3)
 * @example momentsFromSums({ count: 3, shift: 10, sum: 6, sumOfSquares: 14 }).variance // 1
 */
export function momentsFromSums({ count, shift, sum, sumOfSquares }: ShiftedSums): { mean: number; variance: number } {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`momentsFromSums: count is ${count}, it must be a whole number of 0 or more`)
  }
  for (const [name, value] of Object.entries({ shift, sum, sumOfSquares })) {
    if (!Number.isFinite(value)) throw new RangeError(`momentsFromSums: ${name} is ${value}, it must be finite`)
  }
  if (count < 2) throw new UndefinedStatisticError(`momentsFromSums: ${count} values, 2 needed for a variance`)
  const mean = sum / count
  const variance = Math.max(0, sumOfSquares - sum * mean) / (count - 1)
  if (!Number.isFinite(shift + mean) || !Number.isFinite(sum * mean)) {
    throw new UndefinedStatisticError(
      'momentsFromSums: the sums are too large for their mean and variance to be numbers',
    )
  }
  return { mean: shift + mean, variance }
}
