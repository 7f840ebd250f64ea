// The metrics of a binary model, from its score histograms, confusion counts and loss sums.

import { f1Interval, f1OfJaccard } from '../intervals/f1-interval.ts'
import { proportionStandardError, wilson } from '../intervals/wilson.ts'
import type { WithinBin } from './average-precision.ts'
import { averagePrecision } from './average-precision.ts'
import type { LossSums, Metric } from './metric.ts'
import { meanMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'
import { rocAuc } from './roc-auc.ts'
import { ROWS_OF_RARER_CLASS } from './score-histograms.ts'

export interface Confusion {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly trueNegatives: number
}

export interface BinaryOutcomes {
  /** Score histograms per class over the same ascending bins; null without scores. */
  readonly positives: Float64Array | null
  readonly negatives: Float64Array | null
  /** null without decisions. */
  readonly confusion: Confusion | null
  readonly logLoss: LossSums | null
  readonly brier: LossSums | null
}

export type BinaryMetric =
  | 'roc_auc'
  | 'average_precision'
  | 'accuracy'
  | 'precision'
  | 'recall'
  | 'f1'
  | 'log_loss'
  | 'brier'

/** Positives, predicted or actual, below which precision, recall or F1 says too little to be shown. */
const POSITIVES_NEEDED = 5

export interface BinaryOptions {
  /** false = also from very few rows, for comparison with other software; what cannot be computed stays undefined. */
  readonly minimums?: boolean
  /** `tied` when every bin holds a single score; matters to average precision alone. */
  readonly within?: WithinBin
}

/**
 * Every metric of a binary model: area under the ROC curve and average precision from the histograms, accuracy, precision, recall
 * (Wilson intervals) and F1 (Wilson on the Jaccard index) from the confusion, mean losses from their sums (normal intervals).
 *
 * @throws RangeError if the histograms have different bins or a count is negative
 */
export function binaryMetrics(
  { positives, negatives, confusion, logLoss, brier }: BinaryOutcomes,
  { minimums = true, within = 'mixed' }: BinaryOptions = {},
): Record<BinaryMetric, Metric> {
  const rarer = minimums ? ROWS_OF_RARER_CLASS : 1
  const rows = minimums ? ROWS_FOR_A_MEAN : 1
  const scored = positives === null || negatives === null ? null : { positives, negatives }
  const unscored = undefinedBecause('no labelled rows with a score')
  return {
    roc_auc: scored === null ? unscored : rocAuc(scored, rarer),
    average_precision:
      scored === null ? unscored : averagePrecision(scored, { minimum: minimums ? ROWS_OF_RARER_CLASS : 0, within }),
    ...fromConfusion(confusion, { rows, positives: minimums ? POSITIVES_NEEDED : 1 }),
    log_loss: meanMetric(logLoss, rows),
    brier: meanMetric(brier, rows),
  }
}

type ConfusionMetric = 'accuracy' | 'precision' | 'recall' | 'f1'

function fromConfusion(
  confusion: Confusion | null,
  needed: { rows: number; positives: number },
): Record<ConfusionMetric, Metric> {
  if (confusion === null) {
    const none = undefinedBecause('no labelled rows with a decision')
    return { accuracy: none, precision: none, recall: none, f1: none }
  }
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion
  return {
    accuracy: proportion(tp + tn, tp + fp + fn + tn, needed.rows, 'labelled rows with a decision'),
    precision: proportion(tp, tp + fp, needed.positives, 'predicted positives'),
    recall: proportion(tp, tp + fn, needed.positives, 'actual positives'),
    f1: f1(confusion, needed.positives),
  }
}

function proportion(successes: number, n: number, needed: number, what: string): Metric {
  if (n < needed) return undefinedBecause(`${n} ${what}, ${needed} needed`)
  return { value: successes / n, ...wilson(successes, n), standardError: proportionStandardError(successes, n) }
}

function f1({ truePositives, falsePositives, falseNegatives }: Confusion, needed: number): Metric {
  const n = truePositives + falsePositives + falseNegatives
  if (n < needed) return undefinedBecause(`${n} positives, predicted or actual, ${needed} needed`)
  const jaccard = truePositives / n
  // d F1 / d J = 2 / (1 + J)²
  const standardError = (2 / (1 + jaccard) ** 2) * proportionStandardError(truePositives, n)
  return {
    value: f1OfJaccard(jaccard),
    ...f1Interval({ truePositives, falsePositives, falseNegatives }),
    standardError,
  }
}
