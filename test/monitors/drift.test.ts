// What the monitors say of windows of independent rows: silence where nothing changed, and speech where something did.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeDrift } from '../../src/monitors/drift.ts'
import { defaultAlarms, judgePerformance } from '../../src/monitors/performance.ts'
import { judgeQuality } from '../../src/monitors/quality.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import { judgeVolume } from '../../src/monitors/volume.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { createReading } from '../../src/reference/reading.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { contributeOutcome, contributePredicted } from '../../src/summaries/outcome.ts'
import { changed, rows } from '../build/rows.ts'

const MINUTE = 60_000
const NUMBERS = 24
const spec = { name: '500m', sizeMs: 500 * MINUTE, slideMs: 50 * MINUTE }
const metrics = ['roc_auc', 'accuracy', 'f1', 'log_loss']
const reference = learnReference(rows(12_000, { seed: 1, numbers: NUMBERS }), {
  model: 'm',
  task: 'binary',
  positiveClass: '1',
  classes: null,
  columnKinds: {},
  multivariate: true,
  textual: false,
  source: 'test',
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
const { inputs, outcomes } = reference.layout
const reading = createReading('binary', reference.classes)

function summarise(window: readonly ReferenceRow[]) {
  const summary = { inputs: new Float64Array(inputs.size), outcomes: new Float64Array(outcomes.size) }
  for (const { event, label } of window) {
    contributeInputs(inputs, summary.inputs, {
      features: event.features,
      score: event.score,
      prediction: event.prediction,
    })
    contributePredicted(outcomes, summary.outcomes)
    if (label !== null)
      contributeOutcome(
        outcomes,
        summary.outcomes,
        { prediction: reading.prediction(event), outputs: reading.outputs(event), label: reading.label(label) },
        1,
      )
  }
  return summary
}

const window = (seed: number, count = 500) => rows(count, { seed, numbers: NUMBERS })
const alarms = (verdicts: ReadonlyArray<{ status: string; monitor: string }>) =>
  verdicts.filter(({ status }) => status === 'alarm').map(({ monitor }) => monitor)

test('the noise of windows of this size is learnt from the reference', () => {
  assert.equal(reference.noise['500m']?.calibrated, true)
  assert.ok(reference.noise['500m']?.windows === 23)
})

test('200 windows in which nothing changed raise no alarm on any of 27 columns, nor on quality, volume or performance', () => {
  for (let seed = 100; seed < 300; seed++) {
    const summary = summarise(window(seed))
    const verdicts = [
      ...judgeDrift(subject, spec, summary.inputs),
      ...judgeQuality(subject, spec, summary.inputs),
      judgeVolume(subject, spec, 500),
      ...judgePerformance(subject, spec, summary.outcomes, false),
    ]
    assert.deepEqual(alarms(verdicts), [], `seed ${seed}`)
  }
})

test('a shift of four tenths of a standard deviation in one of 24 columns is found in nearly every window of 500 rows', () => {
  let found = 0
  for (let seed = 300; seed < 400; seed++) {
    const shifted = changed(window(seed), 'n3', (value) => (value as number) + 0.4)
    if (alarms(judgeDrift(subject, spec, summarise(shifted).inputs)).includes('drift/n3')) found++
  }
  assert.ok(found >= 90, `found in ${found} of 100 windows`)
})

test('half a standard deviation is found in every window', () => {
  for (let seed = 400; seed < 450; seed++) {
    const shifted = changed(window(seed), 'n3', (value) => (value as number) + 0.5)
    assert.deepEqual(alarms(judgeDrift(subject, spec, summarise(shifted).inputs)), ['drift/n3'])
  }
})

test('one outlier, however far, neither hides a drift nor makes one', () => {
  const outlier = (value: unknown, row: number) => (row === 7 ? 1e12 : value)
  assert.deepEqual(
    alarms(judgeDrift(subject, spec, summarise(changed(window(7), 'n0', outlier)).inputs)),
    ['drift/n0'].slice(1),
  )
  const both = changed(
    changed(window(8), 'n0', (value) => (value as number) + 0.6),
    'n0',
    outlier,
  )
  assert.deepEqual(alarms(judgeDrift(subject, spec, summarise(both).inputs)), ['drift/n0'])
})

test('a category that changes places is found, and so are categories the reference never saw', () => {
  const other = changed(window(9), 'c', (value) => (value === 'v0' ? 'v7' : value))
  assert.deepEqual(alarms(judgeDrift(subject, spec, summarise(other).inputs)), ['drift/c'])
  const unseen = changed(window(10), 'c', (value, row) => (row % 5 === 0 ? 'new' : value))
  assert.deepEqual(alarms(judgeQuality(subject, spec, summarise(unseen).inputs)), ['quality/unseen/c'])
})

test('values that go missing, change type or leave the range are quality alarms, each by its name', () => {
  const spoilt = (change: (value: unknown, row: number) => unknown) =>
    alarms(judgeQuality(subject, spec, summarise(changed(window(11), 'n5', change)).inputs))
  assert.deepEqual(
    spoilt((value, row) => (row % 5 === 0 ? null : value)),
    ['quality/missing/n5'],
  )
  assert.deepEqual(
    spoilt((value, row) => (row % 5 === 0 ? undefined : value)),
    ['quality/missing/n5'],
  )
  assert.deepEqual(
    spoilt((value, row) => (row % 5 === 0 ? String(value) : value)),
    ['quality/type-error/n5'],
  )
  assert.deepEqual(
    spoilt((value, row) => (row % 5 === 0 ? 99 : value)),
    ['quality/out-of-range/n5'],
  )
  assert.deepEqual(
    spoilt((value, row) => (row % 5 === 0 ? Number.POSITIVE_INFINITY : value)),
    ['quality/out-of-range/n5'],
  )
})

test('with too few rows nothing is judged, and nothing is 0', () => {
  const summary = summarise(window(12, 60))
  for (const verdict of [
    ...judgeDrift(subject, spec, summary.inputs),
    ...judgeQuality(subject, spec, summary.inputs),
  ]) {
    assert.equal(verdict.status, 'insufficient')
    assert.equal(verdict.value, null)
  }
})

test('a column without any value in the window is not judged for drift, but is missing', () => {
  const gone = summarise(changed(window(13), 'n5', () => null))
  const drift = judgeDrift(subject, spec, gone.inputs).find(({ monitor }) => monitor === 'drift/n5')
  assert.equal(drift?.status, 'insufficient')
  assert.deepEqual(alarms(judgeQuality(subject, spec, gone.inputs)), ['quality/missing/n5'])
})

test('labels that contradict the model are a performance alarm, and labels that agree with it are none', () => {
  const relabelled = (label: (row: ReferenceRow) => string) =>
    summarise(window(14).map((row) => ({ ...row, label: label(row) }))).outcomes
  const worse = judgePerformance(
    subject,
    spec,
    relabelled(({ label }, i = 0) => (i % 2 ? '0' : label === '1' ? '0' : '1')),
    false,
  )
  assert.deepEqual(
    alarms(worse),
    metrics.map((metric) => `performance/${metric}`),
  )
  const better = judgePerformance(
    subject,
    spec,
    relabelled(({ event }) => String(event.prediction)),
    false,
  )
  assert.deepEqual(alarms(better), [])
})

test('a provisional window shows its performance and cannot alarm', () => {
  const bad = summarise(window(15).map((row) => ({ ...row, label: row.label === '1' ? '0' : '1' }))).outcomes
  for (const verdict of judgePerformance(subject, spec, bad, true)) {
    assert.equal(verdict.status, 'insufficient')
    assert.notEqual(verdict.value, null)
  }
})

test('half of the rows missing is a volume alarm, twice the rows is none, no row at all is one', () => {
  assert.deepEqual(
    [0, 200, 1_000].map((count) => judgeVolume(subject, spec, count).status),
    ['alarm', 'alarm', 'ok'],
  )
})
