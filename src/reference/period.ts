// The reference period as production sees time: a window that slides over it, pane by pane.

import type { Metric } from '../statistics/performance/metric.ts'
import type { Layout } from '../summaries/layout.ts'
import { add, subtract } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import type { MetricOptions } from './metric-options.ts'
import type { Baseline, Phases, Stretch } from './phases.ts'
import { baselineOf, isEven, phaseOf } from './phases.ts'
import type { PreparedJoint } from './second-moments.ts'

export interface Summaries {
  readonly inputs: Float64Array
  readonly outcomes: Float64Array
}

/** The rows a reference was learnt from, and how they are summed up. */
export interface ReferencePeriod<Row = unknown> {
  /** In order of time: single rows, or panes of many. */
  readonly rows: readonly Row[]
  readonly timeOf: (row: Row) => Instant
  readonly summarise: (rows: readonly Row[]) => Summaries
  /** When the period ends; left out: with its last row. */
  readonly until?: Instant
  /** Of all rows of the reference, which may be more than these. */
  readonly total: Summaries
  readonly layout: Layout
  /** What is tested of several columns at once; null when nothing is. */
  readonly joint: PreparedJoint | null
  /** Left out: the usual ones. */
  readonly metricOptions?: MetricOptions | undefined
  /** null where nothing is estimated. */
  readonly estimation: EstimatesOfPeriod | null
  /** Of all rows of the reference, by the hour; left out where windows are compared with the whole of it. */
  readonly phases?: Phases | undefined
}

/** How performance is estimated without labels, and how far labels agree. */
export interface EstimatesOfPeriod {
  estimate(inputs: Float64Array): Readonly<Record<string, Metric>>
  test(outcomes: Float64Array): { readonly statistic: number; readonly degrees: number }
}

/** A window of the reference period. The summaries are reused: valid until the next one. */
export interface ReferenceWindow extends Stretch {
  readonly part: Summaries
  /** Inputs by phase; empty where the window is compared with the whole reference. */
  readonly byPhase: ReadonlyMap<number, Float64Array>
  readonly rows: number
  /** Whether it shares no row with the disjoint one before it. */
  readonly isDisjoint: boolean
}

/** Slides that are looked at, the latest of the period: a month of five minutes. */
const SLIDES_MAX = 8_640

/** The windows that lie wholly inside the period, each a slide after the other. */
export function* slidingWindows<Row>(
  period: ReferencePeriod<Row>,
  { sizeMs, slideMs }: { readonly sizeMs: Millis; readonly slideMs: Millis },
): Iterable<ReferenceWindow> {
  const { rows, timeOf, total } = period
  if (rows.length === 0) return
  const from = timeOf(rows[0] as Row)
  const to = period.until ?? timeOf(rows[rows.length - 1] as Row)
  const slides = sizeMs / slideMs
  const all = Math.floor((to - from) / slideMs)
  const part = { inputs: new Float64Array(total.inputs.length), outcomes: new Float64Array(total.outcomes.length) }
  const byPhase = new Map<number, Float64Array>()
  const knowsHours = period.phases !== undefined && !isEven({ start: 0, end: sizeMs }, period.phases)
  const summarise = knowsHours ? summariseByPhase : summariseAll
  const panes: Pane[] = []
  const first = Math.max(0, all - SLIDES_MAX)
  let next = 0
  while (next < rows.length && timeOf(rows[next] as Row) < from + first * slideMs) next++
  let count = 0
  for (let slide = first; slide < all; slide++) {
    const firstRow = next
    const end = from + (slide + 1) * slideMs
    while (next < rows.length && timeOf(rows[next] as Row) < end) next++
    const pane = summarise(period, rows.slice(firstRow, next))
    panes.push(pane)
    add(part.inputs, pane.summaries.inputs)
    add(part.outcomes, pane.summaries.outcomes)
    for (const [phase, inputs] of pane.byPhase) {
      const sum = byPhase.get(phase)
      if (sum === undefined) byPhase.set(phase, inputs.slice())
      else add(sum, inputs)
    }
    count += pane.rows
    const left = panes.length > slides ? panes.shift() : undefined
    if (left !== undefined) {
      subtract(part.inputs, left.summaries.inputs)
      subtract(part.outcomes, left.summaries.outcomes)
      for (const [phase, inputs] of left.byPhase) {
        const sum = byPhase.get(phase) as Float64Array
        subtract(sum, inputs)
        if (sum[0] === 0) byPhase.delete(phase)
      }
      count -= left.rows
    }
    const seen = slide - first + 1
    if (seen >= slides) yield { part, byPhase, rows: count, start: end - sizeMs, end, isDisjoint: seen % slides === 0 }
  }
}

interface Pane {
  readonly summaries: Summaries
  readonly byPhase: ReadonlyArray<readonly [phase: number, inputs: Float64Array]>
  readonly rows: number
}

function summariseAll<Row>({ summarise }: ReferencePeriod<Row>, rows: readonly Row[]): Pane {
  const summaries = summarise(rows)
  return { summaries, byPhase: [], rows: summaries.inputs[0] as number }
}

/** The rows of each hour by themselves, and all of them together. */
function summariseByPhase<Row>({ summarise, timeOf, phases, total }: ReferencePeriod<Row>, rows: readonly Row[]): Pane {
  const count = phases?.length ?? 1
  const summaries = {
    inputs: new Float64Array(total.inputs.length),
    outcomes: new Float64Array(total.outcomes.length),
  }
  const byPhase: Array<readonly [number, Float64Array]> = []
  let first = 0
  while (first < rows.length) {
    const phase = phaseOf(timeOf(rows[first] as Row), count)
    let next = first + 1
    while (next < rows.length && phaseOf(timeOf(rows[next] as Row), count) === phase) next++
    const { inputs, outcomes } = summarise(rows.slice(first, next))
    add(summaries.inputs, inputs)
    add(summaries.outcomes, outcomes)
    byPhase.push([phase, inputs])
    first = next
  }
  return { summaries, byPhase, rows: summaries.inputs[0] as number }
}

/** What a window of the period is compared with: the period without it. */
export function restOf(
  { total, phases }: Pick<ReferencePeriod, 'total' | 'phases'>,
  window: ReferenceWindow,
): Baseline {
  const { inputs } = window.part
  if (phases === undefined) return { inputs: without(total.inputs, inputs), usual: null }
  return baselineOf({ phases, inputs: total.inputs }, window, { inputs, byPhase: window.byPhase })
}

/** What is left of the reference without a window of it. */
export function without(total: Float64Array, part: Float64Array): Float64Array {
  const rest = total.slice()
  subtract(rest, part)
  return rest
}
