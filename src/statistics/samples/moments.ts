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
 * @throws UndefinedStatisticError if no finite value remains
 * @see Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, J. R. Statist. Soc. D 47(1), for g₁
 * @example momentsOf(Float64Array.of(1, 2, 3, 10)).variance // 16.6666667
 */
export function momentsOf(values: Float64Array): Moments {
  const finite = sortedValues('momentsOf: values', values)
  const count = finite.length
  const mean = pairwiseSum(finite) / count
  let squares = 0
  let cubes = 0
  for (const value of finite) {
    const deviation = value - mean
    squares += deviation * deviation
    cubes += deviation * deviation * deviation
  }
  return {
    count,
    mean,
    variance: count > 1 ? squares / (count - 1) : null,
    skewness: finite[0] === finite[count - 1] ? null : cubes / count / (squares / count) ** 1.5,
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
