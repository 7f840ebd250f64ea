// Merging sorted runs of one day into one, a bounded number of pages at a time.

import type { PageCache } from './page-cache.ts'
import type { Run, RunWriter } from './run.ts'
import { pagesOf, RUN_PAGES_MAX } from './run.ts'
import { bytesAt, entriesIn, highAt, lowAt, startOf } from './run-page.ts'

export class Merge {
  readonly inputs: readonly Run[]
  readonly output: RunWriter
  readonly #walk: Walk

  /** @param inputs youngest first: of equal hashes the youngest entry stays */
  constructor(inputs: readonly Run[], output: RunWriter, cache: PageCache) {
    this.inputs = inputs
    this.output = output
    this.#walk = new Walk(inputs, cache)
  }

  /** Moves on until about `pagesMax` pages are written. @returns true when every entry is written */
  step(pagesMax: number): boolean {
    const until = this.output.pages + pagesMax
    while (this.output.pages < until) {
      const least = this.#walk.least()
      if (least === undefined) return true
      const { high, low } = least
      this.output.add(high, low, least.page, bytesAt(least.start), least.end)
      this.#walk.pass(high, low)
    }
    return false
  }
}

/** Walks several runs at once in the order of their hashes. */
export class Walk {
  readonly #cursors: readonly Cursor[]

  /** @param runs youngest first */
  constructor(runs: readonly Run[], cache: PageCache) {
    this.#cursors = runs.map((run) => new Cursor(run, cache))
  }

  /** The first cursor, and so the youngest run, with the least hash; undefined at the end. */
  least(): Cursor | undefined {
    let least: Cursor | undefined
    for (const cursor of this.#cursors) {
      if (cursor.high > MAX_HALF) continue
      if (least === undefined || cursor.high < least.high || (cursor.high === least.high && cursor.low < least.low))
        least = cursor
    }
    return least
  }

  /** Leaves a hash behind, in all runs that have it. */
  pass(high: number, low: number): void {
    for (const cursor of this.#cursors) if (cursor.high === high && cursor.low === low) cursor.next()
  }
}

const MAX_HALF = 2 ** 32 - 1

/** Walks a run in order; at its end `high` is larger than any hash. */
class Cursor {
  readonly #run: Run
  readonly #cache: PageCache
  #pageNumber = -1
  #index = 0
  #entries = 0
  page: Uint8Array = new Uint8Array()
  start = 0
  end = 0
  high = 0
  low = 0

  constructor(run: Run, cache: PageCache) {
    this.#run = run
    this.#cache = cache
    this.next()
  }

  next(): void {
    if (this.#index === this.#entries) {
      if (++this.#pageNumber === pagesOf(this.#run)) {
        this.high = Number.POSITIVE_INFINITY
        return
      }
      this.page = this.#cache.read(this.#run.id * RUN_PAGES_MAX + this.#pageNumber)
      this.#entries = entriesIn(this.page)
      this.#index = 0
    }
    this.start = startOf(this.page, this.#index++)
    this.end = startOf(this.page, this.#index)
    this.high = highAt(this.page, this.start)
    this.low = lowAt(this.page, this.start)
  }
}
