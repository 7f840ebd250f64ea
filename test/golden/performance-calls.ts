// The golden calls on labels and scores: summed up as the daemon does, then asked for their metrics.

import type { Interval } from '../../src/statistics/intervals/confidence.ts'
import { f1Interval } from '../../src/statistics/intervals/f1-interval.ts'
import { logitInterval } from '../../src/statistics/intervals/logit-interval.ts'
import { normalInterval } from '../../src/statistics/intervals/normal-interval.ts'
import { wilson } from '../../src/statistics/intervals/wilson.ts'
import type { BinaryMetric, Confusion } from '../../src/statistics/performance/binary-metrics.ts'
import { binaryMetrics } from '../../src/statistics/performance/binary-metrics.ts'
import type { LossSums, Metric } from '../../src/statistics/performance/metric.ts'
import type { MulticlassMetric } from '../../src/statistics/performance/multiclass-metrics.ts'
import { multiclassMetrics } from '../../src/statistics/performance/multiclass-metrics.ts'
import type { RegressionMetric, RegressionSums } from '../../src/statistics/performance/regression-metrics.ts'
import { regressionMetrics } from '../../src/statistics/performance/regression-metrics.ts'
import { rocAuc } from '../../src/statistics/performance/roc-auc.ts'
import type { ScoreHistograms } from '../../src/statistics/performance/score-histograms.ts'
import type { Arguments, Call } from './call.ts'

const binary: readonly BinaryMetric[] = [
  'roc_auc',
  'average_precision',
  'accuracy',
  'precision',
  'recall',
  'f1',
  'log_loss',
  'brier',
]
const decided: readonly BinaryMetric[] = ['accuracy', 'precision', 'recall', 'f1']
const multiclass: readonly MulticlassMetric[] = ['accuracy', 'f1_macro', 'f1_weighted', 'log_loss']
const regression: readonly RegressionMetric[] = ['mae', 'rmse', 'r2', 'bias']

export const performanceCalls: Readonly<Record<string, Call>> = {
  binaryMetrics: { run: binaryFromRows, members: binary },
  confusionMetrics: { run: fromConfusion, members: decided },
  multiclassMetrics: { run: multiclassFromRows, members: multiclass },
  regressionMetrics: { run: regressionFromRows, members: regression },
  deLong: {
    run: (args) => {
      const { value: auc, standardError } = aucOf(args)
      return { auc, standardError }
    },
  },
  deLongInterval: { run: deLongInterval },
  wilson: { run: (args) => wilson(args.number('successes'), args.number('trials'), args.number('confidence')) },
  f1Interval: {
    run: (args) => {
      const counts = {
        truePositives: args.number('tp'),
        falsePositives: args.number('fp'),
        falseNegatives: args.number('fn'),
      }
      return f1Interval(counts, args.number('confidence'))
    },
  },
}

/** Values alone, and those without one as they are. */
function valuesOf(metrics: Readonly<Record<string, Metric>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.value ?? metric]))
}

/** Histograms with a bin for every distinct score. */
function histogramsOf(labels: Float64Array, scores: Float64Array): ScoreHistograms {
  const distinct = [...new Set(scores)].sort((a, b) => a - b)
  const bins = new Map(distinct.map((score, bin) => [score, bin]))
  const positives = new Float64Array(distinct.length)
  const negatives = new Float64Array(distinct.length)
  for (const [i, score] of scores.entries()) {
    const bin = bins.get(score) as number
    const side = labels[i] === 1 ? positives : negatives
    side[bin] = (side[bin] as number) + 1
  }
  return { positives, negatives }
}

function sumsOf(losses: Float64Array): LossSums {
  const add = (sum: number, loss: number) => sum + loss
  return {
    count: losses.length,
    sum: losses.reduce(add, 0),
    sumOfSquares: losses.map((loss) => loss * loss).reduce(add, 0),
  }
}

/** Probabilities under this count as this in the log loss. */
const LEAST_PROBABILITY = 1e-15

function logLoss(probability: number): number {
  return -Math.log(Math.max(probability, LEAST_PROBABILITY))
}

