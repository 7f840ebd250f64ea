// Thirty-two Bloom filters of one size, asked at once.
//
// A new id has to be denied by the filter of every run, and each is a memory of its own: with forty runs that alone took three
// microseconds. Here the filters lie across each other: one 32-bit row holds the same bit of all of them, so eight rows that lie
// close together answer for all. To fill a filter in is a walk over all rows (2 to 3 ns each, 8 million for half a million keys), so it
// is done a piece at a time; meanwhile its lane gives no answer.

import type { Bloom, Probes } from './bloom.ts'
import { WORDS } from './bloom.ts'

const ROWS_PER_BLOCK = WORDS * 32

export class FilterBank {
  readonly blocks: number
  /** What `ask` answered last. */
  answer = 0
  readonly #rows: Int32Array
  /** Lanes that answer, and lanes that are taken, one bit each. */
  #used = 0
  #taken = 0

  constructor(blocks: number) {
    this.blocks = blocks
    this.#rows = new Int32Array(blocks * ROWS_PER_BLOCK)
  }

  get isEmpty(): boolean {
    return this.#taken === 0
  }

  get isFull(): boolean {
    return this.#taken === -1
  }

  /** @returns a lane for a filter; there must be room */
  take(): number {
    const lane = 31 - Math.clz32(~this.#taken)
    this.#taken |= 1 << lane
    return lane
  }

  /** Fills in the filter's words from `from` to `to` − 1; after the last one its lane answers. */
  fill(lane: number, { words }: Bloom, from: number, to: number): void {
    const rows = this.#rows
    const others = ~(1 << lane)
    for (let word = from, row = from * 32; word < to; word++) {
      const bits = words[word] as number
      for (let bit = 0; bit < 32; bit++, row++)
        rows[row] = ((rows[row] as number) & others) | (((bits >>> bit) & 1) << lane)
    }
    if (to === words.length) this.#used |= 1 << lane
  }

  /** What lies in a lane is forgotten; the next filter there is written over it. */
  free(lane: number): void {
    this.#used &= ~(1 << lane)
    this.#taken &= ~(1 << lane)
  }

  /** @returns the lanes whose filters may have the hash, one bit each */
  ask({ high, bits }: Probes): number {
    const rows = this.#rows
    const first = Math.floor((high * this.blocks) / 2 ** 32) * ROWS_PER_BLOCK
    let lanes = this.#used
    for (let i = 0; i < WORDS && lanes !== 0; i++) lanes &= rows[first + i * 32 + (bits[i] as number)] as number
    this.answer = lanes
    return lanes
  }
}
