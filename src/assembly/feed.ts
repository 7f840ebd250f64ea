// Feeds a pipeline from its sources: applies batches, commits when it is time, and tells the world only what is committed.

import { setTimeout as pause } from 'node:timers/promises'
import type { Pipeline, Steps } from '../pipeline.ts'
import type { Batch, Partition, Receiver, Source } from '../sources/source.ts'
import type { Position } from '../store/changes.ts'
import { StoreError } from '../store/store-error.ts'
import type { Millis } from '../time.ts'
import type { Gate } from './gate.ts'
import type { TrustedClock } from './trusted-clock.ts'
import { Turns } from './turns.ts'

/** A commit is due after so many bytes of records too: what is not committed yet is in memory. */
const COMMIT_BYTES_MAX = 32 * 2 ** 20
/** Work in steps gives way to requests, timers and sockets after so long. */
const TURN_MS = 10

type FedPipeline = Pick<
  Pipeline,
  'applyInSteps' | 'assigned' | 'commit' | 'finishInSteps' | 'hasNews' | 'tickInSteps' | 'uncommitted'
>

export interface FeedOptions {
  readonly pipeline: FedPipeline
  readonly clock: Pick<TrustedClock, 'now' | 'steady'>
  readonly commitIntervalMs: Millis
  readonly commitRecordsMax: number
  /** Called after each commit, with what is now safe. */
  readonly committed: (positions: readonly Position[], durationMs: number) => void
  /** Told when the disk is full and the commit is tried again, and when it worked again. */
  readonly storeTrouble: (message: string | null) => void
  /** Batches with records wait before it while it is closed. */
  readonly gate?: Gate
  /** Told after each batch. */
  readonly onBatch?: () => void
  /** Between two tries of a commit while the disk is full, at first and at most. */
  readonly retryMs?: { readonly first: Millis; readonly most: Millis }
  /** After so long work in steps gives way to others. */
  readonly turnMs?: Millis
}

