// A stretch of evaluated windows as columns of a chart: as many windows a column as are needed, each test with the worst that it said
// in them, so that no alarm falls between two columns.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'

const COLUMNS_MAX = 120
/** Windows that are read for one look, some 0.3 ms each; of a longer stretch every second, third, … is left out. */
const READ_MAX = 1_500
/** After so many, others have their turn. */
const READ_AT_ONCE = 12

export interface WindowSequence {
  readonly model: string
  readonly version: string
  readonly spec: WindowSpec
}

/** Of the ends of windows, both included. */
export interface Range {
  readonly from: Instant
  readonly to: Instant
}

/** One test over the columns; undefined where it said nothing. */
export interface TestColumns {
  readonly monitor: string
  readonly cells: ReadonlyArray<Verdict | undefined>
}

export interface WindowColumns {
  /** Windows that a column stands for. */
  readonly windowsPerColumn: number
  /** One window in so many was read; 1: all. */
  readonly readEvery: number
  /** When the last window of each column ends, or would. */
  readonly ends: readonly Instant[]
  /** The newest window of each column; undefined where there is none. */
  readonly windows: ReadonlyArray<WindowResult | undefined>
  /** In the order in which they are first met. */
  readonly tests: readonly TestColumns[]
}

const gravity: Readonly<Record<Verdict['status'], number>> = { insufficient: 0, ok: 1, warning: 2, alarm: 3 }

/** Whether one verdict is to be shown rather than another of the same test; of two that are alike the later one of metrics, and the larger distance. */
function isWorse(verdict: Verdict, than: Verdict): boolean {
  const more = gravity[verdict.status] - gravity[than.status]
  if (more !== 0) return more > 0
  if (verdict.kind === 'performance' || verdict.kind === 'estimated' || verdict.kind === 'volume') return true
  return Math.abs(verdict.value ?? 0) >= Math.abs(than.value ?? 0)
}

export async function readColumns(
  views: Pick<Views, 'results'>,
  { model, version, spec }: WindowSequence,
  { from, to }: Range,
): Promise<WindowColumns> {
  const { slideMs, name: window } = spec
  const slides = Math.floor((to - from) / slideMs) + 1
  const readEvery = Math.ceil(slides / READ_MAX)
  const windowsPerColumn = Math.ceil(slides / readEvery / COLUMNS_MAX) * readEvery
  const columns = Math.ceil(slides / windowsPerColumn)
  const ends = Array.from({ length: columns }, (_, i) => to - (columns - 1 - i) * windowsPerColumn * slideMs)
  const windows: Array<WindowResult | undefined> = Array.from({ length: columns }, () => undefined)
  const tests = new Map<string, Array<Verdict | undefined>>()
  const take = (result: WindowResult): void => {
    if (result.segment !== '') return
    const column = columns - 1 - Math.floor((to - result.end) / slideMs / windowsPerColumn)
    const newest = windows[column]
    if (newest === undefined || result.end > newest.end) windows[column] = result
    for (const verdict of result.verdicts) {
      let cells = tests.get(verdict.monitor)
      if (cells === undefined) {
        cells = Array.from({ length: columns }, () => undefined)
        tests.set(verdict.monitor, cells)
      }
      const known = cells[column]
      if (known === undefined || isWorse(verdict, known)) cells[column] = verdict
    }
  }
  const query = { model, version, window, order: 'oldest', limit: READ_AT_ONCE } as const
  if (readEvery === 1) {
    for (let next = from; next <= to; ) {
      const page = views.results({ ...query, from: next, to: to + 1 })
      for (const result of page) take(result)
      const last = page.at(-1)
      if (page.length < READ_AT_ONCE || last === undefined) break
      next = last.end + 1
      await nextTurn()
    }
  } else {
    for (let i = Math.floor((slides - 1) / readEvery); i >= 0; i--) {
      const end = to - i * readEvery * slideMs
      for (const result of views.results({ ...query, from: end, to: end + 1, limit: 1 })) take(result)
      if (i % READ_AT_ONCE === 0) await nextTurn()
    }
  }
  return {
    ...{ windowsPerColumn, readEvery, ends, windows },
    tests: [...tests].map(([monitor, cells]) => ({ monitor, cells })),
  }
}
