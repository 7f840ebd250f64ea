// A blocked Bloom filter over 64-bit hashes: says "not here" for certain, and "here" wrongly about once in a thousand times.
//
// All probes of a hash fall into one block of 64 bytes, so that a look-up touches one line of the processor's cache: with dozens
// of runs to ask for each new id, the memory is what it costs. Blocks are filled unevenly, which takes 16 bits a key, not 10.

const BLOCK_BYTES = 64
const BITS_PER_KEY = 16
const PROBES = 8

export class Bloom {
  readonly bytes: Uint8Array
  readonly #blocks: number

  /** @param source how many keys it is for, or the bytes of a filter that was stored */
  constructor(source: number | Uint8Array) {
    this.bytes =
      typeof source === 'number'
        ? new Uint8Array(Math.ceil(Math.max(1, source) / ((BLOCK_BYTES * 8) / BITS_PER_KEY)) * BLOCK_BYTES)
        : source
    this.#blocks = this.bytes.length / BLOCK_BYTES
  }

  add(high: number, low: number): void {
    const block = (high % this.#blocks) * BLOCK_BYTES
    let probe = Math.imul(high ^ low, 0x9e3779b1)
    for (let i = 0; i < PROBES; i++) {
      const at = block + ((probe >>> 3) & 63)
      this.bytes[at] = (this.bytes[at] as number) | (1 << (probe & 7))
      probe = next(probe, low)
    }
  }

  mayHave(high: number, low: number): boolean {
    const block = (high % this.#blocks) * BLOCK_BYTES
    let probe = Math.imul(high ^ low, 0x9e3779b1)
    for (let i = 0; i < PROBES; i++) {
      if (((this.bytes[block + ((probe >>> 3) & 63)] as number) & (1 << (probe & 7))) === 0) return false
      probe = next(probe, low)
    }
    return true
  }
}

/** Nine other bits for each probe: a step that depends on the hash, and the upper bits brought down. */
function next(probe: number, low: number): number {
  const stepped = (probe + (low | 1)) | 0
  return stepped ^ (stepped >>> 15)
}
