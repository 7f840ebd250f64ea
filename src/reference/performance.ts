// Performance metrics of any summary of outcomes: the reference's own, or a window's.

import { binaryMetrics } from '../statistics/performance/binary-metrics.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import { multiclassMetrics } from '../statistics/performance/multiclass-metrics.ts'
import { regressionMetrics } from '../statistics/performance/regression-metrics.ts'
import type { OutcomeLayout } from '../summaries/layout.ts'
import { readLoss } from '../summaries/outcomes/cells.ts'
import { readRegressionSums } from '../summaries/outcomes/regression.ts'
import type { Task } from '../summaries/schema.ts'

/** The metrics a task has, each with whether a larger value is better. `bias` is best at 0. */
export const metricsOf: Readonly<Record<Task, readonly string[]>> = {
  binary: ['roc_auc', 'average_precision', 'accuracy', 'precision', 'recall', 'f1', 'log_loss', 'brier'],
  multiclass: ['accuracy', 'f1_macro', 'f1_weighted', 'log_loss'],
  regression: ['mae', 'rmse', 'r2', 'bias'],
}

/** What a model is judged by when its configuration names no metrics. */
export const defaultMetricsOf: Readonly<Record<Task, readonly string[]>> = {
  binary: ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier'],
  multiclass: ['accuracy', 'f1_macro', 'log_loss'],
  regression: ['mae', 'rmse', 'bias'],
}

/** Every metric of the task, with its 95 % interval, or the reason why it is undefined. */
export function measurePerformance(layout: OutcomeLayout, outcomes: Float64Array): Readonly<Record<string, Metric>> {
  switch (layout.task) {
    case 'binary':
      return measureBinary(layout, outcomes)
    case 'multiclass':
      return multiclassMetrics({
        confusion: outcomes.subarray(layout.confusion, layout.confusion + layout.groups ** 2),
        classes: layout.groups,
        right: outcomes[layout.right] as number,
        logLoss: lossOrNull(readLoss(outcomes, layout.logLoss)),
      })
    case 'regression':
      return measureRegression(layout, outcomes)
  }
}

function lossOrNull<T extends { count: number }>(loss: T): T | null {
  return loss.count === 0 ? null : loss
}

function measureBinary(layout: Extract<OutcomeLayout, { task: 'binary' }>, outcomes: Float64Array) {
  const { positives, negatives, confusion, scoreBins } = layout
  const cell = (i: number) => outcomes[confusion + i] as number
  const scored = lossOrNull(readLoss(outcomes, layout.logLoss))
  const decided = cell(0) + cell(1) + cell(2) + cell(3)
  return binaryMetrics({
    positives: scored === null ? null : outcomes.subarray(positives, positives + scoreBins),
    negatives: scored === null ? null : outcomes.subarray(negatives, negatives + scoreBins),
    confusion:
      decided === 0
        ? null
        : { truePositives: cell(0), falsePositives: cell(1), falseNegatives: cell(2), trueNegatives: cell(3) },
    logLoss: scored,
    brier: lossOrNull(readLoss(outcomes, layout.brier)),
  })
}

/** Sums are kept in units of the spread; errors in the label's own unit come out by multiplying. R² has no unit. */
function measureRegression(layout: Extract<OutcomeLayout, { task: 'regression' }>, outcomes: Float64Array) {
  const { spread } = layout.schema
  const sums = readRegressionSums(layout, outcomes)
  const at = (i: number) => sums[i] as number
  const metrics = regressionMetrics({
    count: at(0),
    error: at(1),
    absoluteError: at(2),
    errorSquared: at(3),
    errorFourth: at(4),
    label: at(5),
    labelSquared: at(6),
    labelCubed: at(7),
    labelFourth: at(8),
    errorSquaredLabel: at(9),
    errorSquaredLabelSquared: at(10),
  })
  const inUnit = (metric: Metric) => inUnitsOf(spread, metric)
  return { mae: inUnit(metrics.mae), rmse: inUnit(metrics.rmse), r2: metrics.r2, bias: inUnit(metrics.bias) }
}

/** A metric that was measured in multiples of `unit`, in the label's own unit. */
export function inUnitsOf(unit: number, metric: Metric): Metric {
  if (metric.value === null) return metric
  const { value, low, high, standardError } = metric
  return { value: value * unit, low: low * unit, high: high * unit, standardError: standardError * unit }
}

/** Whether a metric is better when larger, when smaller, or when closer to 0. */
export type Direction = 'higher' | 'lower' | 'zero'

export function directionOf(metric: string): Direction {
  if (metric === 'bias') return 'zero'
  return ['log_loss', 'brier', 'mae', 'rmse'].includes(metric) ? 'lower' : 'higher'
}

/** How much worse `current` is than `reference`, in the metric's unit; negative when it is better. */
export function worsening(metric: string, reference: number, current: number): number {
  switch (directionOf(metric)) {
    case 'higher':
      return reference - current
    case 'lower':
      return current - reference
    case 'zero':
      return Math.abs(current) - Math.abs(reference)
  }
}

/**
 * Squared z statistic of a change for the worse; 0 when there is none.
 *
 * Both sides bring their own standard error, so a short reference is not taken for the truth.
 */
export function worseningStatistic(metric: string, reference: Metric, current: Metric): number {
  if (reference.value === null || current.value === null) return 0
  if (worsening(metric, reference.value, current.value) <= 0) return 0
  const variance = reference.standardError ** 2 + current.standardError ** 2
  return variance > 0 ? (current.value - reference.value) ** 2 / variance : 0
}
