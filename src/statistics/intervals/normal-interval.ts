import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { Interval } from './confidence.ts'
import { standardErrorsAt } from './confidence.ts'

/**
 * Interval of a value from its standard error, symmetric, clipped to where the value can lie.
 *
 * @param range least and largest possible value; unbounded where left out
 * @throws RangeError if the value is not finite, the standard error negative or not finite, or the confidence not between 0 and 1
 * @throws UndefinedStatisticError if a bound is too large for a number
 * @example normalInterval(0.5, 0.1).high // 0.6959964
 */
export function normalInterval(
  value: number,
  standardError: number,
  range: { min?: number; max?: number; confidence?: number } = {},
): Interval {
  checkStandardError('normalInterval', standardError)
  if (!Number.isFinite(value)) throw new RangeError(`normalInterval: value is ${value}, it must be finite`)
  const reach = standardErrorsAt(range.confidence ?? 0.95) * standardError
  const low = Math.max(range.min ?? Number.NEGATIVE_INFINITY, value - reach)
  const high = Math.min(range.max ?? Number.POSITIVE_INFINITY, value + reach)
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new UndefinedStatisticError('normalInterval: the bounds are too large for a number')
  }
  return { low, high }
}

export function checkStandardError(name: string, standardError: number): void {
  if (!(standardError >= 0 && standardError < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${name}: standardError is ${standardError}, it must be 0 or more and finite`)
  }
}