function binaryFromRows(args: Arguments) {
  const labels = args.numbers('labels')
  const scores = args.numbers('scores')
  const threshold = args.number('threshold')
  const countOf = (label: number, decision: boolean) =>
    labels.reduce(
      (sum, value, i) => sum + (value === label && (scores[i] as number) >= threshold === decision ? 1 : 0),
      0,
    )
  const metrics = binaryMetrics(
    {
      ...histogramsOf(labels, scores),
      confusion: {
        truePositives: countOf(1, true),
        falsePositives: countOf(0, true),
        falseNegatives: countOf(1, false),
        trueNegatives: countOf(0, false),
      },
      logLoss: sumsOf(scores.map((score, i) => logLoss(labels[i] === 1 ? score : 1 - score))),
      brier: sumsOf(scores.map((score, i) => (score - (labels[i] as number)) ** 2)),
    },
    { minimums: false, within: 'tied' },
  )
  return valuesOf(metrics)
}

function fromConfusion(args: Arguments) {
  const confusion: Confusion = {
    truePositives: args.number('tp'),
    falsePositives: args.number('fp'),
    falseNegatives: args.number('fn'),
    trueNegatives: args.number('tn'),
  }
  const outcomes = { positives: null, negatives: null, confusion, logLoss: null, brier: null }
  return valuesOf(binaryMetrics(outcomes, { minimums: false }))
}

function aucOf(args: Arguments): { value: number; standardError: number } {
  const auc = rocAuc(histogramsOf(args.numbers('labels'), args.numbers('scores')), 1)
  if (auc.value === null) throw new TypeError('the case has a class without rows')
  return auc
}

function deLongInterval(args: Arguments): Interval & { auc: number } {
  const { value: auc, standardError } = aucOf(args)
  const confidence = args.number('confidence')
  const interval =
    args.text('scale') === 'logit'
      ? logitInterval(auc, standardError, confidence)
      : normalInterval(auc, standardError, { min: 0, max: 1, confidence })
  return { auc, ...interval }
}

function multiclassFromRows(args: Arguments) {
  const names = args.list('classes')
  const classes = names.length
  const labels = args.list('labels').map((name) => names.indexOf(name))
  const predictions = args.list('predictions').map((name) => names.indexOf(name))
  const confusion = new Float64Array(classes ** 2)
  for (const [i, label] of labels.entries()) {
    const cell = label * classes + (predictions[i] as number)
    confusion[cell] = (confusion[cell] as number) + 1
  }
  const probabilities = args.list('probabilities') as readonly (readonly number[])[]
  const losses = Float64Array.from(labels, (label, i) => logLoss(probabilities[i]?.[label] ?? 0))
  return valuesOf(multiclassMetrics({ confusion, classes, logLoss: sumsOf(losses) }, { minimums: false }))
}

function regressionFromRows(args: Arguments) {
  const labels = args.numbers('labels')
  const predictions = args.numbers('predictions')
  const errors = predictions.map((prediction, i) => prediction - (labels[i] as number))
  return valuesOf(regressionMetrics(regressionSumsOf(labels, errors), { minimums: false }))
}

/** Sums of a regression's rows, labels centred on their mean. */
export function regressionSumsOf(labels: Float64Array, errors: Float64Array): RegressionSums {
  const centre = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const total = (of: (error: number, label: number) => number) =>
    errors.reduce((sum, error, i) => sum + of(error, (labels[i] as number) - centre), 0)
  return {
    count: labels.length,
    error: total((e) => e),
    absoluteError: total((e) => Math.abs(e)),
    errorSquared: total((e) => e ** 2),
    errorFourth: total((e) => e ** 4),
    label: total((_, y) => y),
    labelSquared: total((_, y) => y ** 2),
    labelCubed: total((_, y) => y ** 3),
    labelFourth: total((_, y) => y ** 4),
    errorSquaredLabel: total((e, y) => e ** 2 * y),
    errorSquaredLabelSquared: total((e, y) => e ** 2 * y ** 2),
  }
}
