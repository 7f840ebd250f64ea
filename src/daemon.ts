// Starts the parts that the document asks for, feeds them, and stops them in reverse order. The one file that knows them all.

import { CleanUps } from './assembly/clean-ups.ts'
import { Feed } from './assembly/feed.ts'
import { sourcesInUse } from './assembly/intakes.ts'
import { modelsOf, pipelineOf } from './assembly/pipeline-of.ts'
import { consoleOnly, consolePlan, planSettingsOf, sendersOf } from './assembly/senders.ts'
import { fileSourceOf, kafkaSourceOf } from './assembly/sources.ts'
import { watchSpace } from './assembly/space-watch.ts'
import type { Document } from './config/document.ts'
import type { Settings } from './config/settings.ts'
import type { Drain } from './delivery/drain.ts'
import { createDrain } from './delivery/drain.ts'
import type { Plan, PlanSettings } from './delivery/plan.ts'
import { planDelivery } from './delivery/plan.ts'
import type { Sender } from './delivery/sender.ts'
import type { ModelView } from './http/api.ts'
import { startHttpServer } from './http/server.ts'
import type { Transition } from './incidents/incident.ts'
import type { Rehearsal } from './incidents/rehearsal.ts'
import type { Observer, Pipeline } from './pipeline.ts'
import type { OnProgress } from './sources/codecs/row-reader.ts'
import type { Source } from './sources/source.ts'
import type { Position } from './store/changes.ts'
import type { NegativeControl, Store } from './store/store.ts'
import { openStore } from './store/store.ts'
import { StoreError } from './store/store-error.ts'
import { Health } from './telemetry/health.ts'
import type { Log } from './telemetry/log.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { createMetrics } from './telemetry/metrics.ts'
import type { Instant } from './time.ts'
import { formatInstant, SECOND } from './time.ts'

export interface DaemonOptions {
  readonly document: Document
  readonly settings: Settings
  readonly log: Log
  readonly version: string
  /** Where the console channel writes. */
  readonly write: (text: string) => void
  /** `live`: the wall clock judges what is in the future. `replay`: the past is replayed and judged by its own time. */
  readonly mode: 'live' | 'replay'
  /** Send to the channels and orchestrators of the document, or print only. */
  readonly deliver: boolean
  /** An orchestrator to ask although nothing is delivered: the demo's own. */
  readonly retraining?: PlanSettings['retraining']
  readonly extraSenders?: ReadonlyMap<string, Sender>
  /** Told what is to be sent for a transition. */
  readonly onPlanned?: (transition: Transition, plan: Plan) => void
  readonly onProgress?: OnProgress
  /** Told after each commit what is now safe: for measurements. */
  readonly onCommit?: (positions: readonly Position[]) => void
  /** For tests of exactness: ways to break the store on purpose. */
  readonly negativeControl?: NegativeControl
}

const TICK_MS = SECOND

interface Parts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly feed: Feed
  readonly drain: Drain
  readonly sources: readonly Source[]
  readonly metrics: Metrics
  readonly health: Health
  readonly failure: Failure
  readonly cleanUps: CleanUps
}

/** Something failed on which everything rests; the first one counts. */
class Failure {
  readonly #failed = Promise.withResolvers<never>()

  constructor() {
    this.#failed.promise.catch(() => {})
  }

  set(error: unknown): void {
    this.#failed.reject(error instanceof Error ? error : new Error(String(error)))
  }

  /** Never fulfilled; rejects with the failure. */
  get happened(): Promise<never> {
    return this.#failed.promise
  }
}

/** The running parts. Made by `startDaemon`, stopped by `stop`. */
export class Daemon {
  readonly #options: DaemonOptions
  readonly #parts: Parts

  constructor(options: DaemonOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
  }

  get store(): Store {
    return this.#parts.store
  }

  get pipeline(): Pipeline {
    return this.#parts.pipeline
  }

