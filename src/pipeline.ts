// The whole way of an event, on one page:
//
//   decode → join → panes → windows → monitors → incidents → retraining → outbox → one commit
//
// Everything here is synchronous and in order of arrival. What a batch is and when a commit falls changes nothing: a window is
// evaluated at the very record that moves the watermark past its end. Time comes in as an argument.
//
// Segments are many, and judging them all takes long: they are judged in steps, before the next event is counted, and others may have
// their turn between two steps. Nothing is committed before the last of them.
//
// How far a source has come is known to `intake.ts`, the model versions under watch to `store/streams.ts`, and what has happened
// since the last commit to `store/pending.ts`.

import type { Plan } from './delivery/plan.ts'
import type { EventSink, LabelEvent, OutcomeValue, PredictionEvent, Rejection } from './events/event.ts'
import { advance } from './incidents/advance.ts'
import type { Transition } from './incidents/incident.ts'
import type { PolicyState } from './incidents/policy-state.ts'
import type { IntakeOptions } from './intake.ts'
import { Intake } from './intake.ts'
import type { PredictionEntry } from './join/entry.ts'
import { NO_SEGMENTS } from './join/entry.ts'
import type { Join } from './join/join.ts'
import { createJoin } from './join/join.ts'
import { labelDelayCounter } from './join/label-delay.ts'
import type { ModelOptions, WatchedModel } from './monitors/watched-model.ts'
import { OTHER_VERSION } from './monitors/watched-model.ts'
import type { SegmentSteps } from './monitors/watched-segments.ts'
import type { Evaluation, WatchedStream } from './monitors/watched-stream.ts'
import type { PartitionPosition } from './sources/read-positions.ts'
import type { Batch, Loss, Partition, ReadPosition, SourceRecord } from './sources/source.ts'
import type { Position } from './store/changes.ts'
import { dropped } from './store/kept.ts'
import type { PlacedRecord } from './store/pending.ts'
import { PendingChanges } from './store/pending.ts'
import type { Store } from './store/store.ts'
import { Streams } from './store/streams.ts'
import type { Instant, Millis } from './time.ts'
import { admit } from './windows/admission.ts'

export interface PipelineOptions {
  readonly store: Store
  readonly intakes: readonly IntakeOptions[]
  readonly models: readonly ModelOptions[]
  /**
   * What is to be sent for a transition, and what is to be asked of an orchestrator: see `delivery/plan.ts`.
   *
   * @param labels of the model so far
   */
  readonly plan: (transition: Transition, now: Instant, labels?: number) => Pick<Plan, 'notifications' | 'trigger'>
  readonly observer?: Observer
  /** Entries kept for the join of predictions and labels; beyond it the oldest are dropped, and counted. */
  readonly waitingMax?: number
  /** No model gets another version then. */
  readonly memoryIsShort?: () => boolean
  /** Keep outcomes for ever, to be summed up at the end of a run that ends. */
  readonly keepOutcomes?: boolean
}

/** A window whose segments are still to be judged. */
interface Owed {
  readonly evaluation: Evaluation
  readonly segments: SegmentSteps
  /** What it has taken without them. */
  readonly durationMs: Millis
}

/** Told what happened, for metrics, logs and progress. It cannot change anything. */
export interface Observer {
  /** Told once its segments are judged, too. @param durationMs without what others did between their steps */
  evaluated?(evaluation: Evaluation, durationMs: number): void
  labelDelay?(model: string, version: string, delayMs: Millis): void
  transition?(transition: Transition): void
  /** `records` of a source will never be read. */
  lost?(source: string, place: Partition, loss: Loss): void
}

/** A model version, and the recent past of its tests. */
export interface Standing {
  readonly watched: WatchedStream
  readonly policy: PolicyState
}

/** Work that stops where others may have their turn. */
export type Steps<T> = Generator<void, T, void>

export class Pipeline {
  readonly #options: PipelineOptions
  readonly #store: Store
  readonly #pending: PendingChanges
  readonly #intakes = new Map<string, Intake>()
  readonly #streams: Streams
  readonly #join: Join
  /** Where the record at hand came from. */
  #intake!: Intake
  #position!: PartitionPosition
  /** undefined while events that were held back are counted: their records are long gone. */
  #record: SourceRecord | undefined
  #model!: WatchedModel
  #now: Instant = 0
  #brought = false
  /** Since the last commit: records applied, and whether the watermark has moved without one. */
  #records = 0
  #fellIdle = false
  /** Windows whose segments are still to be judged, and what comes after them: further events of the record at hand. */
  readonly #owed: Owed[] = []
  readonly #after: Array<() => void> = []

