// One source as the pipeline takes it in: how its records are read and timed, how far it has come, and which models it feeds.

import type { Decoder } from './events/decode.ts'
import type { WatchedModel } from './monitors/watched-model.ts'
import type { WatchedStream } from './monitors/watched-stream.ts'
import { keyOf, ReadPositions } from './sources/read-positions.ts'
import type { Partition, ReadPosition } from './sources/source.ts'
import type { Position } from './store/changes.ts'
import { lastWatermark } from './store/memory.ts'
import type { Store } from './store/store.ts'
import type { Instant, Millis } from './time.ts'
import type { TimeRules } from './windows/admission.ts'
import { QuietLooks } from './windows/quiet.ts'
import { Watermark } from './windows/watermark.ts'

/** How one source's records are read and timed. */
export interface IntakeOptions extends TimeRules {
  readonly source: string
  readonly decoderOf: (topic: string) => Decoder
  readonly outOfOrdernessMs: Millis
  readonly idleTimeoutMs: Millis
}

export class Intake {
  readonly options: IntakeOptions
  readonly watermark: Watermark
  readonly positions = new ReadPositions()
  readonly quiet: QuietLooks
  /** Those that read from it, by name. */
  readonly models = new Map<string, WatchedModel>()
  readonly #store: Store
  #nextDue = Number.POSITIVE_INFINITY

  constructor(options: IntakeOptions, store: Store) {
    this.options = options
    this.#store = store
    this.watermark = new Watermark({ ...options, restored: lastWatermark(store, options.source) })
    this.quiet = new QuietLooks(options)
  }

  /** Where to start reading each partition: behind the last record that was applied. */
  assigned(partitions: readonly Partition[], steady: Millis): ReadonlyArray<ReadPosition | undefined> {
    const ofSource = this.#store.positions().filter(({ source }) => source === this.options.source)
    const stored = new Map(ofSource.map((position) => [keyOf(position), position]))
    return partitions.map((partition) => {
      const key = keyOf(partition)
      const position = stored.get(key)
      this.watermark.assign(key, this.watermark.highestOf(key) ?? position?.highestTime ?? null, steady)
      return this.positions.assign(partition, position)
    })
  }

  /** The watermark at which some window of its models is due now; undefined while none is. */
  get dueAt(): Instant | undefined {
    const { current } = this.watermark
    return current !== undefined && current >= this.#nextDue ? current : undefined
  }

  /** The watermark at which changed windows are to be looked at although nothing comes; undefined while they are not. */
  restsAt(steady: Millis): Instant | undefined {
    const { current, allIdle } = this.watermark
    return allIdle && current !== undefined && this.quiet.isDue(steady, this.#shortestSlideMs()) ? current : undefined
  }

  #shortestSlideMs(): Millis {
    let shortest = Number.POSITIVE_INFINITY
    for (const { options } of this.models.values())
      for (const { slideMs } of options.settings.windows) shortest = Math.min(shortest, slideMs)
    return shortest
  }

  /** The stream has counted a row, which may make a window due earlier. */
  counted({ nextDue }: WatchedStream): void {
    if (nextDue < this.#nextDue) this.#nextDue = nextDue
  }

  /** Its windows were evaluated, or have just been brought back: finds the one that is due next. */
  evaluated(): void {
    this.#nextDue = Number.POSITIVE_INFINITY
    for (const { streams } of this.models.values()) for (const stream of streams.values()) this.counted(stream)
  }

  /** How far it has come, to be stored. */
  toStore(): Position[] {
    const { source } = this.options
    return this.positions.all().map(({ key, topic, partition, nextOffset, last }) => {
      return { source, topic, partition, nextOffset, last, highestTime: this.watermark.highestOf(key) }
    })
  }

  /** How far it has come, for metrics and readiness. */
  progress() {
    const partitions = this.positions.all().map(({ topic, partition, nextOffset, endOffset }) => {
      return { topic, partition, nextOffset, endOffset }
    })
    return { source: this.options.source, watermark: this.watermark.current, partitions }
  }
}
