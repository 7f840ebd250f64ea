// The whole way of an event, on one page:
//
//   decode → join → panes → windows → monitors → incidents → retraining → outbox → one commit
//
// Everything here is synchronous and in order of arrival. What a batch is and when a commit falls changes nothing: a window is
// evaluated at the very record that moves the watermark past its end. Time comes in as an argument.

import type { Decoder } from './events/decode.ts'
import type { EventSink, LabelEvent, OutcomeValue, PredictionEvent, Rejection } from './events/event.ts'
import { hashInto } from './events/id-hash.ts'
import type { PolicyState } from './incidents/advance.ts'
import { advance, emptyPolicy, withWindows } from './incidents/advance.ts'
import type { Transition } from './incidents/incident.ts'
import type { PredictionEntry } from './join/entry.ts'
import type { Join } from './join/join.ts'
import { createJoin } from './join/join.ts'
import type { MonitorKind } from './monitors/verdict.ts'
import type { ModelOptions, WatchedModel } from './monitors/watched-model.ts'
import { OTHER_VERSION } from './monitors/watched-model.ts'
import type { Evaluation, WatchedStream } from './monitors/watched-stream.ts'
import type { Batch, Loss, Partition, ReadPosition, RecordIdentity, SourceRecord } from './sources/source.ts'
import type { Position } from './store/changes.ts'
import { Memory, StateMismatch, unsavedPanes } from './store/memory.ts'
import { PendingChanges } from './store/pending.ts'
import { Sleepers } from './store/sleepers.ts'
import type { Store } from './store/store.ts'
import type { Instant, Millis } from './time.ts'
import { DAY } from './time.ts'
import type { TimeRules } from './windows/admission.ts'
import { admit } from './windows/admission.ts'
import { QuietLooks } from './windows/quiet.ts'
import { Watermark } from './windows/watermark.ts'
import type { Stream } from './windows/window.ts'

/** How one source's records are read and timed. */
export interface IntakeOptions extends TimeRules {
  readonly source: string
  readonly decoderOf: (topic: string) => Decoder
  readonly outOfOrdernessMs: Millis
  readonly idleTimeoutMs: Millis
}

export interface PipelineOptions {
  readonly store: Store
  readonly intakes: readonly IntakeOptions[]
  readonly models: readonly ModelOptions[]
  /** What is to be sent for a transition, and what is to be asked of an orchestrator: see `delivery/plan.ts`. */
  readonly plan: (transition: Transition, now: Instant) => Plan
  readonly observer?: Observer
  /** Entries kept for the join of predictions and labels; beyond it the oldest are dropped, and counted. */
  readonly waitingMax?: number
  /** No model gets another version then. */
  readonly memoryIsShort?: () => boolean
  /** Keep outcomes for ever, to be summed up at the end of a run that ends. */
  readonly keepOutcomes?: boolean
}

/** What follows from a transition outside this process. */
export interface Plan {
  readonly notifications: Parameters<PendingChanges['notifications']>[0]
  readonly trigger: Parameters<PendingChanges['trigger']>[0] | null
}

/** Told what happened, for metrics, logs and progress. It cannot change anything. */
export interface Observer {
  evaluated?(evaluation: Evaluation, durationMs: number): void
  labelDelay?(model: string, version: string, delayMs: Millis): void
  transition?(transition: Transition): void
  /** `records` of a source will never be read. */
  lost?(source: string, place: Partition, loss: Loss): void
}

interface PartitionPosition extends Partition {
  nextOffset: number
  endOffset: number
  last: RecordIdentity | null
}

interface Intake extends IntakeOptions {
  readonly watermark: Watermark
  readonly positions: Map<string, PartitionPosition>
  readonly models: Map<string, WatchedModel>
  readonly quiet: QuietLooks
}

/** Where a record lies. */
interface Place extends Partition {
  readonly key: string
  readonly record: SourceRecord
}

/** Samples kept of each kind of record that is counted but not used (late, of an unknown model). */
const SAMPLES_MAX = 100
/** Evaluated windows are kept for this long in event time: a year, and a month to compare it with. */
const RESULTS_KEPT_MS: Millis = 400 * DAY
/** What was delivered, and what was given up, is kept for this long by the clock. */
const DELIVERIES_KEPT_MS: Millis = 90 * DAY
const INPUT_KINDS: readonly MonitorKind[] = ['quality', 'drift', 'volume', 'estimated']