  constructor(options: PipelineOptions) {
    const { store, models } = options
    this.#options = options
    this.#store = store
    this.#pending = new PendingChanges(store.counters())
    for (const intake of options.intakes) this.#intakes.set(intake.source, new Intake(intake, store))
    const sourceOf = (name: string) => this.#intakeOf(name)
    this.#streams = new Streams({ store, pending: this.#pending, models, sourceOf })
    for (const model of this.models()) this.#intakeOf(model.options.source).models.set(model.name, model)
    for (const intake of this.#intakes.values()) intake.evaluated()
    this.#join = createJoin(
      store.waiting,
      {
        labelOf: (stream, label) => this.#streams.modelAt(stream).reading.label(label),
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
    return this.#intakeOf(source).assigned(partitions, steady)
  }

  /** Applies the records of a batch that were not applied before. @returns records applied since the last commit */
  apply(source: string, batch: Batch, now: Instant, steady: Millis = now): number {
    return finished(this.applyInSteps(source, batch, now, steady))
  }

  /** As `apply`. Between two steps nothing else may be asked of the pipeline that changes it, and nothing be committed. */
  *applyInSteps(source: string, batch: Batch, now: Instant, steady: Millis = now): Steps<number> {
    const intake = this.#intakeOf(source)
    const decoder = intake.options.decoderOf(batch.topic)
    const position = intake.positions.of(batch)
    this.#intake = intake
    this.#position = position
    this.#now = now
    this.#brought = false
    const isLook = batch.records.length === 0 && batch.nextOffset <= position.nextOffset
    if (batch.lost !== undefined) this.#lose(batch, batch.lost, position.nextOffset)
    for (const record of batch.records) {
      if (!position.take(record)) continue
      this.#record = record
      this.#records++
      if (record.value === null) this.#pending.count('tombstones', '', '')
      else decoder.decode(record.value, this.#sink)
      if (this.#owed.length > 0) yield* this.#settle()
    }
    position.passed(batch)
    if (batch.records.length > 0) intake.quiet.brought(steady, { predictions: this.#brought })
    if (this.#brought) intake.watermark.spoke(position.key, steady)
    // The end that comes with records is as old as their fetch: only a look without any tells what is true now.
    const isCaughtUp = isLook && position.nextOffset >= batch.endOffset
    if (isCaughtUp && intake.watermark.caughtUp(position.key, steady)) {
      this.#fellIdle = true
      this.#advance()
      yield* this.#settle()
    }
    return this.#records
  }

  #lose(batch: Batch, lost: Loss, position: number): void {
    const records = this.#pending.lost(this.#intake.options.source, { ...batch, lost }, position, this.#now)
    if (records === 0) return
    // There is something to be committed, though no record.
    this.#records++
    this.#options.observer?.lost?.(this.#intake.options.source, batch, { ...lost, records })
  }

  readonly #sink: EventSink = {
    prediction: (event) => {
      if (this.#owed.length > 0) this.#after.push(() => this.#prediction(event))
      else this.#prediction(event)
    },
    label: (event) => {
      if (this.#owed.length > 0) this.#after.push(() => this.#label(event))
      else this.#label(event)
    },
    rejected: (rejection) => this.#reject(rejection),
    ignored: (keys) => void this.#pending.count('unknown_keys', '', '', keys),
  }

  #prediction(event: PredictionEvent): void {
    const model = this.#known(event.model)
    if (model === undefined) return
    if (!this.#fits(model, event.prediction, 'bad_prediction')) return
    const { watermark } = this.#intake
    const { key } = this.#position
    const admission = admit(event.time, { now: this.#now, watermark: watermark.lateFrom(key) }, this.#intake.options)
    if (admission.is === 'future') return this.#reject({ reason: 'future_time', detail: admission.because })
    if (admission.is === 'late') {
      const late = this.#pending.count('late', model.name, model.knownVersionOf(event.version))
      return this.#pending.passOver(this.#here(), late, { reason: 'late', detail: admission.because })
    }
    this.#brought = true
    if (model.learning !== undefined) model.learning.hold(event)
    else this.#count(model, event)
    if (watermark.observe(key, event.time)) this.#advance()
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
    const stream = this.#streams.of(model, event.version, this.#options.memoryIsShort?.())
    const { reading } = model
    this.#model = model
    const prediction = {
      stream: stream.stream.index,
      time: event.time,
      prediction: reading.prediction(event),
      outputs: reading.outputs(event),
      segments: this.#segmentsOf(model, event),
    }
    const { version } = stream.stream
    const fate = this.#join.prediction(model.idSeed, event.id, prediction)
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
    this.#streams.changed(stream)
    this.#intake.counted(stream)
  }

  #segmentsOf(model: WatchedModel, event: PredictionEvent): readonly number[] {
    const { segments } = model
    if (segments === undefined) return NO_SEGMENTS
    const numbers = segments.of(event, this.#options.memoryIsShort?.())
    const over = segments.takeOver()
    if (over > 0) this.#pending.count('over/segments', model.name, '', over)
    return numbers
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
    const fate = this.#join.label(model.idSeed, event)
    const count = this.#pending.count(`labels/${fate}`, model.name, '')
    if (fate === 'unknown-class') this.#refuseClass(model, JSON.stringify(event.label))
    if (fate === 'too-late') {
      const detail = `its prediction is older than the label horizon of ${model.name}`
      this.#pending.passOver(this.#here(), count, { reason: 'late_label', detail })
    }
  }

  #refuseClass(model: WatchedModel, which: string): void {
    const { classes } = model.reference as { classes: readonly string[] }
    this.#reject({ reason: 'bad_label', detail: `class ${which} is not one of ${classes.join(', ')}` })
  }

  /** The join found a labelled prediction, or takes one back. */
  #outcome(entry: PredictionEntry, sign: 1 | -1, isFirst: boolean): void {
    const stream = this.#streams.at(entry.stream)
    stream.outcome(entry, sign)
    this.#streams.changed(stream)
    const { model, version } = stream.stream
    if (!isFirst) return
    const delayMs = Math.max(0, entry.labelTime - entry.time)
    this.#pending.count(labelDelayCounter(delayMs), model, version)
    this.#options.observer?.labelDelay?.(model, version, delayMs)
  }

  #known(name: string): WatchedModel | undefined {
    const model = this.#intake.models.get(name)
    if (model !== undefined) return model
    const detail = `no model ${JSON.stringify(name.slice(0, 128))} is configured for this source`
    const unknown = this.#pending.count('unknown_model', '', '')
    this.#pending.passOver(this.#here(), unknown, { reason: 'unknown_model', detail })
    return undefined
  }

  #reject(rejection: Rejection): void {
    this.#pending.reject(this.#here(), rejection)
  }

  #here(): PlacedRecord | undefined {
    if (this.#record === undefined) return undefined
    const { topic, partition } = this.#position
    const { offset, value } = this.#record
    return { source: this.#intake.options.source, topic, partition, offset, value, at: this.#now }
  }

  /** The watermark moved: ends learning periods, evaluates every window that is due. */
  #advance(): void {
    const watermark = this.#intake.watermark.current
    for (const model of this.#intake.models.values()) {
      if (model.learning?.isComplete(watermark)) this.#finishLearning(model)
    }
    const dueAt = this.#intake.dueAt
    if (dueAt !== undefined) this.#evaluate(this.#intake, dueAt, 'due')
  }

  #finishLearning(model: WatchedModel): void {
    const atHand = this.#record
    this.#record = undefined
    for (const event of model.finishLearning()) {
      if (event.kind === 'prediction') this.#count(model, event)
      else this.#countLabel(model, event)
    }
    this.#record = atHand
    this.#streams.learnt(model)
  }

  #evaluate(intake: Intake, watermark: Instant, occasion: 'due' | 'quiet' | 'end'): void {
    for (const model of intake.models.values()) {
      if (model.completeReference(watermark)) this.#streams.learnt(model)
      for (const stream of model.streams.values()) {
        if (occasion === 'due' && stream.nextDue > watermark) continue
        let startedAt = performance.now()
        for (const evaluation of stream.evaluate(watermark, occasion)) {
          const durationMs = performance.now() - startedAt
          const { segments } = evaluation
          if (segments === null) this.#options.observer?.evaluated?.(evaluation, durationMs)
          else this.#owed.push({ evaluation, segments, durationMs })
          this.#conclude(stream, evaluation, watermark)
          startedAt = performance.now()
        }
        this.#streams.changed(stream)
      }
    }
    intake.evaluated()
  }

  /** What a window's verdicts mean for incidents, and what must be sent for it. */
  #conclude(stream: WatchedStream, { spec, result, news }: Evaluation, at: Instant): void {
    this.#pending.result(result)
    const policy = this.#streams.policyOf(stream)
    const labels = this.#labelsOf(stream.stream.model)
    for (const transition of advance(policy, result, { spec, kinds: news, at })) {
      this.#pending.transition(transition)
      const { notifications, trigger } = this.#options.plan(transition, this.#now, labels)
      this.#pending.notifications(notifications)
      if (trigger !== null) this.#pending.trigger(trigger)
      this.#options.observer?.transition?.(transition)
    }
    for (const held of Object.values(policy.incidents)) this.#pending.incident(held.incident)
  }

  /** As the gates of retraining count them. */
  #labelsOf(model: string): number {
    return this.#pending.counted('labels/joined', model) + this.#pending.counted('early_labels/joined', model)
  }

  /** Judges the segments of what was evaluated, a step each, and then takes what else the record at hand says. */
  *#settle(): Steps<void> {
    for (;;) {
      for (let [owed] = this.#owed; owed !== undefined; [owed] = this.#owed) {
        let [{ durationMs }, startedAt] = [owed, performance.now()]
        for (const result of owed.segments) {
          if (result !== null) this.#pending.result(result)
          durationMs += performance.now() - startedAt
          yield
          startedAt = performance.now()
        }
        this.#options.observer?.evaluated?.(owed.evaluation, durationMs + performance.now() - startedAt)
        this.#owed.shift()
      }
      const next = this.#after.shift()
      if (next === undefined) return
      next()
    }
  }

