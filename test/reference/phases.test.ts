// What a window is compared with when the reference tells hours apart.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WatchedModel } from '../../src/monitors/watched-model.ts'
import { learnReference, learnWithPeriod } from '../../src/reference/learn.ts'
import type { ReferencePeriod } from '../../src/reference/period.ts'
import { restOf, slidingWindows } from '../../src/reference/period.ts'
import type { BaselineChoice, Phases } from '../../src/reference/phases.ts'
import { baselineOf, hoursByPhase, learnPhases, phaseOf } from '../../src/reference/phases.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { deserialise, serialise } from '../../src/reference/reference.ts'
import { chiSquaredTwoSample } from '../../src/statistics/distances/chi-squared-two-sample.ts'
import { add } from '../../src/summaries/summary.ts'
import { seeded, testSeed } from '../build/random.ts'
import { rows } from '../build/rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const CATEGORIES = 8
const seed = testSeed()

/** A summary of a number of rows: their number, and how many of them each category has. */
function counted(rowCount: number, random: () => number, favoured = 0): Float64Array {
  const summary = new Float64Array(1 + CATEGORIES)
  summary[0] = rowCount
  for (let i = 0; i < rowCount; i++) {
    const category = random() < 0.2 ? favoured : Math.floor(random() * CATEGORIES)
    summary[1 + category] = (summary[1 + category] as number) + 1
  }
  return summary
}

function sumOf(summaries: Iterable<Float64Array>): Float64Array {
  const sum = new Float64Array(1 + CATEGORIES)
  for (const summary of summaries) add(sum, summary)
  return sum
}

function referenceOf(phases: Phases) {
  return { phases, inputs: sumOf(phases.map(({ inputs }) => inputs)) }
}

function near(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs((actual[i] as number) - value) <= tolerance, `cell ${i}: ${actual[i]}, not ${value}`)
}

test('the hours of a stretch add up to its length, each counted where it lies', () => {
  const random = seeded(seed)
  for (let i = 0; i < 50; i++) {
    const start = Math.floor(random() * 400 * DAY)
    const end = start + MINUTE * Math.floor(random() * 20 * 24 * 60)
    const hours = hoursByPhase({ start, end }, 24)
    const byMinute = new Float64Array(24)
    for (let at = start; at < end; at += MINUTE) {
      const [here, next] = [phaseOf(at, 24), phaseOf(at + MINUTE, 24)]
      const inHere = here === next ? 1 : (HOUR - (at % HOUR)) / MINUTE
      byMinute[here] = (byMinute[here] as number) + inHere / 60
      byMinute[next] = (byMinute[next] as number) + (1 - inHere) / 60
    }
    near(hours, byMinute, 1e-9)
  }
})

test('windows that hold all hours alike are compared with the reference as it is', () => {
  const random = seeded(seed)
  const reference = referenceOf(Array.from({ length: 24 }, (_, i) => ({ hours: 14, inputs: counted(50 * i, random) })))
  for (const [start, days] of [
    [0, 1],
    [17 * MINUTE, 2],
    [5 * HOUR, 7],
  ] as const) {
    const { inputs, usual } = baselineOf(reference, { start, end: start + days * DAY })
    assert.deepEqual(inputs, reference.inputs)
    assert.equal(usual, null)
  }
})

test('the baselines of all hours together are the reference, in shares and in rows', () => {
  const random = seeded(seed)
  const phases = Array.from({ length: 24 }, (_, i) => ({ hours: 10, inputs: counted(500, random, i % CATEGORIES) }))
  const reference = referenceOf(phases)
  const shares = new Float64Array(1 + CATEGORIES)
  let usualRows = 0
  for (let hour = 0; hour < 24; hour++) {
    const { inputs, usual } = baselineOf(reference, { start: hour * HOUR, end: (hour + 1) * HOUR })
    usualRows += usual?.mean ?? 0
    for (const [cell, value] of inputs.entries())
      shares[cell] = (shares[cell] as number) + value / (inputs[0] as number) / 24
  }
  const rowCount = reference.inputs[0] as number
  near(
    shares,
    reference.inputs.map((value) => value / rowCount),
    1e-12,
  )
  assert.ok(Math.abs(usualRows - rowCount / 10) < 1e-6)
})

