// The series that newest windows give, most important first: what is left when there may only be so many.

import { CONCEPT_DRIFT } from '../monitors/concept-drift.ts'
import type { Judged, Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'

/** One value of one metric. Label values belong to the metric's label names, in order. */
export interface Series {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Status as a number, for heat maps: 0 ok, 1 warning, 2 alarm, −1 insufficient. */
export const statusNumbers: Readonly<Record<Verdict['status'], number>> = {
  ok: 0,
  warning: 1,
  alarm: 2,
  insufficient: -1,
}

const qualityMetrics: Readonly<Record<string, string>> = {
  missing_ratio: 'leeway_feature_missing_ratio',
  unseen_ratio: 'leeway_feature_unseen_ratio',
  out_of_range_ratio: 'leeway_feature_out_of_range_ratio',
}

export interface Ranked extends Series {
  /** Smaller stays longer: whole-model series, then alarms, warnings, the rest. */
  readonly rank: number
}

/** What one window gives. */
export function seriesOf(result: WindowResult): Ranked[] {
  return [...modelSeries(result), ...result.verdicts.flatMap((verdict) => [...verdictSeries(result, verdict)])]
}

function* modelSeries(result: WindowResult): Iterable<Ranked> {
  const { model, version, window, samples, labelled, end, verdicts } = result
  const labels = { model, version, window }
  const drift = verdicts.filter(isFeatureDrift)
  const one = (metric: string, value: number): Ranked => ({ metric, labels, value, rank: 0 })
  yield one('leeway_window_samples', samples)
  yield one('leeway_window_end_timestamp_seconds', end / 1000)
  yield one('leeway_features_monitored', drift.length)
  yield one('leeway_features_drifted', drift.filter(({ status }) => status === 'alarm').length)
  yield one('leeway_model_calibrated', verdicts.every(({ calibrated }) => calibrated) ? 1 : 0)
  if (samples > 0) yield one('leeway_label_coverage_ratio', labelled / samples)
}

function isFeatureDrift({ monitor }: Verdict): boolean {
  return monitor.startsWith('drift/')
}

function* verdictSeries(result: WindowResult, verdict: Verdict): Iterable<Ranked> {
  const { model, version, window } = result
  const rank = { alarm: 1, warning: 2, ok: 3, insufficient: 4 }[verdict.status]
  const base = { model, version }
  switch (verdict.kind) {
    case 'drift':
      if (verdict.monitor.startsWith('multivariate/')) {
        yield* multivariateDrift(verdict, base, window, rank)
        return
      }
      yield* isFeatureDrift(verdict)
        ? featureDrift(verdict, { ...base, feature: verdict.feature ?? '' }, window, rank)
        : predictionDrift(verdict, base, window, rank)
      return
    case 'performance':
      yield* verdict.monitor === CONCEPT_DRIFT
        ? conceptDrift(verdict, base, window)
        : performanceSeries(verdict, base, window, 'realized')
      return
    case 'estimated':
      yield* performanceSeries(verdict, base, window, 'estimated')
      return
    case 'quality': {
      const metric = qualityMetrics[verdict.metric]
      if (metric !== undefined && verdict.value !== null)
        yield {
          metric,
          labels: { ...base, feature: verdict.feature ?? '', window },
          value: verdict.value,
          rank: rank + 3,
        }
      return
    }
    case 'volume':
      return
  }
}

function* featureDrift(verdict: Verdict, base: Record<string, string>, window: string, rank: number): Iterable<Ranked> {
  yield {
    metric: 'leeway_feature_drift_status',
    labels: { ...base, window },
    value: statusNumbers[verdict.status],
    rank,
  }
  if (verdict.status === 'insufficient') return
  for (const [method, value] of methodsOf(verdict))
    yield { metric: 'leeway_feature_drift', labels: { ...base, method, window }, value, rank }
  if (verdict.threshold !== null)
    yield {
      metric: 'leeway_feature_drift_threshold',
      labels: { ...base, method: verdict.metric, window },
      value: verdict.threshold,
      rank,
    }
  if (verdict.pValue !== null)
    yield { metric: 'leeway_feature_drift_p_value', labels: { ...base, window }, value: verdict.pValue, rank }
}

function* predictionDrift(
  verdict: Verdict,
  base: Record<string, string>,
  window: string,
  rank: number,
): Iterable<Ranked> {
  if (verdict.status === 'insufficient') return
  // A model may have two outputs (score and decision): the method says which.
  for (const [method, value] of methodsOf(verdict)) {
    yield {
      metric: 'leeway_prediction_drift',
      labels: { ...base, method: `${verdict.feature}/${method}`, window },
      value,
      rank,
    }
  }
  if (verdict.threshold !== null)
    yield {
      metric: 'leeway_prediction_drift_threshold',
      labels: { ...base, method: `${verdict.feature}/${verdict.metric}`, window },
      value: verdict.threshold,
      rank,
    }
}

function* multivariateDrift(
  verdict: Verdict,
  base: Record<string, string>,
  window: string,
  rank: number,
): Iterable<Ranked> {
  if (verdict.status === 'insufficient') return
  const labels = { ...base, method: verdict.metric, window }
  yield { metric: 'leeway_multivariate_drift', labels, value: verdict.value, rank }
  if (verdict.threshold !== null)
    yield { metric: 'leeway_multivariate_drift_threshold', labels, value: verdict.threshold, rank }
}

function* conceptDrift(verdict: Verdict, base: Record<string, string>, window: string): Iterable<Ranked> {
  if (verdict.status === 'insufficient') return
  const labels = { ...base, method: verdict.metric, window }
  yield { metric: 'leeway_concept_drift', labels, value: verdict.value, rank: 0 }
  if (verdict.threshold !== null)
    yield { metric: 'leeway_concept_drift_threshold', labels, value: verdict.threshold, rank: 0 }
}

function methodsOf(verdict: Judged): Array<[string, number]> {
  return Object.entries(verdict.methods ?? { [verdict.metric]: verdict.value })
}

function* performanceSeries(
  verdict: Verdict,
  base: Record<string, string>,
  window: string,
  kind: 'realized' | 'estimated',
): Iterable<Ranked> {
  const labels = { ...base, metric: verdict.metric, window, kind }
  if (verdict.value !== null) yield { metric: 'leeway_performance', labels, value: verdict.value, rank: 0 }
  if (verdict.low !== null) yield { metric: 'leeway_performance_low', labels, value: verdict.low, rank: 0 }
  if (verdict.high !== null) yield { metric: 'leeway_performance_high', labels, value: verdict.high, rank: 0 }
  if (verdict.status !== 'insufficient' && verdict.threshold !== null)
    yield { metric: 'leeway_performance_threshold', labels, value: verdict.threshold, rank: 0 }
  if (verdict.reference !== null)
    yield {
      metric: 'leeway_performance_reference',
      labels: { ...base, metric: verdict.metric },
      value: verdict.reference,
      rank: 0,
    }
}
