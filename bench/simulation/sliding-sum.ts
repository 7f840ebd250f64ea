// The vector of a window that slides over panes as they come.

import { add, subtract } from '../../src/summaries/summary.ts'

export class SlidingSum {
  readonly cells: Float64Array
  readonly #panes: Float64Array[] = []
  readonly #size: number

  /** @param size panes in a window */
  constructor(cells: number, size: number) {
    this.cells = new Float64Array(cells)
    this.#size = size
  }

  push(pane: Float64Array): void {
    add(this.cells, pane)
    this.#panes.push(pane)
    if (this.#panes.length > this.#size) subtract(this.cells, this.#panes.shift() as Float64Array)
  }
}