  /** Opens /metrics, the probes and the API. @returns their address */
  async serveHttp({ port = this.#options.settings.port } = {}): Promise<string> {
    const { document, settings, log } = this.#options
    const { store, pipeline, metrics, health, cleanUps } = this.#parts
    const server = await startHttpServer({
      host: settings.host,
      port,
      publicUrl: settings.publicUrl,
      metrics,
      health,
      api: { views: store.views, models: () => modelViews(pipeline, document) },
      log,
    })
    cleanUps.add('the HTTP server', () => server.close())
    return server.address
  }

  /** Reads the sources until they end (files) or the daemon is stopped (Kafka). @throws the error that made going on impossible */
  async run(): Promise<void> {
    const { sources, feed, failure, cleanUps, drain } = this.#parts
    const timer = setInterval(() => void feed.tick().catch((error) => failure.set(error)), TICK_MS)
    cleanUps.add('the clock', () => clearInterval(timer))
    for (const source of sources) cleanUps.add(`source ${source.name}`, () => source.stop())
    cleanUps.add('the wait for room on the disk', () => feed.stopWaiting())
    drain.wake()
    const reading = sources.map((source) =>
      isFile(source, this.#options) ? feed.drain(source) : source.run(feed.receiver(source.name)),
    )
    await Promise.race([Promise.all(reading), failure.happened])
  }

  /** Waits until every message that is due was tried. */
  async delivered(): Promise<void> {
    await Promise.race([this.#parts.drain.idle(), this.#parts.failure.happened])
  }

  /** Commits what was applied, then stops all parts. Stopping twice is harmless. */
  async stop(): Promise<void> {
    await this.#parts.cleanUps.stop()
  }
}

function isFile({ name }: Source, { document }: DaemonOptions): boolean {
  return document.sources.get(name)?.type === 'file'
}

/** @throws Error that says what is wrong, after stopping what had been started */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const cleanUps = new CleanUps()
  try {
    return await build(options, cleanUps)
  } catch (error) {
    await cleanUps.stop().catch(() => {})
    throw error
  }
}

async function build(options: DaemonOptions, cleanUps: CleanUps): Promise<Daemon> {
  const { document, settings, negativeControl } = options
  const health = new Health()
  const failure = new Failure()
  const rehearsals = new Map<string, Generator<number, Rehearsal>>()
  const models = await modelsOf(document, (model, { rehearsal }) => {
    if (rehearsal !== null && options.mode === 'live') rehearsals.set(model, rehearsal)
  })
  const store = openStore(settings.stateDir, { ...negativeControl, onBroken: (error) => failure.set(error) })
  cleanUps.add('the store', () => store.close())
  const space = watchSpace(settings.stateDir, {
    freeMinBytes: settings.stateFreeMinMib * 2 ** 20,
    health,
    warn: (message) => options.log.warn(message),
  })
  cleanUps.add('the watch over free space', () => space.stop())
  const metrics: Metrics = createMetrics(
    { ...metricsSource(() => pipeline, store, options), space: () => space.current() },
    { seriesMax: settings.seriesMax },
  )
  const trouble = (part: string) => (message: string | null) => {
    health.set(part, message === null, message ?? 'writing')
    if (message !== null) options.log.error(message)
  }
  const drain = startDrain(options, { store, metrics, failure, cleanUps, onTrouble: trouble('the outbox') })
  const pipeline: Pipeline = pipelineOf(document, models, {
    store,
    judgeByEventTime: options.mode === 'replay',
    keepOutcomes: options.mode === 'replay',
    plan: planner(options),
    observer: observer(options, metrics),
  })
  const sources = startSources(options, health)
  const feed = new Feed({
    pipeline,
    clock: Date.now,
    commitIntervalMs: settings.commitIntervalMs,
    commitRecordsMax: settings.commitRecordsMax,
    committed: (positions, durationMs) => {
      metrics.committed(durationMs)
      tellOfEstimates(health, pipeline)
      options.onCommit?.(positions)
      drain.wake()
      for (const source of sources)
        void source.committed(positions.filter((position) => position.source === source.name))
    },
    storeTrouble: trouble('the store'),
  })
  cleanUps.add('what was applied', () => feed.close())
  cleanUps.add('the rehearsals', rehearseInTurn(rehearsals, options.log))
  return new Daemon(options, { store, pipeline, feed, drain, sources, metrics, health, failure, cleanUps })
}

/** A rehearsal takes seconds: it goes on a few milliseconds at a time, beside the work. */
const REHEARSAL_SLICE_MS = 5

/** Replays each model's alarm policy on its reference and tells how many false alarms it will raise. @returns stops it */
function rehearseInTurn(rehearsals: Map<string, Generator<number, Rehearsal>>, log: Log): () => void {
  let timer: NodeJS.Timeout | undefined
  const go = () => {
    const [first] = rehearsals
    if (first === undefined) return
    const [model, rehearsal] = first
    const until = performance.now() + REHEARSAL_SLICE_MS
    let step = rehearsal.next()
    while (step.done !== true && performance.now() < until) step = rehearsal.next()
    if (step.done === true) {
      rehearsals.delete(model)
      tellRehearsal(model, step.value, log)
    }
    timer = setTimeout(go, REHEARSAL_SLICE_MS)
  }
  timer = setTimeout(go, REHEARSAL_SLICE_MS)
  return () => clearTimeout(timer)
}

function tellRehearsal(model: string, rehearsal: Rehearsal, log: Log): void {
  const line = { model, ...rehearsal }
  if (rehearsal.withinBudget) log.info(line, 'the alarm policy was replayed on the reference')
  else log.warn(line, 'the alarm policy raises more false alarms on its own reference than the budget allows')
}

function startDrain(
  options: DaemonOptions,
  parts: Pick<Parts, 'store' | 'metrics' | 'failure' | 'cleanUps'> & { onTrouble: (message: string | null) => void },
): Drain {
  const { document, deliver, log, write } = options
  const senders = deliver ? sendersOf(document, { clock: Date.now, write }) : consoleOnly({ clock: Date.now, write })
  for (const [name, sender] of options.extraSenders ?? []) senders.set(name, sender)
  for (const sender of senders.values()) parts.cleanUps.add(`channel ${sender.name}`, () => sender.close())
  const drain = createDrain({
    outbox: parts.store.outbox,
    senders,
    clock: Date.now,
    random: Math.random,
    schedule: (wake, after) => {
      const timer = setTimeout(wake, after)
      return () => clearTimeout(timer)
    },
    onOutcome: ({ key, envelope }, outcome) => {
      parts.metrics.delivery(envelope.channel, outcome.result)
      if (envelope.kind === 'retrain') {
        const { model, version, target } = envelope.trigger
        parts.metrics.retraining(model, version, target, outcome.result, Date.now())
      }
      const line = { key, channel: envelope.channel, ...outcome }
      if (outcome.result === 'delivered') log.info(line, 'delivered')
      else log.warn(line, 'not delivered')
    },
    onFailure: (error) => parts.failure.set(error),
    mayPass: (error) => error instanceof StoreError && error.kind === 'full',
    onTrouble: parts.onTrouble,
  })
  parts.cleanUps.add('the outbox', () => drain.stop())
  return drain
}

/** What follows from a transition; the reason goes into the log. */
function planner({
  document,
  settings,
  deliver,
  retraining,
  onPlanned,
  log,
}: DaemonOptions): (transition: Transition, now: Instant) => Plan {
  const plan = deliver ? planSettingsOf(document, settings.publicUrl) : consolePlan(settings.publicUrl, retraining)
  return (transition, now) => {
    const planned = planDelivery(transition, plan, now)
    if (transition.change === 'firing')
      log.info(
        { incident: transition.incident.id, asked: planned.trigger !== null, because: planned.because },
        'retraining considered',
      )
    onPlanned?.(transition, planned)
    return planned
  }
}

function observer({ log }: DaemonOptions, metrics: Metrics): Observer {
  return {
    evaluated: (_, durationMs) => metrics.evaluated(durationMs),
    labelDelay: (model, version, delayMs) => metrics.labelDelay(model, version, delayMs),
    transition: ({ incident, change, because, at }) => {
      const { id, model, version, kind } = incident
      if (change === 'firing') metrics.incidentOpened(model, version, kind)
      log.info({ incident: id, model, version, kind, change, because, at: formatInstant(at) }, 'incident')
    },
  }
}

function startSources({ document, log, onProgress }: DaemonOptions, health: Health): Source[] {
  return sourcesInUse(document).map((source) => {
    if (source.type === 'file') return fileSourceOf(source, onProgress)
    const check = `source ${source.name}`
    health.expect(check, 'no partitions are assigned yet')
    return kafkaSourceOf(source, {
      log: (level, message) => log[level]({ source: source.name }, message),
      onTrouble: (message) => {
        health.set(check, message === null, message ?? 'reading')
        if (message !== null) log.warn({ source: source.name }, message)
      },
    })
  })
}

function metricsSource(
  pipeline: () => Pipeline,
  store: Store,
  { document, version }: DaemonOptions,
): Omit<Parameters<typeof createMetrics>[0], 'space'> {
  return {
    version,
    models: () => [...document.models.values()],
    latestResults: () => store.views.latestResults(),
    counters: () => pipeline().counters(),
    openIncidents: () => store.views.incidents({ state: 'firing', limit: 10_000 }),
    joinPending: () => store.waiting.size,
    oldestQueuedAt: () => store.views.oldestQueuedAt(),
    progress: () => pipeline().progress(),
    now: Date.now,
  }
}

/** Estimates that labels refute are no reason to send no traffic: the check is passed, and says so. */
function tellOfEstimates(health: Health, pipeline: Pipeline): void {
  for (const { name, streams } of pipeline.models()) {
    const broken = new Set([...streams.values()].flatMap(({ calibration }) => Object.keys(calibration.broken)))
    const because = broken.size === 0 ? 'sound' : `calibration broken: ${[...broken].join(', ')}`
    health.set(`estimates of ${name}`, true, because)
  }
}

function modelViews(pipeline: Pipeline, document: Document): ModelView[] {
  return pipeline.models().map(({ name, options, streams, reference }) => ({
    name,
    task: document.models.get(name)?.task ?? '',
    source: options.source,
    windows: options.settings.windows.map((window) => window.name),
    versions: [...streams.keys()],
    estimates: [...streams.values()].flatMap(({ stream, subject, calibration }) =>
      subject.estimated.map((metric) => ({
        version: stream.version,
        metric,
        calibration: calibration.broken[metric] === undefined ? ('sound' as const) : ('broken' as const),
        because: calibration.broken[metric] ?? null,
      })),
    ),
    reference:
      reference === undefined
        ? null
        : {
            id: reference.id,
            source: reference.source,
            rows: reference.rows,
            labelled: reference.labelled,
            from: formatInstant(reference.from),
            to: formatInstant(reference.to),
          },
  }))
}
