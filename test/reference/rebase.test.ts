// A reference made of panes of production is what one learnt from the same rows would be, as far as panes can tell.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learnWithPeriod } from '../../src/reference/learn.ts'
import { measurePerformance } from '../../src/reference/performance.ts'
import type { ReferencePeriod } from '../../src/reference/period.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Rebase, RebaseQuestion, SpanPane } from '../../src/reference/rebase.ts'
import { ROWS_NEEDED, rebase } from '../../src/reference/rebase.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { countingOf, deserialise, serialise } from '../../src/reference/reference.ts'
import type { Task } from '../../src/summaries/schema.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { seeded } from '../build/random.ts'
import { changed, normal, rows } from '../build/rows.ts'

const paneMs = 30 * MINUTE
const windows = [
  { name: '2h', sizeMs: 2 * HOUR, slideMs: HOUR },
  { name: '1d', sizeMs: 24 * HOUR, slideMs: HOUR },
]
const from = Date.UTC(2026, 0, 1)

function rowsOf(task: Task, count: number, options: { seed: number; from?: number }): ReferenceRow[] {
  const random = seeded(options.seed)
  return rows(count, { numbers: 3, from, ...options }).map(({ event, label }) => {
    if (task === 'binary') return { event, label }
    if (task === 'regression') {
      const value = normal(random)
      const event_ = { ...event, score: null, prediction: value }
      return { event: event_, label: value + normal(random) * (event.features['c'] === 'v0' ? 2 : 1) }
    }
    const names = ['x', 'y', 'z']
    const probabilities = Object.fromEntries(names.map((name) => [name, 0.1 + random()]))
    const sum = Object.values(probabilities).reduce((a, b) => a + b, 0)
    for (const name of names) probabilities[name] = (probabilities[name] as number) / sum
    const likeliest = names.toSorted((a, b) => (probabilities[b] as number) - (probabilities[a] as number))[0] as string
    const event_ = { ...event, score: null, prediction: likeliest, probabilities }
    return { event: event_, label: random() < 0.7 ? likeliest : (names[Math.floor(random() * 3)] as string) }
  })
}

function learn(task: Task, reference: readonly ReferenceRow[], baseline?: 'same_hour_of_day') {
  return learnWithPeriod(reference, {
    model: 'm',
    task,
    positiveClass: task === 'binary' ? '1' : null,
    classes: null,
    columnKinds: {},
    multivariate: true,
    textual: false,
    source: 'file reference.csv',
    windows,
    minSamples: 50,
    estimation: true,
    baseline,
  })
}

function panesOf(period: ReferencePeriod<ReferenceRow>, production: readonly ReferenceRow[]): SpanPane[] {
  const byStart = Map.groupBy(production, ({ event }) => event.time - (event.time % paneMs))
  return [...byStart].map(([start, part]) => ({ start, ...period.summarise(part) }))
}

const question = (before: Reference, panes: readonly SpanPane[]): RebaseQuestion => ({
  before,
  panes,
  paneMs,
  source: 'accepted by Ann',
  performance: 'wanted',
  windows,
  minSamples: 50,
  minCoverage: 0.8,
})

function made(answer: Rebase) {
  if (answer.is !== 'made') assert.fail(answer.because)
  return answer
}

const refusal = (answer: Rebase) => (answer.is === 'refused' ? answer.because : assert.fail('it was made'))
const later = Date.UTC(2026, 1, 1)

