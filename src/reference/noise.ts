// How much windows of the reference period differ from the rest of it, although nothing has changed.
//
// Each window is left out of what it is compared with: a window that is part of its own reference looks too much like it
// (with 10 windows its χ² is 18 % too small), and thresholds learnt that way would be too low.

import { mean, sampleVariance } from 'simple-statistics'
import type { Layout } from '../summaries/layout.ts'
import type { Column } from '../summaries/schema.ts'
import { subtract } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import { prepareColumn, rowsWithValue, testColumn } from './comparison.ts'
import { measurePerformance, metricsOf, worseningStatistic } from './performance.ts'
import type { TestNoise, WindowNoise } from './reference.ts'

/** Fewer disjoint reference windows than this say too little about noise. */
const WINDOWS_NEEDED = 20

export interface NoiseWindow {
  readonly name: string
  readonly sizeMs: Millis
}

interface Summaries {
  readonly inputs: Float64Array
  readonly outcomes: Float64Array
}

/** Takes one window's result of one test: the statistic over what chance alone would make it on average, and the statistic. */
type Recorder = (test: string, result: { readonly ratio: number; readonly statistic: number }) => void

interface NoiseQuestion<Row> {
  /** In order of time. */
  readonly rows: readonly Row[]
  readonly timeOf: (row: Row) => Instant
  readonly summarise: (rows: readonly Row[]) => Summaries
  readonly total: Summaries
  readonly layout: Layout
  readonly windows: readonly NoiseWindow[]
  readonly minSamples: number
}

/** By window name, what each test does over the disjoint windows of that size in the reference period. */
export function learnNoise<Row>(question: NoiseQuestion<Row>): Record<string, WindowNoise> {
  const noise: Record<string, WindowNoise> = {}
  for (const { name, sizeMs } of question.windows) noise[name] = learnWindow(question, sizeMs)
  return noise
}

/** What a column's test is called, everywhere: `drift/income` for a feature, `prediction-drift/score` for an output. */
export function driftTest(column: Column): string {
  return `${column.role === 'feature' ? 'drift' : 'prediction-drift'}/${column.name}`
}

/** The key of a test's noise: the coarse test (the first) by the test's name, the fine one with `#fine`. */
export function noiseKey(test: string, index: number): string {
  return index === 0 ? test : `${test}#fine`
}

function learnWindow<Row>(question: NoiseQuestion<Row>, sizeMs: Millis): WindowNoise {
  const parts = [...disjointWindows(question, sizeMs)]
  const records = new Map<string, { ratios: number; largest: number; windows: number }>()
  const record: Recorder = (test, { ratio, statistic }) => {
    const seen = records.get(test) ?? { ratios: 0, largest: 0, windows: 0 }
    records.set(test, {
      ratios: seen.ratios + ratio,
      largest: Math.max(seen.largest, statistic),
      windows: seen.windows + 1,
    })
  }
  let judged = 0
  for (const part of parts) {
    if (part.length < question.minSamples) continue
    judged++
    compareWithRest(question, question.summarise(part), record)
  }
  const tests: Record<string, TestNoise> = {}
  for (const [test, { ratios, largest, windows }] of records) {
    tests[test] = { designEffect: Math.max(1, ratios / windows), largest }
  }
  return {
    windows: judged,
    calibrated: judged >= WINDOWS_NEEDED,
    tests,
    volume: volumeOf(parts.map((part) => part.length)),
  }
}

/** The rows of consecutive windows of `sizeMs`, from the first row's time on, that lie wholly inside the reference period. */
function* disjointWindows<Row>({ rows, timeOf }: NoiseQuestion<Row>, sizeMs: Millis): Iterable<readonly Row[]> {
  const last = rows.length - 1
  const from = timeOf(rows[0] as Row)
  const to = timeOf(rows[last] as Row)
  let first = 0
  for (let end = from + sizeMs; end <= to; end += sizeMs) {
    let next = first
    while (next <= last && timeOf(rows[next] as Row) < end) next++
    yield rows.slice(first, next)
    first = next
  }
}

function compareWithRest<Row>(
  { total, layout, minSamples }: NoiseQuestion<Row>,
  part: Summaries,
  record: Recorder,
): void {
  const rest = total.inputs.slice()
  subtract(rest, part.inputs)
  for (const cells of layout.inputs.columns) {
    if (rowsWithValue(cells, part.inputs) < minSamples || rowsWithValue(cells, rest) < minSamples) continue
    const tests = testColumn(prepareColumn(cells, rest), rest, part.inputs)
    for (const [i, { statistic, degrees }] of tests.entries()) {
      if (degrees > 0) record(noiseKey(driftTest(cells.column), i), { ratio: statistic / degrees, statistic })
    }
  }
  const restOutcomes = total.outcomes.slice()
  subtract(restOutcomes, part.outcomes)
  const before = measurePerformance(layout.outcomes, restOutcomes)
  const now = measurePerformance(layout.outcomes, part.outcomes)
  for (const metric of metricsOf[layout.outcomes.task]) {
    const [reference, current] = [before[metric], now[metric]]
    if (reference === undefined || current === undefined || reference.value === null || current.value === null) continue
    const variance = reference.standardError ** 2 + current.standardError ** 2
    if (!(variance > 0)) continue
    // Noise shows on both sides of the reference; the largest counts for the worse only, as the monitor judges.
    const ratio = (current.value - reference.value) ** 2 / variance
    record(`performance/${metric}`, { ratio, statistic: worseningStatistic(metric, reference, current) })
  }
}

function volumeOf(counts: number[]): WindowNoise['volume'] {
  const perWindow = counts.length === 0 ? 0 : mean(counts)
  if (perWindow === 0) return null
  // A single window shows no variation of its own; Poisson's is assumed.
  const variation = counts.length > 1 ? sampleVariance(counts) : perWindow
  return { mean: perWindow, overdispersion: Math.max(1, variation / perWindow) }
}
