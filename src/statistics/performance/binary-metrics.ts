// The metrics of a binary model, from its score histograms, confusion counts and loss sums.

import { f1Interval, wilson } from '../intervals/wilson.ts'
import type { LossSums, Metric } from './metric.ts'
import { meanMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'
import type { ScoreHistograms } from './ranking-of-scores.ts'
import { averagePrecision, ROWS_OF_RARER_CLASS, rocAuc } from './ranking-of-scores.ts'

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

export type BinaryMetric = 'roc_auc' | 'average_precision' | 'accuracy' | 'precision' | 'recall' | 'f1' | 'log_loss' | 'brier'

/** Positives, predicted or actual, below which precision or recall says too little to be shown. */
const POSITIVES_NEEDED = 5

/** @param minimums false = also from very few rows (for comparison with other software) */
export function binaryMetrics(outcomes: BinaryOutcomes, { minimums = true } = {}): Record<BinaryMetric, Metric> {
  const { positives, negatives, confusion, logLoss, brier } = outcomes
  const histograms: ScoreHistograms | null = positives === null || negatives === null ? null : { positives, negatives }
  const rarer = minimums ? ROWS_OF_RARER_CLASS : 1
  const rows = minimums ? ROWS_FOR_A_MEAN : 1
  return {
    roc_auc: histograms === null ? undefinedBecause('no labelled rows with a score') : rocAuc(histograms, rarer),
    average_precision: histograms === null ? undefinedBecause('no labelled rows with a score') : averagePrecision(histograms, rarer),
    ...fromConfusion(confusion, rows, minimums ? POSITIVES_NEEDED : 1),
    log_loss: meanMetric(logLoss, rows),
    brier: meanMetric(brier, rows),
  }
}

function fromConfusion(confusion: Confusion | null, rows: number, positives: number): Record<'accuracy' | 'precision' | 'recall' | 'f1', Metric> {
  if (confusion === null) {
    const none = undefinedBecause('no labelled rows with a decision')
    return { accuracy: none, precision: none, recall: none, f1: none }
  }
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion
  return {
    accuracy: proportion(tp + tn, tp + fp + fn + tn, rows, 'labelled rows'),
    precision: proportion(tp, tp + fp, positives, 'predicted positives'),
    recall: proportion(tp, tp + fn, positives, 'actual positives'),
    f1: f1(tp, fp, fn, positives),
  }
}

function proportion(successes: number, n: number, needed: number, what: string): Metric {
  if (n < needed) return undefinedBecause(`${n} ${what}, ${needed} needed`)
  const value = successes / n
  return { value, ...wilson(successes, n), standardError: Math.sqrt((value * (1 - value)) / n) }
}

function f1(tp: number, fp: number, fn: number, needed: number): Metric {
  const n = tp + fp + fn
  if (n < needed) return undefinedBecause(`${n} positives, predicted or actual, ${needed} needed`)
  const jaccard = tp / n
  const value = (2 * jaccard) / (1 + jaccard)
  // d F1 / d J = 2 / (1 + J)²
  const standardError = (2 / (1 + jaccard) ** 2) * Math.sqrt((jaccard * (1 - jaccard)) / n)
  return { value, ...f1Interval(tp, fp, fn), standardError }
}
