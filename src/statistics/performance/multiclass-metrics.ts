// The metrics of a multiclass model, from its confusion counts and log-loss sums.

import { proportionStandardError, wilson } from '../intervals/wilson.ts'
import type { LossSums, Metric } from './metric.ts'
import { meanMetric, normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

export interface MulticlassOutcomes {
  /** K × K counts, row = truth, column = prediction. */
  readonly confusion: Float64Array
  /** K */
  readonly classes: number
  /** Rows predicted right, when a class of the confusion stands for several (OTHER); left out: the diagonal. */
  readonly right?: number
  /** null without probabilities. */
  readonly logLoss: LossSums | null
}

export type MulticlassMetric = 'accuracy' | 'f1_macro' | 'f1_weighted' | 'log_loss'

/**
 * Every metric of a multiclass model. Macro averages are over the classes present in the rows, as truth or as prediction.
 *
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if the confusion does not have classes × classes cells
 */
export function multiclassMetrics(
  { confusion, classes, logLoss, right: known }: MulticlassOutcomes,
  { minimums = true }: { minimums?: boolean } = {},
): Record<MulticlassMetric, Metric> {
  if (confusion.length !== classes ** 2) {
    throw new RangeError(
      `multiclassMetrics: confusion has ${confusion.length} cells, ${classes} classes need ${classes ** 2}`,
    )
  }
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  const total = confusion.reduce((sum, count) => sum + count, 0)
  const log_loss = meanMetric(logLoss, needed)
  if (total < needed) {
    const few = undefinedBecause(`${total} labelled rows with a decision, ${needed} needed`)
    return { accuracy: few, f1_macro: few, f1_weighted: few, log_loss }
  }
  let right = known ?? 0
  if (known === undefined) for (let k = 0; k < classes; k++) right += confusion[k * classes + k] as number
  const table = marginsOf(confusion, classes, total)
  return {
    accuracy: { value: right / total, ...wilson(right, total), standardError: proportionStandardError(right, total) },
    f1_macro: averagedF1(table, 'macro'),
    f1_weighted: averagedF1(table, 'weighted'),
    log_loss,
  }
}

/** A confusion as shares of all rows. */
interface Shares {
  readonly classes: number
  readonly total: number
  readonly cells: Float64Array
  /** Share of each class among the truths, and truths and predictions together. */
  readonly truths: Float64Array
  readonly sizes: Float64Array
}

function marginsOf(confusion: Float64Array, classes: number, total: number): Shares {
  const cells = confusion.map((count) => count / total)
  const truths = new Float64Array(classes)
  const sizes = new Float64Array(classes)
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const share = cells[i * classes + j] as number
      truths[i] = (truths[i] as number) + share
      sizes[i] = (sizes[i] as number) + share
      sizes[j] = (sizes[j] as number) + share
    }
  }
  return { classes, total, cells, truths, sizes }
}

/**
 * F1 averaged over classes, its standard error by the delta method on the multinomial cell shares.
 *
 * With F_k = 2 p_kk / s_k and s_k = truths_k + predictions_k, ∂F_k/∂p_ij = (2·[i=j=k] − F_k·([i=k] + [j=k])) / s_k. A weight by
 * the class's share of truths adds F_i for the row i that a cell is in.
 *
 * @see Takahashi, Yamamoto, Kuchiba and Koyama (2022), Confidence interval for micro-averaged F1 and macro-averaged F1 scores,
 *   Applied Intelligence 52, for the approach
 */
function averagedF1({ classes, total, cells, truths, sizes }: Shares, average: 'macro' | 'weighted'): Metric {
  const present = sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0)
  const f1 = sizes.map((size, k) => (size > 0 ? (2 * (cells[k * classes + k] as number)) / size : 0))
  const weights = average === 'weighted' ? truths : sizes.map((size) => (size > 0 ? 1 / present : 0))
  // What a share that counts once in s_k, and one that also is right, change in the average.
  const inSize = f1.map((score, k) => (sizes[k] === 0 ? 0 : (-(weights[k] as number) * score) / (sizes[k] as number)))
  const right = sizes.map((size, k) => (size === 0 ? 0 : (2 * (weights[k] as number)) / size))
  let [value, mean, square] = [0, 0, 0]
  for (let k = 0; k < classes; k++) value += (weights[k] as number) * (f1[k] as number)
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const hit = i === j ? (right[i] as number) : 0
      const ofWeight = average === 'weighted' ? (f1[i] as number) : 0
      const gradient = (inSize[i] as number) + (inSize[j] as number) + hit + ofWeight
      mean += (cells[i * classes + j] as number) * gradient
      square += (cells[i * classes + j] as number) * gradient * gradient
    }
  }
  return normalMetric(value, Math.sqrt(Math.max(0, square - mean * mean) / total), { min: 0, max: 1 })
}