export class Pipeline {
  readonly #options: PipelineOptions
  readonly #store: Store
  readonly #memory: Memory
  readonly #sleepers: Sleepers
  readonly #intakes = new Map<string, Intake>()
  /** By number; a model that sleeps leaves a hole. */
  readonly #streams: WatchedStream[] = []
  readonly #modelOf = new Map<WatchedStream, WatchedModel>()
  readonly #policies: PolicyState[] = []
  readonly #pending: PendingChanges
  readonly #changedStreams = new Set<WatchedStream>()
  readonly #learnt = new Set<WatchedModel>()
  #nextDue = Number.POSITIVE_INFINITY
  #records = 0
  /** Where the record at hand came from. */
  #intake!: Intake
  #join!: Join
  #model!: WatchedModel
  #place!: Place
  #now: Instant = 0
  #brought = false
  /** Whether the watermark has moved without a record since the last commit. */
  #fellIdle = false

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#store = options.store
    this.#memory = new Memory(options.store)
    this.#sleepers = new Sleepers(options.store)
    this.#pending = new PendingChanges(options.store.counters())
    for (const intake of options.intakes) this.#intakes.set(intake.source, this.#restoreIntake(intake))
    for (const model of options.models) this.#intakeOf(model.source).models.set(model.name, this.#memory.model(model))
    for (const stream of options.store.streams()) this.#restoreStream(stream)
    this.#wakeModels()
    this.#join = createJoin(
      options.store.waiting,
      {
        labelOf: (stream, label) =>
          (this.#modelOf.get(this.#streams[stream] as WatchedStream) as WatchedModel).reading.label(label),
        horizonStart: () => (this.#intake.watermark.current ?? 0) - this.#model.options.horizonMs,
        present: () => this.#intake.watermark.current ?? this.#intake.watermark.highest,
      },
      (entry, sign, isFirst) => this.#outcome(entry, sign, isFirst),
    )
  }

