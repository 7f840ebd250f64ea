// What Prometheus can scrape. Everything about windows and counts is pulled when it is asked for: nothing is counted twice, and
// what no longer is leaves the page.

import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Incident } from '../incidents/incident.ts'
import type { SegmentNews } from '../monitors/segment-news.ts'
import type { CounterRow } from '../store/changes.ts'
import type { Instant, Millis } from '../time.ts'
import { createInstruments, seriesDropped } from './instruments.ts'
import { RecentDurations } from './recent-durations.ts'
import { segmentSeries } from './segment-series.ts'
import { gaugesText, linesOf, safeLabels, withinSeries } from './text-page.ts'
import { windowGauges } from './window-gauges.ts'
import type { NewestWindow } from './window-lines.ts'
import { WindowLines } from './window-lines.ts'

/** What the metrics are read from, at the moment of a scrape. */
export interface MetricsSource {
  readonly version: string
  models(): ReadonlyArray<{ readonly name: string; readonly task: string }>
  newest(): readonly NewestWindow[]
  /** What was last said of segments. */
  segments(): readonly SegmentNews[]
  counters(): readonly CounterRow[]
  openIncidents(): Promise<ReadonlyArray<Pick<Incident, 'model' | 'version' | 'kind' | 'severity' | 'state'>>>
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
  /** People reach the daemon at this address, without a slash at its end; null: nobody has said where. */
  reachedAt(url: string | null): void
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
  /** How long commits and evaluations took, the last times. */
  recent(): Readonly<Record<'commits' | 'evaluations', ReturnType<RecentDurations['summary']>>>
  /** The page, in the text format. */
  page(): Promise<string>
  readonly contentType: string
}

/** Those that are counted under their own name: anybody can invent more. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'OPTIONS']

/** Written by hand: it tells of the very page that it stands on. */
function droppedText(dropped: number): string {
  const { name, help, type } = seriesDropped
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${dropped}\n`
}

export function createMetrics(source: MetricsSource, { seriesMax }: { seriesMax: number }): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Called totals although they are no counters; the same by type has its right name.
  for (const gauge of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${gauge}_total`)
  const instruments = createInstruments(registry)
  const { modelInfo, halted, paused, memory, active, clearing, incidents, notifications, gathered } = instruments
  const { queuedMessages, channelState, oldest, triggers, lastTrigger, requests, automationStopped, runs } = instruments
  const { lag, watermark, sourceReading, reconnects, pending, stateBytes, freeBytes } = instruments
  const { reloadSuccessful, reloadedAt, httpRequests, httpRefused, delay, evaluation, commit } = instruments
  let droppedSeries = 0
  const commits = new RecentDurations()
  const evaluations = new RecentDurations()

  instruments.buildInfo.set({ version: source.version }, 1)
  reloadSuccessful.set(1)
  reloadedAt.set(source.now() / 1000)

  function pullRetraining({ open, models, stopped }: ReturnType<MetricsSource['retraining']>): void {
    requests.reset()
    for (const { model, state } of open) requests.inc(safeLabels({ model, state: state.replaceAll(' ', '_') }))
    automationStopped.reset()
    for (const model of models) automationStopped.set(safeLabels({ model }), stopped.includes(model) ? 1 : 0)
  }

  function pullIncidents(open: Awaited<ReturnType<MetricsSource['openIncidents']>>): void {
    active.reset()
    clearing.reset()
    for (const { model, version, kind, severity, state } of open) {
      const labels = safeLabels({ model, version, kind, severity })
      active.inc(labels)
      if (state === 'clearing') clearing.inc(labels)
    }
  }

  function pullState(): void {
    modelInfo.reset()
    for (const { name, task } of source.models()) modelInfo.set(safeLabels({ model: name, task }), 1)
    pullRetraining(source.retraining())
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

  const windows = new WindowLines()
  let making: Promise<string> | undefined

  async function makePage(): Promise<string> {
    const incidentsNow = await source.openIncidents()
    instruments.pullCounters(source.counters())
    pullIncidents(incidentsNow)
    pullState()
    const rest = withinSeries(await registry.metrics(), seriesMax - 1)
    const room = seriesMax - 1 - rest.series
    const { lines, dropped } = await windows.gather(source.newest(), room)
    const segments = segmentSeries(source.segments(), { left: room - lines.length, page: seriesMax })
    droppedSeries += rest.dropped + dropped + segments.dropped
    const all = [...lines, ...linesOf(windowGauges, segments.series)]
    return `${rest.page}\n${droppedText(droppedSeries)}${gaugesText(windowGauges, all)}`
  }

  return {
    evaluated(durationMs) {
      evaluation.observe(durationMs / 1000)
      evaluations.add(durationMs)
    },
    committed(durationMs) {
      commit.observe(durationMs / 1000)
      commits.add(durationMs)
    },
    recent: () => ({ commits: commits.summary(), evaluations: evaluations.summary() }),
    labelDelay: (model, version, delayMs) => delay.observe(safeLabels({ model, version }), delayMs / 1000),
    clockJumped: () => instruments.clockJumps.inc(),
    reachedAt(url) {
      instruments.uiInfo.reset()
      if (url !== null) instruments.uiInfo.set({ url }, 1)
    },
    chartFailed: () => instruments.chartFailures.inc(),
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
    httpStreams: (open) => instruments.liveConnections.set(open),
    reloaded(successful, at) {
      reloadSuccessful.set(successful ? 1 : 0)
      if (successful) reloadedAt.set(at / 1000)
    },
    page() {
      // Who asks while one is being made gets the same.
      making ??= makePage().finally(() => {
        making = undefined
      })
      return making
    },
    contentType: registry.contentType,
  }
}
