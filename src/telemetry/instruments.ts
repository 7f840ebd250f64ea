// The metrics of the daemon itself: name, help, labels. Those about windows are in `window-gauges.ts`. A metric that is added here, or
// there, comes into docs/metrics.md by `npm run dashboards`.

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { storedCounters } from './stored-counters.ts'
import { windowGauges } from './window-gauges.ts'

export interface MetricDefinition {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/** Not in the registry: it tells of the very page that it stands on. */
export const seriesDropped: MetricDefinition = {
  name: 'leeway_series_dropped_total',
  type: 'counter',
  help: 'Series left out of the page because there were too many',
  labels: [],
}

/** All metrics of the page but those of the Node process, in the order of the page. */
export function metricDefinitions(): readonly MetricDefinition[] {
  const { definitions } = createInstruments(new Registry())
  return [
    ...definitions,
    seriesDropped,
    ...windowGauges.map(([name, help, labels]): MetricDefinition => ({ name, type: 'gauge', help, labels })),
  ]
}

export function createInstruments(registry: Registry) {
  const definitions: MetricDefinition[] = []
  const made = (type: MetricDefinition['type'], name: string, help: string, labels: readonly string[]) => {
    definitions.push({ name, type, help, labels })
    return { name, help, labelNames: [...labels], registers: [registry] }
  }
  const gauge = (name: string, help: string, labels: readonly string[] = []) =>
    new Gauge(made('gauge', name, help, labels))
  const counter = (name: string, help: string, labels: readonly string[] = []) =>
    new Counter(made('counter', name, help, labels))
  const histogram = (name: string, help: string, buckets: number[], labels: readonly string[] = []) =>
    new Histogram({ ...made('histogram', name, help, labels), buckets })

  return {
    definitions,
    buildInfo: gauge('leeway_build_info', 'Version of leeway', ['version']),
    uiInfo: gauge('leeway_ui_info', 'Where people reach this daemon, for links to its UI (LEEWAY_PUBLIC_URL)', ['url']),
    modelInfo: gauge('leeway_model_info', 'Models under watch', ['model', 'task']),

    pullCounters: storedCounters(counter),

    halted: gauge(
      'leeway_partition_halted',
      '1 where nothing more is read until somebody says where to go on (leeway positions)',
      ['source', 'topic', 'partition'],
    ),
    paused: gauge('leeway_reading_paused', '1 while nothing is read although there is more: memory, or outbox', [
      'because',
    ]),
    memory: gauge('leeway_memory_used_ratio', 'Memory used, of the nearer limit: of the process, or of its heap'),

    active: gauge('leeway_incidents_active', 'Incidents that fire or clear', ['model', 'version', 'kind', 'severity']),
    clearing: gauge(
      'leeway_incidents_clearing',
      'Of those, incidents that are under their thresholds of late, though not for long enough to be over',
      ['model', 'version', 'kind', 'severity'],
    ),
    incidents: counter('leeway_incidents_total', 'Incidents that have fired', ['model', 'version', 'kind']),
    notifications: counter(
      'leeway_notifications_total',
      'Attempts to deliver a message, and what became of messages without one: dead, suppressed, deferred, passed_on',
      ['channel', 'outcome'],
    ),
    gathered: counter(
      'leeway_notifications_gathered_total',
      'Messages that were told in one with others: collapsed (of one incident), grouped (of many)',
      ['channel', 'how'],
    ),
    queuedMessages: gauge('leeway_outbox_messages', 'Messages that wait for delivery'),
    channelState: gauge('leeway_channel_state', '0: the channel takes messages; 1: it is tried; 2: it takes none', [
      'channel',
    ]),
    chartFailures: counter(
      'leeway_charts_failed_total',
      'Charts that could not be drawn, and were left out of a message',
    ),
    oldest: gauge('leeway_outbox_oldest_seconds', 'Age of the oldest message that is not delivered'),

    triggers: counter('leeway_retrain_triggers_total', 'Attempts to ask for a retraining run', [
      'model',
      'version',
      'target',
      'outcome',
    ]),
    lastTrigger: gauge('leeway_retrain_last_timestamp_seconds', 'When a retraining run was last asked for', [
      'model',
      'version',
    ]),
    requests: gauge('leeway_retrain_requests', 'Retraining requests that are not at their end', ['model', 'state']),
    automationStopped: gauge('leeway_retrain_automation_stopped', '1 where people have stopped the automation', [
      'model',
    ]),
    runs: histogram(
      'leeway_retrain_run_seconds',
      'Time that retraining runs took',
      [60, 300, 900, 1_800, 3_600, 10_800, 21_600, 86_400],
      ['model', 'target', 'outcome'],
    ),

    lag: gauge('leeway_consumer_lag_records', 'Records that are not applied yet', ['topic', 'partition']),
    watermark: gauge('leeway_watermark_timestamp_seconds', 'Event time up to which the source is taken as complete', [
      'source',
    ]),
    sourceReading: gauge('leeway_source_reading', 'Whether the source is being read (1) or something is wrong (0)', [
      'source',
    ]),
    reconnects: counter(
      'leeway_source_reconnects_total',
      'Clients of a source that failed, or brought nothing, and were replaced',
      ['source'],
    ),
    pending: gauge('leeway_join_pending', 'Entries kept for the join of predictions and labels'),
    stateBytes: gauge('leeway_state_bytes', 'Size of the database and its write-ahead log'),
    freeBytes: gauge('leeway_state_free_bytes', 'Free space on the file system of the state directory'),
    reloadSuccessful: gauge(
      'leeway_config_last_reload_successful',
      'Whether the last reload of the configuration was put into force (1) or refused (0); 1 after the start',
    ),
    reloadedAt: gauge(
      'leeway_config_last_reload_timestamp_seconds',
      'When a configuration was last put into force, by the start or by a reload',
    ),
    httpRequests: counter('leeway_http_requests_total', 'HTTP requests that were answered', ['method', 'code']),
    httpRefused: counter(
      'leeway_http_refused_total',
      'HTTP requests and connections that were not served: unauthenticated, forbidden, cross_site, host, rate, body, malformed, slow, connections, busy',
      ['reason'],
    ),
    liveConnections: gauge('leeway_live_connections', 'Pages that are kept up to date (/api/v1/live)'),
    delay: histogram(
      'leeway_label_delay_seconds',
      'Time from a prediction to its label',
      [60, 600, 3_600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000, 7_776_000],
      ['model', 'version'],
    ),
    evaluation: histogram(
      'leeway_evaluation_duration_seconds',
      'Time to evaluate one window, with its segments',
      [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1],
    ),
    commit: histogram(
      'leeway_commit_duration_seconds',
      'Time of one commit',
      [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    ),
    clockJumps: counter(
      'leeway_clock_jumps_total',
      'Times the wall clock was set by more than 5 s while the process ran, or was behind the stored state at its start',
    ),
  }
}
