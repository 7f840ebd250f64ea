import type { Metric } from './metric.ts'
import { normalMetric, undefinedBecause } from './metric.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { classTotals, ROWS_OF_RARER_CLASS } from './score-histograms.ts'

/**
 * Kolmogorov-Smirnov statistic of a classifier: the largest difference, over all thresholds, between the share of positives and the
 * share of negatives that score above.
 *
 * Taken at the edges of the bins; the scores' own may be larger by what one bin holds of either class. Standard error of the
 * difference at the threshold where it is largest; the interval is normal.
 *
 * @param minimum rows of the rarer class, below which there is no value
 * @throws RangeError if the histograms have different bins
 * @see Hand (2012), Assessing the performance of classification methods, International Statistical Review 80(3), for the measure
 * @example scoreSeparation({ positives: Float64Array.of(10, 20, 70), negatives: Float64Array.of(60, 30, 10) }).value // 0.6
 */
export function scoreSeparation(histograms: ScoreHistograms, minimum: number = ROWS_OF_RARER_CLASS): Metric {
  const { positives, negatives } = histograms
  const { p, n } = classTotals('scoreSeparation', histograms)
  if (p === 0) return undefinedBecause('no positive labels')
  if (n === 0) return undefinedBecause('no negative labels')
  const rarer = Math.min(p, n)
  if (rarer < minimum) return undefinedBecause(`${rarer} labelled rows of the rarer class, ${minimum} needed`)
  let [above, below, largest, at, opposite] = [0, 0, 0, 0, 0]
  for (let bin = 0; bin < positives.length; bin++) {
    above += positives[bin] as number
    below += negatives[bin] as number
    const difference = below / n - above / p
    if (difference > largest) [largest, at, opposite] = [difference, above, below]
  }
  // With half a row on either side of the threshold, so that perfect separation is not taken for certain.
  const variance = (count: number, of: number) => ((count + 0.5) / (of + 1)) * ((of - count + 0.5) / (of + 1))
  const standardError = Math.sqrt(variance(at, p) / p + variance(opposite, n) / n)
  return normalMetric(largest, standardError, { min: 0, max: 1 })
}
