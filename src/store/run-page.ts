// One page of a sorted run: entries in the order of their hashes, found by binary search.
//
// Layout: the entries one after another (hash, 8 bytes; then its bytes), the offset of each (2 bytes), their count (2 bytes).
// An entry ends where the next begins. Nothing here makes an object for an entry: a page holds about seventy.

/** Two pages fit into one page of the database (8 KiB). */
const PAGE_BYTES_MAX = 4_000
const HASH = 8
const OFFSET = 2
const COUNT = 2
export const ENTRY_BYTES_MAX = 0xffff

/** Collects entries in ascending order of hash until a page is full. One writer serves many pages. */
export class PageWriter {
  readonly #page = new Uint8Array(PAGE_BYTES_MAX + ENTRY_BYTES_MAX)
  readonly #offsets = new Uint16Array(PAGE_BYTES_MAX / (HASH + OFFSET))
  #count = 0
  #used = 0

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /**
   * Adds the entry whose bytes are `source[start]` to `source[end - 1]`.
   *
   * @returns false when it does not fit any more; the first entry always fits
   */
  add(high: number, low: number, source: Uint8Array, start: number, end: number): boolean {
    const grown = this.#used + HASH + (end - start)
    if (this.#count > 0 && grown + OFFSET * (this.#count + 1) + COUNT > PAGE_BYTES_MAX) return false
    const page = this.#page
    this.#offsets[this.#count++] = this.#used
    write32(page, this.#used, high)
    write32(page, this.#used + 4, low)
    for (let to = this.#used + HASH, from = start; from < end; to++, from++) page[to] = source[from] as number
    this.#used = grown
    return true
  }

  /** The page, valid until the next call; the writer is empty afterwards. */
  take(): Uint8Array {
    let at = this.#used
    for (let i = 0; i < this.#count; i++, at += OFFSET) write16(this.#page, at, this.#offsets[i] as number)
    write16(this.#page, at, this.#count)
    this.#count = 0
    this.#used = 0
    return this.#page.subarray(0, at + COUNT)
  }
}

export function entriesIn(page: Uint8Array): number {
  return read16(page, page.length - COUNT)
}

/** Where entry `index` starts; for `index` = `entriesIn`, where the last one ends. */
export function startOf(page: Uint8Array, index: number): number {
  const count = entriesIn(page)
  const offsets = page.length - COUNT - OFFSET * count
  return index === count ? offsets : read16(page, offsets + OFFSET * index)
}

/** Upper half of the hash of the entry that starts at `start`. */
export function highAt(page: Uint8Array, start: number): number {
  return read32(page, start)
}

export function lowAt(page: Uint8Array, start: number): number {
  return read32(page, start + 4)
}

/** Where the bytes of the entry that starts at `start` begin. */
export function bytesAt(start: number): number {
  return start + HASH
}

/** The bytes stored for a hash, as a view into the page, or undefined. */
export function findInPage(page: Uint8Array, high: number, low: number): Uint8Array | undefined {
  let from = 0
  let to = entriesIn(page) - 1
  while (from <= to) {
    const middle = (from + to) >> 1
    const start = startOf(page, middle)
    const order = highAt(page, start) - high || lowAt(page, start) - low
    if (order === 0) return page.subarray(bytesAt(start), startOf(page, middle + 1))
    if (order < 0) from = middle + 1
    else to = middle - 1
  }
  return undefined
}

function read16(page: Uint8Array, at: number): number {
  return ((page[at] as number) << 8) | (page[at + 1] as number)
}

function read32(page: Uint8Array, at: number): number {
  return ((read16(page, at) << 16) | read16(page, at + 2)) >>> 0
}

function write16(page: Uint8Array, at: number, value: number): void {
  page[at] = value >>> 8
  page[at + 1] = value
}

function write32(page: Uint8Array, at: number, value: number): void {
  write16(page, at, value >>> 16)
  write16(page, at + 2, value)
}
