// The reference period as production sees time: a window that slides over it, pane by pane.

import type { Metric } from '../statistics/performance/metric.ts'
import type { Layout } from '../summaries/layout.ts'
import { add, subtract } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import type { MetricOptions } from './metric-options.ts'
import type { PreparedJoint } from './second-moments.ts'

export interface Summaries {
  readonly inputs: Float64Array
  readonly outcomes: Float64Array
}

/** The rows a reference was learnt from, and how they are summed up. */
export interface ReferencePeriod<Row = unknown> {
  /** In order of time. */
  readonly rows: readonly Row[]
  readonly timeOf: (row: Row) => Instant
  readonly summarise: (rows: readonly Row[]) => Summaries
  /** Of all rows of the reference, which may be more than these. */
  readonly total: Summaries
  readonly layout: Layout
  /** What is tested of several columns at once; null when nothing is. */
  readonly joint: PreparedJoint | null
  /** Left out: the usual ones. */
  readonly metricOptions?: MetricOptions | undefined
  /** null where nothing is estimated. */
  readonly estimation: EstimatesOfPeriod | null
}

/** How performance is estimated without labels, and how far labels agree. */
export interface EstimatesOfPeriod {
  estimate(inputs: Float64Array): Readonly<Record<string, Metric>>
  test(outcomes: Float64Array): { readonly statistic: number; readonly degrees: number }
}

/** A window of the reference period. The summaries are reused: valid until the next one. */
export interface ReferenceWindow {
  readonly part: Summaries
  readonly rows: number
  readonly end: Instant
  /** Whether it shares no row with the disjoint one before it. */
  readonly isDisjoint: boolean
}

/** Slides that are looked at, the latest of the period: a month of five minutes. */
const SLIDES_MAX = 8_640

/** The windows that lie wholly inside the period, each a slide after the other. */
export function* slidingWindows<Row>(
  { rows, timeOf, summarise, total }: ReferencePeriod<Row>,
  { sizeMs, slideMs }: { readonly sizeMs: Millis; readonly slideMs: Millis },
): Iterable<ReferenceWindow> {
  if (rows.length === 0) return
  const from = timeOf(rows[0] as Row)
  const to = timeOf(rows[rows.length - 1] as Row)
  const slides = sizeMs / slideMs
  const all = Math.floor((to - from) / slideMs)
  const part = { inputs: new Float64Array(total.inputs.length), outcomes: new Float64Array(total.outcomes.length) }
  const panes: Array<{ summaries: Summaries; rows: number }> = []
  const first = Math.max(0, all - SLIDES_MAX)
  let next = 0
  while (next < rows.length && timeOf(rows[next] as Row) < from + first * slideMs) next++
  let count = 0
  for (let slide = first; slide < all; slide++) {
    const start = next
    const end = from + (slide + 1) * slideMs
    while (next < rows.length && timeOf(rows[next] as Row) < end) next++
    const pane = { summaries: summarise(rows.slice(start, next)), rows: next - start }
    panes.push(pane)
    add(part.inputs, pane.summaries.inputs)
    add(part.outcomes, pane.summaries.outcomes)
    count += pane.rows
    const left = panes.length > slides ? panes.shift() : undefined
    if (left !== undefined) {
      subtract(part.inputs, left.summaries.inputs)
      subtract(part.outcomes, left.summaries.outcomes)
      count -= left.rows
    }
    const seen = slide - first + 1
    if (seen >= slides) yield { part, rows: count, end, isDisjoint: seen % slides === 0 }
  }
}

/** What is left of the reference without a window of it. */
export function without(total: Float64Array, part: Float64Array): Float64Array {
  const rest = total.slice()
  subtract(rest, part)
  return rest
}
