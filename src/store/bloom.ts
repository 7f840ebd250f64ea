// A blocked Bloom filter over 64-bit hashes: says "not here" for certain, and "here" wrongly about once in a thousand times.
//
// All probes of a hash fall into one block of 256 bits, one into each of its eight words, so that a look-up touches one line of the
// processor's cache. Which block it is follows from the upper half of the hash, in its order: a filter that is filled in the order
// of hashes is filled from its front to its end. Which bits they are is the same in every filter, and worked out once for all that
// are asked (`Probes`). Filters have a power of two of blocks, so that those of like sizes fit side by side (`filter-bank.ts`).

/** Words of 32 bits in a block. */
export const WORDS = 8
const BLOCK_BYTES = 4 * WORDS
const KEYS_PER_BLOCK = 16
/** Odd factors: each brings other bits of the lower half to the top. */
const SALTS = Int32Array.of(
  0x47b6137b,
  0x44974d91,
  0x8824ad5b,
  0xa2b7289d,
  0x705495c7,
  0x2df1424b,
  0x9efc4947,
  0x5c6bfb31,
)

/** What a hash looks for in every filter. Reused, so that a look-up allocates nothing. */
export class Probes {
  high = 0
  /** The number of the bit in each word of the block. */
  readonly bits = new Uint8Array(WORDS)

  of(high: number, low: number): this {
    this.high = high
    for (let i = 0; i < WORDS; i++) this.bits[i] = Math.imul(low, SALTS[i] as number) >>> 27
    return this
  }
}

const own = new Probes()

export class Bloom {
  readonly words: Int32Array

  /** @param source at most how many keys it is for, or the bytes of a filter that was stored */
  constructor(source: number | Uint8Array) {
    if (typeof source === 'number') {
      const blocks = 2 ** Math.max(0, Math.ceil(Math.log2(source / KEYS_PER_BLOCK)))
      this.words = new Int32Array(blocks * WORDS)
    } else this.words = new Int32Array(source.slice().buffer)
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer)
  }

  get blocks(): number {
    return (this.words.length * 4) / BLOCK_BYTES
  }

  add(high: number, low: number): void {
    const { words } = this
    const first = blockOf(high, words.length)
    for (let i = 0; i < WORDS; i++)
      words[first + i] = (words[first + i] as number) | (1 << (Math.imul(low, SALTS[i] as number) >>> 27))
  }

  mayHave(high: number, low: number): boolean {
    return this.mayHaveProbes(own.of(high, low))
  }

  mayHaveProbes({ high, bits }: Probes): boolean {
    const { words } = this
    const first = blockOf(high, words.length)
    for (let i = 0; i < WORDS; i++) if ((((words[first + i] as number) >>> (bits[i] as number)) & 1) === 0) return false
    return true
  }
}

/** Where the block of a hash begins in `length` items of a filter, whole blocks of `WORDS` of them. */
function blockOf(high: number, length: number): number {
  return Math.floor((high * (length / WORDS)) / 2 ** 32) * WORDS
}
