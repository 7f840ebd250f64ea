// How well scores rank positives above negatives, from a score histogram per class.

import { logitInterval } from '../intervals/logit-interval.ts'
import type { Metric } from './metric.ts'
import { undefinedBecause } from './metric.ts'

/** Rows of the rarer class below which ranking says too little to be shown. */
export const ROWS_OF_RARER_CLASS = 10

/** Score histograms per class over the same ascending bins. */
export interface ScoreHistograms {
  readonly positives: Float64Array
  readonly negatives: Float64Array
}

function totals({ positives, negatives }: ScoreHistograms): { p: number; n: number } {
  return { p: positives.reduce((a, b) => a + b, 0), n: negatives.reduce((a, b) => a + b, 0) }
}

function tooFew(p: number, n: number, minimum: number): string | null {
  if (p === 0) return 'no positive labels'
  if (n === 0) return 'no negative labels'
  const rarer = Math.min(p, n)
  return rarer < minimum ? `${rarer} labelled rows of the rarer class, ${minimum} needed` : null
}

/**
 * Area under the ROC curve: the middle of its exact bracket (ties inside a bin count half), with DeLong's variance computed on
 * the bins and an interval on the logit scale.
 *
 * @see DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, Biometrics 44
 */
export function rocAuc(histograms: ScoreHistograms, minimum: number = ROWS_OF_RARER_CLASS): Metric {
  const { positives, negatives } = histograms
  const { p, n } = totals(histograms)
  const reason = tooFew(p, n, minimum)
  if (reason !== null) return undefinedBecause(reason)
  // For each bin: the share of negatives that a positive there beats, and of positives that beat a negative there.
  let negativesBelow = 0
  let positivesBelow = 0
  let area = 0
  let squaresOfPositives = 0
  let squaresOfNegatives = 0
  for (let bin = 0; bin < positives.length; bin++) {
    const a = positives[bin] as number
    const b = negatives[bin] as number
    const beats = (negativesBelow + b / 2) / n
    const beaten = (p - positivesBelow - a / 2) / p
    area += (a / p) * beats
    squaresOfPositives += (a / p) * beats * beats
    squaresOfNegatives += (b / n) * beaten * beaten
    negativesBelow += b
    positivesBelow += a
  }
  const ofPositives = (Math.max(0, squaresOfPositives - area * area) * p) / Math.max(1, p - 1)
  const ofNegatives = (Math.max(0, squaresOfNegatives - area * area) * n) / Math.max(1, n - 1)
  const standardError = Math.sqrt(ofPositives / p + ofNegatives / n)
  return { value: area, ...logitInterval(area, standardError), standardError }
}

/**
 * Average precision, the sum over thresholds of precision × gain in recall, with each bin one threshold.
 *
 * Interval on the logit scale, whose standard error is 1 / √(positives × AP × (1 − AP)).
 *
 * @see Boyd, Eng and Page (2013), Area under the precision-recall curve: point estimates and confidence intervals, ECML
 */
export function averagePrecision(histograms: ScoreHistograms, minimum: number = ROWS_OF_RARER_CLASS): Metric {
  const { positives, negatives } = histograms
  const { p, n } = totals(histograms)
  const reason = tooFew(p, n, minimum)
  if (reason !== null) return undefinedBecause(reason)
  let value = 0
  let above = 0
  let positivesAbove = 0
  for (let bin = positives.length - 1; bin >= 0; bin--) {
    const a = positives[bin] as number
    above += a + (negatives[bin] as number)
    positivesAbove += a
    if (a > 0) value += (a / p) * (positivesAbove / above)
  }
  const standardError = Math.sqrt((value * (1 - value)) / p)
  return { value, ...logitInterval(value, standardError), standardError }
}
