// Feeds a pipeline from its sources: applies batches, commits when it is time, and tells the world only what is committed.

import type { Pipeline } from '../pipeline.ts'
import type { Batch, Partition, Receiver, Source } from '../sources/source.ts'
import type { Position } from '../store/changes.ts'
import { StoreError } from '../store/store-error.ts'
import type { Clock, Millis } from '../time.ts'

export interface FeedOptions {
  readonly pipeline: Pipeline
  readonly clock: Clock
  readonly commitIntervalMs: Millis
  readonly commitRecordsMax: number
  /** Called after each commit, with what is now safe. */
  readonly committed: (positions: readonly Position[], durationMs: number) => void
  /** Told when the disk is full and the commit is tried again, and when it worked again. */
  readonly storeTrouble: (message: string | null) => void
}

/** Wait between tries while the disk is full. */
const FULL_RETRY_MS = 2_000

/** Serves all sources of one pipeline; calls come one after another, because all work is synchronous between two awaits. */
export class Feed {
  readonly #options: FeedOptions
  #committedAt: number
  #stopped = false

  constructor(options: FeedOptions) {
    this.#options = options
    this.#committedAt = performance.now()
  }

  receiver(source: string): Receiver {
    const { pipeline, clock } = this.#options
    return {
      assigned: (partitions: readonly Partition[]) => pipeline.assigned(source, partitions, clock()),
      batch: async (batch: Batch) => {
        if (this.#stopped) throw new Error('the feed has stopped')
        await this.#applied(pipeline.apply(source, batch, clock()))
      },
    }
  }

  async #applied(uncommitted: number): Promise<void> {
    const { commitRecordsMax, commitIntervalMs } = this.#options
    const isDue = performance.now() - this.#committedAt >= commitIntervalMs
    if (uncommitted >= commitRecordsMax || (uncommitted > 0 && isDue)) await this.commit()
  }

  /** The wall clock ticks: idleness, and commits while nothing comes. */
  async tick(): Promise<void> {
    const { pipeline, clock } = this.#options
    pipeline.tick(clock())
    if (pipeline.hasNews || pipeline.uncommitted > 0) await this.#applied(Math.max(1, pipeline.uncommitted))
  }

  /** Commits what has come; while the disk is full it tries again, and nothing more is taken in. */
  async commit(): Promise<void> {
    const { pipeline, committed, storeTrouble } = this.#options
    for (let troubled = false; ; troubled = true) {
      const startedAt = performance.now()
      try {
        const positions = pipeline.commit()
        this.#committedAt = performance.now()
        if (troubled) storeTrouble(null)
        return committed(positions, this.#committedAt - startedAt)
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'full') throw error
        storeTrouble(error.message)
        await new Promise((resolve) => setTimeout(resolve, FULL_RETRY_MS))
      }
    }
  }

  /** Reads a source that ends to its end: every full window is evaluated, and final. */
  async drain(source: Source): Promise<void> {
    await source.run(this.receiver(source.name))
    this.#options.pipeline.finish(source.name, this.#options.clock())
    await this.commit()
  }

  stop(): void {
    this.#stopped = true
  }
}
