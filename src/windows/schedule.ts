// Which windows of one size are due, and which must be evaluated again.
//
// A window goes through these states:
//   future    its end has not been reached by the watermark
//   open      evaluated at least once; late rows or labels may change it. `settled` once its performance was judged for good
//   closed    its label horizon has passed and it was evaluated a last time: nothing can change it any more

import type { Instant, Millis } from '../time.ts'
import type { WindowSpec } from './window.ts'

export interface OpenWindow {
  readonly end: Instant
  revision: number
  /** Predictions and labels when it was last evaluated. */
  predicted: number
  labelled: number
  inputsChanged: boolean
  outcomesChanged: boolean
  settled: boolean
}

/** Why a window is evaluated. */
export type Occasion = 'due' | 'slide' | 'quiet' | 'end'

export class Schedule {
  readonly spec: WindowSpec
  readonly #paneMs: Millis
  /** End of the next window to be evaluated for the first time; −1 before the first row. */
  #nextEnd = -1
  readonly #open = new Map<Instant, OpenWindow>()
  /** Those of them that end between two steps: the slide was another one when they were evaluated. */
  #offStep: OpenWindow[] = []

  constructor(spec: WindowSpec, paneMs: Millis) {
    this.spec = spec
    this.#paneMs = paneMs
  }

  get nextEnd(): Instant {
    return this.#nextEnd < 0 ? Number.POSITIVE_INFINITY : this.#nextEnd
  }

  /** The first row came: the first window is the first whole one that starts at its pane or later. */
  begin(firstPane: Instant): void {
    if (this.#nextEnd < 0) this.#nextEnd = this.#roundUp(firstPane + this.spec.sizeMs)
  }

  /** An earlier row came before any window was evaluated: begin there instead. */
  beginEarlier(firstPane: Instant): void {
    if (this.#open.size === 0) this.#nextEnd = Math.min(this.#nextEnd, this.#roundUp(firstPane + this.spec.sizeMs))
  }

  /** The window that ends at `nextEnd` is being evaluated for the first time. */
  evaluated(counts: { predicted: number; labelled: number }): OpenWindow {
    const window = {
      end: this.#nextEnd,
      revision: 0,
      ...counts,
      inputsChanged: false,
      outcomesChanged: false,
      settled: false,
    }
    this.#open.set(window.end, window)
    this.#nextEnd += this.spec.slideMs
    return window
  }

  /** Nothing lies before `pane`: windows that end before it are passed over. */
  skipTo(pane: Instant): void {
    this.#nextEnd = Math.max(this.#nextEnd, this.#roundUp(pane + this.#paneMs))
  }

  /** Rows or labels came to a pane: every evaluated window that holds it has changed. */
  touched(pane: Instant, part: 'inputs' | 'outcomes'): void {
    const { sizeMs, slideMs } = this.spec
    for (let end = this.#roundUp(pane + this.#paneMs); end <= pane + sizeMs && end < this.#nextEnd; end += slideMs) {
      const window = this.#open.get(end)
      if (window !== undefined) markChanged(window, part)
    }
    for (const window of this.#offStep) if (window.end > pane && window.end <= pane + sizeMs) markChanged(window, part)
  }

  /** Evaluated windows that something may have changed, by end. */
  changed(): OpenWindow[] {
    const windows = [...this.#open.values()].filter((window) => window.inputsChanged || window.outcomesChanged)
    return windows.sort((a, b) => a.end - b.end)
  }

  /** Windows whose performance has not been judged for good, by end. */
  unsettled(): OpenWindow[] {
    return [...this.#open.values()].filter((window) => !window.settled).sort((a, b) => a.end - b.end)
  }

  /** Closes windows that end before `before`; they must have been evaluated a last time. */
  close(before: Instant): void {
    for (const end of this.#open.keys()) if (end < before) this.#open.delete(end)
    this.#offStep = this.#offStep.filter(({ end }) => end >= before)
  }

  /** State for the next start of the process. */
  save(): unknown {
    const windows = [...this.#open.values()].map((window) => [
      window.end,
      window.revision,
      window.predicted,
      window.labelled,
      (window.inputsChanged ? 1 : 0) | (window.outcomesChanged ? 2 : 0) | (window.settled ? 4 : 0),
    ])
    return { nextEnd: this.#nextEnd, windows }
  }

  /** What was saved with another slide goes on in the steps of this one. */
  restore(saved: unknown): void {
    const { nextEnd, windows } = saved as { nextEnd: number; windows: Array<[number, number, number, number, number]> }
    this.#nextEnd = nextEnd < 0 ? nextEnd : this.#roundUp(nextEnd)
    for (const [end, revision, predicted, labelled, flags] of windows) {
      const [inputsChanged, outcomesChanged, settled] = [(flags & 1) !== 0, (flags & 2) !== 0, (flags & 4) !== 0]
      this.#open.set(end, { end, revision, predicted, labelled, inputsChanged, outcomesChanged, settled })
    }
    this.#offStep = [...this.#open.values()].filter(({ end }) => end !== this.#roundUp(end))
  }

  #roundUp(time: Instant): Instant {
    return Math.ceil(time / this.spec.slideMs) * this.spec.slideMs
  }
}

function markChanged(window: OpenWindow, part: 'inputs' | 'outcomes'): void {
  if (part === 'inputs') window.inputsChanged = true
  else window.outcomesChanged = true
}

/** The pane of a model: the largest interval that all its windows and slides are whole multiples of. */
export function paneOf(windows: readonly WindowSpec[]): Millis {
  const divisor = (a: Millis, b: Millis): Millis => (b === 0 ? a : divisor(b, a % b))
  return windows.reduce((pane, { sizeMs, slideMs }) => divisor(divisor(pane, sizeMs), slideMs), 0)
}
