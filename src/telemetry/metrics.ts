// What Prometheus can scrape. Everything about windows and counts is pulled when it is asked for: nothing is counted twice, and
// what no longer is leaves the page.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Incident } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { CounterRow } from '../store/changes.ts'
import type { Instant, Millis } from '../time.ts'
import { windowSeries } from './series.ts'
import { storedCounters } from './stored-counters.ts'
import { gaugesText, safeLabels, withinSeries } from './text-page.ts'
import { windowGauges } from './window-gauges.ts'

/** What the metrics are read from, at the moment of a scrape. */
export interface MetricsSource {
  readonly version: string
  models(): ReadonlyArray<{ readonly name: string; readonly task: string }>
  latestResults(): readonly WindowResult[]
  counters(): readonly CounterRow[]
  openIncidents(): readonly Incident[]
  /** Requests with something left to be done; the models that can be retrained, and those whose automation is stopped. */
  retraining(): {
    readonly open: ReadonlyArray<{ readonly model: string; readonly state: string }>
    readonly models: readonly string[]
    readonly stopped: readonly string[]
  }
  joinPending(): number
  /** Of the state directory. */
  space(): { readonly stateBytes: number; readonly freeBytes: number }
  oldestQueuedAt(): Instant | undefined
  /** Messages that wait. */
  queued(): number
  /** By channel: 0 takes messages, 1 is tried, 2 takes none. */
  channelStates(): ReadonlyMap<string, 0 | 1 | 2>
  progress(): ReadonlyArray<{
    readonly source: string
    readonly watermark: Instant | undefined
    readonly partitions: ReadonlyArray<{
      readonly topic: string
      readonly partition: number
      readonly nextOffset: number
      readonly endOffset: number
    }>
  }>
  /** Why reading pauses, and how much of the nearer limit of memory is used. */
  intake(): { readonly pausedBy: readonly string[]; readonly memoryShare: number }
  now(): Instant
}

export interface Metrics {
  evaluated(durationMs: Millis): void
  committed(durationMs: Millis): void
  labelDelay(model: string, version: string, delayMs: Millis): void
  clockJumped(): void
  /** A chart was left out of a message. */
  chartFailed(): void
  /** Whether a source is being read; null when it is none any more. */
  sourceReads(source: string, reads: boolean | null): void
  /** A source took a new client for one that had failed. */
  sourceReconnected(source: string): void
  incidentOpened(model: string, version: string, kind: string): void
  delivery(channel: string, outcome: string): void
  /** So many messages were told in one. */
  gathered(channel: string, kind: 'collapsed' | 'grouped', messages: number): void
  /** Whether nothing more is read from a partition. */
  halted(place: { source: string; topic: string; partition: number }, isHalted: boolean): void
  /** An orchestrator was asked for a run. */
  retraining(model: string, version: string, target: string, outcome: string, at: Instant): void
  retrainingEnded(model: string, target: string, outcome: string, durationMs: Millis): void
  /** A reload of the configuration has ended. */
  reloaded(successful: boolean, at: Instant): void
  httpAnswered(method: string, status: number): void
  /** A request or a connection was not served, and why. */
  httpRefused(reason: string): void
  /** So many pages are kept up to date now. */
  httpStreams(open: number): void
  /** The page, in the text format. */
  page(): Promise<string>
  readonly contentType: string
}

/** Those that are counted under their own name: anybody can invent more. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'OPTIONS']

/** Written by hand: it tells of the very page that it stands on. */
function droppedText(dropped: number): string {
  const name = 'leeway_series_dropped_total'
  return `# HELP ${name} Series left out of the page because there were too many\n# TYPE ${name} counter\n${name} ${dropped}\n`
}

