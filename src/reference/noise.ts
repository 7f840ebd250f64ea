// How much windows of the reference period differ from the rest of it, although nothing has changed.
//
// A window slides over the period as it will over production. Each is left out of what it is compared with: a window that is
// part of its own reference looks too much like it (with 10 windows its χ² is 18 % too small), and thresholds learnt that way
// would be too low.

import { sampleVariance } from 'simple-statistics'
import type { Metric } from '../statistics/performance/metric.ts'
import type { Layout } from '../summaries/layout.ts'
import type { Column } from '../summaries/schema.ts'
import { add, subtract } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import type { Fault } from './comparison.ts'
import { compareColumn, countFault, faultsOf, prepareColumn, rowsWithValue, testFault } from './comparison.ts'
import type { MetricOptions } from './metric-options.ts'
import { NoiseRecords } from './noise-records.ts'
import { isCompared, measurePerformance, worseningStatistic } from './performance.ts'
import type { WindowNoise } from './reference.ts'
import type { PreparedJoint } from './second-moments.ts'
import { jointMonitor, testJointly } from './second-moments.ts'

/** Fewer disjoint reference windows than this say too little about noise. */
const WINDOWS_NEEDED = 20
/** Slides that are looked at, the latest of the period: a month of five minutes. */
const SLIDES_MAX = 8_640

export interface NoiseWindow {
  readonly name: string
  readonly sizeMs: Millis
  readonly slideMs: Millis
}

interface Summaries {
  readonly inputs: Float64Array
  readonly outcomes: Float64Array
}

/** How performance is estimated without labels, and how far labels agree. */
export interface NoiseOfEstimates {
  estimate(inputs: Float64Array): Readonly<Record<string, Metric>>
  test(outcomes: Float64Array): { readonly statistic: number; readonly degrees: number }
}

interface NoiseQuestion<Row> {
  /** In order of time. */
  readonly rows: readonly Row[]
  readonly timeOf: (row: Row) => Instant
  readonly summarise: (rows: readonly Row[]) => Summaries
  readonly total: Summaries
  readonly layout: Layout
  readonly joint: PreparedJoint | null
  readonly windows: readonly NoiseWindow[]
  readonly minSamples: number
  /** Left out: the usual ones. */
  readonly metricOptions?: MetricOptions | undefined
  /** null where nothing is estimated. */
  readonly estimation: NoiseOfEstimates | null
}

/** By window name, what each test does over windows of that size in the reference period. */
export function learnNoise<Row>(question: NoiseQuestion<Row>): Record<string, WindowNoise> {
  const noise: Record<string, WindowNoise> = {}
  for (const window of question.windows) noise[window.name] = learnWindow(question, window)
  return noise
}

/** What a column's monitor is called, everywhere: `drift/income` for a feature, `prediction-drift/score` for an output. */
export function driftTest(column: Column): string {
  return `${column.role === 'feature' ? 'drift' : 'prediction-drift'}/${column.name}`
}

/** The key of one test of a monitor: `drift/income#shift`. */
export function noiseKey(monitor: string, test: string): string {
  return `${monitor}#${test}`
}

export function faultTest(fault: Fault, name: string): string {
  return `quality/${fault}/${name}`
}

function learnWindow<Row>(question: NoiseQuestion<Row>, window: NoiseWindow): WindowNoise {
  const records = new NoiseRecords(window)
  const rowsOfDisjoint: number[] = []
  let judged = 0
  for (const { part, rows, isDisjoint } of slidingWindows(question, window)) {
    if (isDisjoint) rowsOfDisjoint.push(rows)
    if (rows < question.minSamples) continue
    if (isDisjoint) judged++
    compareWithRest(question, part, records)
  }
  return {
    windows: judged,
    calibrated: judged >= WINDOWS_NEEDED,
    tests: records.noise(),
    volume: volumeOf(rowsOfDisjoint),
  }
}