for (const task of ['binary', 'multiclass', 'regression'] as const) {
  test(`${task}: counts, performance and noise are those of the new rows, and panes go on being added`, () => {
    const { reference: before, period } = learn(task, rowsOf(task, 4_000, { seed: 1 }))
    const production = changed(rowsOf(task, 4_000, { seed: 2, from: later }), 'n0', (value) => (value as number) + 2)
    const { reference, says } = made(rebase(question(before, panesOf(period, production))))
    const sums = period.summarise(production)
    assert.deepEqual(reference.inputs, sums.inputs)
    assert.deepEqual(reference.outcomes, sums.outcomes)
    assert.equal(reference.rows, 4_000)
    assert.equal(reference.labelled, 4_000)
    assert.equal(countingOf(reference), countingOf(before))
    assert.notEqual(reference.id, before.id)
    assert.deepEqual(reference.layout.inputs.size, before.layout.inputs.size)
    assert.deepEqual(
      measurePerformance(reference.layout.outcomes, reference.outcomes),
      measurePerformance(before.layout.outcomes, sums.outcomes),
    )
    assert.deepEqual(reference.judgesFrom, { inputs: later, outcomes: later })
    // 4,000 minutes hold 33 windows of two hours, and two days.
    assert.equal(reference.noise['2h']?.calibrated, true)
    assert.equal(reference.noise['2h']?.windows, 33)
    assert.equal(reference.noise['1d']?.calibrated, false)
    assert.deepEqual(reference.noise['1d']?.tests, before.noise['1d']?.tests)
    assert.ok(
      says.some((line) => line.includes('noise of windows of 1d is that of file reference.csv')),
      says.join('\n'),
    )
    assert.deepEqual(deserialise(serialise(reference)), reference)
    if (reference.estimator?.task === 'binary' && before.estimator?.task === 'binary')
      assert.notDeepEqual(reference.estimator.chances, before.estimator.chances)
    if (reference.estimator?.task === 'regression' && before.estimator?.task === 'regression') {
      assert.deepEqual(reference.estimator.tree.forks, before.estimator.tree.forks)
      assert.notDeepEqual(reference.estimator.tree.leaves, before.estimator.tree.leaves)
    }
  })
}

test('of the rows it was learnt from itself it is the same in all that panes can tell', () => {
  const own = rowsOf('binary', 4_000, { seed: 1 })
  const { reference: before, period } = learn('binary', own)
  const { reference } = made(rebase(question(before, panesOf(period, own))))
  assert.deepEqual(reference.inputs, before.inputs)
  assert.deepEqual(reference.outcomes, before.outcomes)
  assert.deepEqual(reference.estimator, before.estimator)
  const [again, learnt] = [reference.noise['2h'], before.noise['2h']]
  assert.deepEqual(Object.keys(again?.tests ?? {}).sort(), Object.keys(learnt?.tests ?? {}).sort())
  for (const [name, noise] of Object.entries(again?.tests ?? {}))
    assert.ok(Math.abs(noise.designEffect - (learnt?.tests[name]?.designEffect ?? 0)) < 0.5, name)
})

test('without labels performance stays what it was, its noise too, and it says so', () => {
  const { reference: before, period } = learn('binary', rowsOf('binary', 4_000, { seed: 1 }))
  const production = rowsOf('binary', 4_000, { seed: 2, from: later }).map((row, i) =>
    // Of two thirds of the rows the label has come: too few for any pane to count.
    i % 3 === 0 ? { ...row, label: null } : row,
  )
  const panes = panesOf(period, production)
  const { reference, says } = made(rebase(question(before, panes)))
  assert.deepEqual(reference.outcomes, before.outcomes)
  assert.deepEqual(reference.estimator, before.estimator)
  assert.equal(reference.labelled, before.labelled)
  assert.deepEqual(reference.judgesFrom, { inputs: later, outcomes: null })
  assert.equal(reference.noise['2h']?.calibrated, true)
  assert.deepEqual(
    reference.noise['2h']?.tests['performance/roc_auc'],
    before.noise['2h']?.tests['performance/roc_auc'],
  )
  assert.ok(says.some((line) => line.startsWith('performance is still that of file reference.csv')))
  assert.match(
    refusal(rebase({ ...question(before, panes), performance: 'needed' })),
    /^0 of its rows are in panes whose labels are complete, and 500 are needed/,
  )
})

