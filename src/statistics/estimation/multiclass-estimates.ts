// CBPE of a model with several classes: its performance without labels, from what each row's calibrated probabilities expect.

import type { Metric } from '../performance/metric.ts'
import { normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from '../performance/metric.ts'
import type { ChanceBins } from './estimated-ranking.ts'
import { estimatedRocAuc } from './estimated-ranking.ts'

/** Sums over rows without labels. */
export interface UnlabelledClasses {
  readonly classes: number
  /** K × K: expected rows by class (row) and prediction (column): sums of calibrated probabilities p. */
  readonly expected: Float64Array
  /** K × K: sums of p². */
  readonly squares: Float64Array
  /** Expected log loss: rows with probabilities, its sum, and the sum of its variances row by row; null when it cannot be told. */
  readonly logLoss: { readonly count: number; readonly sum: number; readonly variance: number } | null
  /** Per class: rows by score bin of that class, and the mean calibrated probability of each bin. */
  readonly rankings: readonly ChanceBins[]
}

export type MulticlassEstimate = 'accuracy' | 'f1_macro' | 'f1_weighted' | 'log_loss' | 'roc_auc_ovr_macro'

/**
 * Metrics of a multiclass model as they are to be expected when each row is of each class by its calibrated probability.
 *
 * `roc_auc_ovr_macro` is the mean over classes of one against the rest. Standard errors are those of what will come out about the estimate.
 * Those of F1 need products of two classes' probabilities, which are filled in from the sums they must add up to: exact for up to three classes.
 *
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if a table does not have classes × classes cells, or a cell is negative
 * @see NannyML, Confidence-based performance estimation, multiclass
 * @example estimateMulticlass({ classes: 2, expected: Float64Array.of(40, 5, 10, 45), squares: Float64Array.of(32, 1, 2, 40), logLoss: null, rankings: [] }).accuracy.value // 0.85
 */
export function estimateMulticlass(
  { classes, expected, squares, logLoss, rankings }: UnlabelledClasses,
  { minimums = true }: { minimums?: boolean } = {},
): Record<MulticlassEstimate, Metric> {
  for (const [name, cells] of Object.entries({ expected, squares })) {
    if (cells.length !== classes ** 2)
      throw new RangeError(
        `estimateMulticlass: ${name} has ${cells.length} cells, ${classes} classes need ${classes ** 2}`,
      )
    const odd = cells.findIndex((cell) => !(cell >= 0))
    if (odd >= 0) throw new RangeError(`estimateMulticlass: ${name}[${odd}] is ${cells[odd]}, it must be 0 or more`)
  }
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  const table = { classes, expected, squares, total: expected.reduce((sum, cell) => sum + cell, 0) }
  // Rows are whole, sums of their probabilities nearly so.
  const rows = Math.round(table.total)
  const few = undefinedBecause(`${rows} rows with probabilities and a decision, ${needed} needed`)
  const log_loss: Metric =
    logLoss === null || logLoss.count < needed
      ? undefinedBecause(`${logLoss?.count ?? 0} rows with probabilities, ${needed} needed`)
      : normalMetric(logLoss.sum / logLoss.count, Math.sqrt(Math.max(0, logLoss.variance)) / logLoss.count, { min: 0 })
  const ranked = { roc_auc_ovr_macro: meanRanking(rankings, minimums ? undefined : 0), log_loss }
  if (rows < needed) return { accuracy: few, f1_macro: few, f1_weighted: few, ...ranked }
  return { accuracy: accuracy(table), f1_macro: f1(table, 'macro'), f1_weighted: f1(table, 'weighted'), ...ranked }
}

interface Table {
  readonly classes: number
  readonly expected: Float64Array
  readonly squares: Float64Array
  readonly total: number
}

function accuracy({ classes, expected, squares, total }: Table): Metric {
  let [right, variance] = [0, 0]
  for (let k = 0; k < classes; k++) {
    right += expected[k * classes + k] as number
    variance += (expected[k * classes + k] as number) - (squares[k * classes + k] as number)
  }
  return normalMetric(right / total, Math.sqrt(Math.max(0, variance)) / total, { min: 0, max: 1 })
}

function f1(table: Table, average: 'macro' | 'weighted'): Metric {
  const { classes, expected, total } = table
  const at = (truth: number, decision: number) => expected[truth * classes + decision] as number
  const each = Array.from({ length: classes }, (_, k) => k)
  const truths = each.map((k) => each.reduce((sum, j) => sum + at(k, j), 0))
  const decisions = each.map((j) => each.reduce((sum, k) => sum + at(k, j), 0))
  const sizes = each.map((k) => (truths[k] as number) + (decisions[k] as number))
  // A class that nobody predicts and that hardly any row is expected to have is not there.
  const present = each.filter((k) => (sizes[k] as number) >= 0.5)
  const scores = each.map((k) => ((sizes[k] as number) > 0 ? (2 * at(k, k)) / (sizes[k] as number) : 0))
  const weights = each.map((k) =>
    average === 'weighted' ? (truths[k] as number) / total : present.includes(k) ? 1 / present.length : 0,
  )
  const value = each.reduce((sum, k) => sum + (weights[k] as number) * (scores[k] as number), 0)
  /** What a row decided j changes when its class is k. */
  const change = (k: number, j: number) => {
    const [weight, score, size] = [weights[k] as number, scores[k] as number, sizes[k] as number]
    if (size === 0) return 0
    const ofWeight = average === 'weighted' ? score / total : 0
    return (weight * ((k === j ? 2 : 0) - score)) / size + ofWeight
  }
  let variance = 0
  for (const j of each) {
    const products = jointSums(table, j)
    for (const k of each) {
      for (const l of each) {
        if (k < l) variance += (products[k * classes + l] as number) * (change(k, j) - change(l, j)) ** 2
      }
    }
  }
  return normalMetric(value, Math.sqrt(variance), { min: 0, max: 1 })
}

const FITTING_ROUNDS = 60

/**
 * Sums of p_k p_l over the rows decided j, for k ≠ l: a symmetric table without diagonal whose rows must add up to
 * Σ p_k (1 − p_k), fitted by turns.
 */
function jointSums({ classes, expected, squares }: Table, j: number): Float64Array {
  const wanted = Float64Array.from({ length: classes }, (_, k) =>
    Math.max(0, (expected[k * classes + j] as number) - (squares[k * classes + j] as number)),
  )
  // x_k x_l with x found so that x_k Σ_{l ≠ k} x_l = wanted_k.
  const x = wanted.map(Math.sqrt)
  for (let round = 0; round < FITTING_ROUNDS; round++) {
    let sum = x.reduce((total, value) => total + value, 0)
    for (let k = 0; k < classes; k++) {
      const rest = sum - (x[k] as number)
      const fitted = rest > 0 ? (wanted[k] as number) / rest : 0
      const next = ((x[k] as number) + fitted) / 2
      sum += next - (x[k] as number)
      x[k] = next
    }
  }
  const products = new Float64Array(classes ** 2)
  for (let k = 0; k < classes; k++) {
    for (let l = 0; l < classes; l++) if (k !== l) products[k * classes + l] = (x[k] as number) * (x[l] as number)
  }
  return products
}

/** The mean over the classes that can be ranked. Their errors go together, so the mean of their standard errors is the cautious one. */
function meanRanking(rankings: readonly ChanceBins[], minimum: number | undefined): Metric {
  const each = rankings.map((bins) => estimatedRocAuc(bins, minimum))
  const known = each.flatMap((metric) => (metric.value === null ? [] : [metric]))
  if (known.length === 0) return each[0] ?? undefinedBecause('no rows with probabilities')
  const mean = (of: (metric: (typeof known)[number]) => number) =>
    known.reduce((sum, metric) => sum + of(metric), 0) / known.length
  return normalMetric(
    mean(({ value }) => value),
    mean(({ standardError }) => standardError),
    { min: 0, max: 1 },
  )
}
