// Is the model still as good as in the reference? Only a change for the worse alarms.

import { isCompared, measurePerformance, tailsOf, worsening, worseningStatistic } from '../reference/performance.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import type { WindowSpec } from '../windows/window.ts'
import { tooFew } from './drift.ts'
import { CLEAR_SHARE, judge, noiseOf, weigh } from './policy.ts'
import type { Floor, Subject, WatchSettings } from './subject.ts'
import { windowNoise } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** What matters when the configuration does not say: in the metric's unit, or as a share of the reference's value. */
const defaultFloors: Readonly<Record<string, Floor>> = {
  roc_auc: { drop: 0.03 },
  gini: { drop: 0.06 },
  ks: { drop: 0.05 },
  average_precision: { drop: 0.03 },
  accuracy: { drop: 0.03 },
  precision: { drop: 0.05 },
  recall: { drop: 0.05 },
  specificity: { drop: 0.05 },
  f1: { drop: 0.05 },
  f2: { drop: 0.05 },
  'f0.5': { drop: 0.05 },
  balanced_accuracy: { drop: 0.03 },
  mcc: { drop: 0.05 },
  cohen_kappa: { drop: 0.05 },
  jaccard: { drop: 0.05 },
  negative_predictive_value: { drop: 0.05 },
  false_positive_rate: { rise: 0.05 },
  gain: { drop: 0.05 },
  ece: { rise: 0.02 },
  precision_macro: { drop: 0.05 },
  recall_macro: { drop: 0.05 },
  f1_micro: { drop: 0.03 },
  f1_macro: { drop: 0.05 },
  f1_weighted: { drop: 0.05 },
  roc_auc_ovr_macro: { drop: 0.03 },
  roc_auc_ovr_weighted: { drop: 0.03 },
  top_k_accuracy: { drop: 0.03 },
  precision_micro: { drop: 0.05 },
  recall_micro: { drop: 0.05 },
  subset_accuracy: { drop: 0.05 },
  r2: { drop: 0.05 },
  explained_variance: { drop: 0.05 },
  // As much as 10 % of its root.
  mse: { share: 0.21 },
  // A share of the reference's RMSE, for the reference's own bias is near 0.
  bias: { share: 0.1 },
}

/** The floors of metrics for which the configuration gives none. */
export function defaultAlarms(metrics: readonly string[]): Record<string, Floor> {
  const compared = metrics.filter(isCompared)
  return Object.fromEntries(compared.map((metric) => [metric, defaultFloors[metric] ?? { share: 0.1 }]))
}

/** Labelled rows, and rows of the rarer class, below which performance may be shown but not alarm. */
const ROWS_TO_ALARM = 100
const RARER_CLASS_TO_ALARM = 50

export interface OutcomeCounts {
  readonly predicted: number
  readonly labelled: number
}

export function countOutcomes(outcomes: Float64Array): OutcomeCounts {
  return { predicted: outcomes[0] as number, labelled: outcomes[1] as number }
}

/** One verdict per metric. While the window is provisional they are shown, but say `insufficient`. */
export function judgePerformance(
  subject: Subject,
  spec: WindowSpec,
  outcomes: Float64Array,
  provisional: boolean,
): Verdict[] {
  const measured = measurePerformance(subject.reference.layout.outcomes, outcomes, subject.settings.metricOptions)
  const counts = countOutcomes(outcomes)
  const obstacle = provisional ? provisionalReason(counts, subject.settings) : tooFewToAlarm(subject, outcomes, counts)
  return subject.settings.metrics.map((metric) => {
    const value = measured[metric]
    if (value === undefined) throw new Error(`no metric is called ${metric}`)
    return judgeMetric(subject, spec, metric, value, obstacle)
  })
}

/** Why a provisional window is not judged. */
export function provisionalReason({ predicted, labelled }: OutcomeCounts, { minCoverage }: WatchSettings): string {
  return `provisional: ${labelled} of ${predicted} predictions are labelled, ${Math.ceil(minCoverage * predicted)} needed`
}

