// The panes of one stream and one part (inputs or outcomes): in memory while they are needed, on disk otherwise.

import { add, decode, encode } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'

export type Part = 'inputs' | 'outcomes'

/** What panes ask of storage. */
export interface PaneShelf {
  /** The starts of all panes on disk, in any order. */
  starts(): Iterable<Instant>
  load(start: Instant): Uint8Array | undefined
}

interface Pane {
  readonly cells: Float64Array
  dirty: boolean
}

/** Panes by their start. A pane that was never written to is absent and costs nothing. */
export class Panes {
  readonly paneMs: Millis
  readonly size: number
  readonly #shelf: PaneShelf
  readonly #known: Set<Instant>
  readonly #inMemory = new Map<Instant, Pane>()
  readonly #keepsWhatIsRead: boolean
  #last: { start: Instant; pane: Pane } | undefined
  #droppedBefore: Instant = Number.NEGATIVE_INFINITY
  #hasDropped = false

  /** @param options.keepsWhatIsRead false where there are many of these: panes that are only read do not stay in memory */
  constructor(options: { paneMs: Millis; size: number; shelf: PaneShelf; keepsWhatIsRead?: boolean }) {
    this.paneMs = options.paneMs
    this.#keepsWhatIsRead = options.keepsWhatIsRead ?? true
    this.size = options.size
    this.#shelf = options.shelf
    this.#known = new Set(options.shelf.starts())
  }

  startOf(time: Instant): Instant {
    return time - (time % this.paneMs)
  }

  /** The pane's cells, to be written to: it will be part of the next commit. */
  writable(start: Instant): Float64Array {
    if (this.#last?.start === start) {
      this.#last.pane.dirty = true
      return this.#last.pane.cells
    }
    const pane = this.#find(start, true) ?? this.#create(start)
    pane.dirty = true
    this.#last = { start, pane }
    return pane.cells
  }

  /** The pane's cells, to be read; undefined when nothing was ever written to it. */
  read(start: Instant): Float64Array | undefined {
    return this.#find(start, this.#keepsWhatIsRead)?.cells
  }

  #find(start: Instant, isKept: boolean): Pane | undefined {
    const inMemory = this.#inMemory.get(start)
    if (inMemory !== undefined || !this.#known.has(start)) return inMemory
    const stored = this.#shelf.load(start)
    if (stored === undefined)
      throw new Error(`the pane at ${new Date(start).toISOString()} has vanished from the store`)
    const pane = { cells: decode(stored, this.size), dirty: false }
    if (isKept) this.#inMemory.set(start, pane)
    return pane
  }

  #create(start: Instant): Pane {
    const pane = { cells: new Float64Array(this.size), dirty: false }
    this.#inMemory.set(start, pane)
    this.#known.add(start)
    return pane
  }

  /** The first pane that starts in [from, to) and was ever written to. */
  firstIn(from: Instant, to: Instant): Instant | undefined {
    // Step by step while panes lie close; after a long silence it is cheaper to ask them all.
    if ((to - from) / this.paneMs <= this.#known.size) {
      for (let start = from; start < to; start += this.paneMs) if (this.#known.has(start)) return start
      return undefined
    }
    let first: Instant | undefined
    for (const start of this.#known) {
      if (start >= from && start < to && (first === undefined || start < first)) first = start
    }
    return first
  }

  /** The sum of the panes in [from, to). */
  sum(from: Instant, to: Instant): Float64Array {
    const total = new Float64Array(this.size)
    for (let start = from; start < to; start += this.paneMs) {
      const cells = this.read(start)
      if (cells !== undefined) add(total, cells)
    }
    return total
  }

  /** Everything written since the last call of `saved`, packed. */
  *unsaved(): Iterable<{ start: Instant; cells: Uint8Array }> {
    for (const [start, pane] of this.#inMemory) if (pane.dirty) yield { start, cells: encode(pane.cells) }
  }

  /** Told after the commit; panes beyond `keep` leave memory, oldest use first. */
  saved(keep: number): void {
    this.#hasDropped = false
    for (const [start, pane] of this.#inMemory) {
      pane.dirty = false
      if (this.#inMemory.size > keep && this.#last?.start !== start) this.#inMemory.delete(start)
    }
  }

  /** Panes that need not be written leave memory; they are read again when they are asked for. */
  release(): void {
    for (const [start, pane] of this.#inMemory)
      if (!pane.dirty && this.#last?.start !== start) this.#inMemory.delete(start)
  }

  /** Forgets panes that start before `before`, in memory and by name; the store drops them too. */
  dropBefore(before: Instant): void {
    this.#droppedBefore = Math.max(this.#droppedBefore, before)
    for (const start of this.#known) {
      if (start >= before) continue
      this.#hasDropped = true
      this.#known.delete(start)
      this.#inMemory.delete(start)
      if (this.#last?.start === start) this.#last = undefined
    }
  }

  /** Whether panes were forgotten that may still be on disk. */
  get hasDropped(): boolean {
    return this.#hasDropped
  }

  /** Panes that start before are forgotten: absent does not mean empty there. */
  get droppedBefore(): Instant {
    return this.#droppedBefore
  }

  /** The starts of all panes, in memory or on disk, in no order. */
  starts(): Iterable<Instant> {
    return this.#known
  }
}
