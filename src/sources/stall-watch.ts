// Whether a client that says nothing is wrong still brings what there is.

import type { Millis } from '../time.ts'

export interface Look {
  /** A clock that never goes back, in milliseconds. */
  readonly now: number
  /** Offsets read so far, over all partitions: it grows when anything was read. */
  readonly read: number
  /** Some partition has records that were not read. */
  readonly isBehind: boolean
  /** The receiver holds a batch (its disk is full, say): it is not the client's fault. */
  readonly isHeld: boolean
}

/** `stalled`: the client is to be replaced. `given up`: it was, and that did not help. */
export type Stall = 'no' | 'stalled' | 'given up'

/** Counts the time without progress while there is something to read. */
export class StallWatch {
  readonly #limitMs: Millis
  #read = -1
  #since: number | undefined
  #stalls = 0

  constructor(limitMs: Millis) {
    this.#limitMs = limitMs
  }

  look({ now, read, isBehind, isHeld }: Look): Stall {
    if (read !== this.#read) {
      this.#read = read
      this.#stalls = 0
      this.#since = undefined
    }
    if (!isBehind || isHeld) {
      this.#since = undefined
      return 'no'
    }
    this.#since ??= now
    if (now - this.#since < this.#limitMs) return 'no'
    this.#since = undefined
    return ++this.#stalls === 1 ? 'stalled' : 'given up'
  }

  /** The time in which nothing could be read is not counted: the client was connecting. */
  interrupted(): void {
    this.#since = undefined
  }
}