  /** Time passed: a source whose partitions are all idle is the time to look at changed windows. */
  tick(now: Instant, steady: Millis = now): void {
    finished(this.tickInSteps(now, steady))
  }

  /** As `tick`, and as `applyInSteps`. */
  *tickInSteps(now: Instant, steady: Millis = now): Steps<void> {
    this.#now = now
    for (const intake of this.#intakes.values()) {
      this.#intake = intake
      const restsAt = intake.restsAt(steady)
      if (restsAt === undefined) continue
      this.#evaluate(intake, restsAt, 'quiet')
      yield* this.#settle()
    }
  }

  /** The source has ended: every full window is evaluated, and final. */
  finish(source: string, now: Instant): void {
    finished(this.finishInSteps(source, now))
  }

  /** As `finish`, and as `applyInSteps`. */
  *finishInSteps(source: string, now: Instant): Steps<void> {
    const intake = this.#intakeOf(source)
    this.#now = now
    this.#intake = intake
    intake.watermark.finish()
    this.#advance()
    yield* this.#settle()
    const { current } = intake.watermark
    if (current === undefined) return
    this.#evaluate(intake, current, 'end')
    yield* this.#settle()
  }

  /** Writes everything since the last commit, with the positions, in one transaction. @returns the positions that are now safe */
  commit(): readonly Position[] {
    if (this.#owed.length > 0) throw new Error('segments are still to be judged')
    const evicted = this.#store.waiting.evictBeyond(this.#options.waitingMax ?? Number.POSITIVE_INFINITY)
    if (evicted > 0) this.#pending.count('join_evicted', '', '', evicted)
    const intakes = [...this.#intakes.values()]
    const positions = intakes.flatMap((intake) => intake.toStore())
    const drops = dropped(intakes, { now: this.#now, keepOutcomes: this.#options.keepOutcomes === true })
    const watermarks = new Map(intakes.map(({ options, watermark }) => [options.source, watermark.current]))
    const changes = this.#streams.changes(this.#now, watermarks)
    this.#store.commit(this.#pending.changes({ positions, ...changes, ...drops }))
    this.#pending.committed()
    this.#streams.committed()
    this.#records = 0
    this.#fellIdle = false
    return positions
  }

  /** Memory is short: what can be read again leaves it. */
  dropCaches(): void {
    this.#streams.release()
    this.#store.dropCaches()
  }

  /** Whether something has happened since the last commit although no record came: a quiet source's windows, say. */
  get hasNews(): boolean {
    return this.#streams.hasChanged || this.#fellIdle
  }

  /** Records applied since the last commit. */
  get uncommitted(): number {
    return this.#records
  }

  counters() {
    return this.#pending.counters()
  }

  models(): readonly WatchedModel[] {
    return [...this.#streams.models.values()]
  }

  /** What is known of a model's versions, for a deed that puts another reference into force; nothing may be uncommitted. */
  standing({ streams }: WatchedModel): readonly Standing[] {
    return [...streams.values()].map((watched) => ({ watched, policy: this.#streams.policyOf(watched) }))
  }

  /** Models of the state that the configuration does not have. */
  get asleep(): readonly string[] {
    return this.#streams.asleep
  }

  /** How far each source has been read, for metrics and readiness. */
  progress() {
    return [...this.#intakes.values()].map((intake) => intake.progress())
  }

  #intakeOf(source: string): Intake {
    const intake = this.#intakes.get(source)
    if (intake === undefined) throw new Error(`no source is called ${source}`)
    return intake
  }
}

/** All steps in one go. */
function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
