// Is Leeway itself well: does it read, judge, deliver, and has it room?

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Row } from './frame.ts'
import { annotation, daemonVariables, dashboard } from './frame.ts'
import {
  badFromOne,
  channelWords,
  doubtfulFromOne,
  muted,
  pausedWords,
  readingWords,
  reference,
  reloadWords,
  upWords,
} from './look.ts'
import type { LinesOptions } from './panel.ts'
import { bars, cells, lines, number, toUi } from './panel.ts'
import { meanOf, quantileOf, daemonScope as scope } from './query.ts'

const perSecond = (metric: string, by: string) => `sum by (${by}) (rate(${metric}{${scope}}[$__rate_interval]))`
/** Counted since a while: for what happens seldom. */
const lately = (metric: string, by: string) => `sum by (${by}) (increase(${metric}{${scope}}[$__rate_interval]))`

/** A metric that counts, the labels that stay, and the legend of what is counted. */
type Counted = readonly [metric: string, by: string, legend: string]
type CountedPanel = Pick<LinesOptions, 'title' | 'description' | 'width' | 'links'> & {
  readonly counts: readonly Counted[]
}

const flow = ({ counts, ...panel }: CountedPanel) =>
  lines({
    ...{ ...panel, unit: 'ops', min: 0 },
    targets: counts.map(([metric, by, legend]) => ({ expr: perSecond(metric, by), legend })),
  })
const seldom = ({ counts, ...panel }: CountedPanel) =>
  lines({
    ...{ ...panel, unit: 'short', min: 0 },
    targets: counts.map(([metric, by, legend]) => ({ expr: lately(metric, by), legend })),
  })

const system = [toUi('Open in Leeway', 'system')]

export function daemonDashboard(): Dashboard {
  return dashboard({
    uid: 'leeway-daemon',
    title: 'Leeway: daemon',
    description: 'Is Leeway itself well: does it read, judge and deliver, and has it room?',
    variables: daemonVariables(),
    annotations: [
      annotation('Starts', {
        color: muted,
        expr: `process_start_time_seconds{${scope}} * 1000`,
        title: 'Leeway was started',
        text: '{{instance}}',
        isTime: true,
      }),
      annotation('Reloads', {
        color: reference,
        expr: `leeway_config_last_reload_timestamp_seconds{${scope}} * 1000`,
        title: 'A configuration was put into force',
        text: '{{instance}}',
        isTime: true,
      }),
    ],
    page: 'system',
    rows: [isItWell(), reading(), lostOrWrong(), messages(), incidentsAndRetraining(), timeAndRoom()],
  })
}

function isItWell(): Row {
  return {
    title: 'Is it well?',
    height: 4,
    panels: [
      number({
        title: 'Up',
        description: 'Whether Prometheus reaches it; of several daemons, whether it reaches all.',
        unit: 'none',
        width: 3,
        words: upWords,
        links: system,
        targets: [{ expr: `min(up{${scope}})` }],
      }),
      number({
        title: 'Version',
        description: 'The version that runs; several while an upgrade is under way.',
        unit: 'none',
        width: 3,
        isName: true,
        targets: [{ expr: `count by (version) (leeway_build_info{${scope}})`, legend: '{{version}}' }],
      }),
      number({
        title: 'Started',
        description: 'When it was started; of several daemons, the one that was last.',
        unit: 'dateTimeFromNow',
        width: 3,
        targets: [{ expr: `max(process_start_time_seconds{${scope}}) * 1000` }],
      }),
      number({
        title: 'Configuration',
        description:
          'Whether the last reload was put into force. Refused: the one before is in force; the log says why.',
        unit: 'none',
        width: 3,
        words: reloadWords,
        links: system,
        targets: [{ expr: `min(leeway_config_last_reload_successful{${scope}})` }],
      }),
      number({
        title: 'Sources',
        description: 'Whether every source is read.',
        unit: 'none',
        width: 3,
        words: readingWords,
        links: system,
        targets: [{ expr: `min(leeway_source_reading{${scope}})` }],
      }),
      number({
        title: 'Halted partitions',
        description: 'Partitions of which nothing more is read until somebody says where to go on (leeway positions).',
        unit: 'none',
        width: 3,
        colours: badFromOne,
        links: system,
        targets: [{ expr: `sum(leeway_partition_halted{${scope}}) or vector(0)` }],
      }),
      number({
        title: 'Channels that take nothing',
        description: 'Channels that have failed again and again: what is to be told waits, for 72 hours at most.',
        unit: 'none',
        width: 3,
        colours: badFromOne,
        links: system,
        targets: [{ expr: `count(leeway_channel_state{${scope}} == 2) or vector(0)` }],
      }),
      number({
        title: 'Intake',
        description: 'Whether reading pauses although there is more: memory is short, or too many messages wait.',
        unit: 'none',
        width: 3,
        words: pausedWords,
        targets: [{ expr: `max(leeway_reading_paused{${scope}})` }],
      }),
    ],
  }
}

