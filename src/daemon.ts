// Starts the parts that the document asks for, feeds them, and stops them in reverse order. The one file that knows them all.
//
// They stop in this order, each when nobody gives it work any more: whatever waits for room on the disk, a reload, the sources, the
// clock; the HTTP server; the last commit of what was applied; the outbox, the channels; the store.

import { CleanUps } from './assembly/clean-ups.ts'
import { Failure } from './assembly/failure.ts'
import type { Feed } from './assembly/feed.ts'
import type { Fleet } from './assembly/fleet.ts'
import type { HandlingParts } from './assembly/handling.ts'
import { openHandling } from './assembly/handling.ts'
import { openHttp, TokensInForce } from './assembly/http.ts'
import { httpRoutes } from './assembly/http-routes.ts'
import { IntakeGuard } from './assembly/intake-guard.ts'
import { sourcesInUse } from './assembly/intakes.ts'
import { LearntReferences } from './assembly/learnt-references.ts'
import { LivenessWatch, tickUnlessFull } from './assembly/liveness.ts'
import { metricsSource } from './assembly/metrics-source.ts'
import { forgetEstimates, tellOfEstimates, tellOfSetAside, tellOfSleepers } from './assembly/model-health.ts'
import type { ModelPages } from './assembly/model-pages.ts'
import { observer } from './assembly/observer.ts'
import type { Pages } from './assembly/pages.ts'
import { openPages } from './assembly/pages.ts'
import { modelsOf, pipelineOf } from './assembly/pipeline-of.ts'
import type { PlannerOptions } from './assembly/planner.ts'
import { planner, routesOf } from './assembly/planner.ts'
import { processClock } from './assembly/process-clock.ts'
import { quietRebuild } from './assembly/quiet-rebuild.ts'
import type { Readers } from './assembly/readers.ts'
import { openReading } from './assembly/reading.ts'
import { ReferenceDesk } from './assembly/reference-desk.ts'
import { Rehearsals } from './assembly/rehearsals.ts'
import type { InForce } from './assembly/reload.ts'
import { Reload } from './assembly/reload.ts'
import { reloadForSignal } from './assembly/reload-effect.ts'
import type { RetrainingFault } from './assembly/retraining-calls.ts'
import type { RetrainingParts } from './assembly/retraining-parts.ts'
import { retrainingParts } from './assembly/retraining-parts.ts'
import type { SenderOptions } from './assembly/senders.ts'
import type { Sending } from './assembly/sending.ts'
import { openSending } from './assembly/sending.ts'
import { SlackSockets } from './assembly/slack-sockets.ts'
import { checkOfSource, clientLog, expectSource, makeSource } from './assembly/source-health.ts'
import { checkSource } from './assembly/sources.ts'
import { watchSpace } from './assembly/space-watch.ts'
import { Starts } from './assembly/starts.ts'
import type { TrustedClock } from './assembly/trusted-clock.ts'
import { oneAtATime } from './assembly/turns.ts'
import type { Document } from './config/document.ts'
import type { Settings } from './config/settings.ts'
import type { Drain } from './delivery/drain.ts'
import type { Live } from './http/live.ts'
import type { Transition } from './incidents/incident.ts'
import type { ModelOptions } from './monitors/watched-model.ts'
import type { Pipeline } from './pipeline.ts'
import type { Probe } from './probe.ts'
import type { Orchestrator } from './retraining/orchestrator.ts'
import type { OnProgress } from './sources/codecs/row-reader.ts'
import type { Position } from './store/changes.ts'
import type { Space } from './store/space.ts'
import type { NegativeControl, Store } from './store/store.ts'
import { openStore } from './store/store.ts'
import { Health } from './telemetry/health.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { createMetrics } from './telemetry/metrics.ts'
import type { Instant } from './time.ts'
import { SECOND } from './time.ts'

