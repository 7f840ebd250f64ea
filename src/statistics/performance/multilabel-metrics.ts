// The metrics of a model that gives each row any number of labels.

import { logitInterval } from '../intervals/logit-interval.ts'
import type { Confusion } from './confusion-metrics.ts'
import { confusionMetrics, proportion } from './confusion-metrics.ts'
import type { Metric } from './metric.ts'
import { normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

/** Sums over rows; h = labels given and true (hits), p = labels given, t = labels true. */
export interface MultilabelSums {
  readonly rows: number
  readonly hits: number
  readonly given: number
  readonly truths: number
  readonly hitsSquared: number
  readonly givenSquared: number
  readonly truthsSquared: number
  readonly hitsGiven: number
  readonly hitsTruths: number
  readonly givenTruths: number
  /** Rows whose labels are exactly those given. */
  readonly exact: number
}

export interface MultilabelOutcomes {
  /** One confusion per label, over the same rows. */
  readonly labels: readonly Confusion[]
  readonly sums: MultilabelSums
}

export const multilabelMetricNames = [
  'subset_accuracy',
  'hamming_loss',
  'precision_micro',
  'recall_micro',
  'f1_micro',
  'precision_macro',
  'recall_macro',
  'f1_macro',
] as const
export type MultilabelMetric = (typeof multilabelMetricNames)[number]

/**
 * Every metric of a multilabel model: the share of rows that are right in all labels (Wilson), the share of wrong decisions (normal),
 * and precision, recall and F1, pooled over all decisions (micro) or averaged over the labels that have one (macro).
 *
 * The labels of one row are not independent: micro metrics are ratios of sums over rows, with standard errors that take the row as the
 * unit, and intervals on the logit scale. The standard error of a macro metric is at most what is given, for the labels are taken to
 * move together.
 *
 * @param options `minimums: false` = also from very few rows
 * @throws RangeError if a sum or a count is negative or not finite
 * @see Tsoumakas, Katakis and Vlahavas (2010), Mining multi-label data, for the measures; Cochran (1977), Sampling Techniques, section
 *   2.11, for ratios
 */
export function multilabelMetrics(
  { labels, sums }: MultilabelOutcomes,
  { minimums = true }: { minimums?: boolean } = {},
): Record<MultilabelMetric, Metric> {
  for (const [name, sum] of Object.entries(sums)) {
    if (!(sum >= 0 && sum < Number.POSITIVE_INFINITY))
      throw new RangeError(`multilabelMetrics: ${name} is ${sum}, it must be 0 or more and finite`)
  }
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  const each = labels.map((confusion) => confusionMetrics(confusion, { minimums }))
  const { hits: h, given: p, truths: t } = moments(sums)
  return {
    subset_accuracy: proportion(sums.exact, sums.rows, needed, 'labelled rows with a decision'),
    hamming_loss: hammingLoss(sums, labels.length, needed),
    precision_micro: ratio(h, p, sums.rows, needed, 'labels given'),
    recall_micro: ratio(h, t, sums.rows, needed, 'true labels'),
    f1_micro: ratio(scale(h, 2), plus(p, t), sums.rows, needed, 'labels, given or true'),
    precision_macro: averaged(each.map(({ precision }) => precision)),
    recall_macro: averaged(each.map(({ recall }) => recall)),
    f1_macro: averaged(each.map(({ f1 }) => f1)),
  }
}

/** A linear combination a h + b p + c t over rows: its sum, and its products with h, p and t by their coefficients. */
interface Combination {
  readonly coefficients: readonly [h: number, p: number, t: number]
  readonly sums: MultilabelSums
}

function moments(sums: MultilabelSums): Record<'hits' | 'given' | 'truths', Combination> {
  return {
    hits: { coefficients: [1, 0, 0], sums },
    given: { coefficients: [0, 1, 0], sums },
    truths: { coefficients: [0, 0, 1], sums },
  }
}

function scale({ coefficients: [h, p, t], sums }: Combination, by: number): Combination {
  return { coefficients: [h * by, p * by, t * by], sums }
}

function plus(a: Combination, b: Combination): Combination {
  const [ah, ap, at] = a.coefficients
  const [bh, bp, bt] = b.coefficients
  return { coefficients: [ah + bh, ap + bp, at + bt], sums: a.sums }
}

function total({ coefficients: [h, p, t], sums }: Combination): number {
  return h * sums.hits + p * sums.given + t * sums.truths
}

/** Sum over rows of the square. */
function squares({ coefficients: [h, p, t], sums }: Combination): number {
  const own = h * h * sums.hitsSquared + p * p * sums.givenSquared + t * t * sums.truthsSquared
  return own + 2 * (h * p * sums.hitsGiven + h * t * sums.hitsTruths + p * t * sums.givenTruths)
}

/** Σ x / Σ y with the standard error √(Σ (x − r y)²) / Σ y of a ratio. */
function ratio(x: Combination, y: Combination, rows: number, needed: number, what: string): Metric {
  if (rows < needed) return undefinedBecause(`${rows} labelled rows with a decision, ${needed} needed`)
  const below = total(y)
  if (below === 0) return undefinedBecause(`no ${what}`)
  const value = Math.min(1, total(x) / below)
  const residual = plus(x, scale(y, -value))
  const standardError = Math.sqrt(Math.max(0, squares(residual))) / below
  return { value, ...logitInterval(value, standardError), standardError }
}

/** Wrong decisions are those given and not true, and those true and not given: p + t − 2 h of a row's labels. */
function hammingLoss(sums: MultilabelSums, labels: number, needed: number): Metric {
  const { rows } = sums
  if (rows < needed || rows === 0) return undefinedBecause(`${rows} labelled rows with a decision, ${needed} needed`)
  const { hits, given, truths } = moments(sums)
  const wrong = plus(plus(given, truths), scale(hits, -2))
  const mean = total(wrong) / rows
  const variance = Math.max(0, squares(wrong) / rows - mean * mean)
  return normalMetric(mean / labels, Math.sqrt(variance / Math.max(1, rows - 1)) / labels, { min: 0, max: 1 })
}

function averaged(metrics: readonly Metric[]): Metric {
  const defined = metrics.filter((metric) => metric.value !== null)
  if (defined.length === 0) return undefinedBecause('no label has enough rows')
  const mean = (of: (metric: (typeof defined)[number]) => number) =>
    defined.reduce((sum, metric) => sum + of(metric), 0) / defined.length
  const value = Math.min(
    1,
    mean((metric) => metric.value),
  )
  const standardError = mean((metric) => metric.standardError)
  return { value, ...logitInterval(value, standardError), standardError }
}
