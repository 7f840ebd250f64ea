// The calls that run most: binning a value, counting a row, judging a window. Each as a multiple of parsing the row's JSON in
// the same round, so that machines can be compared.
//
//   npm run bench:hot [-- --profile]     --profile also judges one kind of monitor at a time

import { CalibrationWatch } from '../src/monitors/calibration-watch.ts'
import { judgeDrift } from '../src/monitors/drift.ts'
import { judgeEstimated } from '../src/monitors/estimated.ts'
import { judgeMultivariate } from '../src/monitors/multivariate.ts'
import { defaultAlarms, judgePerformance } from '../src/monitors/performance.ts'
import { judgeQuality } from '../src/monitors/quality.ts'
import { createSubject } from '../src/monitors/subject.ts'
import { judgeVolume } from '../src/monitors/volume.ts'
import { learnReference } from '../src/reference/learn.ts'
import type { ReferenceRow } from '../src/reference/reading.ts'
import { createReading } from '../src/reference/reading.ts'
import { segmentLayoutOf } from '../src/reference/segments.ts'
import { binOf, createBinFinder, quantileEdges } from '../src/summaries/bins.ts'
import { contributeInputs } from '../src/summaries/contribute.ts'
import { contributeOutcome, contributePredicted } from '../src/summaries/outcome.ts'
import { contributeSegment } from '../src/summaries/segment-layout.ts'
import { seeded } from '../test/build/random.ts'
import { normal, rows } from '../test/build/rows.ts'

const ROUNDS = 9
const MINUTE = 60_000
const spec = { name: '500m', sizeMs: 500 * MINUTE, slideMs: 50 * MINUTE }
const metrics = ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier']

/** A watched model whose rows have so many features, one of them a category, and what a window of it holds. */
function watched(features: number, windowRows: number) {
  const numbers = features - 1
  const reference = learnReference(rows(10_000, { seed: 1, numbers }), {
    model: 'm',
    task: 'binary',
    positiveClass: '1',
    classes: null,
    columnKinds: {},
    multivariate: true,
    textual: false,
    source: 'bench',
    windows: [spec],
    minSamples: 100,
    estimation: true,
  })
  const subject = createSubject(reference, {
    windows: [spec],
    falseAlarmBudget: 1,
    minSamples: 100,
    estimation: true,
    minCoverage: 0.8,
    metrics,
    alarms: defaultAlarms(metrics),
    multivariate: true,
  })
  const { layout } = reference
  const reading = createReading('binary', reference.classes)
  const inputs = new Float64Array(layout.inputs.size)
  const outcomes = new Float64Array(layout.outcomes.size)
  const sample = rows(windowRows, { seed: 2, numbers })
  const scored = sample.map(({ event }) => ({
    features: event.features,
    score: event.score,
    prediction: event.prediction,
  }))
  for (const row of scored) contributeInputs(layout.inputs, inputs, row)
  for (const { event, label } of sample as readonly (ReferenceRow & { label: string })[]) {
    contributePredicted(layout.outcomes, outcomes)
    const outcome = {
      prediction: reading.prediction(event),
      outputs: reading.outputs(event),
      label: reading.label(label),
    }
    contributeOutcome(layout.outcomes, outcomes, outcome, 1)
  }
  return { subject, layout, inputs, outcomes, scored, sample }
}

/** Keeps results alive, so that nothing measured is optimised away. */
let sink = 0

/** So long a measurement, that the clock's steps of a millisecond or more do not matter. */
const LEAST_US = 60_000

/** Nanoseconds of this thread's own time a call of `work`, which makes `calls` of them: what else runs does not count. */
function time(calls: number, work: () => void): number {
  const before = process.threadCpuUsage()
  for (let repeats = 1; ; repeats++) {
    work()
    const { user, system } = process.threadCpuUsage(before)
    if (user + system >= LEAST_US) return ((user + system) * 1e3) / calls / repeats
  }
}

const random = seeded(3)
const values = Float64Array.from({ length: 100_000 }, () => normal(random))
const finder = createBinFinder(quantileEdges(values.slice(0, 20_000).sort()))
const narrow = watched(25, 2000)
const texts = narrow.sample.map(({ event }) =>
  JSON.stringify({ type: 'prediction', ...event, kind: undefined, time: new Date(event.time) }),
)
const scratch = new Float64Array(narrow.layout.inputs.size)
const segments = segmentLayoutOf(narrow.subject.reference)
const segment = new Float64Array(segments.inputs.size)
const wide = watched(50, 5000)
const calibration = new CalibrationWatch()

const monitors: Readonly<Record<string, () => readonly unknown[]>> = {
  drift: () => judgeDrift(wide.subject, spec, wide.inputs),
  multivariate: () => judgeMultivariate(wide.subject, spec, wide.inputs),
  quality: () => judgeQuality(wide.subject, spec, wide.inputs),
  estimated: () => judgeEstimated(wide.subject, spec, wide.inputs, calibration),
  volume: () => [judgeVolume(wide.subject, spec, wide.inputs[0] as number)],
  performance: () => judgePerformance(wide.subject, spec, wide.outcomes, false),
}
const WINDOWS = 10

function judging(names: readonly string[]): () => number {
  return () =>
    time(WINDOWS, () => {
      for (let window = 0; window < WINDOWS; window++) {
        for (const name of names) sink += (monitors[name] as () => readonly unknown[])().length
      }
    })
}

const everything = Object.keys(monitors)
const cases: Readonly<Record<string, () => number>> = {
  'JSON.parse of a row of 25 features': () =>
    time(texts.length, () => {
      for (const text of texts) sink += (JSON.parse(text) as { time: string }).time.length
    }),
  'binning a value': () =>
    time(values.length, () => {
      for (let i = 0; i < values.length; i++) sink += binOf(finder, values[i] as number)
    }),
  'counting a row of 25 features': () =>
    time(narrow.scored.length, () => {
      for (const row of narrow.scored) contributeInputs(narrow.layout.inputs, scratch, row)
    }),
  'the same, and its segment': () =>
    time(narrow.scored.length, () => {
      for (const row of narrow.scored) {
        contributeInputs(narrow.layout.inputs, scratch, row)
        contributeSegment(segments, segment)
      }
    }),
  'judging a window of 50 features': judging(everything),
  ...(process.argv.includes('--profile')
    ? Object.fromEntries(everything.map((name) => [`… ${name} alone`, judging([name])]))
    : {}),
}

const measured = new Map(Object.keys(cases).map((name) => [name, [] as number[]]))
for (let round = -2; round < ROUNDS; round++) {
  // The first rounds warm up.
  for (const [name, run] of Object.entries(cases)) {
    const ns = run()
    if (round >= 0) (measured.get(name) as number[]).push(ns)
  }
}

const medianOf = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] as number
const written = (ns: number) =>
  ns < 1e3 ? `${ns.toFixed(1)} ns` : ns < 1e6 ? `${(ns / 1e3).toFixed(2)} µs` : `${(ns / 1e6).toFixed(2)} ms`
const yardstick = medianOf(measured.get('JSON.parse of a row of 25 features') as number[])
console.log(`median of ${ROUNDS} rounds (fastest to slowest); × = of parsing one row in the same run`)
for (const [name, list] of measured) {
  const median = medianOf(list)
  console.log(
    `${name.padEnd(36)} ${written(median).padStart(9)} (${written(Math.min(...list))} to ${written(Math.max(...list))})  × ${(median / yardstick).toPrecision(3)}`,
  )
}
if (sink === 0) throw new Error('nothing was measured')
