import type { Interval } from './confidence.ts'
import { logitInterval } from './logit-interval.ts'
import { checkStandardError } from './normal-interval.ts'

/** Rows of both classes, 1 or more each, and the standard error that the scores themselves give (DeLong). */
export interface AucSample {
  readonly standardError: number
  readonly positives: number
  readonly negatives: number
}

/**
 * Interval of an area under the ROC curve, symmetric on the logit scale.
 *
 * Few rows that are nearly all ranked right tell little of their own spread, and none at 0 or 1. The standard error is therefore at
 * least that of exponential scores with an area half a row of the rarer class away from 0 and 1, with the classes taken as equally
 * large. From 20 rows of the rarer class on the interval covers 93 to 97 %.
 *
 * @param value 0 to 1
 * @throws RangeError if an argument lies elsewhere
 * @see Newcombe (2006), Confidence intervals for an effect size measure based on the Mann-Whitney statistic, Statistics in Medicine
 *   25, method 5, for the variance; Hanley and McNeil (1982), Radiology 143
 * @example aucInterval(1, { standardError: 0, positives: 20, negatives: 20 }).low // 0.8
 */
export function aucInterval(value: number, { standardError, positives, negatives }: AucSample): Interval {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`aucInterval: value is ${value}, it must lie between 0 and 1`)
  checkStandardError('aucInterval', standardError)
  for (const [name, rows] of Object.entries({ positives, negatives })) {
    if (!(rows >= 1e-9 && rows < Number.POSITIVE_INFINITY))
      throw new RangeError(`aucInterval: ${name} is ${rows}, it must be above 0 and finite`)
  }
  const rarer = Math.min(positives, negatives)
  const inside = (value * rarer + 0.5) / (rarer + 1)
  const centre = value === 0 || value === 1 ? inside : value
  // Errors of logits: d logit(v) / d v = 1 / (v (1 − v)).
  const scale = centre * (1 - centre)
  const least = (exponentialError(inside, positives, negatives) / inside / (1 - inside)) * scale
  const { low, high } = logitInterval(centre, Math.max(standardError, least))
  return { low: Math.min(low, value), high: Math.max(high, value) }
}

function exponentialError(area: number, positives: number, negatives: number): number {
  const others = Math.max(0, (positives + negatives) / 2 - 1)
  const pairs = 1 + (others * (1 - area)) / (2 - area) + (others * area) / (1 + area)
  return Math.sqrt((area * (1 - area) * pairs) / positives / negatives)
}
