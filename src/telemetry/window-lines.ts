// The lines that the newest windows give. A window is read, and its labels are written, once: a scrape in which nothing has changed
// costs little, and one in which much has changed leaves others their turn.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WindowResult } from '../monitors/window-result.ts'
import { seriesOf } from './series.ts'
import type { Line } from './text-page.ts'
import { linesOf } from './text-page.ts'
import { windowGauges } from './window-gauges.ts'

/** The newest evaluated window of one size of a model version. */
export interface NewestWindow {
  /** Of which sequence of windows it is the newest. */
  readonly sequence: string
  /** Tells one content from another. */
  readonly stamp: string
  /** undefined: it is gone meanwhile. */
  read(): WindowResult | undefined
}

interface Kept {
  readonly stamp: string
  readonly lines: readonly RankedLine[]
}

type RankedLine = Line & { readonly rank: number }

/** Reading a window of 50 features and writing its lines takes half a millisecond or more: after so many, others have their turn. */
const READ_AT_ONCE = 8
/** Lines that are kept, some 200 bytes each; windows beyond are read for each scrape. */
const KEPT_MAX = 60_000

export class WindowLines {
  #kept = new Map<string, Kept>()

  /**
   * @param max series to keep: whole-model ones first, then alarms, warnings, the rest
   * @returns the lines, and how many did not fit
   */
  async gather(newest: readonly NewestWindow[], max: number): Promise<{ lines: readonly Line[]; dropped: number }> {
    const kept = new Map<string, Kept>()
    const byRank: RankedLine[][] = []
    let total = 0
    let read = 0
    for (const window of newest) {
      const known = this.#kept.get(window.sequence)
      const isKnown = known?.stamp === window.stamp
      const lines = isKnown ? known.lines : linesOfWindow(window.read())
      if (total + lines.length <= KEPT_MAX) kept.set(window.sequence, { stamp: window.stamp, lines })
      total += lines.length
      for (const line of lines) {
        const alike = byRank[line.rank]
        if (alike === undefined) byRank[line.rank] = [line]
        else alike.push(line)
      }
      if (!isKnown && ++read % READ_AT_ONCE === 0) await nextTurn()
    }
    this.#kept = kept
    return { lines: byRank.flat().slice(0, max), dropped: Math.max(0, total - max) }
  }
}

function linesOfWindow(result: WindowResult | undefined): RankedLine[] {
  if (result === undefined) return []
  return linesOf(windowGauges, seriesOf(result)).map(({ metric, labels, value, of }) => {
    return { metric, labels, value, rank: of.rank }
  })
}