function reading(): Row {
  return {
    title: 'Reading',
    height: 8,
    panels: [
      flow({
        title: 'Predictions and labels',
        description: 'Events counted a second, of all models.',
        width: 8,
        counts: [
          ['leeway_predictions_total', 'instance', 'predictions, {{instance}}'],
          ['leeway_labels_total', 'instance', 'labels, {{instance}}'],
        ],
      }),
      lines({
        title: 'Lag',
        description:
          'Records that are not applied yet, by partition. It should go back to nearly nothing after each load.',
        unit: 'short',
        width: 8,
        min: 0,
        targets: [{ expr: `leeway_consumer_lag_records{${scope}}`, legend: '{{topic}}/{{partition}}' }],
      }),
      lines({
        title: 'Behind the clock',
        description:
          'How far the watermark is behind the clock: up to there, windows are judged. It grows while no predictions come, and is large where the past is read.',
        unit: 's',
        width: 8,
        targets: [{ expr: `time() - leeway_watermark_timestamp_seconds{${scope}}`, legend: '{{source}}' }],
      }),
      flow({
        title: 'Records that could not be used',
        description: 'By reason. Samples of them are in the quarantine.',
        width: 8,
        links: system,
        counts: [['leeway_records_rejected_total', 'reason', '{{reason}}']],
      }),
      flow({
        title: 'Events that do not count',
        description:
          'Late ones, those that were counted before, values of features that the reference does not have, what a limit kept out, records without a value, keys that mean nothing.',
        width: 8,
        counts: [
          ['leeway_late_events_total', 'model', '{{model}}: late'],
          ['leeway_duplicates_total', 'model, type', '{{model}}: {{type}} once more'],
          ['leeway_unknown_features_total', 'model', '{{model}}: unknown features'],
          ['leeway_over_limit_total', 'limit', 'over the limit: {{limit}}'],
          ['leeway_tombstones_total', 'instance', 'without a value'],
          ['leeway_unknown_keys_total', 'instance', 'unknown keys'],
        ],
      }),
      cells({
        title: 'Sources',
        description: 'Whether each source is read.',
        unit: 'none',
        width: 8,
        words: readingWords,
        links: system,
        targets: [{ expr: `leeway_source_reading{${scope}}`, legend: '{{source}}' }],
      }),
    ],
  }
}

function lostOrWrong(): Row {
  return {
    title: 'What was lost, or went wrong',
    height: 7,
    panels: [
      seldom({
        title: 'Records lost',
        description: 'Records that were never read and cannot be any more, by reason.',
        width: 6,
        links: system,
        counts: [['leeway_records_lost_total', 'source, reason', '{{source}}: {{reason}}']],
      }),
      seldom({
        title: 'Clients replaced',
        description: 'Clients of a source that failed or brought nothing, and were replaced.',
        width: 6,
        counts: [['leeway_source_reconnects_total', 'source', '{{source}}']],
      }),
      seldom({
        title: 'Clock and page',
        description: 'Times the wall clock was set, and series left out of /metrics because there were too many.',
        width: 6,
        counts: [
          ['leeway_clock_jumps_total', 'instance', 'clock set, {{instance}}'],
          ['leeway_series_dropped_total', 'instance', 'series left out, {{instance}}'],
        ],
      }),
      seldom({
        title: 'Let go',
        description:
          'Entries of the join dropped before their time because too many were kept, and rows of the state that were kept long enough.',
        width: 6,
        counts: [
          ['leeway_join_evicted_total', 'instance', 'join, before its time'],
          ['leeway_forgotten_total', 'what', '{{what}}'],
        ],
      }),
    ],
  }
}

function messages(): Row {
  return {
    title: 'Messages',
    height: 8,
    panels: [
      cells({
        title: 'Channels',
        description: 'Whether each channel takes messages.',
        unit: 'none',
        width: 8,
        words: channelWords,
        links: system,
        targets: [{ expr: `leeway_channel_state{${scope}}`, legend: '{{channel}}' }],
      }),
      lines({
        title: 'Messages that wait',
        description: 'Messages in the outbox.',
        unit: 'short',
        width: 8,
        min: 0,
        targets: [{ expr: `leeway_outbox_messages{${scope}}`, legend: '{{instance}}' }],
      }),
      lines({
        title: 'Oldest message',
        description: 'Age of the oldest message that is not delivered. After 72 hours it becomes a dead letter.',
        unit: 's',
        width: 8,
        min: 0,
        targets: [{ expr: `leeway_outbox_oldest_seconds{${scope}}`, legend: '{{instance}}' }],
      }),
      seldom({
        title: 'Attempts, by what came of them',
        description:
          'Attempts to deliver, and what became of messages without one: dead, suppressed, deferred, passed on.',
        width: 12,
        counts: [['leeway_notifications_total', 'channel, outcome', '{{channel}}: {{outcome}}']],
      }),
      seldom({
        title: 'Told in one, or without a chart',
        description: 'Messages that were told in one with others, and charts that could not be drawn.',
        width: 12,
        counts: [
          ['leeway_notifications_gathered_total', 'channel, how', '{{channel}}: {{how}}'],
          ['leeway_charts_failed_total', 'instance', 'charts that failed'],
        ],
      }),
    ],
  }
}

