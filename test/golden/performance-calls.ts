// The calls of performance.json and performance-more.json.

import { clopperPearson } from '../../src/statistics/intervals/clopper-pearson.ts'
import type { Interval } from '../../src/statistics/intervals/confidence.ts'
import { f1Interval } from '../../src/statistics/intervals/f1-interval.ts'
import { logitInterval } from '../../src/statistics/intervals/logit-interval.ts'
import { normalInterval } from '../../src/statistics/intervals/normal-interval.ts'
import { wilson } from '../../src/statistics/intervals/wilson.ts'
import { binaryMetrics } from '../../src/statistics/performance/binary-metrics.ts'
import { calibrationError } from '../../src/statistics/performance/calibration-error.ts'
import type { Confusion } from '../../src/statistics/performance/confusion-metrics.ts'
import { confusionMetrics } from '../../src/statistics/performance/confusion-metrics.ts'
import { fairness } from '../../src/statistics/performance/fairness.ts'
import type { ScoredRows } from '../../src/statistics/performance/from-rows.ts'
import {
  absoluteErrorExtremes,
  binaryOutcomes,
  calibrationBins,
  confusionsByGroup,
  lossSums,
  multiclassOutcomes,
  regressionOutcomes,
  scoreHistograms,
} from '../../src/statistics/performance/from-rows.ts'
import { liftAtShare } from '../../src/statistics/performance/lift-at-share.ts'
import type { Metric } from '../../src/statistics/performance/metric.ts'
import { inUnitsOf } from '../../src/statistics/performance/metric.ts'
import { multiclassMetrics, perClassMetrics, topAccuracy } from '../../src/statistics/performance/multiclass-metrics.ts'
import { pinballLoss } from '../../src/statistics/performance/pinball-loss.ts'
import type { QueryQuality, RankedQuery } from '../../src/statistics/performance/ranking-metrics.ts'
import { rankingMetrics, rankQuery } from '../../src/statistics/performance/ranking-metrics.ts'
import type { RegressionMetric } from '../../src/statistics/performance/regression-metrics.ts'
import { regressionMetrics } from '../../src/statistics/performance/regression-metrics.ts'
import { rocAuc } from '../../src/statistics/performance/roc-auc.ts'
import { UndefinedStatisticError } from '../../src/statistics/undefined-statistic.ts'
import type { Arguments, Call } from './call.ts'

export const performanceCalls: Readonly<Record<string, Call>> = {
  binaryMetrics: { run: binaryFromRows },
  confusionMetrics: { run: (args) => valuesOf(confusionMetrics(confusion(args), { minimums: false })) },
  multiclassMetrics: { run: multiclassFromRows },
  multiclassDetail: { run: multiclassDetail },
  regressionMetrics: { run: regressionFromRows },
  rankingMetrics: { run: rankingFromQueries },
  calibrationError: {
    run: (args) => {
      const { expected, maximum } = calibrationError(calibrationBins(scored(args), args.number('bins')), 1)
      return { expected: expected.value ?? expected, maximum }
    },
  },
  liftAtShare: {
    run: (args) => {
      const { rows, lift, capture } = liftAtShare(scoreHistograms(scored(args)), args.number('share'), 1)
      return { rows, lift: lift.value ?? lift, capture: capture.value ?? capture }
    },
  },
  deLong: {
    run: (args) => {
      const { value: auc, standardError } = aucOf(args)
      return { auc, standardError }
    },
  },
  deLongInterval: { run: deLongInterval },
  wilson: { run: (args) => wilson(args.number('successes'), args.number('trials'), args.number('confidence')) },
  clopperPearson: {
    run: (args) => clopperPearson(args.number('successes'), args.number('trials'), args.number('confidence')),
  },
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
  fairness: { run: fairnessFromRows },
  fairnessDetail: { run: fairnessFromRows },
}

/** Values alone, and those without one as they are. */
function valuesOf(metrics: Readonly<Record<string, Metric>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.value ?? metric]))
}

function scored(args: Arguments): ScoredRows {
  return { labels: args.numbers('labels'), scores: args.numbers('scores') }
}

