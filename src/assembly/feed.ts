// Feeds a pipeline from its sources: applies batches, commits when it is time, and tells the world only what is committed.

import { setTimeout as pause } from 'node:timers/promises'
import type { Pipeline } from '../pipeline.ts'
import type { Batch, Partition, Receiver, Source } from '../sources/source.ts'
import type { Position } from '../store/changes.ts'
import { StoreError } from '../store/store-error.ts'
import type { Clock, Millis } from '../time.ts'

export interface FeedOptions {
  readonly pipeline: Pick<Pipeline, 'apply' | 'assigned' | 'commit' | 'finish' | 'hasNews' | 'tick' | 'uncommitted'>
  readonly clock: Clock
  readonly commitIntervalMs: Millis
  readonly commitRecordsMax: number
  /** Called after each commit, with what is now safe. */
  readonly committed: (positions: readonly Position[], durationMs: number) => void
  /** Told when the disk is full and the commit is tried again, and when it worked again. */
  readonly storeTrouble: (message: string | null) => void
  /** Between two tries of a commit while the disk is full, at first and at most. */
  readonly retryMs?: { readonly first: Millis; readonly most: Millis }
}

/**
 * Serves all sources of one pipeline; calls come one after another, because all work is synchronous between two awaits.
 *
 * While the disk is full, one commit is tried again and again, and nothing else is taken in: batches wait, the clock stands. Any
 * other error leaves memory in doubt (a batch half applied): it is never committed, and what it held is read again at the next start.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #stopping = new AbortController()
  #committedAt: number
  #isStopped = false
  #isInDoubt = false
  /** Fulfilled when the disk takes the commit. */
  #waiting: Promise<void> | undefined

  constructor(options: FeedOptions) {
    this.#options = options
    this.#committedAt = performance.now()
  }

  receiver(source: string): Receiver {
    const { pipeline, clock } = this.#options
    return {
      assigned: (partitions: readonly Partition[]) =>
        this.#orInDoubt(() => pipeline.assigned(source, partitions, clock())),
      batch: async (batch: Batch) => {
        while (this.#waiting !== undefined) await this.#waiting
        if (this.#isStopped) throw new Error('the feed has stopped')
        await this.#applied(this.#orInDoubt(() => pipeline.apply(source, batch, clock())))
      },
    }
  }

  #orInDoubt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      this.#isInDoubt = true
      throw error
    }
  }

  async #applied(uncommitted: number): Promise<void> {
    const { commitRecordsMax, commitIntervalMs } = this.#options
    const isDue = performance.now() - this.#committedAt >= commitIntervalMs
    if (uncommitted >= commitRecordsMax || (uncommitted > 0 && isDue)) await this.commit()
  }

  /** The wall clock ticks: idleness, and commits while nothing comes. */
  async tick(): Promise<void> {
    if (this.#waiting !== undefined) return
    const { pipeline, clock } = this.#options
    this.#orInDoubt(() => pipeline.tick(clock()))
    if (pipeline.hasNews || pipeline.uncommitted > 0) await this.#applied(Math.max(1, pipeline.uncommitted))
  }

  /** Commits what has come; while the disk is full it tries again, and nothing more is taken in. */
  async commit(): Promise<void> {
    if (this.#waiting === undefined && this.#tryToCommit()) return
    this.#waiting ??= this.#untilThereIsRoom()
    await this.#waiting
  }

  async #untilThereIsRoom(): Promise<void> {
    const { storeTrouble, retryMs = { first: 500, most: 5_000 } } = this.#options
    try {
      let waitMs = retryMs.first
      do {
        await pause(waitMs, undefined, { signal: this.#stopping.signal })
        waitMs = Math.min(retryMs.most, waitMs * 2)
      } while (!this.#tryToCommit())
      storeTrouble(null)
    } finally {
      this.#waiting = undefined
    }
  }

  /** @returns false when the disk is full: nothing is written, and it may be tried again */
  #tryToCommit(): boolean {
    const { pipeline, committed, storeTrouble } = this.#options
    const startedAt = performance.now()
    try {
      const positions = pipeline.commit()
      this.#committedAt = performance.now()
      committed(positions, this.#committedAt - startedAt)
      return true
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'full') {
        storeTrouble(error.message)
        return false
      }
      this.#isInDoubt = true
      throw error
    }
  }

  /** Reads a source that ends to its end: every full window is evaluated, and final. */
  async drain(source: Source): Promise<void> {
    await source.run(this.receiver(source.name))
    while (this.#waiting !== undefined) await this.#waiting
    this.#orInDoubt(() => this.#options.pipeline.finish(source.name, this.#options.clock()))
    await this.commit()
  }

  /** Ends a wait for a disk that is full, so that those who wait for it can be stopped. */
  stopWaiting(): void {
    this.#stopping.abort(new Error('stopped while the disk was full'))
  }

  /** Takes no more, and commits what was applied; what the disk has no room for is read again at the next start. */
  close(): void {
    this.#isStopped = true
    if (!this.#isInDoubt && this.#options.pipeline.uncommitted > 0) this.#tryToCommit()
  }
}