test('what the span holds by segment is read when a reference is made of it, and not while labels are waited for', () => {
  const { reference: before, period } = learn('binary', rowsOf('binary', 4_000, { seed: 1 }))
  const rows = rowsOf('binary', 4_000, { seed: 2, from: later })
  let reads = 0
  const segments = () => {
    reads++
    return { layout: 'country', parts: {} }
  }
  const unlabelled = rows.map(({ event }) => ({ event, label: null }))
  const waits = { ...question(before, panesOf(period, unlabelled)), performance: 'needed', segments } as const
  refusal(rebase(waits))
  refusal(rebase({ ...waits, panes: waits.panes.slice(0, 1) }))
  assert.equal(reads, 0)
  const { reference } = made(rebase({ ...waits, panes: panesOf(period, rows) }))
  assert.deepEqual([reads, reference.segments], [1, { layout: 'country', parts: {} }])
})

test('labels or not, performance stays where that is not what it is about', () => {
  const { reference: before, period } = learn('binary', rowsOf('binary', 4_000, { seed: 1 }))
  const panes = panesOf(period, rowsOf('binary', 4_000, { seed: 2, from: later }))
  const { reference, says } = made(rebase({ ...question(before, panes), performance: 'kept' }))
  assert.deepEqual([reference.outcomes, reference.estimator], [before.outcomes, before.estimator])
  assert.ok(says.some((line) => line.endsWith('for it is not what this is about')))
})

test('only panes whose labels are complete tell of performance', () => {
  const { reference: before, period } = learn('binary', rowsOf('binary', 4_000, { seed: 1 }))
  const production = rowsOf('binary', 4_000, { seed: 2, from: later })
  const labelledUntil = later + 20 * HOUR
  const known = production.map((row) =>
    row.event.time < labelledUntil || row.label === '1' ? row : { ...row, label: null },
  )
  const { reference } = made(rebase(question(before, panesOf(period, known))))
  assert.deepEqual(
    reference.outcomes,
    period.summarise(production.filter(({ event }) => event.time < labelledUntil)).outcomes,
  )
  assert.equal(reference.labelled, 20 * 60)
})

test('too little, bins of other tools and hours that are not there are refused, and said', () => {
  const { reference: before, period } = learn('binary', rowsOf('binary', 4_000, { seed: 1 }))
  const few = panesOf(period, rowsOf('binary', ROWS_NEEDED - 1, { seed: 2, from: later }))
  assert.match(refusal(rebase(question(before, few))), /^the span holds 499 rows, and 500 are needed/)
  assert.match(refusal(rebase(question(before, []))), /^the span holds 0 rows/)
  const enough = panesOf(period, rowsOf('binary', 1_000, { seed: 2, from: later }))
  assert.match(refusal(rebase({ ...question(before, enough), presets: {} })), /drift\.method/)
  const hourly = learn('binary', rowsOf('binary', 12_000, { seed: 1 }), 'same_hour_of_day')
  assert.match(
    refusal(
      rebase(question(hourly.reference, panesOf(hourly.period, rowsOf('binary', 2_000, { seed: 2, from: later })))),
    ),
    /^same_hour_of_day needs a reference of at least 7d, and this one spans 1\.4d/,
  )
  const { reference } = made(
    rebase(question(hourly.reference, panesOf(hourly.period, rowsOf('binary', 10_200, { seed: 2, from: later })))),
  )
  assert.equal(reference.phases?.length, 24)
})

test('a feature that has no values any more is the new normal as well', () => {
  const { reference: before, period } = learn('binary', rowsOf('binary', 4_000, { seed: 1 }))
  const production = changed(rowsOf('binary', 4_000, { seed: 2, from: later }), 'n1', () => null)
  const { reference } = made(rebase(question(before, panesOf(period, production))))
  assert.equal(reference.rows, 4_000)
})
