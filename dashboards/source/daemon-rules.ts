// Alerts about Leeway itself: who is to hear of it when the one that tells people cannot?

import type { Alert, Group } from './rule.ts'
import { grown } from './rule.ts'

const daemon = { job: 'leeway', instance: 'leeway:9464' }
const at = 'job="leeway",instance="leeway:9464"'
/** The daemon was there before. */
const known = { [`leeway_build_info{${at},version="1"}`]: '1x200' }

/** A gauge that has a value it should not have. */
function gaugeIs(
  metric: string,
  labels: Readonly<Record<string, string>>,
  { bad, good, at: when }: { readonly bad: number; readonly good: number; readonly at: string },
): Pick<Alert, 'fires' | 'quiet'> {
  const inside = [at, ...Object.entries(labels).map(([name, value]) => `${name}="${value}"`)].join(',')
  return {
    fires: {
      series: { [`${metric}{${inside}}`]: `${good}x1 ${bad}x400` },
      at: when,
      labels: { ...daemon, ...labels },
      value: `${bad}`,
    },
    quiet: { series: { [`${metric}{${inside}}`]: `${bad}x1 ${good}x400` }, at: when },
  }
}

const reading: Group = {
  name: 'leeway-reading',
  recordings: [
    {
      record: 'topic:leeway_consumer_lag_records:sum',
      expr: 'sum by (job, instance, topic) (leeway_consumer_lag_records)',
    },
    {
      record: 'instance:leeway_records_rejected:ratio_rate15m',
      expr: `sum by (job, instance) (rate(leeway_records_rejected_total[15m]))
/ (
  sum by (job, instance) (rate(leeway_records_rejected_total[15m]))
  + sum by (job, instance) (rate(leeway_predictions_total[15m]))
  + sum by (job, instance) (rate(leeway_labels_total[15m]))
)`,
    },
  ],
  alerts: [
    {
      alert: 'LeewayDown',
      expr: 'up{job="leeway"} == 0 or absent(up{job="leeway"})',
      for: '3m',
      severity: 'critical',
      summary: 'Leeway cannot be reached: {{ $labels.job }} {{ $labels.instance }}',
      description:
        'Prometheus gets no metrics from it, or has no job called leeway. No model is watched until it is back; then it goes on where it was, and nothing is lost as long as Kafka keeps the records.',
      runbook: 'leeway-is-down-or-restarts',
      fires: { series: { 'up{job="leeway",instance="leeway:9464"}': '1x5 0x20' }, at: '15m', labels: daemon },
      quiet: { series: { 'up{job="leeway",instance="leeway:9464"}': '1x5 0x1 1x20' }, at: '15m' },
    },
    {
      alert: 'LeewayRestarts',
      expr: 'changes(process_start_time_seconds{job="leeway"}[1h]) > 3',
      severity: 'warning',
      summary: 'Leeway {{ $labels.instance }} was started {{ $value }} times within an hour',
      description:
        'Something makes it end: memory (exit code 75), its disk, or its configuration. Each time it goes on where it was.',
      runbook: 'leeway-is-down-or-restarts',
      fires: {
        series: { [`process_start_time_seconds{${at}}`]: '1000+300x10' },
        at: '10m',
        labels: daemon,
        value: '10',
      },
      quiet: { series: { [`process_start_time_seconds{${at}}`]: '1000x4 2000x20' }, at: '20m' },
    },
    {
      alert: 'LeewaySourceNotRead',
      expr: 'leeway_source_reading == 0',
      for: '10m',
      severity: 'critical',
      summary: 'Leeway does not read the source {{ $labels.source }}',
      description:
        'The broker is away, refuses it, or brings nothing. What is not read is not judged; it is read later.',
      runbook: 'a-source-is-not-read-or-lags',
      ...gaugeIs('leeway_source_reading', { source: 'production' }, { bad: 0, good: 1, at: '20m' }),
    },
    {
      alert: 'LeewayPartitionHalted',
      expr: 'leeway_partition_halted == 1',
      for: '1m',
      severity: 'critical',
      summary: 'Nothing more is read of {{ $labels.topic }}/{{ $labels.partition }} until somebody says where to go on',
      description:
        'Its records are not what they were: the topic was created anew or truncated, or a batch cannot be passed. No window of the source {{ $labels.source }} is judged meanwhile.',
      runbook: 'a-partition-is-halted',
      fires: {
        series: { [`leeway_partition_halted{${at},source="production",topic="predictions",partition="3"}`]: '1x20' },
        at: '10m',
        labels: { ...daemon, source: 'production', topic: 'predictions', partition: '3' },
      },
      quiet: {
        series: {
          [`leeway_partition_halted{${at},source="production",topic="predictions",partition="3"}`]: '1x4 stale',
        },
        at: '20m',
      },
    },
    {
      alert: 'LeewayConsumerLagHigh',
      expr: `topic:leeway_consumer_lag_records:sum > 10000
and deriv(topic:leeway_consumer_lag_records:sum[15m]) >= 0`,
      for: '15m',
      severity: 'warning',
      summary: 'Leeway is {{ printf "%.0f" $value }} records behind on {{ $labels.topic }}, and does not catch up',
      description: 'What it says of models is as old as that. A lag that shrinks is no reason to act.',
      runbook: 'a-source-is-not-read-or-lags',
      fires: {
        series: {
          [`leeway_consumer_lag_records{${at},topic="predictions",partition="0"}`]: '0+500x60',
          [`leeway_consumer_lag_records{${at},topic="predictions",partition="1"}`]: '0+500x60',
        },
        at: '45m',
        labels: { ...daemon, topic: 'predictions' },
        value: '45000',
      },
      quiet: {
        series: { [`leeway_consumer_lag_records{${at},topic="predictions",partition="0"}`]: '900000-10000x60' },
        at: '45m',
      },
    },
    {
      alert: 'LeewayEvaluationStale',
      expr: `sum by (job, instance) (increase(leeway_predictions_total[30m])) > 0
unless on (job, instance) changes(leeway_watermark_timestamp_seconds[30m]) > 0`,
      for: '30m',
      severity: 'warning',
      summary: 'Predictions come to Leeway {{ $labels.instance }}, and yet its time stands still: no window is judged',
      description:
        'The watermark of every source has not moved for half an hour. One partition holds it back, which is halted or brings old events, or all events carry the same time.',
      runbook: 'windows-are-not-judged',
      fires: {
        series: {
          [`leeway_predictions_total{${at},model="credit-risk",version="7"}`]: '0+60x90',
          [`leeway_watermark_timestamp_seconds{${at},source="production"}`]: '1000x90',
        },
        at: '80m',
        labels: daemon,
      },
      quiet: {
        series: {
          [`leeway_predictions_total{${at},model="credit-risk",version="7"}`]: '0+60x90',
          [`leeway_watermark_timestamp_seconds{${at},source="production"}`]: '1000+60x90',
        },
        at: '80m',
      },
    },
    {
      alert: 'LeewayReadingPaused',
      expr: 'leeway_reading_paused == 1',
      for: '10m',
      severity: 'warning',
      summary: 'Leeway {{ $labels.instance }} has stopped reading: {{ $labels.because }}',
      description:
        'It reads on by itself when there is memory again, or when channels take messages again. What is not read is read later.',
      runbook: 'how-much-memory',
      ...gaugeIs('leeway_reading_paused', { because: 'outbox' }, { bad: 1, good: 0, at: '20m' }),
    },
    {
      alert: 'LeewayQuarantineRate',
      expr: 'instance:leeway_records_rejected:ratio_rate15m > 0.01',
      for: '15m',
      severity: 'warning',
      summary:
        '{{ $value | humanizePercentage }} of the records that Leeway {{ $labels.instance }} reads cannot be used',
      description: 'They are in the quarantine, each with its reason. What is judged, is judged without them.',
      runbook: 'records-cannot-be-used',
      fires: {
        series: {
          [`leeway_records_rejected_total{${at},reason="bad_time"}`]: '0+10x60',
          [`leeway_predictions_total{${at},model="credit-risk",version="7"}`]: '0+60x60',
          [`leeway_labels_total{${at},model="credit-risk"}`]: '0+30x60',
        },
        at: '50m',
        labels: daemon,
        value: '10%',
      },
      quiet: {
        series: {
          [`leeway_records_rejected_total{${at},reason="bad_time"}`]: '0+1x60',
          [`leeway_predictions_total{${at},model="credit-risk",version="7"}`]: '0+600x60',
          [`leeway_labels_total{${at},model="credit-risk"}`]: '0+30x60',
        },
        at: '50m',
      },
    },
    {
      alert: 'LeewayRecordsLost',
      expr: grown('leeway_records_lost_total', '', 'source, topic, reason', '30m'),
      severity: 'critical',
      summary: 'Records of {{ $labels.topic }} are gone that Leeway had not read ({{ $labels.reason }})',
      description:
        'Windows that needed them are judged without them, and nothing brings them back. Their offsets are in the quarantine.',
      runbook: 'a-partition-is-halted',
      fires: {
        series: {
          ...known,
          [`leeway_records_lost_total{${at},source="production",topic="predictions",partition="0",reason="retention"}`]:
            '_x40 120x60',
        },
        at: '50m',
        labels: { ...daemon, source: 'production', topic: 'predictions', reason: 'retention' },
      },
      quiet: {
        series: {
          ...known,
          [`leeway_records_lost_total{${at},source="production",topic="predictions",partition="0",reason="retention"}`]:
            '120x100',
        },
        at: '50m',
      },
    },
    {
      alert: 'LeewayEventsLate',
      expr: `sum by (job, instance, model) (rate(leeway_late_events_total[1h]))
/ sum by (job, instance, model) (rate(leeway_predictions_total[1h])) > 0.05`,
      for: '30m',
      severity: 'warning',
      summary: 'Predictions of {{ $labels.model }} come too late to count',
      description:
        'So many as {{ $value | humanizePercentage }} of those that count came after the allowed lateness, and are in no window. Windows are judged without them.',
      runbook: 'events-come-late',
      fires: {
        series: {
          [`leeway_late_events_total{${at},model="credit-risk",version="7"}`]: '0+10x120',
          [`leeway_predictions_total{${at},model="credit-risk",version="7"}`]: '0+100x120',
        },
        at: '110m',
        labels: { ...daemon, model: 'credit-risk' },
        value: '10%',
      },
      quiet: {
        series: {
          [`leeway_late_events_total{${at},model="credit-risk",version="7"}`]: '0+1x120',
          [`leeway_predictions_total{${at},model="credit-risk",version="7"}`]: '0+100x120',
        },
        at: '110m',
      },
    },
    {
      alert: 'LeewayLimitReached',
      expr: grown('leeway_over_limit_total', '', 'model, limit', '1h'),
      severity: 'warning',
      summary: 'A limit of Leeway {{ $labels.instance }} is reached: {{ $labels.limit }}',
      description:
        'What is beyond it is counted together, or let go. Often versions or classes are made up by a producer.',
      runbook: 'a-limit-is-reached',
      fires: {
        series: { ...known, [`leeway_over_limit_total{${at},limit="versions",model="credit-risk"}`]: '_x70 4x60' },
        at: '90m',
        labels: { ...daemon, model: 'credit-risk', limit: 'versions' },
      },
      quiet: {
        series: { ...known, [`leeway_over_limit_total{${at},limit="versions",model="credit-risk"}`]: '4x130' },
        at: '90m',
      },
    },
    {
      alert: 'LeewayJoinEvicts',
      expr: 'increase(leeway_join_evicted_total[1h]) > 0',
      severity: 'warning',
      summary: 'Leeway {{ $labels.instance }} lets predictions go before their labels are due',
      description:
        'More wait for the join than LEEWAY_JOIN_ENTRIES_MAX allows. Their labels will find nothing, and performance is judged from what is left.',
      runbook: 'a-limit-is-reached',
      fires: { series: { [`leeway_join_evicted_total{${at}}`]: '0x10 5+5x100' }, at: '60m', labels: daemon },
      quiet: { series: { [`leeway_join_evicted_total{${at}}`]: '7x110' }, at: '60m' },
    },
  ],
}