  /**
   * Where to start reading each partition: behind the last record that was applied.
   *
   * @param now the clock that is trusted, here and below; `steady` one that never jumps, by which idleness is measured
   */
  assigned(
    source: string,
    partitions: readonly Partition[],
    now: Instant,
    steady: Millis = now,
  ): ReadonlyArray<ReadPosition | undefined> {
    const { watermark, positions } = this.#intakeOf(source)
    const stored = new Map(this.#store.positions().map((position) => [keyOf(position), position]))
    return partitions.map(({ topic, partition }) => {
      const key = `${topic}/${partition}`
      const position = stored.get(`${source}|${key}`)
      watermark.assign(key, watermark.highestOf(key) ?? position?.highestTime ?? null, steady)
      const known = positions.get(key) ?? position
      if (known === undefined) return undefined
      const { nextOffset, last } = known
      positions.set(key, { topic, partition, nextOffset, last, endOffset: Number.POSITIVE_INFINITY })
      return { nextOffset, last }
    })
  }

  /** Applies the records of a batch that were not applied before. @returns records applied since the last commit */
  apply(source: string, batch: Batch, now: Instant, steady: Millis = now): number {
    const intake = this.#intakeOf(source)
    const { topic, partition } = batch
    const key = `${topic}/${partition}`
    const decoder = intake.decoderOf(topic)
    const position = intake.positions.get(key) ?? { topic, partition, nextOffset: 0, endOffset: 0, last: null }
    intake.positions.set(key, position)
    this.#intake = intake
    this.#now = now
    this.#brought = false
    const isLook = batch.records.length === 0 && batch.nextOffset <= position.nextOffset
    if (batch.lost !== undefined) this.#lose(batch, batch.lost, position.nextOffset)
    for (const record of batch.records) {
      if (record.offset < position.nextOffset) continue
      this.#place = { topic, partition, key, record }
      position.nextOffset = record.offset + 1
      this.#records++
      if (record.value === null) this.#pending.count('tombstones', '', '')
      else decoder.decode(record.value, this.#sink)
    }
    if (batch.last !== undefined && batch.last.offset >= (position.last?.offset ?? 0)) position.last = batch.last
    position.nextOffset = Math.max(position.nextOffset, batch.nextOffset)
    position.endOffset = batch.endOffset
    if (batch.records.length > 0) intake.quiet.brought(steady, { predictions: this.#brought })
    if (this.#brought) intake.watermark.spoke(key, steady)
    // The end that comes with records is as old as their fetch: only a look without any tells what is true now.
    const isCaughtUp = isLook && position.nextOffset >= batch.endOffset
    if (isCaughtUp && intake.watermark.caughtUp(key, steady)) {
      this.#fellIdle = true
      this.#advance()
    }
    return this.#records
  }

  #lose(batch: Batch, lost: Loss, position: number): void {
    const records = this.#pending.lost(this.#intake.source, { ...batch, lost }, position, this.#now)
    if (records === 0) return
    // There is something to be committed, though no record.
    this.#records++
    this.#options.observer?.lost?.(this.#intake.source, batch, { ...lost, records })
  }

  readonly #sink: EventSink = {
    prediction: (event) => this.#prediction(event),
    label: (event) => this.#label(event),
    rejected: (rejection) => this.#reject(rejection),
    ignored: (keys) => void this.#pending.count('unknown_keys', '', '', keys),
  }

  #prediction(event: PredictionEvent): void {
    const model = this.#known(event.model)
    if (model === undefined) return
    if (!this.#fits(model, event.prediction, 'bad_prediction')) return
    const { watermark } = this.#intake
    const admission = admit(
      event.time,
      { now: this.#now, watermark: watermark.lateFrom(this.#place.key) },
      this.#intake,
    )
    if (admission.is === 'future') return this.#reject({ reason: 'future_time', detail: admission.because })
    if (admission.is === 'late') {
      if (this.#pending.count('late', model.name, model.knownVersionOf(event.version)) <= SAMPLES_MAX)
        this.#quarantine('late', admission.because)
      return
    }
    this.#brought = true
    if (model.learning !== undefined) model.learning.hold(event)
    else this.#count(model, event)
    if (watermark.observe(this.#place.key, event.time)) this.#advance()
    else if (model.learning?.isComplete(watermark.current)) this.#advance()
  }

  /** Lists of names belong to multilabel models; anything else rejects them. */
  #fits(model: WatchedModel, value: OutcomeValue | null, reason: 'bad_prediction' | 'bad_label'): boolean {
    const { task } = model.options.learn
    if (typeof value !== 'object' || value === null || task === 'multilabel') return true
    this.#reject({ reason, detail: `a list of names is for a multilabel model, and ${model.name} is ${task}` })
    return false
  }

  /** A prediction into its pane, with its label if that came first. */
  #count(model: WatchedModel, event: PredictionEvent): void {
    const stream = this.#streamOf(model, event.version)
    const { reading } = model
    this.#model = model
    const prediction = {
      stream: stream.stream.index,
      time: event.time,
      prediction: reading.prediction(event),
      outputs: reading.outputs(event),
    }
    const { version } = stream.stream
    const fate = this.#join.prediction(seedOf(model.name), event.id, prediction)
    if (fate === 'repeated') return void this.#pending.count('duplicate_predictions', model.name, version)
    this.#pending.count('predictions', model.name, version)
    if (fate !== 'unlabelled') this.#pending.count(`early_labels/${fate}`, model.name, '')
    if (fate === 'unknown-class') this.#refuseClass(model, 'that came before its prediction')
    if (version === OTHER_VERSION && event.version !== version) this.#pending.count('over/versions', model.name, '')
    const unknown = model.unknownFeatures(event.features)
    if (unknown > 0) this.#pending.count('unknown_features', model.name, '', unknown)
    stream.predicted(
      { features: event.features, score: reading.score(event), prediction: reading.column(event) },
      prediction,
    )
    this.#changedStreams.add(stream)
    if (stream.nextDue < this.#nextDue) this.#nextDue = stream.nextDue
  }

  #label(event: LabelEvent): void {
    const model = this.#known(event.model)
    if (model === undefined || !this.#fits(model, event.label, 'bad_label')) return
    if (model.learning === undefined) this.#countLabel(model, event)
    else if (!model.learning.hold(event)) this.#pending.count('over/learning', model.name, '')
  }

  #countLabel(model: WatchedModel, event: LabelEvent): void {
    this.#model = model
    this.#pending.count('labels', model.name, '')
    const fate = this.#join.label(seedOf(model.name), event)
    const count = this.#pending.count(`labels/${fate}`, model.name, '')
    if (fate === 'unknown-class') this.#refuseClass(model, JSON.stringify(event.label))
    if (fate === 'too-late' && count <= SAMPLES_MAX)
      this.#quarantine('late_label', `its prediction is older than the label horizon of ${model.name}`)
  }

  #refuseClass(model: WatchedModel, which: string): void {
    const { classes } = model.reference as { classes: readonly string[] }
    this.#reject({ reason: 'bad_label', detail: `class ${which} is not one of ${classes.join(', ')}` })
  }

  /** The join found a labelled prediction, or takes one back. */
  #outcome(entry: PredictionEntry, sign: 1 | -1, isFirst: boolean): void {
    const stream = this.#streams[entry.stream] as WatchedStream
    stream.outcome(entry, sign)
    this.#changedStreams.add(stream)
    const { model, version } = stream.stream
    if (isFirst) this.#options.observer?.labelDelay?.(model, version, Math.max(0, entry.labelTime - entry.time))
  }

  #known(name: string): WatchedModel | undefined {
    const model = this.#intake.models.get(name)
    if (model !== undefined) return model
    const unknown = this.#pending.count('unknown_model', '', '')
    if (unknown <= SAMPLES_MAX)
      this.#quarantine('unknown_model', `no model ${JSON.stringify(name.slice(0, 128))} is configured for this source`)
    return undefined
  }

  #reject({ reason, detail }: Rejection): void {
    this.#pending.count(`rejected/${reason}`, '', '')
    this.#quarantine(reason, detail)
  }

  #quarantine(reason: string, detail: string): void {
    const { topic, partition, record } = this.#place
    const place = { source: this.#intake.source, topic, partition, offset: record.offset }
    this.#pending.quarantine({ ...place, reason, detail, at: this.#now, range: null }, record.value)
  }

  /** The watermark moved: ends learning periods, evaluates every window that is due. */
  #advance(): void {
    const watermark = this.#intake.watermark.current
    for (const model of this.#intake.models.values()) {
      if (model.learning?.isComplete(watermark)) this.#finishLearning(model)
    }
    if (watermark !== undefined && watermark >= this.#nextDue) this.#evaluate(this.#intake, watermark, 'due')
  }

  #finishLearning(model: WatchedModel): void {
    for (const event of model.finishLearning()) {
      if (event.kind === 'prediction') this.#count(model, event)
      else this.#countLabel(model, event)
    }
    this.#learnt.add(model)
  }

