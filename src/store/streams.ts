// The models and model versions under watch: brought back at the start, added when an event names a new version, saved with each
// commit. A model that the configuration does not have sleeps: see `sleepers.ts`.

import type { PolicyState } from '../incidents/policy-state.ts'
import { emptyPolicy, withWindows } from '../incidents/policy-state.ts'
import type { ModelOptions, WatchedModel } from '../monitors/watched-model.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { Instant, Millis } from '../time.ts'
import type { Watermark } from '../windows/watermark.ts'
import type { Stream } from '../windows/window.ts'
import type { Changes } from './changes.ts'
import { Memory, StateMismatch, unsavedPanes } from './memory.ts'
import type { PendingChanges } from './pending.ts'
import { Sleepers } from './sleepers.ts'
import type { Store } from './store.ts'

export interface StreamsOptions {
  readonly store: Store
  readonly pending: PendingChanges
  readonly models: readonly ModelOptions[]
  /** What a model needs to know of the source it reads from. @throws Error when there is none of that name */
  readonly sourceOf: (name: string) => {
    readonly options: { readonly allowedLatenessMs: Millis }
    readonly watermark: Watermark
  }
}

export class Streams {
  readonly #options: StreamsOptions
  readonly #memory: Memory
  readonly #sleepers: Sleepers
  readonly models: ReadonlyMap<string, WatchedModel>
  /** By number, as are the next two; a model that sleeps leaves a hole. */
  readonly #streams: WatchedStream[] = []
  readonly #models: WatchedModel[] = []
  readonly #policies: PolicyState[] = []
  readonly #changed = new Set<WatchedStream>()
  readonly #learnt = new Set<WatchedModel>()

  /** @throws StateMismatch when what is stored was counted under another configuration */
  constructor(options: StreamsOptions) {
    const { store, models } = options
    this.#options = options
    this.#memory = new Memory(store)
    this.#sleepers = new Sleepers(store)
    this.models = new Map(models.map((model) => [model.name, this.#memory.model(model)]))
    for (const stream of store.streams()) this.#restore(stream)
    for (const model of this.models.values()) this.#wake(model)
  }

  #restore(stream: Stream): void {
    const model = this.models.get(stream.model)
    this.#streams.length = Math.max(this.#streams.length, stream.index + 1)
    if (model === undefined) return this.#sleepers.sleep(stream.model)
    if (model.reference === undefined)
      throw new StateMismatch(stream, 'its reference is now to be learnt from the stream, and it had another')
    const watched = this.#watch(model, stream)
    this.#policies[stream.index] = withWindows(this.#memory.stream(watched), watched.subject.settings.windows)
  }

  /** Windows that hold what passed a model by while it slept are not judged: their missing rows are no silence. */
  #wake({ name, streams, options: { source } }: WatchedModel): void {
    const hasMissed = this.#sleepers.wake(name, source)
    const { watermark } = this.#options.sourceOf(source)
    if (!hasMissed || watermark.current === undefined) return
    for (const watched of streams.values()) {
      watched.resume(watermark.current)
      this.#changed.add(watched)
    }
  }

  /** The stream that an event of this version is counted in. @param isTight memory is short: no version is added */
  of(model: WatchedModel, version: string, isTight: boolean | undefined): WatchedStream {
    const counted = model.versionOf(version, isTight)
    const known = model.streams.get(counted)
    if (known !== undefined) return known
    const stream: Stream = { index: this.#streams.length, model: model.name, version: counted }
    this.#options.pending.stream(stream)
    const watched = this.#watch(model, stream)
    // Even when the event that names it is not counted: what is known of the stream is stored with it.
    this.#changed.add(watched)
    return watched
  }

  #watch(model: WatchedModel, stream: Stream): WatchedStream {
    const { store, pending, sourceOf } = this.#options
    const { index, version } = stream
    const watched = model.watch(stream, {
      allowedLatenessMs: sourceOf(model.options.source).options.allowedLatenessMs,
      shelf: (part, segment) => ({
        starts: () => store.paneStarts(index, segment, part),
        load: (start) => store.pane(index, segment, part, start),
      }),
      earlier: (window, end) =>
        pending.resultOf(model.name, version, window, end) ??
        store.views.results({ model: model.name, version, window, from: end, to: end + 1, limit: 1 })[0],
      earlierOfSegment: (window, end, segment) => {
        const sequence = { model: model.name, version, window }
        return (
          pending.segmentOf({ ...sequence, end, segment }) ??
          store.views.segmentResults({ ...sequence, segment, from: end, to: end + 1, limit: 1 })[0]
        )
      },
    })
    this.#streams[index] = watched
    this.#models[index] = model
    this.#policies[index] = emptyPolicy()
    return watched
  }

  /** By the number of a stream that is under watch. */
  at(index: number): WatchedStream {
    return this.#streams[index] as WatchedStream
  }

  modelAt(index: number): WatchedModel {
    return this.#models[index] as WatchedModel
  }

  policyOf({ stream }: WatchedStream): PolicyState {
    return this.#policies[stream.index] as PolicyState
  }

  /** The next commit saves it. */
  changed(stream: WatchedStream): void {
    this.#changed.add(stream)
  }

  /** The model has learnt its reference, or completed it: the next commit saves it. */
  learnt(model: WatchedModel): void {
    this.#learnt.add(model)
    for (const stream of model.streams.values()) this.#changed.add(stream)
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0
  }

  /** Models of the state that the configuration does not have. */
  get asleep(): readonly string[] {
    return this.#sleepers.models
  }

  /** Memory is short: what can be read again leaves it. */
  release(): void {
    for (const stream of this.#streams) stream?.release()
  }

  /** What the next commit writes of them. @param watermarks by source */
  changes(now: Instant, watermarks: ReadonlyMap<string, Instant | undefined>): Pick<Changes, 'panes' | 'documents'> {
    const streams = [...this.#changed]
    const documents = this.#memory.documents({
      now,
      watermarks,
      streams: streams.map((watched) => ({ watched, policy: this.policyOf(watched) })),
      models: this.models.values(),
      learnt: this.#learnt,
    })
    return {
      panes: streams.flatMap((stream) => [...unsavedPanes(stream)]),
      documents: [...documents, ...this.#sleepers.documents()],
    }
  }

  committed(): void {
    this.#sleepers.committed()
    for (const stream of this.#changed) stream.saved()
    this.#memory.committed(this.models.values())
    this.#changed.clear()
    this.#learnt.clear()
  }
}
