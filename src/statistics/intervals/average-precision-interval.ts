import type { Interval } from './confidence.ts'
import { logitInterval } from './logit-interval.ts'

/**
 * Interval of an average precision, symmetric on the logit scale, whose standard error there is 1 / √(positives · AP · (1 − AP)).
 *
 * At 0 or 1, where that has no value, the interval is taken half a positive inside and stretched to the end.
 *
 * @param value average precision, 0 to 1
 * @param positives rows of the positive class, above 0
 * @throws RangeError if an argument lies elsewhere
 * @see Boyd, Eng and Page (2013), Area under the precision-recall curve: point estimates and confidence intervals, ECML PKDD
 * @example averagePrecisionInterval(0.6, 50).low // 0.4600037
 */
export function averagePrecisionInterval(value: number, positives: number, confidence = 0.95): Interval {
  if (!(positives >= 1e-9 && positives < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`averagePrecisionInterval: positives is ${positives}, it must be above 0 and finite`)
  }
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`averagePrecisionInterval: value is ${value}, it must lie between 0 and 1`)
  }
  const inside = 0.5 / (positives + 1)
  const centre = Math.min(1 - inside, Math.max(inside, value))
  const { low, high } = logitInterval(centre, averagePrecisionStandardError(centre, positives), confidence)
  return { low: Math.min(low, value), high: Math.max(high, value) }
}

/** Standard error of an average precision itself: by the same source √(AP (1 − AP) / positives). */
export function averagePrecisionStandardError(value: number, positives: number): number {
  return Math.sqrt((value * (1 - value)) / positives)
}