  #evaluate(intake: Intake, watermark: Instant, occasion: 'due' | 'quiet' | 'end'): void {
    for (const model of intake.models.values()) {
      if (model.completeReference(watermark)) {
        this.#learnt.add(model)
        for (const stream of model.streams.values()) this.#changedStreams.add(stream)
      }
      for (const stream of model.streams.values()) {
        if (occasion === 'due' && stream.nextDue > watermark) continue
        let startedAt = performance.now()
        for (const evaluation of stream.evaluate(watermark, occasion)) {
          this.#options.observer?.evaluated?.(evaluation, performance.now() - startedAt)
          this.#conclude(stream, evaluation, watermark)
          startedAt = performance.now()
        }
        this.#changedStreams.add(stream)
      }
    }
    this.#findNextDue()
  }

  /** What a window's verdicts mean for incidents, and what must be sent for it. */
  #conclude(stream: WatchedStream, { spec, result, news }: Evaluation, at: Instant): void {
    this.#pending.result(result)
    const kinds: MonitorKind[] = [
      ...(news.inputs ? INPUT_KINDS : []),
      ...(news.performance ? (['performance'] as const) : []),
    ]
    const policy = this.#policyOf(stream)
    for (const transition of advance(policy, result, { spec, kinds, at })) {
      this.#pending.transition(transition)
      const { notifications, trigger } = this.#options.plan(transition, this.#now)
      this.#pending.notifications(notifications)
      if (trigger !== null) this.#pending.trigger(trigger)
      this.#options.observer?.transition?.(transition)
    }
    for (const held of Object.values(policy.incidents)) this.#pending.incident(held.incident)
  }

  /** Time passed: a source whose partitions are all idle is the time to look at changed windows. */
  tick(now: Instant, steady: Millis = now): void {
    this.#now = now
    for (const intake of this.#intakes.values()) {
      this.#intake = intake
      const { current, allIdle } = intake.watermark
      if (allIdle && current !== undefined && intake.quiet.isDue(steady, shortestSlide(intake.models.values())))
        this.#evaluate(intake, current, 'quiet')
    }
  }

  /** The source has ended: every full window is evaluated, and final. */
  finish(source: string, now: Instant): void {
    const intake = this.#intakeOf(source)
    this.#now = now
    this.#intake = intake
    intake.watermark.finish()
    this.#advance()
    const { current } = intake.watermark
    if (current !== undefined) this.#evaluate(intake, current, 'end')
  }

  /** Writes everything since the last commit, with the positions, in one transaction. @returns the positions that are now safe */
  commit(): readonly Position[] {
    const evicted = this.#store.waiting.evictBeyond(this.#options.waitingMax ?? Number.POSITIVE_INFINITY)
    if (evicted > 0) this.#pending.count('join_evicted', '', '', evicted)
    const positions = this.#positions()
    const retention = this.#retention()
    this.#store.commit(
      this.#pending.changes({
        positions,
        panes: [...this.#changedStreams].flatMap((stream) => [...unsavedPanes(stream)]),
        documents: [...this.#documents(), ...this.#sleepers.documents()],
        dropInputsBefore: retention.inputsBefore,
        dropOutcomesBefore: retention.outcomesBefore,
        dropResultsBefore: this.#resultsBefore(),
        dropEndedBefore: this.#options.keepOutcomes === true ? null : this.#now - DELIVERIES_KEPT_MS,
      }),
    )
    this.#pending.committed()
    this.#sleepers.committed()
    for (const stream of this.#changedStreams) stream.saved()
    this.#memory.committed(this.#models())
    this.#changedStreams.clear()
    this.#fellIdle = false
    this.#learnt.clear()
    this.#records = 0
    return positions
  }

  /** Memory is short: what can be read again leaves it. */
  dropCaches(): void {
    for (const stream of this.#streams) stream?.release()
    this.#store.dropCaches()
  }

  /** Whether something has happened since the last commit although no record came: a quiet source's windows, say. */
  get hasNews(): boolean {
    return this.#changedStreams.size > 0 || this.#fellIdle
  }

  /** Records applied since the last commit. */
  get uncommitted(): number {
    return this.#records
  }

  counters() {
    return this.#pending.counters()
  }

  models(): readonly WatchedModel[] {
    return [...this.#models()]
  }

  /** Models of the state that the configuration does not have. */
  get asleep(): readonly string[] {
    return this.#sleepers.models
  }

  /** How far each source has been read, for metrics and readiness. */
  progress() {
    return [...this.#intakes.values()].map(({ source, watermark, positions }) => ({
      source,
      watermark: watermark.current,
      partitions: [...positions.values()].map(({ topic, partition, nextOffset, endOffset }) => ({
        topic,
        partition,
        nextOffset,
        endOffset,
      })),
    }))
  }

  *#models(): Iterable<WatchedModel> {
    for (const { models } of this.#intakes.values()) yield* models.values()
  }

  #positions(): Position[] {
    return [...this.#intakes.values()].flatMap(({ source, watermark, positions }) =>
      [...positions].map(([key, { topic, partition, nextOffset, last }]) => ({
        source,
        topic,
        partition,
        nextOffset,
        last,
        highestTime: watermark.highestOf(key),
      })),
    )
  }

  #documents() {
    return this.#memory.documents({
      now: this.#now,
      watermarks: new Map([...this.#intakes.values()].map(({ source, watermark }) => [source, watermark.current])),
      streams: [...this.#changedStreams].map((watched) => ({ watched, policy: this.#policyOf(watched) })),
      models: this.#models(),
      learnt: this.#learnt,
    })
  }

  #policyOf({ stream }: WatchedStream): PolicyState {
    return this.#policies[stream.index] as PolicyState
  }

  #retention(): { inputsBefore: Instant | null; outcomesBefore: Instant | null } {
    let inputsBefore = Number.POSITIVE_INFINITY
    let outcomesBefore = Number.POSITIVE_INFINITY
    for (const { watermark, models } of this.#intakes.values()) {
      for (const model of models.values()) {
        if (watermark.current === undefined || model.learning !== undefined)
          return { inputsBefore: null, outcomesBefore: null }
        for (const stream of model.streams.values()) {
          const keep = stream.retention(watermark.current)
          stream.inputs.dropBefore(keep.inputsBefore)
          if (this.#options.keepOutcomes !== true) stream.outcomes.dropBefore(keep.outcomesBefore)
          inputsBefore = Math.min(inputsBefore, keep.inputsBefore)
          outcomesBefore = Math.min(outcomesBefore, keep.outcomesBefore)
        }
      }
    }
    const finite = (instant: number) => (Number.isFinite(instant) ? instant : null)
    return {
      inputsBefore: finite(inputsBefore),
      outcomesBefore: this.#options.keepOutcomes === true ? null : finite(outcomesBefore),
    }
  }

  /** A run that ends tells all of its windows; a daemon forgets those that are long past for every source. */
  #resultsBefore(): Instant | null {
    const watermarks = [...this.#intakes.values()].map(({ watermark }) => watermark.current ?? Number.NEGATIVE_INFINITY)
    const before = Math.min(...watermarks) - RESULTS_KEPT_MS
    return this.#options.keepOutcomes === true || !(before > 0) ? null : before
  }

  #intakeOf(source: string): Intake {
    const intake = this.#intakes.get(source)
    if (intake === undefined) throw new Error(`no source is called ${source}`)
    return intake
  }

  #streamOf(model: WatchedModel, version: string): WatchedStream {
    const counted = model.versionOf(version, this.#options.memoryIsShort?.())
    const known = model.streams.get(counted)
    if (known !== undefined) return known
    const stream: Stream = { index: this.#streams.length, model: model.name, version: counted }
    this.#pending.stream(stream)
    const watched = this.#watch(model, stream)
    // Even when the event that names it is not counted: what is known of the stream is stored with it.
    this.#changedStreams.add(watched)
    return watched
  }

  #watch(model: WatchedModel, stream: Stream): WatchedStream {
    const watched = model.watch(stream, () => ({
      allowedLatenessMs: this.#intakeOf(model.options.source).allowedLatenessMs,
      shelf: (part) => ({
        starts: () => this.#store.paneStarts(stream.index, '', part),
        load: (start) => this.#store.pane(stream.index, '', part, start),
      }),
      earlier: (window, end) =>
        this.#pending.resultOf(model.name, stream.version, window, end) ??
        this.#store.views.results({
          model: model.name,
          version: stream.version,
          window,
          from: end,
          to: end + 1,
          limit: 1,
        })[0],
    }))
    this.#streams[stream.index] = watched
    this.#policies[stream.index] ??= emptyPolicy()
    this.#modelOf.set(watched, model)
    return watched
  }

  #restoreIntake(options: IntakeOptions): Intake {
    const restored = this.#memory.watermark(options.source)
    const watermark = new Watermark({ ...options, restored })
    return { ...options, watermark, positions: new Map(), models: new Map(), quiet: new QuietLooks(options) }
  }

  #restoreStream(stream: Stream): void {
    const model = [...this.#models()].find(({ name }) => name === stream.model)
    this.#streams.length = Math.max(this.#streams.length, stream.index + 1)
    if (model === undefined) return this.#sleepers.sleep(stream.model)
    if (model.reference === undefined)
      throw new StateMismatch(stream, 'its reference is now to be learnt from the stream, and it had another')
    const watched = this.#watch(model, stream)
    this.#policies[stream.index] = withWindows(this.#memory.stream(watched), watched.subject.settings.windows)
  }

  /** Windows that hold what passed a model by while it slept are not judged: their missing rows are no silence. */
  #wakeModels(): void {
    for (const { watermark, models, source } of this.#intakes.values()) {
      for (const { name, streams } of models.values()) {
        const hasMissed = this.#sleepers.wake(name, source)
        if (!hasMissed || watermark.current === undefined) continue
        for (const watched of streams.values()) {
          watched.resume(watermark.current)
          this.#changedStreams.add(watched)
        }
      }
    }
    this.#findNextDue()
  }

  #findNextDue(): void {
    this.#nextDue = Number.POSITIVE_INFINITY
    for (const { nextDue } of this.#modelOf.keys()) this.#nextDue = Math.min(this.#nextDue, nextDue)
  }
}

const seeds = new Map<string, number>()

/** Tells apart equal ids of different models; the same in every run. */
function seedOf(model: string): number {
  let seed = seeds.get(model)
  if (seed === undefined) {
    const hash = { high: 0, low: 0 }
    hashInto(hash, model, 0)
    seed = hash.low
    seeds.set(model, seed)
  }
  return seed
}

function shortestSlide(models: Iterable<WatchedModel>): Millis {
  let shortest = Number.POSITIVE_INFINITY
  for (const { options } of models)
    for (const { slideMs } of options.settings.windows) shortest = Math.min(shortest, slideMs)
  return shortest
}

function keyOf({ source, topic, partition }: Position): string {
  return `${source}|${topic}/${partition}`
}
