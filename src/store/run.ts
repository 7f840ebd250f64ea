// A sorted run: entries of one day in the order of their hashes, in pages that never change.

import type { StatementSync } from 'node:sqlite'
import { Bloom } from './bloom.ts'
import type { PageWriter } from './run-page.ts'
import { sealOf } from './seal.ts'

/** Page n of a run is the row with id run × 2²⁴ + n. */
export const RUN_PAGES_MAX = 2 ** 24

export interface Run {
  readonly id: number
  /** UTC day (whole days since 1970) of its entries. */
  readonly day: number
  /** Of two entries of one id and day, the one in the run of greater age number is newer. */
  readonly age: number
  readonly entries: number
  readonly bloom: Bloom
  /** Hash of the first entry of each page, upper and lower half in turn. */
  readonly firsts: Uint32Array
}

export function pagesOf({ firsts }: Run): number {
  return firsts.length / 2
}

/** The page that would hold a hash: the last one that starts at or before it; −1 when the run starts after it. */
export function pageFor({ firsts }: Run, high: number, low: number): number {
  let from = 0
  let to = firsts.length / 2 - 1
  while (from <= to) {
    const middle = (from + to) >> 1
    const order = (firsts[2 * middle] as number) - high || (firsts[2 * middle + 1] as number) - low
    if (order <= 0) from = middle + 1
    else to = middle - 1
  }
  return to
}

export interface RunWriterOptions {
  readonly id: number
  readonly day: number
  /** At most so many entries will come. */
  readonly entriesMax: number
  readonly insertPage: StatementSync
  readonly page: PageWriter
}

/** Writes a run page by page, its entries in ascending order of hash. Inside the transaction of a commit. */
export class RunWriter {
  readonly #options: RunWriterOptions
  readonly #bloom: Bloom
  readonly #firsts: number[] = []
  #pages = 0
  #entries = 0

  constructor(options: RunWriterOptions) {
    this.#options = options
    this.#bloom = new Bloom(options.entriesMax)
  }

  get id(): number {
    return this.#options.id
  }

  /** Pages written so far. */
  get pages(): number {
    return this.#pages
  }

  add(high: number, low: number, source: Uint8Array, start: number, end: number): void {
    const { page } = this.#options
    if (!page.isEmpty && !page.add(high, low, source, start, end)) this.#flush()
    if (page.isEmpty) {
      page.add(high, low, source, start, end)
      this.#firsts.push(high, low)
    }
    this.#bloom.add(high, low)
    this.#entries++
  }

  #flush(): void {
    const { id, insertPage, page } = this.#options
    if (this.#pages === RUN_PAGES_MAX)
      throw new RangeError(`a run of waiting entries has more than ${RUN_PAGES_MAX} pages`)
    const values = [id * RUN_PAGES_MAX + this.#pages++, page.take()] as const
    insertPage.run(...values, sealOf(values))
  }

  finish(age: number): Run {
    if (!this.#options.page.isEmpty) this.#flush()
    const { id, day } = this.#options
    return { id, day, age, entries: this.#entries, bloom: this.#bloom, firsts: Uint32Array.from(this.#firsts) }
  }
}