test('a window of several hours mixes them by the rows it should hold of each', () => {
  const random = seeded(seed)
  const many = 1_000_000
  const phases = Array.from({ length: 24 }, () => ({ hours: 20, inputs: counted(0, random) }))
  const pure = (category: number, count: number) => {
    const inputs = counted(0, random)
    inputs[0] = count
    inputs[1 + category] = count
    return { hours: 20, inputs }
  }
  phases[3] = pure(0, 3 * many)
  phases[4] = pure(1, many)
  const reference = referenceOf(phases)
  const { inputs, usual } = baselineOf(reference, { start: 3.5 * HOUR, end: 5 * HOUR })
  // Half an hour at three times the rows, and an hour: 3 to 2.
  assert.ok(Math.abs((inputs[1] as number) / (inputs[0] as number) - 0.6) < 1e-4)
  assert.ok(Math.abs((usual?.mean ?? 0) - (2.5 * many) / 20) < 1e-6)
})

test('an hour with few rows leans on the whole reference, and one without rows is the whole reference', () => {
  const random = seeded(seed)
  const phases = Array.from({ length: 24 }, () => ({ hours: 20, inputs: counted(4_000, random) }))
  phases[3] = { hours: 20, inputs: Float64Array.of(160, 160, 0, 0, 0, 0, 0, 0, 0) }
  phases[4] = { hours: 20, inputs: counted(0, random) }
  const reference = referenceOf(phases)
  const share = (inputs: Float64Array) => (inputs[1] as number) / (inputs[0] as number)
  const few = baselineOf(reference, { start: 3 * HOUR, end: 4 * HOUR })
  assert.ok(Math.abs(share(few.inputs) - (1 + share(reference.inputs)) / 2) < 1e-9)
  const none = baselineOf(reference, { start: 4 * HOUR, end: 5 * HOUR })
  near(none.inputs, reference.inputs, 1e-9)
  assert.deepEqual(none.usual, { mean: 0, variance: 0 })
})

for (const perHour of [40, 400]) {
  test(`Pearson's statistic allows for the error of a baseline of ${perHour} rows an hour`, () => {
    const random = seeded(seed + perHour)
    const rounds = 400
    let sum = 0
    for (let round = 0; round < rounds; round++) {
      const phases = Array.from({ length: 24 }, () => ({ hours: 10, inputs: counted(perHour, random) }))
      const { inputs } = baselineOf(referenceOf(phases), { start: 9.5 * HOUR, end: 11.5 * HOUR })
      const window = counted(1_000, random)
      sum += chiSquaredTwoSample(inputs.subarray(1), window.subarray(1)).statistic / (CATEGORIES - 1)
    }
    // Standard error of the mean: √(2 / 7 / 400) = .027.
    assert.ok(Math.abs(sum / rounds - 1) < 0.11, `mean over degrees of freedom: ${sum / rounds}`)
  })
}

test('a window of the period is compared with exactly what the other rows say', () => {
  const random = seeded(seed)
  const from = 7 * DAY + 13 * MINUTE
  const sorted = Array.from({ length: 3_000 }, () => ({
    time: from + Math.floor(random() * 9 * DAY),
    inputs: counted(1, random),
  })).sort((a, b) => a.time - b.time)
  const [first, last] = [sorted[0], sorted[sorted.length - 1]]
  assert.ok(first && last)
  const period = { start: first.time, end: last.time }
  const options = { period, count: 24, size: 1 + CATEGORIES }
  const phases = learnPhases(sorted, options)
  const total = { inputs: sumOf(sorted.map(({ inputs }) => inputs)), outcomes: new Float64Array(1) }
  const learnt: Pick<ReferencePeriod<(typeof sorted)[number]>, 'rows' | 'timeOf' | 'summarise' | 'total' | 'phases'> = {
    rows: sorted,
    timeOf: ({ time }) => time,
    summarise: (part) => ({ inputs: sumOf(part.map(({ inputs }) => inputs)), outcomes: new Float64Array(1) }),
    total,
    phases,
  }
  for (const [sizeMs, slideMs] of [
    [HOUR, 20 * MINUTE],
    [5 * HOUR, HOUR],
    [36 * HOUR, 6 * HOUR],
    [DAY, 6 * HOUR],
  ] as const) {
    let windows = 0
    for (const window of slidingWindows(learnt as ReferencePeriod<(typeof sorted)[number]>, { sizeMs, slideMs })) {
      windows++
      const others = sorted.filter(({ time }) => time < window.start || time >= window.end)
      const gone = hoursByPhase(window, 24)
      const rest = learnPhases(others, options).map(({ hours, inputs }, i) => ({
        hours: hours - (gone[i] ?? 0),
        inputs,
      }))
      assert.deepEqual(restOf(learnt, window), baselineOf(referenceOf(rest), window))
    }
    assert.ok(windows > 20)
  }
})

