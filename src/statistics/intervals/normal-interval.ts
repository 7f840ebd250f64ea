import type { Interval } from './confidence.ts'
import { standardErrorsAt } from './confidence.ts'

/**
 * Interval of a value from its standard error, symmetric, clipped to where the value can lie.
 *
 * @param range least and largest possible value; unbounded where left out
 * @throws RangeError if the standard error is negative or the confidence does not lie between 0 and 1
 * @example normalInterval(0.5, 0.1).high // 0.6959964
 */
export function normalInterval(
  value: number,
  standardError: number,
  range: { min?: number; max?: number; confidence?: number } = {},
): Interval {
  checkStandardError('normalInterval', standardError)
  const reach = standardErrorsAt(range.confidence ?? 0.95) * standardError
  return {
    low: Math.max(range.min ?? Number.NEGATIVE_INFINITY, value - reach),
    high: Math.min(range.max ?? Number.POSITIVE_INFINITY, value + reach),
  }
}

export function checkStandardError(name: string, standardError: number): void {
  if (!(standardError >= 0)) throw new RangeError(`${name}: standardError is ${standardError}, it must be 0 or more`)
}
