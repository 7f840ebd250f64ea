import { normalQuantile } from '../special/normal.ts'

/**
 * Wilson score interval of a proportion.
 *
 * @param successes 0 to n
 * @param n above 0
 * @returns bounds, 0 to 1
 * @throws RangeError if n is not above 0
 * @see Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22
 */
export function wilson(successes: number, n: number, confidence = 0.95): { low: number; high: number } {
  if (!(n > 0)) throw new RangeError(`wilson: n is ${n}, it must be above 0`)
  const z = normalQuantile((1 + confidence) / 2)
  const p = successes / n
  const centre = p + (z * z) / (2 * n)
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) }
}

/**
 * Interval of F1 = 2J / (1 + J), where J = TP / (TP + FP + FN) is a proportion: Wilson's on J, transformed.
 *
 * @throws RangeError if there is no positive, predicted or actual
 */
export function f1Interval(truePositives: number, falsePositives: number, falseNegatives: number, confidence = 0.95): { low: number; high: number } {
  const n = truePositives + falsePositives + falseNegatives
  const { low, high } = wilson(truePositives, n, confidence)
  return { low: (2 * low) / (1 + low), high: (2 * high) / (1 + high) }
}
