import { wilson } from '../intervals/wilson.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { classTotals } from './score-histograms.ts'

/** What deciding by one threshold gives. */
export interface CurvePoint {
  /** The decision is positive from this bin on. */
  readonly fromBin: number
  readonly precision: number
  readonly precisionLow: number
  readonly precisionHigh: number
  /** Share of the positives found. */
  readonly recall: number
  /** Share of the negatives taken for positives; null without negatives. */
  readonly falsePositiveRate: number | null
}

/**
 * Precision, recall and false-positive rate at each edge between bins of scores, from the strictest threshold to the laxest: the
 * points of the precision-recall and of the ROC curve. Exact, for an edge of a bin is a threshold. Thresholds that no row reaches
 * have no point; precision has Wilson's 95 % interval.
 *
 * @returns empty when there is no positive
 * @throws RangeError if the histograms have different bins
 * @see Davis and Goadrich (2006), The relationship between precision-recall and ROC curves, ICML
 * @example precisionRecallCurve({ positives: Float64Array.of(1, 2, 7), negatives: Float64Array.of(6, 3, 1) })[0]?.precision // 0.875
 */
export function precisionRecallCurve(histograms: ScoreHistograms): CurvePoint[] {
  const { positives, negatives } = histograms
  const { p, n } = classTotals('precisionRecallCurve', histograms)
  const points: CurvePoint[] = []
  if (p === 0) return points
  let [found, wrong] = [0, 0]
  for (let bin = positives.length - 1; bin >= 0; bin--) {
    if (positives[bin] === 0 && negatives[bin] === 0) continue
    found += positives[bin] as number
    wrong += negatives[bin] as number
    const { low, high } = wilson(found, found + wrong)
    points.push({
      fromBin: bin,
      precision: found / (found + wrong),
      precisionLow: low,
      precisionHigh: high,
      recall: found / p,
      falsePositiveRate: n === 0 ? null : wrong / n,
    })
  }
  return points
}