export interface DaemonOptions extends PlannerOptions, Omit<SenderOptions, 'clock'> {
  /** In place of those of the document. */
  readonly orchestrators?: ReadonlyMap<string, Orchestrator>
  readonly document: Document
  /** Reads the document again, for a reload; left out, the run keeps the one that it began with. */
  readonly reread?: () => Document
  readonly settings: Settings
  readonly version: string
  /** `live`: the wall clock judges what is in the future. `replay`: the past is replayed and judged by its own time. */
  readonly mode: 'live' | 'replay'
  readonly onProgress?: OnProgress
  /** Told after each commit what is now safe: for measurements. */
  readonly onCommit?: (positions: readonly Position[]) => void
  /** For tests of exactness: ways to break the store on purpose. */
  readonly negativeControl?: NegativeControl & {
    readonly reloadUncommitted?: boolean
    readonly retraining?: RetrainingFault
    /** Whether the client of Kafka is stuck, and brings nothing. */
    readonly clientIsStuck?: () => boolean
  }
  /** For tests: called at the moments of `probe.ts`. */
  readonly probe?: Probe | undefined
}

const TICK_MS = SECOND

interface Parts {
  readonly store: Store
  readonly feed: Feed
  readonly guard: IntakeGuard
  /** null where the past is replayed. */
  readonly liveness: LivenessWatch | null
  readonly drain: Drain
  readonly readers: Readers
  readonly inForce: InForce
  readonly tokens: TokensInForce
  readonly reload: Reload
  readonly references: ReferenceDesk
  readonly retraining: RetrainingParts
  readonly handling: HandlingParts
  /** Opens the connections over which presses of buttons come. */
  readonly listenToButtons: () => void
  readonly clock: TrustedClock
  readonly space: () => Space
  readonly fleet: Fleet
  readonly modelPages: ModelPages
  readonly live: Live
  readonly metrics: Metrics
  readonly health: Health
  readonly failure: Failure
  readonly cleanUps: CleanUps
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
    return this.#parts.inForce.pipeline
  }

  /** Opens /metrics, the probes and the API. @returns their address */
  async serveHttp({ port = this.#options.settings.port } = {}): Promise<string> {
    const { settings, log } = this.#options
    const { store, tokens, fleet, metrics, health, cleanUps } = this.#parts
    fleet.follow()
    const routes = httpRoutes({ ...this.#options, ...this.#parts })
    const server = await openHttp({ settings, store, metrics, health, tokens, routes, log }, port)
    cleanUps.add('the HTTP server', () => server.close())
    return server.address
  }

  /** Reads the sources until they end (files) or the daemon is stopped (Kafka). @throws the error that made going on impossible */
  async run(): Promise<void> {
    const { readers, feed, guard, liveness, failure, cleanUps, drain, inForce, reload, retraining, handling } =
      this.#parts
    const tick = oneAtATime(() =>
      feed
        .tick()
        .then(() => guard.tick())
        .then(() => retraining.retraining.tick())
        .then(() => handling.tick())
        .then(() => liveness !== null && tickUnlessFull(liveness))
        .catch((error) => failure.set(error)),
    )
    const timer = setInterval(tick, TICK_MS)
    cleanUps.add('what the clock has begun', () => handling.stop())
    cleanUps.add('the clock', () => clearInterval(timer))
    cleanUps.add('the sources', () => readers.stopAll())
    cleanUps.add('a reload', () => reload.stop())
    // A reload may wait for a source that waits for room.
    cleanUps.add('the wait for room on the disk', () => feed.stopWaiting())
    drain.wake()
    this.#parts.listenToButtons()
    for (const settings of sourcesInUse(inForce.document))
      readers.start(makeSource(settings, this.#options, this.#parts))
    await Promise.race([readers.ended(), failure.happened])
  }

  /** Never fulfilled; rejects when it is impossible to go on. */
  get failed(): Promise<never> {
    return this.#parts.failure.happened
  }

  /** Reads the document again and puts it into force, whole or not at all. Never rejects. */
  reloadForSignal(): Promise<void> {
    const { reload, store } = this.#parts
    return reloadForSignal(() => reload.reload(), store, this.#options.log)
  }

  /** Waits until every message that is due was tried. */
  async delivered(): Promise<void> {
    const { retraining, drain, failure } = this.#parts
    const idle = retraining.retraining.idle().then(() => drain.idle())
    await Promise.race([idle, failure.happened])
  }

  /** Commits what was applied, then stops all parts. Stopping twice is harmless. */
  async stop(): Promise<void> {
    await this.#parts.cleanUps.stop()
  }
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
  const { settings, negativeControl, log } = options
  const tokens = new TokensInForce(settings.tokensFile)
  const health = new Health()
  const failure = new Failure()
  const onFailure = (error: unknown) => failure.set(error)
  const queued = () => drain.wake()
  const planInForce = (transition: Transition, now: Instant) =>
    planner(inForce.document, options, rebuild.apply)(transition, now)
  const rehearsals = new Rehearsals(log)
  cleanUps.add('the rehearsals', () => rehearsals.stop())
  const starts = new Starts(options.mode === 'live' ? new LearntReferences(settings.stateDir) : undefined)
  const learnModels = (document: Document) =>
    modelsOf(
      document,
      (model, { rehearsal }) => {
        if (rehearsal !== null && options.mode === 'live') rehearsals.add(model, rehearsal)
      },
      starts,
    )
  const models = await learnModels(options.document)
  const opened = openStore(settings.stateDir, {
    ...negativeControl,
    onBroken: onFailure,
    tell: (message) => log.warn(message),
    probe: options.probe,
    quarantineLimits: () => inForce.document.limits,
  })
  cleanUps.add('the store', () => opened.close())
  const pages: Pages = openPages(opened, { inForce: () => inForce, clock: () => clock, onFailure })
  const { store, fleet, modelPages, live } = pages
  cleanUps.add('the fleet', () => fleet.stop())
  cleanUps.add('the pages of models', () => modelPages.stop())
  const space = watchSpace(settings.stateDir, {
    freeMinBytes: settings.stateFreeMinMib * 2 ** 20,
    health,
    warn: (message) => options.log.warn(message),
  })
  cleanUps.add('the watch over free space', () => space.stop())
  const clock: TrustedClock = processClock(store, {
    log,
    onJump: () => metrics.clockJumped(),
    onStep: queued,
  })
  const metrics: Metrics = createMetrics(
    metricsSource({
      version: options.version,
      inForce: () => inForce,
      guard: () => guard,
      drain: () => drain,
      store,
      now: () => clock.now(),
      space: () => space.current(),
      openIncidents: () => fleet.openIncidents(),
    }),
    { seriesMax: settings.seriesMax },
  )
  const trouble = (part: string) => (message: string | null) => {
    health.set(part, message === null, message ?? 'writing')
    if (message !== null) log.error(message)
  }
  const { drain, ...sending }: Sending = openSending({
    ...{ options, document: options.document, inForce: () => inForce, store, clock },
    mayTell: (...asked) => handling.mayTell(...asked),
    ...{ metrics, health, log, onFailure, probe: options.probe },
    onTrouble: trouble('the outbox'),
    told: (incidents) => live.tell({ incidents }),
  })
  cleanUps.add('the channels', () => sending.senders.close())
  cleanUps.add('the outbox', () => drain.stop())
  const rebuild = quietRebuild(store, { isWanted: settings.rebuild, log })
  const buildPipeline = (document: Document, using: readonly ModelOptions[]) =>
    pipelineOf(document, using, {
      store,
      judgeByEventTime: options.mode === 'replay',
      keepOutcomes: options.mode === 'replay',
      waitingMax: settings.joinEntriesMax,
      plan: planner(document, options, rebuild.apply),
      observer: observer(log, metrics),
      memoryIsShort: () => guard.memory.isShort,
    })
  const handling: HandlingParts = openHandling({
    store,
    settings: () =>
      options.deliver ? inForce.document : { ...inForce.document, routes: routesOf(inForce.document, false) },
    publicUrl: settings.publicUrl,
    clock: clock.now,
    steady: clock.steady,
    models: () => [...inForce.document.models.keys()],
    queued,
    isLive: options.mode === 'live' && options.deliver,
  })
  const guard = new IntakeGuard({
    memoryLimitMib: settings.memoryLimitMib,
    limits: () => inForce.document.limits,
    views: store.views,
    dropCaches: () => inForce.pipeline.dropCaches(),
    health,
    log,
    onSpent: onFailure,
  })
  const inForce: InForce = {
    document: options.document,
    pipeline: buildPipeline(options.document, models),
    since: Date.now(),
  }
  const { feed, readers, watching } = openReading({
    ...{ settings, inForce, clock, guard, rebuild, metrics, onFailure },
    committed: (positions) => {
      tellOfEstimates(health, inForce.pipeline)
      options.onCommit?.(positions)
    },
    queued,
    storeTrouble: trouble('the store'),
  })
  cleanUps.add('what was applied', () => {
    options.probe?.('stop: before the last commit')
    feed.close()
    options.probe?.('stop: after the last commit')
  })
  cleanUps.add('the watch over a rebuild', () => watching.stop())
  for (const source of sourcesInUse(inForce.document)) expectSource(health, source)
  tellOfSleepers(log, inForce.pipeline)
  tellOfSetAside(log, inForce.pipeline)
  const reload = new Reload({
    read: () => {
      if (options.reread === undefined) throw new Error('this run keeps the configuration that it began with')
      return options.reread()
    },
    document: () => inForce.document,
    feed,
    readers,
    models: learnModels,
    followers: [
      (document) => sending.follow(document),
      () => tokens.prepare(),
      (document) => retraining.follow(document),
      (document) => buttons.prepare(document),
    ],
    checkSource: (source) => checkSource(source, clientLog(source, log)),
    makeSource: (source) => makeSource(source, options, { health, metrics }),
    build: buildPipeline,
    inForce: (fresh, { models: { removed }, sources }) => {
      Object.assign(inForce, fresh, { since: Date.now() })
      for (const name of removed) forgetEstimates(health, name)
      for (const name of sources.removed) health.forget(checkOfSource(name))
      tellOfSleepers(log, inForce.pipeline)
      tellOfSetAside(log, inForce.pipeline)
      drain.reloaded()
      pages.reloaded()
    },
    ended: (successful, at) => metrics.reloaded(successful, at),
    onFailure,
    log,
    uncommitted: negativeControl?.reloadUncommitted === true,
  })
  const references = new ReferenceDesk({
    store,
    feed,
    pipeline: () => inForce.pipeline,
    build: () =>
      buildPipeline(
        inForce.document,
        inForce.pipeline.models().map((model) => model.options),
      ),
    inForce(pipeline, model) {
      inForce.pipeline = pipeline
      pages.rebased(model)
      queued()
    },
    plan: planInForce,
    observer: observer(log, metrics),
    now: clock.now,
    onFailure,
    log,
  })
  const retraining = retrainingParts({
    ...{ store, metrics, log, health, settings, options, clock: clock.now, probe: options.probe },
    document: () => inForce.document,
    pipeline: () => inForce.pipeline,
    promote: (promotion) => references.promote(promotion),
    told: queued,
    onFailure,
    fault: negativeControl?.retraining,
  })
  cleanUps.add('retraining', () => retraining.stop())
  const liveness =
    options.mode === 'replay'
      ? null
      : new LivenessWatch({
          store,
          document: () => inForce.document,
          pipeline: () => inForce.pipeline,
          feed,
          health,
          now: clock.now,
          steady: clock.steady,
          plan: planInForce,
          observer: observer(log, metrics),
          queued,
        })
  const buttons: SlackSockets = new SlackSockets({
    isWanted: options.mode === 'live' && options.deliver,
    deeds: { handling: handling.desk, retraining: retraining.desk },
    onFailure,
    log,
  })
  const listenToButtons = buttons.prepare(options.document)
  cleanUps.add('buttons in Slack', () => buttons.stop())
  return new Daemon(options, {
    listenToButtons,
    references,
    retraining,
    handling,
    store,
    feed,
    guard,
    liveness,
    drain,
    readers,
    inForce,
    tokens,
    reload,
    clock,
    space: () => space.current(),
    fleet,
    live,
    modelPages,
    metrics,
    health,
    failure,
    cleanUps,
  })
}