/** Why the window's performance may not alarm, or null. */
function tooFewToAlarm({ reference }: Subject, outcomes: Float64Array, { labelled }: OutcomeCounts): string | null {
  if (labelled < ROWS_TO_ALARM) return `${labelled} labelled rows, ${ROWS_TO_ALARM} needed to judge`
  const layout = reference.layout.outcomes
  if (layout.task !== 'binary') return null
  const cell = (i: number) => outcomes[layout.confusion + i] as number
  let positives = cell(0) + cell(2)
  let negatives = cell(1) + cell(3)
  if (positives + negatives === 0) {
    for (let bin = 0; bin < layout.scoreBins; bin++) {
      positives += outcomes[layout.positives + bin] as number
      negatives += outcomes[layout.negatives + bin] as number
    }
  }
  const rarer = Math.min(positives, negatives)
  return rarer < RARER_CLASS_TO_ALARM
    ? `${rarer} labelled rows of the rarer class, ${RARER_CLASS_TO_ALARM} needed to judge`
    : null
}

function judgeMetric(
  subject: Subject,
  spec: WindowSpec,
  metric: string,
  now: Metric,
  obstacle: string | null,
): Verdict {
  const monitor = `performance/${metric}`
  const identity = { monitor, kind: 'performance', feature: null, metric } as const
  const noise = noiseOf(windowNoise(subject, spec), monitor)
  const before = subject.performance[metric]
  const reference = before?.value ?? null
  if (now.value === null) return { ...tooFew(identity, now.reason, noise.calibrated), reference }
  const shown = { value: now.value, low: now.low, high: now.high, reference }
  if (!isCompared(metric))
    return { ...tooFew(identity, 'it is shown, not judged', noise.calibrated), ...shown, reference: null }
  if (before === undefined || before.value === null) {
    return { ...tooFew(identity, 'the reference has no labelled rows to compare with', noise.calibrated), ...shown }
  }
  if (obstacle !== null) return { ...tooFew(identity, obstacle, noise.calibrated), ...shown }
  const floor = floorOf(subject, metric, before.value)
  const statistic = worseningStatistic(metric, before, now)
  const test = { statistic, degrees: 1, share: 1, noise }
  // A change for the worse only is looked for, so the level of most metrics is that of one tail.
  const sides = 2 / tailsOf(metric)
  const evidence = weigh([test], spec, Math.min(1, sides * subject.budget.rate('performance', spec)))
  const strength = sizeOf(worsening(metric, before.value, now.value), floor)
  return {
    ...identity,
    ...judge(evidence, { size: strength, least: strength, severe: false }),
    // A model is well again when it is good, not when its badness is hard to prove.
    clear: strength < CLEAR_SHARE,
    ...shown,
    value: now.value,
    threshold: floor === null ? null : thresholdOf(metric, before.value, floor),
    effect: now.value - before.value,
    pValue: evidence.pValue / sides,
    calibrated: noise.calibrated,
  }
}

/** By how much the metric must get worse, in its own unit; null when it may not alarm. */
export function floorOf(
  { settings, performance }: Pick<Subject, 'settings' | 'performance'>,
  metric: string,
  reference: number,
): number | null {
  const floor = settings.alarms[metric]
  if (floor === undefined) return null
  if ('drop' in floor) return floor.drop
  if ('rise' in floor) return floor.rise
  const base = metric === 'bias' ? (performance['rmse']?.value ?? Math.abs(reference)) : Math.abs(reference)
  return floor.share * base
}

/** How often the floor goes into what a metric has lost; where the floor is 0 (a share of a reference of 0), any loss reaches it. */
export function sizeOf(worse: number, floor: number | null): number {
  return floor === null || !(worse > 0) ? 0 : worse / floor
}

/** The value at which the metric becomes an alarm. */
export function thresholdOf(metric: string, reference: number, floor: number): number {
  if (metric === 'bias') return Math.abs(reference) + floor
  return worsening(metric, 0, 1) > 0 ? reference + floor : reference - floor
}
