// How much windows of the reference period differ from the rest of it, although nothing has changed.
//
// A window slides over the period as it will over production. Each is left out of what it is compared with: a window that is
// part of its own reference looks too much like it (with 10 windows its χ² is 18 % too small), and thresholds learnt that way
// would be too low.

import { sampleVariance } from 'simple-statistics'
import type { Metric } from '../statistics/performance/metric.ts'
import type { Column } from '../summaries/schema.ts'
import type { Millis } from '../time.ts'
import type { Fault, PreparedColumn } from './comparison.ts'
import {
  compareColumn,
  countFault,
  faultsOf,
  heldAgainst,
  prepareColumn,
  rowsWithValue,
  testFault,
} from './comparison.ts'
import { testEmbedding } from './embedding.ts'
import { NoiseRecords } from './noise-records.ts'
import { isCompared, measurePerformance, worseningStatistic } from './performance.ts'
import type { ReferencePeriod, Summaries } from './period.ts'
import { restOf, slidingWindows, without } from './period.ts'
import type { UsualRows } from './phases.ts'
import type { WindowNoise } from './reference.ts'
import { jointMonitor, testJointly } from './second-moments.ts'

/** Fewer disjoint reference windows than this say too little about noise. */
export const WINDOWS_NEEDED = 20
export interface NoiseWindow {
  readonly name: string
  readonly sizeMs: Millis
  readonly slideMs: Millis
}

interface NoiseQuestion<Row> extends ReferencePeriod<Row> {
  readonly windows: readonly NoiseWindow[]
  readonly minSamples: number
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
  const disjoint: DisjointWindow[] = []
  const prepared =
    question.phases && question.layout.inputs.columns.map((cells) => prepareColumn(cells, question.total.inputs))
  let judged = 0
  for (const one of slidingWindows(question, window)) {
    const { part, rows, isDisjoint } = one
    if (rows < question.minSamples && !isDisjoint) continue
    const rest = restOf(question, one)
    if (isDisjoint) disjoint.push({ rows, usual: rest.usual })
    if (rows < question.minSamples) continue
    if (isDisjoint) judged++
    compareWithRest(question, { part, rest: rest.inputs, prepared }, records)
  }
  return {
    windows: judged,
    calibrated: judged >= WINDOWS_NEEDED,
    tests: records.noise(),
    volume: volumeOf(disjoint),
  }
}

function compareWithRest<Row>(
  { total, layout, joint, minSamples, metricOptions, estimation }: NoiseQuestion<Row>,
  { part, rest, prepared }: { part: Summaries; rest: Float64Array; prepared: readonly PreparedColumn[] | undefined },
  records: NoiseRecords,
): void {
  for (const test of joint === null ? [] : testJointly(joint, rest, part.inputs)) {
    records.add(jointMonitor(test.method), test)
  }
  for (const [i, cells] of layout.inputs.columns.entries()) {
    const ready = prepared?.[i]
    const monitor = driftTest(cells.column)
    for (const fault of cells.column.role === 'feature' ? faultsOf(cells) : []) {
      if (countFault(cells, fault, total.inputs) === 0) continue
      const { statistic, degrees } = testFault(cells, fault, rest, part.inputs)
      if (degrees > 0) records.add(faultTest(fault, cells.column.name), { degrees, statistic })
    }
    if (rowsWithValue(cells, part.inputs) < minSamples || rowsWithValue(cells, rest) < minSamples) continue
    const tests =
      cells.kind === 'embedding'
        ? testEmbedding({ cells, reference: rest, current: part.inputs })
        : compareColumn(ready === undefined ? prepareColumn(cells, rest) : heldAgainst(ready, rest), part.inputs).tests
    for (const { name, statistic, degrees } of tests) {
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
  const before = measurePerformance(layout.outcomes, without(total.outcomes, part.outcomes), metricOptions)
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

interface DisjointWindow {
  readonly rows: number
  /** Without the window itself; null where windows of its size are alike. */
  readonly usual: UsualRows | null
}

function volumeOf(windows: readonly DisjointWindow[]): WindowNoise['volume'] {
  const counts = windows.map(({ rows }) => rows)
  const perWindow = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length)
  if (perWindow === 0) return null
  const [squares, variances] = aboutTheUsual(windows)
  if (variances > 0) return { mean: perWindow, overdispersion: Math.max(1, squares / variances) }
  // A single window shows no variation of its own; Poisson's is assumed.
  const variation = counts.length > 1 ? sampleVariance(counts) : perWindow
  return { mean: perWindow, overdispersion: Math.max(1, variation / perWindow) }
}

/** Sums of squared deviations from what is usual at the same hours, and of what they would be if rows came independently. */
function aboutTheUsual(windows: readonly DisjointWindow[]): [squares: number, variances: number] {
  let [squares, variances] = [0, 0]
  for (const { rows, usual } of windows) {
    if (usual === null) continue
    squares += (rows - usual.mean) ** 2
    variances += usual.mean + usual.variance
  }
  return [squares, variances]
}
