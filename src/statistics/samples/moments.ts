import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { sortedValues } from './values.ts'

export interface Moments {
  readonly count: number
  readonly mean: number
  /** With divisor n − 1; null for a single value. */
  readonly variance: number | null
  /** Third central moment over the cube of the deviation (divisor n); null when all values are equal. */
  readonly skewness: number | null
}

/**
 * Mean, variance and skewness of a sample, computed about the mean so that values far from 0 lose nothing.
 *
 * @param values those that are not finite are left out
 * @throws UndefinedStatisticError if no finite value remains, or the variance is too large for a number
 * @see Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, J. R. Statist. Soc. D 47(1), for g₁
 * @example momentsOf(Float64Array.of(1, 2, 3, 10)).variance // 16.6666667
 */
export function momentsOf(values: Float64Array): Moments {
  const finite = sortedValues('momentsOf: values', values)
  const count = finite.length
  const mean = pairwiseSum(finite) / count
  // In units of a power of two near the largest deviation, so that no cube overflows and nothing is rounded.
  const largest = Math.max(mean - (finite[0] as number), (finite[count - 1] as number) - mean)
  const unit = largest > 0 ? 2 ** Math.min(1023, Math.max(-1000, Math.floor(Math.log2(largest)))) : 1
  let squares = 0
  let cubes = 0
  for (const value of finite) {
    const deviation = (value - mean) / unit
    squares += deviation * deviation
    cubes += deviation * deviation * deviation
  }
  const variance = count > 1 ? (squares / (count - 1)) * unit * unit : null
  if (!Number.isFinite(mean) || !Number.isFinite(variance ?? 0)) {
    throw new UndefinedStatisticError('momentsOf: values are too large for their variance to be a number')
  }
  return {
    count,
    mean,
    variance,
    skewness: squares === 0 || finite[0] === finite[count - 1] ? null : cubes / count / (squares / count) ** 1.5,
  }
}

/**
 * The sum of numbers by halves, whose rounding grows with the logarithm of their number instead of the number itself.
 *
 * @see Higham (1993), The accuracy of floating point summation, SIAM J. Sci. Comput. 14(4)
 */
function pairwiseSum(values: Float64Array): number {
  if (values.length <= 2) return (values[0] ?? 0) + (values[1] ?? 0)
  const middle = values.length >> 1
  return pairwiseSum(values.subarray(0, middle)) + pairwiseSum(values.subarray(middle))
}