/** A window of the reference period. The summaries are reused: valid until the next one. */
interface ReferenceWindow {
  readonly part: Summaries
  readonly rows: number
  /** Whether it shares no row with the disjoint one before it. */
  readonly isDisjoint: boolean
}

/** The windows that lie wholly inside the reference period, each a slide after the other. */
function* slidingWindows<Row>(
  { rows, timeOf, summarise, total }: NoiseQuestion<Row>,
  { sizeMs, slideMs }: NoiseWindow,
): Iterable<ReferenceWindow> {
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
    while (next < rows.length && timeOf(rows[next] as Row) < from + (slide + 1) * slideMs) next++
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
    if (seen >= slides) yield { part, rows: count, isDisjoint: seen % slides === 0 }
  }
}

function compareWithRest<Row>(
  { total, layout, joint, minSamples, metricOptions, estimation }: NoiseQuestion<Row>,
  part: Summaries,
  records: NoiseRecords,
): void {
  const rest = total.inputs.slice()
  subtract(rest, part.inputs)
  for (const test of joint === null ? [] : testJointly(joint, rest, part.inputs)) {
    records.add(jointMonitor(test.method), test)
  }
  for (const cells of layout.inputs.columns) {
    const monitor = driftTest(cells.column)
    for (const fault of cells.column.role === 'feature' ? faultsOf(cells) : []) {
      if (countFault(cells, fault, total.inputs) === 0) continue
      const { statistic, degrees } = testFault(cells, fault, rest, part.inputs)
      if (degrees > 0) records.add(faultTest(fault, cells.column.name), { degrees, statistic })
    }
    if (rowsWithValue(cells, part.inputs) < minSamples || rowsWithValue(cells, rest) < minSamples) continue
    for (const { name, statistic, degrees } of compareColumn(prepareColumn(cells, rest), part.inputs).tests) {
      if (degrees > 0) records.add(noiseKey(monitor, name), { degrees, statistic })
    }
  }
  comparePerformance({ total, layout, metricOptions, estimation }, part, records)
}

function comparePerformance(
  {
    total,
    layout,
    metricOptions,
    estimation,
  }: Pick<NoiseQuestion<unknown>, 'total' | 'layout' | 'metricOptions' | 'estimation'>,
  part: Summaries,
  records: NoiseRecords,
): void {
  const rest = total.outcomes.slice()
  subtract(rest, part.outcomes)
  const before = measurePerformance(layout.outcomes, rest, metricOptions)
  const now = measurePerformance(layout.outcomes, part.outcomes, metricOptions)
  for (const [metric, current] of Object.entries(now))
    if (isCompared(metric)) compareMetric(`performance/${metric}`, metric, before[metric], current, records)
  if (estimation === null) return
  const estimated = estimation.estimate(part.inputs)
  for (const metric of Object.keys(estimated))
    compareMetric(`estimated/${metric}`, metric, before[metric], estimated[metric], records)
  const { degrees, statistic } = estimation.test(part.outcomes)
  if (degrees > 0) records.add('calibration', { degrees, statistic })
}

function compareMetric(
  test: string,
  metric: string,
  reference: Metric | undefined,
  current: Metric | undefined,
  records: NoiseRecords,
): void {
  if (reference === undefined || current === undefined || reference.value === null || current.value === null) return
  const variance = reference.standardError ** 2 + current.standardError ** 2
  if (!(variance > 0)) return
  // Noise shows on both sides of the reference; the largest counts for the worse only, as the monitor judges.
  const statistic = (current.value - reference.value) ** 2 / variance
  records.add(test, { degrees: 1, statistic, against: worseningStatistic(metric, reference, current) })
}

function volumeOf(counts: number[]): WindowNoise['volume'] {
  const perWindow = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length)
  if (perWindow === 0) return null
  // A single window shows no variation of its own; Poisson's is assumed.
  const variation = counts.length > 1 ? sampleVariance(counts) : perWindow
  return { mean: perWindow, overdispersion: Math.max(1, variation / perWindow) }
}
