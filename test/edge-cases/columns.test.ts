// The rules for columns and windows that are unlike the usual ones, through the same functions as the daemon's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeDrift } from '../../src/monitors/drift.ts'
import { judgeQuality } from '../../src/monitors/quality.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import type { Verdict } from '../../src/monitors/verdict.ts'
import { judgeVolume } from '../../src/monitors/volume.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { seeded } from '../build/random.ts'
import { changed, rows } from '../build/rows.ts'

const MINUTE = 60_000
const spec = { name: '500m', sizeMs: 500 * MINUTE, slideMs: 50 * MINUTE }

/** Rows with one column of every odd kind beside the usual ones. */
function oddRows(count: number, seed: number): ReferenceRow[] {
  const random = seeded(seed)
  const odd: Readonly<Record<string, (row: number) => unknown>> = {
    constant: () => 7,
    zeros: () => (random() < 0.6 ? 0 : random()),
    discrete: () => Math.floor(random() * 4),
    empty: () => null,
    key: (row) => `row-${seed}-${row}`,
    often: () => (random() < 0.9 ? 'a' : 'b'),
    rare: () => (random() < 0.1 ? random() : null),
  }
  let made = rows(count, { seed, numbers: 2 })
  for (const [name, value] of Object.entries(odd)) made = changed(made, name, (_, row) => value(row))
  return made
}

const reference = learnReference(oddRows(12_000, 1), {
  model: 'm',
  task: 'binary',
  positiveClass: '1',
  classes: null,
  columnKinds: {},
  multivariate: false,
  textual: false,
  source: 'test',
  windows: [spec],
  minSamples: 100,
  estimation: false,
})
const subject = createSubject(reference, {
  windows: [spec],
  falseAlarmBudget: 1,
  minSamples: 100,
  estimation: false,
  minCoverage: 0.8,
  metrics: [],
  alarms: {},
  multivariate: false,
})
const { inputs } = reference.layout

function summarise(window: readonly ReferenceRow[]): Float64Array {
  const summary = new Float64Array(inputs.size)
  for (const { event } of window) {
    contributeInputs(inputs, summary, { features: event.features, score: event.score, prediction: event.prediction })
  }
  return summary
}

function judged(window: readonly ReferenceRow[]): Verdict[] {
  const summary = summarise(window)
  return [...judgeDrift(subject, spec, summary), ...judgeQuality(subject, spec, summary)]
}

const alarms = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ status }) => status === 'alarm').map(({ monitor }) => monitor)
const ofMonitor = (verdicts: readonly Verdict[], monitor: string) =>
  verdicts.find((verdict) => verdict.monitor === monitor)

/** Every number of a verdict is finite; where there is no value, there is a reason. */
function isSound(verdict: Verdict): void {
  for (const [name, value] of Object.entries(verdict)) {
    if (typeof value === 'number') assert.ok(Number.isFinite(value), `${verdict.monitor}: ${name} is ${value}`)
  }
  if (verdict.value === null) assert.ok('reason' in verdict && verdict.reason !== '', verdict.monitor)
}

test('constant, zero-inflated and discrete columns that do not change raise nothing', () => {
  for (let seed = 10; seed < 40; seed++) {
    const verdicts = judged(oddRows(500, seed))
    assert.deepEqual(alarms(verdicts), [], `seed ${seed}`)
    for (const verdict of verdicts) isSound(verdict)
  }
})

test('a constant reference column that moves alarms with a finite distance', () => {
  const verdicts = judged(changed(oddRows(500, 50), 'constant', () => 8))
  assert.ok(alarms(verdicts).includes('drift/constant'))
  for (const verdict of verdicts) isSound(verdict)
})

test('a current column that has become constant is judged like any other', () => {
  assert.deepEqual(alarms(judged(changed(oddRows(500, 51), 'n0', () => 0.1))), ['drift/n0'])
})

