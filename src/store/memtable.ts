// Entries put since the last commit: an open-addressing table over typed arrays, and one growing run of bytes.

import type { IdHash } from '../join/waiting.ts'

export interface MemEntry {
  readonly high: number
  readonly low: number
  readonly day: number
  readonly bytes: Uint8Array
}

const FIRST_CAPACITY = 1 << 12

export class Memtable {
  #count = 0
  #highs = new Uint32Array(FIRST_CAPACITY)
  #lows = new Uint32Array(FIRST_CAPACITY)
  #days = new Int32Array(FIRST_CAPACITY)
  #offsets = new Uint32Array(FIRST_CAPACITY)
  #lengths = new Uint16Array(FIRST_CAPACITY)
  /** Entry number + 1 by slot; 0 = free. */
  #slots = new Int32Array(FIRST_CAPACITY * 2)
  #bytes = new Uint8Array(1 << 18)
  #used = 0

  get size(): number {
    return this.#count
  }

  get({ high, low }: IdHash): Uint8Array | undefined {
    const entry = (this.#slots[this.#slotOf(high, low)] as number) - 1
    if (entry < 0) return undefined
    const offset = this.#offsets[entry] as number
    return this.#bytes.subarray(offset, offset + (this.#lengths[entry] as number))
  }

  put({ high, low }: IdHash, bytes: Uint8Array, day: number): void {
    let slot = this.#slotOf(high, low)
    let entry = (this.#slots[slot] as number) - 1
    if (entry < 0) {
      if (this.#count === this.#highs.length) {
        this.#growTable()
        slot = this.#slotOf(high, low)
      }
      entry = this.#count++
      this.#slots[slot] = entry + 1
      this.#highs[entry] = high
      this.#lows[entry] = low
    }
    this.#days[entry] = day
    this.#write(entry, bytes)
  }

  #write(entry: number, bytes: Uint8Array): void {
    if (bytes.length > 0xffff) throw new RangeError(`a waiting entry of ${bytes.length} bytes is larger than 65,535`)
    if (this.#used + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + bytes.length))
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#used)
    this.#offsets[entry] = this.#used
    this.#lengths[entry] = bytes.length
    this.#used += bytes.length
  }

  /** Entries by day, each day's in ascending order of hash. */
  byDay(): Map<number, MemEntry[]> {
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i)
    const [days, highs, lows] = [this.#days, this.#highs, this.#lows]
    order.sort((a, b) => (days[a] as number) - (days[b] as number) || (highs[a] as number) - (highs[b] as number) || (lows[a] as number) - (lows[b] as number))
    const groups = new Map<number, MemEntry[]>()
    for (const i of order) {
      const day = days[i] as number
      const offset = this.#offsets[i] as number
      const entry = { high: highs[i] as number, low: lows[i] as number, day, bytes: this.#bytes.subarray(offset, offset + (this.#lengths[i] as number)) }
      const group = groups.get(day)
      if (group === undefined) groups.set(day, [entry])
      else group.push(entry)
    }
    return groups
  }

  clear(): void {
    this.#slots.fill(0)
    this.#count = 0
    this.#used = 0
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1
      if (entry < 0 || (this.#highs[entry] === high && this.#lows[entry] === low)) return slot
    }
  }

  #growTable(): void {
    const grow = <T extends Uint32Array | Int32Array | Uint16Array>(from: T, make: (length: number) => T): T => {
      const to = make(from.length * 2)
      to.set(from)
      return to
    }
    this.#highs = grow(this.#highs, (length) => new Uint32Array(length))
    this.#lows = grow(this.#lows, (length) => new Uint32Array(length))
    this.#days = grow(this.#days, (length) => new Int32Array(length))
    this.#offsets = grow(this.#offsets, (length) => new Uint32Array(length))
    this.#lengths = grow(this.#lengths, (length) => new Uint16Array(length))
    this.#slots = new Int32Array(this.#highs.length * 2)
    for (let entry = 0; entry < this.#count; entry++) {
      this.#slots[this.#slotOf(this.#highs[entry] as number, this.#lows[entry] as number)] = entry + 1
    }
  }
}
