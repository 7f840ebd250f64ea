import { aucInterval } from '../intervals/auc-interval.ts'
import type { Metric } from './metric.ts'
import { undefinedBecause } from './metric.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { classTotals, ROWS_OF_RARER_CLASS } from './score-histograms.ts'

/**
 * Area under the ROC curve, the chance that a positive scores above a negative, from score histograms per class.
 *
 * The value is the middle of its exact bracket: pairs within a bin count half, as ties do. Variance by DeLong on the bins,
 * interval on the logit scale, no narrower than exponential scores would have it.
 *
 * @param minimum rows of the rarer class, below which there is no value
 * @throws RangeError if the histograms have different bins
 * @see DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, Biometrics 44
 * @example rocAuc({ positives: Float64Array.of(10, 20, 70), negatives: Float64Array.of(60, 30, 10) }).value // 0.845
 */
export function rocAuc(histograms: ScoreHistograms, minimum: number = ROWS_OF_RARER_CLASS): Metric {
  const { positives, negatives } = histograms
  const { p, n } = classTotals('rocAuc', histograms)
  if (p === 0) return undefinedBecause('no positive labels')
  if (n === 0) return undefinedBecause('no negative labels')
  const rarer = Math.min(p, n)
  if (rarer < minimum) return undefinedBecause(`${rarer} labelled rows of the rarer class, ${minimum} needed`)
  let [negativesBelow, positivesBelow, area, squaresOfPositives, squaresOfNegatives] = [0, 0, 0, 0, 0]
  for (let bin = 0; bin < positives.length; bin++) {
    const a = positives[bin] as number
    const b = negatives[bin] as number
    // The share of negatives that a positive of this bin beats, and of positives that beat a negative of it.
    const beats = (negativesBelow + b / 2) / n
    const beaten = (p - positivesBelow - a / 2) / p
    area += (a / p) * beats
    squaresOfPositives += (a / p) * beats * beats
    squaresOfNegatives += (b / n) * beaten * beaten
    negativesBelow += b
    positivesBelow += a
  }
  const ofPositives = Math.max(0, squaresOfPositives - area * area) / Math.max(1, p - 1)
  const ofNegatives = Math.max(0, squaresOfNegatives - area * area) / Math.max(1, n - 1)
  const standardError = Math.sqrt(ofPositives + ofNegatives)
  const value = Math.min(1, area)
  return { value, ...aucInterval(value, { standardError, positives: p, negatives: n }), standardError }
}

/**
 * Between what the area under the ROC curve of the scores themselves lies: all pairs within a bin lost, or all won.
 *
 * @returns 0 to 1, or null when a class has no row
 * @throws RangeError if the histograms have different bins
 * @example rocAucBracket({ positives: Float64Array.of(1, 2, 7), negatives: Float64Array.of(6, 3, 1) })?.low // 0.75
 */
export function rocAucBracket(histograms: ScoreHistograms): { low: number; high: number } | null {
  const { positives, negatives } = histograms
  const { p, n } = classTotals('rocAucBracket', histograms)
  if (p === 0 || n === 0) return null
  let [below, within, won] = [0, 0, 0]
  for (let bin = 0; bin < positives.length; bin++) {
    won += (positives[bin] as number) * below
    within += (positives[bin] as number) * (negatives[bin] as number)
    below += negatives[bin] as number
  }
  return { low: won / p / n, high: (won + within) / p / n }
}