function incidentsAndRetraining(): Row {
  return {
    title: 'Incidents and retraining',
    height: 8,
    panels: [
      seldom({
        title: 'Incidents that began',
        description: 'Incidents that have fired, by kind.',
        width: 8,
        counts: [['leeway_incidents_total', 'kind', '{{kind}}']],
      }),
      seldom({
        title: 'Orchestrators asked',
        description: 'Attempts to ask for a run, by target and what came of them.',
        width: 8,
        counts: [['leeway_retrain_triggers_total', 'target, outcome', '{{target}}: {{outcome}}']],
      }),
      bars({
        title: 'Requests to retrain',
        description: 'Requests that are not at their end, by what they wait for.',
        unit: 'none',
        width: 4,
        colours: doubtfulFromOne,
        targets: [{ expr: `sum by (state) (leeway_retrain_requests{${scope}})`, legend: '{{state}}' }],
      }),
      lines({
        title: 'Time of a run',
        description: 'Mean time that retraining runs took which ended, by outcome.',
        unit: 's',
        width: 4,
        min: 0,
        targets: [{ expr: meanOf('leeway_retrain_run_seconds', scope, 'outcome'), legend: '{{outcome}}' }],
      }),
    ],
  }
}

function timeAndRoom(): Row {
  return {
    title: 'Time and room',
    height: 8,
    panels: [
      lines({
        title: 'Commits',
        description: 'Time of one commit: half of them, and 99 of 100, took at most so long.',
        unit: 's',
        width: 6,
        min: 0,
        targets: [
          { expr: quantileOf(0.5, 'leeway_commit_duration_seconds', scope), legend: 'median' },
          { expr: quantileOf(0.99, 'leeway_commit_duration_seconds', scope), legend: '99 %' },
        ],
      }),
      lines({
        title: 'Evaluations',
        description: 'Mean time to judge one window.',
        unit: 's',
        width: 6,
        min: 0,
        targets: [{ expr: meanOf('leeway_evaluation_duration_seconds', scope), legend: '{{instance}}' }],
      }),
      lines({
        title: 'Memory',
        description:
          'Memory used, of the nearer limit: of the process, or of its heap. Beyond 85 % it ends itself and asks to be started again.',
        unit: 'percentunit',
        width: 6,
        min: 0,
        max: 1,
        limit: 0.85,
        targets: [{ expr: `leeway_memory_used_ratio{${scope}}`, legend: '{{instance}}' }],
      }),
      lines({
        title: 'Disk',
        description: 'Size of the state, and what is free on its file system.',
        unit: 'bytes',
        width: 6,
        min: 0,
        targets: [
          { expr: `leeway_state_bytes{${scope}}`, legend: 'state, {{instance}}' },
          { expr: `leeway_state_free_bytes{${scope}}`, legend: 'free, {{instance}}' },
        ],
      }),
      lines({
        title: 'Waiting for the join',
        description: 'Predictions that wait for labels, and labels that wait for predictions.',
        unit: 'short',
        width: 5,
        min: 0,
        targets: [{ expr: `leeway_join_pending{${scope}}`, legend: '{{instance}}' }],
      }),
      lines({
        title: 'CPU',
        description: 'Seconds of CPU a second; of one core nearly all of it.',
        unit: 'percentunit',
        width: 5,
        min: 0,
        targets: [{ expr: `rate(process_cpu_seconds_total{${scope}}[$__rate_interval])`, legend: '{{instance}}' }],
      }),
      lines({
        title: 'Event loop',
        description: 'How late things happen that were to happen at once: 99 of 100 at most so late.',
        unit: 's',
        width: 5,
        min: 0,
        targets: [{ expr: `nodejs_eventloop_lag_p99_seconds{${scope}}`, legend: '{{instance}}' }],
      }),
      lines({
        title: 'HTTP',
        description: 'Requests a second by what was answered, and those that were not served, by reason.',
        unit: 'reqps',
        width: 5,
        min: 0,
        targets: [
          { expr: perSecond('leeway_http_requests_total', 'code'), legend: '{{code}}' },
          { expr: perSecond('leeway_http_refused_total', 'reason'), legend: 'refused: {{reason}}' },
        ],
      }),
      lines({
        title: 'Pages open',
        description: 'Pages of the UI that are kept up to date.',
        unit: 'none',
        width: 4,
        min: 0,
        targets: [{ expr: `leeway_live_connections{${scope}}`, legend: '{{instance}}' }],
      }),
    ],
  }
}
