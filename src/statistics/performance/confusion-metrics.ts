// The metrics of a binary model's decisions, from the four counts of its confusion.

import { f1Interval, f1OfJaccard } from '../intervals/f1-interval.ts'
import { logitInterval } from '../intervals/logit-interval.ts'
import { proportionStandardError, wilson } from '../intervals/wilson.ts'
import type { Metric } from './metric.ts'
import { ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'
import { multinomialStandardError } from './multinomial.ts'
import { ROWS_OF_RARER_CLASS } from './score-histograms.ts'

export interface Confusion {
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly trueNegatives: number
}

export const confusionMetricNames = [
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'f2',
  'f0.5',
  'balanced_accuracy',
  'mcc',
  'cohen_kappa',
  'jaccard',
  'negative_predictive_value',
  'false_positive_rate',
] as const
export type ConfusionMetric = (typeof confusionMetricNames)[number]

/** Rows, predicted or actual, below which a rate over them says too little to be shown. */
const ROWS_FOR_A_RATE = 5

interface Needed {
  /** For the accuracy. */
  readonly rows: number
  /** For a rate: rows that it is a share of. */
  readonly rate: number
  /** For what weighs both classes: rows of the rarer one. */
  readonly rarer: number
}

/**
 * Every metric of decisions against the truth, with 95 % intervals.
 *
 * Accuracy, precision, recall, specificity, negative predictive value, false-positive rate and the Jaccard index are proportions
 * (Wilson); F1 is a function of the Jaccard index (Wilson, transformed); balanced accuracy is the mean of two proportions (their
 * Wilson intervals combined); F2, F0.5, Matthews' correlation and Cohen's κ have standard errors by the delta method on the four
 * shares and intervals on the logit scale. What would divide by 0 is undefined. Any counts to 2⁵³ are taken as they are.
 *
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if a count is negative or not finite
 * @see Newcombe (1998), Statistics in Medicine 17, for combining intervals; Fleiss, Cohen and Everitt (1969), Large sample standard
 *   errors of kappa and weighted kappa, Psychological Bulletin 72
 * @example confusionMetrics({ truePositives: 40, falsePositives: 10, falseNegatives: 20, trueNegatives: 130 }).mcc.value // 0.6299408
 */
export function confusionMetrics(
  confusion: Confusion,
  { minimums = true }: { minimums?: boolean } = {},
): Record<ConfusionMetric, Metric> {
  for (const [name, count] of Object.entries(confusion)) {
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY))
      throw new RangeError(`confusionMetrics: ${name} is ${count}, it must be 0 or more and finite`)
  }
  const needed: Needed = minimums
    ? { rows: ROWS_FOR_A_MEAN, rate: ROWS_FOR_A_RATE, rarer: ROWS_OF_RARER_CLASS }
    : { rows: 1, rate: 1, rarer: 1 }
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion
  return {
    accuracy: proportion(tp + tn, tp + fp + fn + tn, needed.rows, 'labelled rows with a decision'),
    precision: proportion(tp, tp + fp, needed.rate, 'predicted positives'),
    recall: proportion(tp, tp + fn, needed.rate, 'actual positives'),
    specificity: proportion(tn, tn + fp, needed.rate, 'actual negatives'),
    f1: f1(confusion, needed.rate),
    f2: fBeta(confusion, 2, needed.rate),
    'f0.5': fBeta(confusion, 0.5, needed.rate),
    balanced_accuracy: balancedAccuracy(confusion, needed.rate),
    mcc: matthews(confusion, needed.rarer),
    cohen_kappa: kappa(confusion, needed.rarer),
    jaccard: proportion(tp, tp + fp + fn, needed.rate, 'positives, predicted or actual'),
    negative_predictive_value: proportion(tn, tn + fn, needed.rate, 'predicted negatives'),
    false_positive_rate: proportion(fp, fp + tn, needed.rate, 'actual negatives'),
  }
}

/** Every metric of decisions, undefined for one reason. */
export function noConfusionMetrics(reason: string): Record<ConfusionMetric, Metric> {
  const none = undefinedBecause(reason)
  return Object.fromEntries(confusionMetricNames.map((name) => [name, none])) as Record<ConfusionMetric, Metric>
}