/**
 * Serves all sources of one pipeline. One thing at a time is asked of it: what is done in steps holds everything else up until it is
 * through, and who cannot wait (another pipeline, the end) has it finished at once.
 *
 * While the disk is full, one commit is tried again and again, and nothing else is taken in: batches wait, the clock stands. Any
 * other error leaves memory in doubt (a batch half applied): it is never committed, and what it held is read again at the next start.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #stopping = new AbortController()
  readonly #turns: Turns
  #pipeline: FedPipeline
  readonly #assigned = new Map<string, readonly Partition[]>()
  #committedAt: number
  /** Of the records since the last commit. */
  #bytes = 0
  #isStopped = false
  /** What has left memory in doubt. */
  #doubt: { readonly error: unknown } | undefined
  /** Fulfilled when the disk takes the commit. */
  #waiting: Promise<void> | undefined

  constructor(options: FeedOptions) {
    this.#options = options
    this.#pipeline = options.pipeline
    this.#turns = new Turns(options.turnMs ?? TURN_MS)
    this.#committedAt = performance.now()
  }

  /** What each source that is being read was assigned last. */
  get assigned(): ReadonlyMap<string, readonly Partition[]> {
    return this.#assigned
  }

  receiver(source: string): Receiver {
    const { clock } = this.#options
    return {
      assigned: (partitions: readonly Partition[]) => {
        this.#assigned.set(source, partitions)
        return this.#orInDoubt(() => {
          // Where to go on is behind the whole of the batch at hand, not behind the step that it has come to.
          this.#turns.finish()
          return this.#pipeline.assigned(source, partitions, clock.now(), clock.steady())
        })
      },
      batch: async (batch: Batch) => {
        // However long it waits here, it tells of the moment when it came.
        const at = clock.steady()
        for (;;) {
          const gate = batch.records.length > 0 ? this.#options.gate?.opening : undefined
          const wait = this.#waiting ?? gate ?? this.#turns.underway
          if (wait === undefined) break
          await wait
          if (this.#stopping.signal.aborted) throw new Error('the feed has stopped')
        }
        if (this.#isStopped) throw new Error('the feed has stopped')
        this.#bytes += bytesOf(batch)
        const rest = this.#begin(this.#pipeline.applyInSteps(source, batch, clock.now(), at))
        if (rest !== undefined) await rest
        await this.#applied(this.#pipeline.uncommitted)
        this.#options.onBatch?.()
      },
    }
  }

  #orInDoubt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      this.#doubt ??= { error }
      throw error
    }
  }

  /** Does a piece of work. @returns fulfilled when it is through; undefined when it is already */
  #begin(work: Steps<unknown>): Promise<void> | undefined {
    return this.#orInDoubt(() => this.#turns.take(work))?.catch((error) => {
      this.#doubt ??= { error }
      throw error
    })
  }

  async #applied(uncommitted: number): Promise<void> {
    const { commitRecordsMax, commitIntervalMs } = this.#options
    const isDue = performance.now() - this.#committedAt >= commitIntervalMs
    const isMuch = uncommitted >= commitRecordsMax || this.#bytes >= COMMIT_BYTES_MAX
    if (isMuch || (uncommitted > 0 && isDue)) await this.commit()
  }

  /** Time passes: windows of a quiet source, and commits while nothing comes. */
  async tick(): Promise<void> {
    while (this.#turns.underway !== undefined) await this.#turns.underway
    if (this.#waiting !== undefined || this.#isStopped) return
    const { clock } = this.#options
    const rest = this.#begin(this.#pipeline.tickInSteps(clock.now(), clock.steady()))
    if (rest !== undefined) await rest
    const pipeline = this.#pipeline
    if (pipeline.hasNews || pipeline.uncommitted > 0) await this.#applied(Math.max(1, pipeline.uncommitted))
  }

  /** Commits what has come; while the disk is full it tries again, and nothing more is taken in. */
  async commit(): Promise<void> {
    // What others have begun meanwhile is committed whole.
    while (this.#turns.underway !== undefined) await this.#turns.underway
    if (this.#isStopped) return
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
    try {
      this.#commitOnce()
      return true
    } catch (error) {
      if (!isFull(error)) throw error
      this.#options.storeTrouble(error.message)
      return false
    }
  }

  #commitOnce(): void {
    if (this.#doubt !== undefined) throw this.#doubt.error
    const startedAt = performance.now()
    try {
      const positions = this.#pipeline.commit()
      this.#committedAt = performance.now()
      this.#bytes = 0
      this.#options.committed(positions, this.#committedAt - startedAt)
    } catch (error) {
      if (!isFull(error)) this.#doubt ??= { error }
      throw error
    }
  }

  /**
   * Goes on with another pipeline on the same store. All in one step, between two records: what the old one has applied is
   * committed, the new one is built from what is stored, and sources that are being read go on where they are. A batch that waits at
   * the gate is applied to the new one.
   *
   * @param options.commit false only in tests of exactness, which must notice what is lost then
   * @throws what the commit or `build` throws; the old pipeline goes on then
   */
  swap(build: () => FedPipeline, { commit = true } = {}): void {
    if (this.#waiting !== undefined)
      throw new StoreError('full', 'the disk is full: nothing is changed until that has passed')
    this.#orInDoubt(() => this.#turns.finish())
    if (commit) this.#commitOnce()
    const next = build()
    const { clock } = this.#options
    for (const [source, partitions] of this.#assigned) next.assigned(source, partitions, clock.now(), clock.steady())
    this.#pipeline = next
  }

  /** Why nothing is taken in for now; null when it is. A source that waits here cannot be stopped. */
  get held(): string | null {
    if (this.#waiting !== undefined) return 'the disk is full'
    return this.#options.gate?.opening === undefined ? null : 'reading is paused'
  }

  /** The source has stopped: it brings nothing more. */
  forget(source: string): void {
    this.#assigned.delete(source)
  }

  /** Reads a source that ends to its end: every full window is evaluated, and final. */
  async drain(source: Source): Promise<void> {
    await source.run(this.receiver(source.name))
    for (;;) {
      const wait = this.#waiting ?? this.#turns.underway
      if (wait === undefined) break
      await wait
    }
    if (!this.#assigned.has(source.name)) return // It was stopped, and has not ended.
    await this.#begin(this.#pipeline.finishInSteps(source.name, this.#options.clock.now()))
    await this.commit()
  }

  /** Ends every wait, for a disk that is full or at the gate, so that those who wait can be stopped. */
  stopWaiting(): void {
    this.#stopping.abort(new Error('stopped while the disk was full'))
    this.#options.gate?.openForAll()
  }

  /** Takes no more, and commits what was applied; what the disk has no room for is read again at the next start. */
  close(): void {
    this.#isStopped = true
    if (this.#doubt === undefined) this.#orInDoubt(() => this.#turns.finish())
    const { uncommitted, hasNews } = this.#pipeline
    if (this.#doubt === undefined && (uncommitted > 0 || hasNews)) this.#tryToCommit()
  }
}

function bytesOf({ records }: Batch): number {
  return records.reduce((sum, { value }) => sum + (value instanceof Uint8Array ? value.length : 0), 0)
}

function isFull(error: unknown): error is StoreError {
  return error instanceof StoreError && error.kind === 'full'
}