function binaryFromRows(args: Arguments) {
  const outcomes = binaryOutcomes(scored(args), args.number('threshold'))
  return valuesOf(binaryMetrics(outcomes, { minimums: false, within: 'tied' }))
}

function confusion(args: Arguments): Confusion {
  return {
    truePositives: args.number('tp'),
    falsePositives: args.number('fp'),
    falseNegatives: args.number('fn'),
    trueNegatives: args.number('tn'),
  }
}

function aucOf(args: Arguments): { value: number; standardError: number } {
  const auc = rocAuc(scoreHistograms(scored(args)), 1)
  if (auc.value === null) throw new UndefinedStatisticError(auc.reason)
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

function classified(args: Arguments) {
  const rows = { classes: args.list('classes'), labels: args.list('labels'), predictions: args.list('predictions') }
  return multiclassOutcomes({ ...rows, probabilities: args.list('probabilities') as readonly (readonly number[])[] })
}

function multiclassFromRows(args: Arguments) {
  const outcomes = classified(args)
  const tops = Array.from(outcomes.ranks, (_, i) => [`top_${i + 1}_accuracy`, topAccuracy(outcomes.ranks, i + 1, 1)])
  return valuesOf({ ...multiclassMetrics(outcomes, { minimums: false }), ...Object.fromEntries(tops) })
}

function multiclassDetail(args: Arguments) {
  const outcomes = classified(args)
  const names = args.list('classes') as readonly string[]
  const perClass = perClassMetrics(outcomes, { minimums: false })
  return {
    ...valuesOf(multiclassMetrics(outcomes, { minimums: false })),
    confusion: names.map((_, k) => outcomes.confusion.slice(k * names.length, (k + 1) * names.length)),
    perClass: Object.fromEntries(
      perClass.map(({ support, ...metrics }, k) => [names[k] as string, { support, ...valuesOf(metrics) }]),
    ),
  }
}

function regressionFromRows(args: Arguments) {
  const rows = { labels: args.numbers('labels'), predictions: args.numbers('predictions') }
  const { unit, sums, relative, absoluteErrors } = regressionOutcomes(rows)
  const quantiles = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
  const { median, maximum } = absoluteErrorExtremes(absoluteErrors)
  return {
    ...valuesOf(inLabelUnit(regressionMetrics(sums, { relative, minimums: false }), unit)),
    ...valuesOf(Object.fromEntries(quantiles.map((q) => [`pinball_${q}`, inUnitsOf(unit, pinballLoss(sums, q, 1))]))),
    median_absolute_error: median,
    max_error: maximum,
  }
}

function inLabelUnit(metrics: Record<RegressionMetric, Metric>, unit: number): Record<RegressionMetric, Metric> {
  const { mae, mse, rmse, bias } = metrics
  return {
    ...metrics,
    mae: inUnitsOf(unit, mae),
    mse: inUnitsOf(unit ** 2, mse),
    rmse: inUnitsOf(unit, rmse),
    bias: inUnitsOf(unit, bias),
  }
}

function rankingFromQueries(args: Arguments) {
  const k = args.number('k')
  const qualities = args.list('queries').map((query) => rankQuery(query as RankedQuery, k))
  const judged = qualities.filter((quality) => quality !== null)
  const sums = (of: (quality: QueryQuality) => number) => lossSums(Float64Array.from(judged, of))
  const metrics = rankingMetrics(
    {
      ndcg: sums(({ ndcg }) => ndcg),
      averagePrecision: sums(({ averagePrecision }) => averagePrecision),
      reciprocalRank: sums(({ reciprocalRank }) => reciprocalRank),
      hit: sums(({ hit }) => hit),
    },
    1,
  )
  return { ...valuesOf(metrics), queries: judged.length }
}

function fairnessFromRows(args: Arguments) {
  const groups = args.list('groups') as readonly string[]
  const { metrics, selectionRate } = fairness(
    confusionsByGroup({ groups, labels: args.numbers('labels'), predictions: args.numbers('predictions') }),
  )
  return { ...valuesOf(metrics), selectionRate }
}
