// The metrics of a binary model, from its score histograms, confusion counts and loss sums.

import type { WithinBin } from './average-precision.ts'
import { averagePrecision } from './average-precision.ts'
import type { Confusion, ConfusionMetric } from './confusion-metrics.ts'
import { confusionMetrics, noConfusionMetrics } from './confusion-metrics.ts'
import type { LossSums, Metric } from './metric.ts'
import { meanMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'
import { rocAuc } from './roc-auc.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { ROWS_OF_RARER_CLASS } from './score-histograms.ts'
import { scoreSeparation } from './score-separation.ts'

export interface BinaryOutcomes {
  /** Score histograms per class over the same ascending bins; null without scores. */
  readonly positives: Float64Array | null
  readonly negatives: Float64Array | null
  /** null without decisions. */
  readonly confusion: Confusion | null
  readonly logLoss: LossSums | null
  readonly brier: LossSums | null
}

export type BinaryMetric = 'roc_auc' | 'gini' | 'ks' | 'average_precision' | ConfusionMetric | 'log_loss' | 'brier'

export interface BinaryOptions {
  /** false = also from very few rows, for comparison with other software; what cannot be computed stays undefined. */
  readonly minimums?: boolean
  /** `tied` when every bin holds a single score; matters to average precision alone. */
  readonly within?: WithinBin
}

/**
 * Every metric of a binary model: area under the ROC curve, Gini coefficient (2 AUC − 1), Kolmogorov-Smirnov statistic and average
 * precision from the histograms, those of `confusionMetrics` from the confusion, mean losses from their sums (normal intervals).
 *
 * @throws RangeError if the histograms have different bins or a count is negative
 */
export function binaryMetrics(
  { positives, negatives, confusion, logLoss, brier }: BinaryOutcomes,
  { minimums = true, within = 'mixed' }: BinaryOptions = {},
): Record<BinaryMetric, Metric> {
  const rows = minimums ? ROWS_FOR_A_MEAN : 1
  const scored = positives === null || negatives === null ? null : { positives, negatives }
  return {
    ...fromScores(scored, { minimums, within }),
    ...(confusion === null
      ? noConfusionMetrics('no labelled rows with a decision')
      : confusionMetrics(confusion, { minimums })),
    log_loss: meanMetric(logLoss, rows),
    brier: meanMetric(brier, rows),
  }
}

function fromScores(
  scored: ScoreHistograms | null,
  { minimums, within }: Required<BinaryOptions>,
): Record<'roc_auc' | 'gini' | 'ks' | 'average_precision', Metric> {
  if (scored === null) {
    const unscored = undefinedBecause('no labelled rows with a score')
    return { roc_auc: unscored, gini: unscored, ks: unscored, average_precision: unscored }
  }
  const rarer = minimums ? ROWS_OF_RARER_CLASS : 1
  const auc = rocAuc(scored, rarer)
  return {
    roc_auc: auc,
    gini: giniOf(auc),
    ks: scoreSeparation(scored, rarer),
    average_precision: averagePrecision(scored, { minimum: minimums ? ROWS_OF_RARER_CLASS : 0, within }),
  }
}

function giniOf(auc: Metric): Metric {
  if (auc.value === null) return auc
  const { value, low, high, standardError } = auc
  return { value: 2 * value - 1, low: 2 * low - 1, high: 2 * high - 1, standardError: 2 * standardError }
}