export function createMetrics(source: MetricsSource, { seriesMax }: { seriesMax: number }): Metrics {
  const registry = new Registry()
  const own = { registers: [registry] }
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], ...own })
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name, help, labelNames: [...labelNames], ...own })
  collectDefaultMetrics({ register: registry })

  gauge('leeway_build_info', 'Version of leeway', ['version']).set({ version: source.version }, 1)
  const modelInfo = gauge('leeway_model_info', 'Models under watch', ['model', 'task'])
  let droppedSeries = 0

  const pullCounters = storedCounters(counter)

  const halted = gauge(
    'leeway_partition_halted',
    '1 where nothing more is read until somebody says where to go on (leeway positions)',
    ['source', 'topic', 'partition'],
  )
  const paused = gauge('leeway_reading_paused', '1 while nothing is read although there is more: memory, or outbox', [
    'because',
  ])
  const memory = gauge('leeway_memory_used_ratio', 'Memory used, of the nearer limit: of the process, or of its heap')

  const active = gauge('leeway_incidents_active', 'Incidents that fire or clear', [
    'model',
    'version',
    'kind',
    'severity',
  ])
  const clearing = gauge(
    'leeway_incidents_clearing',
    'Of those, incidents that are under their thresholds of late, though not for long enough to be over',
    ['model', 'version', 'kind', 'severity'],
  )
  const incidents = counter('leeway_incidents_total', 'Incidents that have fired', ['model', 'version', 'kind'])
  const notifications = counter(
    'leeway_notifications_total',
    'Attempts to deliver a message, and what became of messages without one: dead, suppressed, deferred, passed_on',
    ['channel', 'outcome'],
  )
  const gathered = counter(
    'leeway_notifications_gathered_total',
    'Messages that were told in one with others: collapsed (of one incident), grouped (of many)',
    ['channel', 'how'],
  )
  const queuedMessages = gauge('leeway_outbox_messages', 'Messages that wait for delivery')
  const channelState = gauge(
    'leeway_channel_state',
    '0: the channel takes messages; 1: it is tried; 2: it takes none',
    ['channel'],
  )
  const chartFailures = counter(
    'leeway_charts_failed_total',
    'Charts that could not be drawn, and were left out of a message',
  )
  const oldest = gauge('leeway_outbox_oldest_seconds', 'Age of the oldest message that is not delivered')
  const triggers = counter('leeway_retrain_triggers_total', 'Attempts to ask for a retraining run', [
    'model',
    'version',
    'target',
    'outcome',
  ])
  const lastTrigger = gauge('leeway_retrain_last_timestamp_seconds', 'When a retraining run was last asked for', [
    'model',
    'version',
  ])
  const requests = gauge('leeway_retrain_requests', 'Retraining requests that are not at their end', ['model', 'state'])
  const automationStopped = gauge('leeway_retrain_automation_stopped', '1 where people have stopped the automation', [
    'model',
  ])
  const runs = new Histogram({
    name: 'leeway_retrain_run_seconds',
    help: 'Time that retraining runs took',
    labelNames: ['model', 'target', 'outcome'],
    buckets: [60, 300, 900, 1_800, 3_600, 10_800, 21_600, 86_400],
    ...own,
  })
  const lag = gauge('leeway_consumer_lag_records', 'Records that are not applied yet', ['topic', 'partition'])
  const watermark = gauge(
    'leeway_watermark_timestamp_seconds',
    'Event time up to which the source is taken as complete',
    ['source'],
  )
  const sourceReading = gauge(
    'leeway_source_reading',
    'Whether the source is being read (1) or something is wrong (0)',
    ['source'],
  )
  const reconnects = counter(
    'leeway_source_reconnects_total',
    'Clients of a source that failed, or brought nothing, and were replaced',
    ['source'],
  )
  const pending = gauge('leeway_join_pending', 'Entries kept for the join of predictions and labels')
  const stateBytes = gauge('leeway_state_bytes', 'Size of the database and its write-ahead log')
  const freeBytes = gauge('leeway_state_free_bytes', 'Free space on the file system of the state directory')
  const reloadSuccessful = gauge(
    'leeway_config_last_reload_successful',
    'Whether the last reload of the configuration was put into force (1) or refused (0); 1 after the start',
  )
  const reloadedAt = gauge(
    'leeway_config_last_reload_timestamp_seconds',
    'When a configuration was last put into force, by the start or by a reload',
  )
  const httpRequests = counter('leeway_http_requests_total', 'HTTP requests that were answered', ['method', 'code'])
  const httpRefused = counter(
    'leeway_http_refused_total',
    'HTTP requests and connections that were not served: unauthenticated, forbidden, cross_site, host, rate, body, malformed, slow, connections, busy',
    ['reason'],
  )
  const liveConnections = gauge('leeway_live_connections', 'Pages that are kept up to date (/api/v1/live)')
  reloadSuccessful.set(1)
  reloadedAt.set(source.now() / 1000)
  const delay = new Histogram({
    name: 'leeway_label_delay_seconds',
    help: 'Time from a prediction to its label',
    labelNames: ['model', 'version'],
    buckets: [60, 600, 3_600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000, 7_776_000],
    ...own,
  })
  const evaluation = new Histogram({
    name: 'leeway_evaluation_duration_seconds',
    help: 'Time to evaluate one window',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1],
    ...own,
  })
  const commit = new Histogram({
    name: 'leeway_commit_duration_seconds',
    help: 'Time of one commit',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    ...own,
  })

  const clockJumps = counter(
    'leeway_clock_jumps_total',
    'Times the wall clock was set by more than 5 s while the process ran, or was behind the stored state at its start',
  )

  function pullRetraining({ open, models, stopped }: ReturnType<MetricsSource['retraining']>): void {
    requests.reset()
    for (const { model, state } of open) requests.inc(safeLabels({ model, state: state.replaceAll(' ', '_') }))
    automationStopped.reset()
    for (const model of models) automationStopped.set(safeLabels({ model }), stopped.includes(model) ? 1 : 0)
  }

  function pullState(): void {
    modelInfo.reset()
    for (const { name, task } of source.models()) modelInfo.set(safeLabels({ model: name, task }), 1)
    active.reset()
    pullRetraining(source.retraining())
    clearing.reset()
    for (const { model, version, kind, severity, state } of source.openIncidents()) {
      const labels = safeLabels({ model, version, kind, severity })
      active.inc(labels)
      if (state === 'clearing') clearing.inc(labels)
    }
    const queued = source.oldestQueuedAt()
    oldest.set(queued === undefined ? 0 : Math.max(0, source.now() - queued) / 1000)
    queuedMessages.set(source.queued())
    channelState.reset()
    for (const [channel, state] of source.channelStates()) channelState.set({ channel }, state)
    pending.set(source.joinPending())
    const space = source.space()
    stateBytes.set(space.stateBytes)
    freeBytes.set(space.freeBytes)
    const { pausedBy, memoryShare } = source.intake()
    for (const because of ['memory', 'outbox']) paused.set({ because }, pausedBy.includes(because) ? 1 : 0)
    memory.set(memoryShare)
    lag.reset()
    watermark.reset()
    for (const { source: name, watermark: time, partitions } of source.progress()) {
      if (time !== undefined) watermark.set({ source: name }, time / 1000)
      for (const { topic, partition, nextOffset, endOffset } of partitions) {
        if (Number.isFinite(endOffset)) lag.set({ topic, partition }, Math.max(0, endOffset - nextOffset))
      }
    }
  }

  return {
    evaluated: (durationMs) => evaluation.observe(durationMs / 1000),
    committed: (durationMs) => commit.observe(durationMs / 1000),
    labelDelay: (model, version, delayMs) => delay.observe(safeLabels({ model, version }), delayMs / 1000),
    clockJumped: () => clockJumps.inc(),
    chartFailed: () => chartFailures.inc(),
    sourceReads(name, reads) {
      if (reads === null) sourceReading.remove({ source: name })
      else sourceReading.set({ source: name }, reads ? 1 : 0)
    },
    sourceReconnected: (name) => reconnects.inc({ source: name }),
    incidentOpened: (model, version, kind) => incidents.inc(safeLabels({ model, version, kind })),
    halted({ source: name, topic, partition }, isHalted) {
      if (isHalted) halted.set({ source: name, topic, partition }, 1)
      else halted.remove({ source: name, topic, partition })
    },
    delivery: (channel, outcome) => notifications.inc({ channel, outcome }),
    gathered: (channel, how, messages) => gathered.inc({ channel, how }, messages),
    retraining(model, version, target, outcome, at) {
      triggers.inc(safeLabels({ model, version, target, outcome }))
      if (outcome === 'started' || outcome === 'already') lastTrigger.set(safeLabels({ model, version }), at / 1000)
    },
    retrainingEnded: (model, target, outcome, durationMs) =>
      runs.observe(safeLabels({ model, target, outcome }), durationMs / 1000),
    httpAnswered: (method, status) =>
      httpRequests.inc({ method: METHODS.includes(method) ? method : 'other', code: status }),
    httpRefused: (reason) => httpRefused.inc({ reason }),
    httpStreams: (open) => liveConnections.set(open),
    reloaded(successful, at) {
      reloadSuccessful.set(successful ? 1 : 0)
      if (successful) reloadedAt.set(at / 1000)
    },
    async page() {
      pullCounters(source.counters())
      pullState()
      const rest = withinSeries(await registry.metrics(), seriesMax - 1)
      const { series, dropped } = windowSeries(source.latestResults(), seriesMax - 1 - rest.series)
      droppedSeries += rest.dropped + dropped
      return `${rest.page}\n${droppedText(droppedSeries)}${gaugesText(windowGauges, series)}`
    },
    contentType: registry.contentType,
  }
}
