// One page of a sorted run: entries in the order of their hashes, found by binary search.
//
// Layout: count (2 bytes), then for each entry the offset of its start (2 bytes each), then the entries: hash (8 bytes), bytes.
// An entry ends where the next begins.

/** A page and its row fit into one database page of 8 KiB. */
export const PAGE_BYTES_MAX = 8_000
const HEAD = 2
const SLOT = 2
const HASH = 8

export interface PageEntry {
  readonly high: number
  readonly low: number
  readonly bytes: Uint8Array
}

/** Collects entries in ascending order of hash until a page is full. */
export class PageWriter {
  #entries: PageEntry[] = []
  #bytes = HEAD

  /** @returns false when the entry does not fit any more */
  add(entry: PageEntry): boolean {
    const needed = SLOT + HASH + entry.bytes.length
    if (this.#entries.length > 0 && this.#bytes + needed > PAGE_BYTES_MAX) return false
    this.#entries.push(entry)
    this.#bytes += needed
    return true
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** The page; the writer is empty afterwards. */
  take(): { data: Uint8Array; first: PageEntry } {
    const data = new Uint8Array(this.#bytes)
    const view = new DataView(data.buffer)
    view.setUint16(0, this.#entries.length)
    let at = HEAD + SLOT * this.#entries.length
    for (const [i, { high, low, bytes }] of this.#entries.entries()) {
      view.setUint16(HEAD + SLOT * i, at)
      view.setUint32(at, high)
      view.setUint32(at + 4, low)
      data.set(bytes, at + HASH)
      at += HASH + bytes.length
    }
    const first = this.#entries[0] as PageEntry
    this.#entries = []
    this.#bytes = HEAD
    return { data, first }
  }
}

const u16 = (page: Uint8Array, at: number) => ((page[at] as number) << 8) | (page[at + 1] as number)
const u32 = (page: Uint8Array, at: number) => (u16(page, at) * 65_536 + u16(page, at + 2)) >>> 0

export function entriesIn(page: Uint8Array): number {
  return u16(page, 0)
}

/** The entry with the given number, as views into the page. */
export function entryAt(page: Uint8Array, index: number): PageEntry {
  const start = u16(page, HEAD + SLOT * index)
  return { high: u32(page, start), low: u32(page, start + 4), bytes: page.subarray(start + HASH, endOf(page, index)) }
}

function endOf(page: Uint8Array, index: number): number {
  return index + 1 < entriesIn(page) ? u16(page, HEAD + SLOT * (index + 1)) : page.length
}

/** The bytes stored for a hash, or undefined. */
export function findInPage(page: Uint8Array, high: number, low: number): Uint8Array | undefined {
  let from = 0
  let to = entriesIn(page) - 1
  while (from <= to) {
    const middle = (from + to) >> 1
    const start = u16(page, HEAD + SLOT * middle)
    const order = u32(page, start) - high || u32(page, start + 4) - low
    if (order === 0) return page.subarray(start + HASH, endOf(page, middle))
    if (order < 0) from = middle + 1
    else to = middle - 1
  }
  return undefined
}
