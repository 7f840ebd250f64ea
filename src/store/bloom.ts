// A Bloom filter over 64-bit hashes: says "not here" for certain, "here" with an error of about 1 %.

import type { IdHash } from '../join/waiting.ts'

const BITS_PER_KEY = 10
const PROBES = 7

export class Bloom {
  readonly bytes: Uint8Array
  readonly #bits: number

  constructor(source: number | Uint8Array) {
    this.bytes = typeof source === 'number' ? new Uint8Array(Math.ceil((Math.max(1, source) * BITS_PER_KEY) / 8)) : source
    this.#bits = this.bytes.length * 8
  }

  add(high: number, low: number): void {
    const step = low | 1
    for (let i = 0, at = high; i < PROBES; i++, at = (at + step) >>> 0) {
      const bit = at % this.#bits
      this.bytes[bit >> 3] = (this.bytes[bit >> 3] as number) | (1 << (bit & 7))
    }
  }

  mayHave({ high, low }: IdHash): boolean {
    const step = low | 1
    for (let i = 0, at = high; i < PROBES; i++, at = (at + step) >>> 0) {
      const bit = at % this.#bits
      if (((this.bytes[bit >> 3] as number) & (1 << (bit & 7))) === 0) return false
    }
    return true
  }
}