const telling: Group = {
  name: 'leeway-telling',
  alerts: [
    {
      alert: 'LeewayChannelClosed',
      expr: 'leeway_channel_state == 2',
      for: '15m',
      severity: 'critical',
      summary: 'The channel {{ $labels.channel }} of Leeway takes no messages',
      description:
        'It has failed again and again. Messages wait, for 72 hours at most, and are told together when it works again. Until then incidents are told by this alert alone.',
      runbook: 'messages-do-not-arrive',
      ...gaugeIs('leeway_channel_state', { channel: 'ml-team' }, { bad: 2, good: 0, at: '30m' }),
    },
    {
      alert: 'LeewayNotificationsFailing',
      expr: grown('leeway_notifications_total', 'outcome="dead"', 'channel', '1h'),
      severity: 'critical',
      summary: 'Messages to {{ $labels.channel }} were given up',
      description:
        'Refused for good, or out of time: whoever should have been told was not, unless the channel has a fallback.',
      runbook: 'messages-do-not-arrive',
      fires: {
        series: { ...known, [`leeway_notifications_total{${at},channel="ml-team",outcome="dead"}`]: '_x70 1x60' },
        at: '90m',
        labels: { ...daemon, channel: 'ml-team' },
      },
      quiet: {
        series: { ...known, [`leeway_notifications_total{${at},channel="ml-team",outcome="delivered"}`]: '0+1x130' },
        at: '90m',
      },
    },
    {
      alert: 'LeewayMessagesWait',
      expr: 'leeway_outbox_oldest_seconds > 3600',
      for: '10m',
      severity: 'warning',
      summary: 'A message of Leeway {{ $labels.instance }} has waited for {{ $value | humanizeDuration }}',
      description: 'A channel is slow, closed, or held by its rate. Messages that are deferred on purpose count, too.',
      runbook: 'messages-do-not-arrive',
      fires: {
        series: { [`leeway_outbox_oldest_seconds{${at}}`]: '0+60x100' },
        at: '80m',
        labels: daemon,
        value: '1h 20m 0s',
      },
      quiet: { series: { [`leeway_outbox_oldest_seconds{${at}}`]: '3000+60x20 0x60' }, at: '40m' },
    },
    {
      alert: 'LeewayRetrainFailed',
      expr: grown('leeway_retrain_run_seconds_count', 'outcome="failed"', 'model, target', '1h'),
      severity: 'warning',
      summary: 'A run that was to retrain {{ $labels.model }} has failed',
      description:
        'Leeway asked {{ $labels.target }} for it and followed it to its end. The model is what it was; nothing asks again by itself for the same incident.',
      runbook: 'a-retraining-run-failed-or-is-unclear',
      fires: {
        series: {
          ...known,
          [`leeway_retrain_run_seconds_count{${at},model="credit-risk",target="airflow",outcome="failed"}`]:
            '_x70 1x60',
        },
        at: '90m',
        labels: { ...daemon, model: 'credit-risk', target: 'airflow' },
      },
      quiet: {
        series: {
          ...known,
          [`leeway_retrain_run_seconds_count{${at},model="credit-risk",target="airflow",outcome="succeeded"}`]:
            '_x70 1x60',
        },
        at: '90m',
      },
    },
    {
      alert: 'LeewayRetrainUnclear',
      expr: 'leeway_retrain_requests{state="unknown"} > 0',
      for: '10m',
      severity: 'warning',
      summary: 'Whether a run that retrains {{ $labels.model }} has begun is unclear',
      description:
        'The orchestrator did not answer clearly, and a second call could begin a second run: a person has to look, and say so. Nothing else is asked for {{ $labels.model }} meanwhile.',
      runbook: 'a-retraining-run-failed-or-is-unclear',
      ...gaugeIs('leeway_retrain_requests', { model: 'credit-risk', state: 'unknown' }, { bad: 1, good: 0, at: '20m' }),
    },
    {
      alert: 'LeewayRetrainAwaitsApproval',
      expr: 'leeway_retrain_requests{state="awaiting_approval"} > 0',
      for: '4h',
      severity: 'warning',
      summary: 'A request to retrain {{ $labels.model }} has waited four hours for somebody to say yes or no',
      description: 'It expires in the end. Approve or refuse it in the UI, in Slack, or by leeway retraining.',
      runbook: 'a-retraining-run-failed-or-is-unclear',
      ...gaugeIs(
        'leeway_retrain_requests',
        { model: 'credit-risk', state: 'awaiting_approval' },
        { bad: 1, good: 0, at: '5h' },
      ),
    },
  ],
}

