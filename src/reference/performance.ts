// Performance metrics of any summary of outcomes: the reference's own, or a window's.

import { confusionMetricNames } from '../statistics/performance/confusion-metrics.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import { multiclassMetricNames } from '../statistics/performance/multiclass-metrics.ts'
import { multilabelMetricNames } from '../statistics/performance/multilabel-metrics.ts'
import { regressionMetricNames } from '../statistics/performance/regression-metrics.ts'
import type { OutcomeLayout } from '../summaries/layout.ts'
import type { Task } from '../summaries/schema.ts'
import { measureBinary } from './measure/binary.ts'
import { measureMulticlass } from './measure/multiclass.ts'
import { measureMultilabel } from './measure/multilabel.ts'
import { measureRegression, pinballName } from './measure/regression.ts'
import type { MetricOptions } from './metric-options.ts'
import { usualMetricOptions } from './metric-options.ts'

/** Stands for the pinball losses of all configured quantiles. */
export const PINBALL = 'pinball'

/** The metrics a task has, by the names that a configuration uses. */
export const metricsOf: Readonly<Record<Task, readonly string[]>> = {
  binary: [
    'roc_auc',
    'gini',
    'ks',
    'average_precision',
    ...confusionMetricNames,
    'lift',
    'gain',
    'log_loss',
    'brier',
    'ece',
    'ece_by_chance',
    'business_value',
    'business_value_total',
  ],
  multiclass: [...multiclassMetricNames, 'top_k_accuracy', 'business_value', 'business_value_total'],
  multilabel: multilabelMetricNames,
  regression: [...regressionMetricNames, 'median_absolute_error', PINBALL],
}

/** What a model is judged by when its configuration names no metrics. */
export const defaultMetricsOf: Readonly<Record<Task, readonly string[]>> = {
  binary: ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier'],
  multiclass: ['accuracy', 'f1_macro', 'log_loss'],
  multilabel: ['f1_micro', 'f1_macro', 'hamming_loss'],
  regression: ['mae', 'rmse', 'bias'],
}

/** Shown, but never compared: chance's part of another metric, and a sum that grows with the rows. */
const shownOnly: readonly string[] = ['ece_by_chance', 'business_value_total']

export function isCompared(metric: string): boolean {
  return !shownOnly.includes(metric)
}

/** The metrics that a configured name stands for: itself, or the pinball losses of all quantiles. */
export function metricsNamed(name: string, { quantiles }: Pick<MetricOptions, 'quantiles'>): readonly string[] {
  return name === PINBALL ? quantiles.map(pinballName) : [name]
}

/** Every metric of the task, with its 95 % interval, or the reason why it is undefined. */
export function measurePerformance(
  layout: OutcomeLayout,
  outcomes: Float64Array,
  options: MetricOptions = usualMetricOptions,
): Readonly<Record<string, Metric>> {
  switch (layout.task) {
    case 'binary':
      return measureBinary(layout, outcomes, options)
    case 'multiclass':
      return measureMulticlass(layout, outcomes, options)
    case 'multilabel':
      return measureMultilabel(layout, outcomes)
    case 'regression':
      return measureRegression(layout, outcomes, options)
  }
}

/** Whether a metric is better when larger, when smaller, or when closer to 0. */
export type Direction = 'higher' | 'lower' | 'zero'

const lowerIsBetter: readonly string[] = [
  'log_loss',
  'brier',
  'ece',
  'ece_by_chance',
  'false_positive_rate',
  'hamming_loss',
  'mae',
  'mse',
  'rmse',
  'median_absolute_error',
  'mape',
  'smape',
  'rmsle',
]

export function directionOf(metric: string): Direction {
  if (metric === 'bias') return 'zero'
  return lowerIsBetter.includes(metric) || metric.startsWith(PINBALL) ? 'lower' : 'higher'
}

/** Tails of a metric's distribution in which it is worse: a bias may be so on either side. */
export function tailsOf(metric: string): 1 | 2 {
  return directionOf(metric) === 'zero' ? 2 : 1
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
