// Entries put since the last commit: an open-addressing table over typed arrays, and one growing run of bytes.

import type { IdHash } from '../join/waiting.ts'
import { orderByHash } from './hash-order.ts'
import { ENTRY_BYTES_MAX } from './run-page.ts'

/** Takes the entries of a table: first the day, then its entries in ascending order of hash. */
export interface EntrySink {
  day(day: number, entries: number): void
  entry(high: number, low: number, source: Uint8Array, start: number, end: number): void
}

const FIRST_CAPACITY = 1 << 12
const FIRST_BYTES = 1 << 18
/** A table that one large commit made larger than this is not kept. */
const KEPT_CAPACITY_MAX = 1 << 17
/** The day of an entry that was dropped before it was written. */
const DROPPED = -(2 ** 31)

export class Memtable {
  #count = 0
  #used = 0
  #highs = new Uint32Array(FIRST_CAPACITY)
  #lows = new Uint32Array(FIRST_CAPACITY)
  #days = new Int32Array(FIRST_CAPACITY)
  #starts = new Uint32Array(FIRST_CAPACITY)
  #ends = new Uint32Array(FIRST_CAPACITY)
  /** Entry number + 1 by slot; 0 = free. */
  #slots = new Int32Array(FIRST_CAPACITY * 2)
  #bytes = new Uint8Array(FIRST_BYTES)

  get size(): number {
    return this.#count
  }

  get({ high, low }: IdHash): Uint8Array | undefined {
    const entry = this.#entryOf(high, low)
    return entry < 0 ? undefined : this.#bytes.subarray(this.#starts[entry] as number, this.#ends[entry] as number)
  }

  /** The day of an entry, or undefined when it holds none of this id. */
  dayOf({ high, low }: IdHash): number | undefined {
    const entry = this.#entryOf(high, low)
    return entry < 0 ? undefined : (this.#days[entry] as number)
  }

  put({ high, low }: IdHash, bytes: Uint8Array, day: number): void {
    if (bytes.length > ENTRY_BYTES_MAX)
      throw new RangeError(`a waiting entry has ${bytes.length} bytes, at most ${ENTRY_BYTES_MAX} are kept`)
    if (this.#count === this.#highs.length) this.#resize(this.#highs.length * 2)
    const slot = this.#slotOf(high, low)
    let entry = (this.#slots[slot] as number) - 1
    if (entry < 0) {
      entry = this.#count++
      this.#slots[slot] = entry + 1
      this.#highs[entry] = high
      this.#lows[entry] = low
    }
    this.#days[entry] = day
    if (this.#used + bytes.length > this.#bytes.length) this.#growBytes(bytes.length)
    this.#bytes.set(bytes, this.#used)
    this.#starts[entry] = this.#used
    this.#used += bytes.length
    this.#ends[entry] = this.#used
  }

  dropDaysBefore(day: number): void {
    for (let entry = 0; entry < this.#count; entry++)
      if ((this.#days[entry] as number) < day) this.#days[entry] = DROPPED
  }

  /** Hands over every entry, day by day. */
  forEachDay(sink: EntrySink): void {
    const [bytes, highs, lows, starts, ends] = [this.#bytes, this.#highs, this.#lows, this.#starts, this.#ends]
    for (const [day, entries] of this.#entriesByDay()) {
      sink.day(day, entries.length)
      for (const i of entries)
        sink.entry(highs[i] as number, lows[i] as number, bytes, starts[i] as number, ends[i] as number)
    }
  }

  #entriesByDay(): Map<number, Uint32Array> {
    const counts = new Map<number, number>()
    for (let entry = 0; entry < this.#count; entry++) {
      const day = this.#days[entry] as number
      counts.set(day, (counts.get(day) ?? 0) + 1)
    }
    const order = orderByHash(this.#highs, this.#lows, this.#count)
    counts.delete(DROPPED)
    const groups = new Map([...counts].map(([day, count]) => [day, { entries: new Uint32Array(count), filled: 0 }]))
    for (const entry of order) {
      const group = groups.get(this.#days[entry] as number)
      if (group !== undefined) group.entries[group.filled++] = entry
    }
    return new Map([...groups].map(([day, { entries }]) => [day, entries]))
  }

  clear(): void {
    this.#count = 0
    this.#used = 0
    if (this.#highs.length > KEPT_CAPACITY_MAX) {
      this.#resize(FIRST_CAPACITY)
      this.#bytes = new Uint8Array(FIRST_BYTES)
    } else this.#slots.fill(0)
  }

  #entryOf(high: number, low: number): number {
    const entry = (this.#slots[this.#slotOf(high, low)] as number) - 1
    return entry >= 0 && this.#days[entry] !== DROPPED ? entry : -1
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1
      if (entry < 0 || (this.#highs[entry] === high && this.#lows[entry] === low)) return slot
    }
  }

  #growBytes(needed: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + needed))
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = larger
  }

  /** Makes room for `capacity` entries, and finds each a slot again. */
  #resize(capacity: number): void {
    const resized = <T extends Uint32Array | Int32Array>(to: T, from: T): T => {
      to.set(from.subarray(0, this.#count))
      return to
    }
    this.#highs = resized(new Uint32Array(capacity), this.#highs)
    this.#lows = resized(new Uint32Array(capacity), this.#lows)
    this.#starts = resized(new Uint32Array(capacity), this.#starts)
    this.#ends = resized(new Uint32Array(capacity), this.#ends)
    this.#days = resized(new Int32Array(capacity), this.#days)
    this.#slots = new Int32Array(capacity * 2)
    for (let entry = 0; entry < this.#count; entry++) {
      this.#slots[this.#slotOf(this.#highs[entry] as number, this.#lows[entry] as number)] = entry + 1
    }
  }
}