const GIB = 2 ** 30

const room: Group = {
  name: 'leeway-room',
  recordings: [
    {
      record: 'instance:leeway_commit_duration_seconds:p99_rate15m',
      expr: 'histogram_quantile(0.99, sum by (job, instance, le) (rate(leeway_commit_duration_seconds_bucket[15m])))',
    },
  ],
  alerts: [
    {
      alert: 'LeewayDiskNearlyFull',
      expr: `leeway_state_free_bytes < ${GIB} or predict_linear(leeway_state_free_bytes[6h], 86400) < 0`,
      for: '15m',
      severity: 'warning',
      summary: 'The disk of Leeway {{ $labels.instance }} is nearly full, or will be within a day',
      description: 'When it is full, nothing more is read until there is room; nothing is lost.',
      runbook: 'the-disk-is-full',
      fires: {
        series: { [`leeway_state_free_bytes{${at}}`]: `${20 * GIB}-${GIB / 32}x300` },
        at: '1h',
        labels: daemon,
      },
      quiet: { series: { [`leeway_state_free_bytes{${at}}`]: `${20 * GIB}x300` }, at: '1h' },
    },
    {
      alert: 'LeewayMemoryNearLimit',
      expr: 'leeway_memory_used_ratio > 0.8',
      for: '10m',
      severity: 'warning',
      summary: 'Leeway {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory',
      description: 'Near the limit it stops reading, and beyond 85 % it ends itself with code 75 to be started again.',
      runbook: 'how-much-memory',
      fires: { series: { [`leeway_memory_used_ratio{${at}}`]: '0.83x30' }, at: '20m', labels: daemon, value: '83%' },
      quiet: { series: { [`leeway_memory_used_ratio{${at}}`]: '0.83x5 0.5x30' }, at: '20m' },
    },
    {
      alert: 'LeewayCommitsSlow',
      expr: 'instance:leeway_commit_duration_seconds:p99_rate15m > 1',
      for: '15m',
      severity: 'warning',
      summary: 'One in a hundred commits of Leeway {{ $labels.instance }} takes more than a second',
      description: 'Its disk is slow, or others use it. Reading is as slow as commits are.',
      runbook: 'commits-are-slow',
      fires: {
        series: {
          [`leeway_commit_duration_seconds_bucket{${at},le="1"}`]: '0+50x60',
          [`leeway_commit_duration_seconds_bucket{${at},le="5"}`]: '0+60x60',
          [`leeway_commit_duration_seconds_bucket{${at},le="+Inf"}`]: '0+60x60',
        },
        at: '50m',
        labels: daemon,
      },
      quiet: {
        series: {
          [`leeway_commit_duration_seconds_bucket{${at},le="1"}`]: '0+60x60',
          [`leeway_commit_duration_seconds_bucket{${at},le="5"}`]: '0+60x60',
          [`leeway_commit_duration_seconds_bucket{${at},le="+Inf"}`]: '0+60x60',
        },
        at: '50m',
      },
    },
    {
      alert: 'LeewayConfigReloadRefused',
      expr: 'leeway_config_last_reload_successful == 0',
      for: '5m',
      severity: 'warning',
      summary: 'Leeway {{ $labels.instance }} has refused its new configuration',
      description:
        'It goes on with the one before, and would not start with this one. The log says what is wrong with it, and so does leeway check.',
      runbook: 'a-configuration-is-refused',
      ...gaugeIs('leeway_config_last_reload_successful', {}, { bad: 0, good: 1, at: '20m' }),
    },
    {
      alert: 'LeewaySeriesDropped',
      expr: 'increase(leeway_series_dropped_total[15m]) > 0',
      for: '15m',
      severity: 'warning',
      summary: 'Leeway {{ $labels.instance }} leaves series out of /metrics',
      description:
        'There are more than LEEWAY_SERIES_MAX. Alarms and warnings are kept; dashboards lack the rest. The UI has all of it.',
      runbook: 'a-limit-is-reached',
      fires: { series: { [`leeway_series_dropped_total{${at}}`]: '0+500x60' }, at: '40m', labels: daemon },
      quiet: { series: { [`leeway_series_dropped_total{${at}}`]: '700x60' }, at: '40m' },
    },
    {
      alert: 'LeewayClockJumped',
      expr: 'increase(leeway_clock_jumps_total[1h]) > 0',
      severity: 'warning',
      summary: 'The clock of Leeway {{ $labels.instance }} was set by more than five seconds',
      description:
        'Deliveries, silences and schedules go by the wall clock; windows do not. Look at the time service of the machine.',
      runbook: 'the-clock-was-set',
      fires: { series: { [`leeway_clock_jumps_total{${at}}`]: '0x10 1x60' }, at: '30m', labels: daemon },
      quiet: { series: { [`leeway_clock_jumps_total{${at}}`]: '1x90' }, at: '80m' },
    },
  ],
}

export const daemonRules: readonly Group[] = [reading, telling, room]
