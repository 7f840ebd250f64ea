import { momentsOf } from '../samples/moments.ts'
import { sortedValues } from '../samples/values.ts'
import { studentTQuantile } from '../special/student-t.ts'
import type { Interval } from './confidence.ts'

/**
 * Interval of a mean by Student's t distribution.
 *
 * @param values those that are not finite are left out
 * @throws RangeError if the confidence does not lie between 0 and 1
 * @throws UndefinedStatisticError if under two finite values remain
 * @see Student (1908), The probable error of a mean, Biometrika 6(1)
 * @example meanInterval(Float64Array.of(1, 2, 3, 4)).low // 0.4457397
 */
export function meanInterval(values: Float64Array, confidence = 0.95): Interval & { readonly mean: number } {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`meanInterval: confidence is ${confidence}, it must lie between 0 and 1, such as 0.95`)
  }
  const { count, mean, variance } = momentsOf(sortedValues('meanInterval: values', values, 2))
  const reach = -studentTQuantile((1 - confidence) / 2, count - 1) * Math.sqrt((variance ?? 0) / count)
  return { mean, low: mean - reach, high: mean + reach }
}