const window = { name: '1h', sizeMs: HOUR, slideMs: HOUR }
const learning = {
  model: 'm',
  task: 'binary',
  positiveClass: '1',
  classes: null,
  columnKinds: {},
  multivariate: true,
  estimation: false,
} as const

function learn(from: readonly ReferenceRow[], baseline: BaselineChoice) {
  const source = 'file reference.csv'
  return learnWithPeriod(from, { ...learning, textual: false, source, windows: [window], minSamples: 10, baseline })
}

test('a profile keeps what the reference says of each hour, and its id tells references with and without apart', () => {
  const from = rows(8 * 24 * 12, { seed, numbers: 2, everyMs: 5 * MINUTE })
  const { reference } = learn(from, 'same_hour_of_day')
  assert.equal(reference.phases?.length, 24)
  const read = deserialise(serialise(reference))
  assert.deepEqual(read.phases, reference.phases)
  assert.equal(read.id, reference.id)
  assert.deepEqual(
    sumByCell(reference.phases?.map(({ inputs }) => inputs) ?? []),
    reference.inputs,
    'hours add up to the whole',
  )
  assert.notEqual(learn(from, 'pooled').reference.id, reference.id)
})

function sumByCell(summaries: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(summaries[0]?.length ?? 0)
  for (const summary of summaries) add(sum, summary)
  return sum
}

test('a reference too short to tell hours apart is refused, and half a day is forgiven', () => {
  const days = (count: number) => rows(count * 24 * 6, { seed, numbers: 1, everyMs: 10 * MINUTE })
  assert.throws(() => learn(days(6), 'same_hour_of_day'), {
    message:
      'baseline: same_hour_of_day needs a reference of at least 7d, and this one spans 6d: file reference.csv; give it a longer one, or set baseline: pooled',
  })
  assert.throws(() => learn(days(20), 'same_hour_of_week'), /same_hour_of_week needs .* at least 28d, .* spans 20d/)
  assert.equal(learn(days(6.6), 'same_hour_of_day').reference.phases?.length, 24)
  assert.equal(learn(days(28), 'same_hour_of_week').reference.phases?.length, 168)
})

test('learning from a stream that reaches its limit of rows too early keeps the whole reference, and says so', () => {
  const settings = {
    windows: [window],
    falseAlarmBudget: 1,
    minSamples: 10,
    minCoverage: 0.8,
    estimation: false,
    metrics: [],
    alarms: {},
    multivariate: false,
  }
  const model = new WatchedModel(
    {
      name: 'm',
      source: 's',
      settings,
      horizonMs: DAY,
      reference: { firstMs: 7 * DAY },
      learn: { ...learning, multivariate: false, baseline: 'same_hour_of_day' },
    },
    undefined,
  )
  const everyMs = (2 * DAY) / 200_000
  for (const { event } of rows(200_000, { seed, numbers: 0, everyMs })) model.learning?.hold({ ...event, features: {} })
  assert.ok(model.learning?.isComplete(undefined))
  model.finishLearning()
  assert.equal(model.reference?.phases, undefined)
  assert.equal(
    model.reference?.source,
    'first 7d of the stream; compared as a whole: same_hour_of_day needs a reference of at least 7d, and this one spans 2d',
  )
})

test('a reference that knows no hours is the one it has always been', () => {
  const from = rows(2_000, { seed: 3, numbers: 2 })
  const options = { ...learning, textual: false, source: 's', windows: [window], minSamples: 10 }
  const without = learnReference(from, options)
  assert.equal(learnReference(from, { ...options, baseline: 'pooled' }).id, without.id)
  assert.ok(!serialise(without).includes('phases'))
})
