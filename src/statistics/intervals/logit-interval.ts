import type { Interval } from './confidence.ts'
import { standardErrorsAt } from './confidence.ts'
import { checkStandardError, normalInterval } from './normal-interval.ts'

/**
 * Interval of a value between 0 and 1 from its standard error, symmetric on the logit scale so that it stays inside.
 *
 * At 0 or 1 the logit is infinite: the interval is the plain one, clipped.
 *
 * @param value 0 to 1
 * @param standardError of the value itself, not of its logit
 * @throws RangeError if the value or the confidence does not lie between 0 and 1 or the standard error is negative
 * @see Pepe (2003), The Statistical Evaluation of Medical Tests for Classification and Prediction, section 5.2
 * @example logitInterval(0.9, 0.02).low // 0.8534196
 */
export function logitInterval(value: number, standardError: number, confidence = 0.95): Interval {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`logitInterval: value is ${value}, it must lie between 0 and 1`)
  checkStandardError('logitInterval', standardError)
  if (value === 0 || value === 1) return normalInterval(value, standardError, { min: 0, max: 1, confidence })
  const logit = Math.log(value) - Math.log1p(-value)
  // d logit(v) / d v = 1 / (v (1 − v))
  const reach = (standardErrorsAt(confidence) * standardError) / value / (1 - value)
  return { low: logistic(logit - reach), high: logistic(logit + reach) }
}

/** The value whose logit this is. */
function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}
