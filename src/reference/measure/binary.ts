// The metrics of a binary model's outcomes.

import { binaryMetrics } from '../../statistics/performance/binary-metrics.ts'
import type { CalibrationBins } from '../../statistics/performance/calibration-error.ts'
import { calibrationError } from '../../statistics/performance/calibration-error.ts'
import { liftAtShare } from '../../statistics/performance/lift-at-share.ts'
import type { Metric } from '../../statistics/performance/metric.ts'
import { undefinedBecause } from '../../statistics/performance/metric.ts'
import type { ScoreHistograms } from '../../statistics/performance/score-histograms.ts'
import type { BinaryCells } from '../../summaries/outcomes/binary.ts'
import { readLoss, readProbabilities } from '../../summaries/outcomes/cells.ts'
import { calibrationEdges } from '../calibration-edges.ts'
import type { MetricOptions } from '../metric-options.ts'
import { measureBusinessValue } from './business-value.ts'
import { lossOrNull } from './loss-or-null.ts'

export function measureBinary(
  cells: BinaryCells,
  outcomes: Float64Array,
  { topShare, cost }: MetricOptions,
): Record<string, Metric> {
  const at = (i: number) => outcomes[cells.confusion + i] as number
  const [tp, fp, fn, tn] = [at(0), at(1), at(2), at(3)]
  const logLoss = lossOrNull(readLoss(outcomes, cells.logLoss))
  const scored = logLoss === null ? null : scoresOf(cells, outcomes)
  return {
    ...binaryMetrics({
      positives: scored?.positives ?? null,
      negatives: scored?.negatives ?? null,
      confusion:
        tp + fp + fn + tn === 0
          ? null
          : { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn },
      logLoss,
      brier: lossOrNull(readLoss(outcomes, cells.brier)),
    }),
    ...(scored === null ? withoutScores() : fromScores(cells, outcomes, scored, topShare)),
    ...measureBusinessValue(cost, cells.schema.classes, Float64Array.of(tn, fp, fn, tp)),
  }
}

/** null when the reference has no scores: then there are no bins to count them in. */
function scoresOf(cells: BinaryCells, outcomes: Float64Array): ScoreHistograms | null {
  const { positives, negatives, scoreBins, schema } = cells
  if (schema.scoreEdges.length === 0) return null
  return {
    positives: outcomes.subarray(positives, positives + scoreBins),
    negatives: outcomes.subarray(negatives, negatives + scoreBins),
  }
}

type ScoreMetric = 'ece' | 'ece_by_chance' | 'lift' | 'gain'

function withoutScores(): Record<ScoreMetric, Metric> {
  const none = undefinedBecause('no labelled rows with a score')
  return { ece: none, ece_by_chance: none, lift: none, gain: none }
}

function fromScores(
  cells: BinaryCells,
  outcomes: Float64Array,
  scored: ScoreHistograms,
  topShare: number,
): Record<ScoreMetric, Metric> {
  const { expected, underCalibration } = calibrationError(tenths(cells, outcomes, scored))
  const { lift, capture } = liftAtShare(scored, topShare)
  return { ece: expected, ece_by_chance: byChance(expected, underCalibration), lift, gain: capture }
}

/** Beside the calibration error itself: what it would be under perfect calibration. Its scatter is of no interest. */
function byChance(expected: Metric, underCalibration: number | null): Metric {
  if (expected.value === null || underCalibration === null) return expected
  return { value: underCalibration, low: underCalibration, high: underCalibration, standardError: 0 }
}

/** The bins of the histogram put together to those of the calibration error, whose edges are among theirs. */
function tenths(
  cells: BinaryCells,
  outcomes: Float64Array,
  { positives, negatives }: ScoreHistograms,
): CalibrationBins {
  const { scoreEdges } = cells.schema
  const sums = readProbabilities(outcomes, cells.scoreSums, cells.scoreBins)
  const bins = calibrationEdges.length + 1
  const merged = {
    counts: new Float64Array(bins),
    scores: new Float64Array(bins),
    positives: new Float64Array(bins),
  }
  let group = 0
  for (let bin = 0; bin < cells.scoreBins; bin++) {
    const from = bin === 0 ? Number.NEGATIVE_INFINITY : (scoreEdges[bin - 1] as number)
    while (group < calibrationEdges.length && from >= (calibrationEdges[group] as number)) group++
    const [a, b] = [positives[bin] as number, negatives[bin] as number]
    merged.counts[group] = (merged.counts[group] as number) + a + b
    merged.positives[group] = (merged.positives[group] as number) + a
    merged.scores[group] = (merged.scores[group] as number) + (sums[bin] as number)
  }
  return merged
}
