// Alerts about models, for those who are told by Alertmanager. Leeway tells people by itself, with evidence, silences and buttons: one of
// the two is enough.

import { roomLeft } from './query.ts'
import type { Alert, Group } from './rule.ts'

const daemon = { job: 'leeway', instance: 'leeway:9464' }
const at = 'job="leeway",instance="leeway:9464"'
const model = { model: 'credit-risk', version: '7' }

interface AboutIncidents extends Pick<Alert, 'alert' | 'severity' | 'summary' | 'description' | 'runbook'> {
  readonly kind: string
  /** Of Leeway's severities. */
  readonly severities: string
  /** One that is none of them, or another kind. */
  readonly other: string
  readonly one: string
}

/**
 * Incidents rather than verdicts: an incident has waited for persistence, keeps within the budget of false alarms, and ends with
 * hysteresis. A scrape that fails does not end the alert.
 */
function aboutIncidents({ kind, severities, other, one, ...rest }: AboutIncidents): Alert {
  const series = (severity: string, of = kind) =>
    `leeway_incidents_active{${at},model="credit-risk",version="7",kind="${of}",severity="${severity}"}`
  return {
    ...rest,
    expr: `sum by (job, instance, model, version) (leeway_incidents_active{kind="${kind}", severity=~"${severities}"}) > 0`,
    for: '1m',
    fires: { series: { [series(one)]: '0x5 1x20' }, at: '20m', labels: { ...daemon, ...model }, value: '1' },
    quiet: { series: { [other.includes('/') ? series(one, other.slice(1)) : series(other)]: '1x20' }, at: '20m' },
  }
}

export const modelRules: readonly Group[] = [
  {
    name: 'leeway-models',
    recordings: [
      {
        record: 'model:leeway_performance_room:min',
        expr: `min by (job, instance, model, version) (\n${roomLeft('', '')}\n)`,
      },
      {
        record: 'model:leeway_features_drifted:ratio',
        expr: `max by (job, instance, model, version) (leeway_features_drifted / (leeway_features_monitored > 0))`,
      },
    ],
    alerts: [
      aboutIncidents({
        alert: 'ModelPerformanceDegraded',
        kind: 'performance',
        severities: 'alarm|critical',
        one: 'alarm',
        other: '/drift',
        severity: 'critical',
        summary: '{{ $labels.model }} {{ $labels.version }} is worse than it was in its reference',
        description:
          'Labels show it, with evidence, for long enough, and by more than the floor of the metric. Leeway has {{ $value }} such incident(s), with the metric, its interval and the likely cause.',
        runbook: 'a-model-is-worse',
      }),
      aboutIncidents({
        alert: 'ModelFeatureDrift',
        kind: 'drift',
        severities: 'alarm|critical',
        one: 'critical',
        other: 'warning',
        severity: 'warning',
        summary: 'Inputs or outputs of {{ $labels.model }} {{ $labels.version }} have drifted',
        description:
          'They are distributed otherwise than in the reference, evidently and by more than their thresholds. Whether predictions suffer from it, labels or estimates say. Leeway has {{ $value }} such incident(s), with the features that moved most.',
        runbook: 'inputs-have-drifted',
      }),
      aboutIncidents({
        alert: 'ModelPerformanceSuspected',
        kind: 'estimated',
        severities: 'warning|alarm|critical',
        one: 'warning',
        other: '/drift',
        severity: 'warning',
        summary:
          '{{ $labels.model }} {{ $labels.version }} is probably worse than it was: it is estimated, labels are still to come',
        description:
          'Performance is estimated from scores and inputs while labels are late, and the estimate has fallen under its threshold. Leeway has {{ $value }} such incident(s).',
        runbook: 'a-model-is-worse',
      }),
      aboutIncidents({
        alert: 'ModelDataFaulty',
        kind: 'quality',
        severities: 'warning|alarm|critical',
        one: 'alarm',
        other: '/volume',
        severity: 'warning',
        summary: 'Data of {{ $labels.model }} {{ $labels.version }} have more faults than they had',
        description:
          'More values are missing, outside the range, or of categories that the reference never saw. Mend the data first: what is said of drift and performance meanwhile is about faulty data. Leeway has {{ $value }} such incident(s).',
        runbook: 'data-are-faulty',
      }),
      aboutIncidents({
        alert: 'ModelVolumeUnusual',
        kind: 'volume',
        severities: 'warning|alarm|critical',
        one: 'alarm',
        other: '/quality',
        severity: 'warning',
        summary: '{{ $labels.model }} {{ $labels.version }} predicts unusually much or little',
        description:
          'The number of predictions of a window lies outside of what the reference and the time of the day lead to expect. Leeway has {{ $value }} such incident(s).',
        runbook: 'predictions-or-labels-do-not-come',
      }),
      aboutIncidents({
        alert: 'ModelNoPredictions',
        kind: 'no_data',
        severities: 'warning|alarm|critical',
        one: 'alarm',
        other: '/stale_labels',
        severity: 'critical',
        summary: 'No predictions of {{ $labels.model }} come',
        description:
          'None has come for as long as noData of the model (or of its source) says: nobody uses it, its log is broken, or Leeway does not reach it. Nothing is judged meanwhile. Leeway has {{ $value }} such incident(s).',
        runbook: 'predictions-or-labels-do-not-come',
      }),
      aboutIncidents({
        alert: 'ModelLabelsStale',
        kind: 'stale_labels',
        severities: 'warning|alarm|critical',
        one: 'warning',
        other: '/no_data',
        severity: 'warning',
        summary: 'Labels of {{ $labels.model }} have stopped, while predictions come',
        description:
          'None has come for as long as staleLabels of the model says. Performance cannot be judged without them; estimates go on. Leeway has {{ $value }} such incident(s).',
        runbook: 'predictions-or-labels-do-not-come',
      }),
    ],
  },
]