/** A share of rows with Wilson's interval. */
export function proportion(successes: number, n: number, needed: number, what: string): Metric {
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

/** The shares of the four cells, in the order of the fields. */
interface Shares {
  readonly cells: readonly [tp: number, fp: number, fn: number, tn: number]
  readonly rows: number
}

/**
 * The shares with half a row added to each cell: a standard error at them is not 0 when all rows are right or all are wrong, which
 * would make any difference look certain.
 */
function smoothed({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion): Shares {
  const rows = truePositives + falsePositives + falseNegatives + trueNegatives + 2
  const share = (count: number) => (count + 0.5) / rows
  return { cells: [share(truePositives), share(falsePositives), share(falseNegatives), share(trueNegatives)], rows }
}

/** F_β = (1 + β²) TP / ((1 + β²) TP + β² FN + FP). */
function fBeta(confusion: Confusion, beta: number, needed: number): Metric {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn } = confusion
  const positives = tp + fp + fn
  if (positives < needed) return undefinedBecause(`${positives} positives, predicted or actual, ${needed} needed`)
  const square = beta * beta
  const value = ((1 + square) * tp) / ((1 + square) * tp + square * fn + fp)
  const { cells, rows } = smoothed(confusion)
  const [a, b, c] = cells
  const whole = (1 + square) * a + square * c + b
  const score = ((1 + square) * a) / whole
  const gradient = [((1 + square) * (1 - score)) / whole, -score / whole, (-square * score) / whole, 0]
  const standardError = multinomialStandardError(cells, gradient, rows)
  return { value, ...logitInterval(value, standardError), standardError }
}

/** The mean of recall and specificity. */
function balancedAccuracy(confusion: Confusion, needed: number): Metric {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion
  const recall = proportion(tp, tp + fn, needed, 'actual positives')
  if (recall.value === null) return recall
  const specificity = proportion(tn, tn + fp, needed, 'actual negatives')
  if (specificity.value === null) return specificity
  const value = (recall.value + specificity.value) / 2
  return {
    value,
    low: value - Math.hypot(recall.value - recall.low, specificity.value - specificity.low) / 2,
    high: value + Math.hypot(recall.high - recall.value, specificity.high - specificity.value) / 2,
    standardError: Math.hypot(recall.standardError, specificity.standardError) / 2,
  }
}

function tooFewOfAClass({ truePositives, falsePositives, falseNegatives, trueNegatives }: Confusion, needed: number) {
  const rarer = Math.min(truePositives + falseNegatives, falsePositives + trueNegatives)
  return rarer < needed ? undefinedBecause(`${rarer} labelled rows of the rarer class, ${needed} needed`) : null
}

/** Matthews' correlation (TP TN − FP FN) / √(product of the margins): the correlation of decision and truth. */
function matthews(confusion: Confusion, needed: number): Metric {
  const few = tooFewOfAClass(confusion, needed)
  if (few !== null) return few
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion
  if (tp + fp === 0 || fn + tn === 0) return undefinedBecause('all decisions are alike')
  const value = (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn)) / Math.sqrt((tn + fp) * (tn + fn))
  const { cells, rows } = smoothed(confusion)
  const [a, b, c, d] = cells
  const [decided, rejected, positives, negatives] = [a + b, c + d, a + c, b + d]
  const root = Math.sqrt(decided * rejected * positives * negatives)
  const correlation = (a * d - b * c) / root
  const pull = (row: number, column: number) => (correlation / 2) * (1 / row + 1 / column)
  const gradient = [
    d / root - pull(decided, positives),
    -c / root - pull(decided, negatives),
    -b / root - pull(rejected, positives),
    a / root - pull(rejected, negatives),
  ]
  return signedMetric(value, multinomialStandardError(cells, gradient, rows))
}

/** Cohen's κ, agreement beyond chance: 2 (TP TN − FP FN) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN)). */
function kappa(confusion: Confusion, needed: number): Metric {
  const few = tooFewOfAClass(confusion, needed)
  if (few !== null) return few
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion
  const value = (2 * (tp * tn - fp * fn)) / ((tp + fp) * (fp + tn) + (tp + fn) * (fn + tn))
  const { cells, rows } = smoothed(confusion)
  const [a, b, c, d] = cells
  const [decided, rejected, positives, negatives] = [a + b, c + d, a + c, b + d]
  const whole = decided * negatives + positives * rejected
  const agreement = (2 * (a * d - b * c)) / whole
  const gradient = [
    2 * d - agreement * (negatives + rejected),
    -2 * c - agreement * (negatives + decided),
    -2 * b - agreement * (rejected + positives),
    2 * a - agreement * (positives + decided),
  ].map((slope) => slope / whole)
  return signedMetric(value, multinomialStandardError(cells, gradient, rows))
}

/** A value from −1 to 1 with an interval that stays there: that of Fisher's z, which is the logit of (1 + value) / 2. */
export function signedMetric(value: number, standardError: number): Metric {
  const inside = Math.min(1, Math.max(-1, value))
  const { low, high } = logitInterval((1 + inside) / 2, standardError / 2)
  return { value: inside, low: 2 * low - 1, high: 2 * high - 1, standardError }
}
