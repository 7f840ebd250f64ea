// Which runs may have an id: the filters of all runs, many of one size side by side.

import { Probes } from './bloom.ts'
import { FilterBank } from './filter-bank.ts'
import type { Run } from './run.ts'

/** Smaller filters stay in the processor's cache by themselves, and come and go with each commit. */
const BANKED_BLOCKS_MIN = 2 ** 12
/** Filters of one size from which a bank, which has room for all of its lanes, is worth its memory. */
const BANKED_MIN = 8

interface Place {
  readonly bank: FilterBank
  readonly lane: number
}

/** A filter on its way into a bank, up to its word `from`. */
interface Filling extends Place {
  readonly run: Run
  from: number
}

export class RunFilters {
  readonly #probes = new Probes()
  readonly #places = new Map<Run, Place>()
  /** Runs that are asked one by one. */
  #loose: Run[] = []
  #banks: FilterBank[] = []
  #filling: Filling | undefined

  /**
   * The runs that there are now.
   *
   * @param wordsMax words of filters that may be filled into banks on this occasion
   */
  arrange(runs: readonly Run[], wordsMax: number): void {
    const present = new Set(runs)
    for (const [run, { bank, lane }] of this.#places) {
      if (present.has(run)) continue
      bank.free(lane)
      this.#places.delete(run)
    }
    if (this.#filling !== undefined && !present.has(this.#filling.run)) {
      this.#filling.bank.free(this.#filling.lane)
      this.#filling = undefined
    }
    this.#loose = runs.filter((run) => !this.#places.has(run))
    this.#fill(wordsMax)
    this.#banks = this.#banks.filter((bank) => !bank.isEmpty)
  }

  #fill(wordsMax: number): void {
    for (let left = wordsMax; left > 0; ) {
      this.#filling ??= this.#next()
      if (this.#filling === undefined) return
      const { run, bank, lane, from } = this.#filling
      const to = Math.min(run.bloom.words.length, from + left)
      bank.fill(lane, run.bloom, from, to)
      left -= to - from
      this.#filling.from = to
      if (to < run.bloom.words.length) return
      this.#places.set(run, { bank, lane })
      this.#loose.splice(this.#loose.indexOf(run), 1)
      this.#filling = undefined
    }
  }

  /** A run whose filter has room in a bank, or enough of its size beside it for a new one. */
  #next(): Filling | undefined {
    for (const [blocks, alike] of Map.groupBy(this.#loose, ({ bloom }) => bloom.blocks)) {
      if (blocks < BANKED_BLOCKS_MIN) continue
      let bank = this.#banks.find((one) => one.blocks === blocks && !one.isFull)
      if (bank === undefined && alike.length >= BANKED_MIN) {
        bank = new FilterBank(blocks)
        this.#banks.push(bank)
      }
      if (bank !== undefined) return { run: alike[0] as Run, bank, lane: bank.take(), from: 0 }
    }
    return undefined
  }

  /** @returns false when no run has the id; otherwise `mayHave` tells which may */
  mayAnyHave(high: number, low: number): boolean {
    const probes = this.#probes.of(high, low)
    let any = false
    for (const bank of this.#banks) {
      if (bank.ask(probes) !== 0) any = true
    }
    for (let i = 0; i < this.#loose.length && !any; i++) any = (this.#loose[i] as Run).bloom.mayHaveProbes(probes)
    return any
  }

  /** Whether a run may have the id that was asked for last. */
  mayHave(run: Run): boolean {
    const place = this.#places.get(run)
    if (place === undefined) return run.bloom.mayHaveProbes(this.#probes)
    return ((place.bank.answer >>> place.lane) & 1) === 1
  }
}
