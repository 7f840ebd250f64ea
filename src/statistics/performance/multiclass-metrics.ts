// The metrics of a multiclass model, from its confusion counts and log-loss sums.

import { wilson } from '../intervals/wilson.ts'
import type { LossSums, Metric } from './metric.ts'
import { meanMetric, normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

export interface MulticlassOutcomes {
  /** K × K counts, row = truth, column = prediction. */
  readonly confusion: Float64Array
  readonly classes: number
  readonly logLoss: LossSums | null
}

export type MulticlassMetric = 'accuracy' | 'f1_macro' | 'f1_weighted' | 'log_loss'

/** Macro averages over the classes present in the rows, as truth or as prediction. */
export function multiclassMetrics(outcomes: MulticlassOutcomes, { minimums = true } = {}): Record<MulticlassMetric, Metric> {
  const { confusion, classes, logLoss } = outcomes
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  const total = confusion.reduce((sum, count) => sum + count, 0)
  const log_loss = meanMetric(logLoss, needed)
  if (total < needed) {
    const few = undefinedBecause(`${total} labelled rows with a decision, ${needed} needed`)
    return { accuracy: few, f1_macro: few, f1_weighted: few, log_loss }
  }
  let right = 0
  for (let k = 0; k < classes; k++) right += confusion[k * classes + k] as number
  const accuracy = right / total
  return {
    accuracy: { value: accuracy, ...wilson(right, total), standardError: Math.sqrt((accuracy * (1 - accuracy)) / total) },
    f1_macro: averagedF1(confusion, classes, total, 'macro'),
    f1_weighted: averagedF1(confusion, classes, total, 'weighted'),
    log_loss,
  }
}

/**
 * F1 averaged over classes, its standard error by the delta method on the multinomial cell shares.
 *
 * With F_k = 2 p_kk / d_k and d_k = row_k + column_k: ∂F_k/∂p_ij = (2·[i=j=k] − F_k·([i=k] + [j=k])) / d_k; a weight by the
 * class's share of truth adds F_i for the row i it is in.
 */
function averagedF1(confusion: Float64Array, classes: number, total: number, average: 'macro' | 'weighted'): Metric {
  const rows = new Float64Array(classes)
  const columns = new Float64Array(classes)
  const share = (i: number, j: number) => (confusion[i * classes + j] as number) / total
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      rows[i] = (rows[i] as number) + share(i, j)
      columns[j] = (columns[j] as number) + share(i, j)
    }
  }
  const sizes = rows.map((row, k) => row + (columns[k] as number))
  const present = sizes.filter((size) => size > 0).length
  const f1 = sizes.map((size, k) => (size > 0 ? (2 * share(k, k)) / size : 0))
  const weight = (k: number) => ((sizes[k] as number) === 0 ? 0 : average === 'macro' ? 1 / present : (rows[k] as number))
  const value = f1.reduce((sum, score, k) => sum + score * weight(k), 0)

  const slope = (k: number, isRow: boolean, isHit: boolean) =>
    (sizes[k] as number) === 0 ? 0 : (weight(k) * ((isHit ? 2 : 0) - (f1[k] as number) * (isRow && isHit ? 2 : 1))) / (sizes[k] as number)
  let mean = 0
  let square = 0
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const gradient =
        (i === j ? slope(i, true, true) : slope(i, true, false) + slope(j, false, false)) + (average === 'weighted' ? (f1[i] as number) : 0)
      mean += share(i, j) * gradient
      square += share(i, j) * gradient * gradient
    }
  }
  return normalMetric(value, Math.sqrt(Math.max(0, square - mean * mean) / total), { min: 0, max: 1 })
}
