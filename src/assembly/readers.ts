// The sources that are being read.

import type { Source } from '../sources/source.ts'
import type { Position } from '../store/changes.ts'
import type { Feed } from './feed.ts'

export interface ReadersOptions {
  readonly feed: Feed
  /** It ends by itself, and every full window is judged then. */
  readonly isFile: (source: string) => boolean
  /** From where it is read: see `identityOf`. */
  readonly identityOf: (source: string) => string
  /** A source cannot go on. */
  readonly onFailure: (error: unknown) => void
}

/** Starts and stops sources; a reload changes which. */
export class Readers {
  readonly #options: ReadersOptions
  readonly #reading = new Map<
    string,
    { readonly source: Source; readonly identity: string; readonly ended: Promise<void> }
  >()
  #isStopped = false

  constructor(options: ReadersOptions) {
    this.#options = options
  }

  start(source: Source): void {
    if (this.#isStopped) return
    const { name } = source
    const { feed, isFile, identityOf, onFailure } = this.#options
    const ended = isFile(name) ? feed.drain(source) : source.run(feed.receiver(name))
    ended.catch(onFailure)
    this.#reading.set(name, { source, identity: identityOf(name), ended })
  }

  /** By source, from where each is read. */
  get identities(): ReadonlyMap<string, string> {
    return new Map([...this.#reading].map(([name, { identity }]) => [name, identity]))
  }

  /** Waits until the source brings nothing more. */
  async stop(name: string): Promise<void> {
    const reading = this.#reading.get(name)
    if (reading === undefined) return
    this.#options.feed.forget(name)
    await reading.source.stop()
    this.#reading.delete(name)
  }

  /** Every source has come to its end, those that were started meanwhile included. */
  async ended(): Promise<void> {
    for (let waitedFor = -1; waitedFor !== this.#reading.size; ) {
      waitedFor = this.#reading.size
      await Promise.all([...this.#reading.values()].map(({ ended }) => ended))
    }
  }

  committed(positions: readonly Position[]): void {
    for (const { source } of this.#reading.values())
      void source.committed(positions.filter((position) => position.source === source.name))
  }

  /** Stopping twice is harmless. */
  async stopAll(): Promise<void> {
    this.#isStopped = true
    await Promise.all([...this.#reading.keys()].map((name) => this.stop(name)))
  }
}