test('a heavy value has a bin of its own, so that its share alone is seen to change', () => {
  const verdicts = judged(changed(oddRows(500, 52), 'zeros', (value, row) => (row % 2 === 0 ? 0 : value)))
  assert.deepEqual(alarms(verdicts), ['drift/zeros'])
})

test('a column that mostly has no value is judged by as many values as it usually has', () => {
  const sparing = createSubject(reference, { ...subject.settings, minSamples: 20 })
  const window = oddRows(500, 58)
  const said = (rows: readonly ReferenceRow[]) =>
    ofMonitor(judgeDrift(sparing, spec, summarise(rows)), 'drift/rare')?.status
  assert.equal(said(window), 'ok')
  assert.equal(said(changed(window, 'rare', (value) => (typeof value === 'number' ? value + 1 : value))), 'alarm')
})

test('a column without values and a column that names rows are not judged, and the reference says why', () => {
  const because = Object.fromEntries(reference.ignored.map(({ name, because }) => [name, because]))
  assert.match(because['empty'] ?? '', /no value in the reference/)
  assert.match(because['key'] ?? '', /looks like an identifier/)
})

test('one event of a new category cannot alarm, nor one that is infinite, out of range or of another type', () => {
  const once = (value: unknown) => (old: unknown, row: number) => (row === 3 ? value : old)
  for (const [column, value] of [
    ['often', 'never seen'],
    ['n0', Number.POSITIVE_INFINITY],
    ['n0', Number.NEGATIVE_INFINITY],
    ['n0', 1e300],
    ['n0', 'twelve'],
    ['discrete', 99],
  ] as const) {
    const verdicts = judged(changed(oddRows(500, 53), column, once(value)))
    assert.deepEqual(alarms(verdicts), [], `${column} ${value}`)
    for (const verdict of verdicts) isSound(verdict)
  }
})

test('infinite values are counted apart and stay out of the sums', () => {
  const cells = inputs.columns.find(({ column }) => column.name === 'n0')
  if (cells?.kind !== 'numeric') throw new Error('n0 is numeric')
  const plain = summarise(oddRows(500, 54))
  const spoilt = summarise(
    changed(oddRows(500, 54), 'n0', (value, row) => (row < 9 ? Number.POSITIVE_INFINITY : value)),
  )
  assert.equal(spoilt[cells.infinite], 9)
  assert.ok(spoilt.every(Number.isSafeInteger) && plain.every(Number.isSafeInteger))
  const count = (summary: Float64Array) =>
    summary.subarray(cells.counts, cells.counts + cells.bins).reduce((sum, rows) => sum + rows, 0)
  assert.equal(count(spoilt), count(plain) - 9)
})

test('a window of one, two or three rows, or of none, is insufficient: null with a reason, never 0 and never an alarm', () => {
  for (const count of [0, 1, 2, 3, 99]) {
    for (const verdict of judged(oddRows(count, 55))) {
      assert.equal(verdict.status, 'insufficient', verdict.monitor)
      assert.equal(verdict.value, null)
      isSound(verdict)
    }
  }
})

test('a window in which every value is missing is no drift, but says so as missing', () => {
  let window = oddRows(500, 56)
  for (const column of ['n0', 'n1', 'c', 'often']) window = changed(window, column, () => null)
  const verdicts = judged(window)
  for (const column of ['n0', 'n1', 'c', 'often']) {
    assert.equal(ofMonitor(verdicts, `drift/${column}`)?.status, 'insufficient')
    assert.ok(alarms(verdicts).includes(`quality/missing/${column}`), column)
  }
})

test('a thousand million rows add up exactly and are judged with finite numbers', () => {
  const window = summarise(oddRows(1000, 57))
  const huge = window.map((cell) => cell * 1e6)
  assert.ok(huge.every(Number.isSafeInteger), 'every cell is a whole number below 2^53')
  for (const verdict of [...judgeDrift(subject, spec, huge), ...judgeQuality(subject, spec, huge)]) isSound(verdict)
  isSound(judgeVolume(subject, spec, 1e9))
  assert.notEqual(judgeVolume(subject, spec, 1e9).status, 'alarm')
})
