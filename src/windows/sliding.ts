// The running vector of a window that slides: add the panes that came, subtract those that left.

import { add, subtract } from '../summaries/summary.ts'
import type { Instant } from '../time.ts'
import type { Panes } from './pane.ts'

/** Keeps the sum of [from, to) and moves it. Exact in any order, because every cell is a whole number. */
export class SlidingSum {
  readonly #panes: Panes
  #cells: Float64Array
  #from: Instant = 0
  #to: Instant = 0

  constructor(panes: Panes) {
    this.#panes = panes
    this.#cells = new Float64Array(panes.size)
  }

  /** A pane inside the sum was written to: the next `moveTo` sums afresh. */
  touched(start: Instant): void {
    if (start >= this.#from && start < this.#to) this.#to = this.#from
  }

  /** The sum of the panes in [from, to). The array is reused: valid until the next call. */
  moveTo(from: Instant, to: Instant): Float64Array {
    const { paneMs, droppedBefore } = this.#panes
    // A pane that was forgotten cannot be subtracted any more.
    const leavingIsKnown = from === this.#from || this.#from >= droppedBefore
    const overlaps = from >= this.#from && from < this.#to && to >= this.#to && leavingIsKnown
    if (overlaps) {
      for (let start = this.#to; start < to; start += paneMs) this.#apply(start, add)
      for (let start = this.#from; start < from; start += paneMs) this.#apply(start, subtract)
    } else {
      this.#cells = this.#panes.sum(from, to)
    }
    this.#from = from
    this.#to = to
    return this.#cells
  }

  #apply(start: Instant, operation: typeof add): void {
    const cells = this.#panes.read(start)
    if (cells !== undefined) operation(this.#cells, cells)
  }
}
