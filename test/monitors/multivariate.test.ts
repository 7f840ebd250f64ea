import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judgeMultivariate } from '../../src/monitors/multivariate.ts'
import type { WatchSettings } from '../../src/monitors/subject.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import type { Judged } from '../../src/monitors/verdict.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { prepareJoint, testJointly } from '../../src/reference/second-moments.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { MOMENT_QUANTUM } from '../../src/summaries/cross-moments.ts'
import { changed, rows } from '../build/rows.ts'
import { runs } from '../events/seed.ts'

const MINUTE = 60_000
const spec = { name: '500m', sizeMs: 500 * MINUTE, slideMs: 50 * MINUTE }
const NUMBERS = 8

/** Eight columns: n1 follows n0 (r = .7), n2 has heavy tails, n7 is n6 in another unit. */
function together(count: number, seed: number): ReferenceRow[] {
  return rows(count, { seed, numbers: NUMBERS }).map(({ event, label }) => {
    const n = event.features as Record<string, number>
    const features = {
      ...n,
      n1: 0.7 * (n['n0'] as number) + Math.sqrt(0.51) * (n['n1'] as number),
      n2: Math.exp(1.2 * (n['n2'] as number)),
      n7: 1000 * (n['n6'] as number) + 5,
    }
    return { label, event: { ...event, features } }
  })
}

function learn(from: readonly ReferenceRow[], multivariate: boolean | readonly string[] = true): Reference {
  return learnReference(from, {
    model: 'm',
    task: 'binary',
    positiveClass: '1',
    classes: null,
    columnKinds: {},
    multivariate,
    estimation: false,
    textual: false,
    source: 'test',
    windows: [spec],
    minSamples: 100,
  })
}

function watch(reference: Reference, change: Partial<WatchSettings> = {}) {
  return createSubject(reference, {
    windows: [spec],
    falseAlarmBudget: 1,
    minSamples: 100,
    minCoverage: 0.8,
    metrics: [],
    alarms: {},
    multivariate: true,
    estimation: false,
    ...change,
  })
}

const reference = learn(together(12_000, 1))
const subject = watch(reference)

function summarise(window: readonly ReferenceRow[], layout = reference.layout.inputs): Float64Array {
  const summary = new Float64Array(layout.size)
  for (const { event } of window) {
    contributeInputs(layout, summary, { features: event.features, score: event.score, prediction: event.prediction })
  }
  return summary
}

function judged(window: readonly ReferenceRow[], of = subject): Record<string, Judged> {
  const verdicts = judgeMultivariate(of, spec, summarise(window, of.reference.layout.inputs))
  return Object.fromEntries(verdicts.map((verdict) => [verdict.metric, verdict as Judged]))
}

const statuses = (verdicts: Record<string, Judged>) =>
  Object.fromEntries(Object.entries(verdicts).map(([method, { status }]) => [method, status]))
const quiet = { hotelling: 'ok', correlation: 'ok', reconstruction: 'ok' }

test('200 windows in which nothing changed raise no joint alarm, heavy tails and all', () => {
  for (let seed = 100; seed < 300; seed++) {
    for (const [method, { status }] of Object.entries(judged(together(500, seed))))
      assert.notEqual(status, 'alarm', `${method}, seed ${seed}`)
  }
})

test('a correlation that is lost alarms and names the pair, though no column has changed', () => {
  const others = rows(1000, { seed: 77, numbers: 1 })
  const apart = changed(together(1000, 7), 'n1', (_, i) => others[i]?.event.features['n0'])
  const { correlation, hotelling } = judged(apart)
  assert.equal(correlation?.status, 'alarm')
  assert.deepEqual(correlation?.pair?.features, ['n0', 'n1'])
  assert.ok(Math.abs((correlation?.pair?.reference as number) - 0.7) < 0.05)
  assert.ok(Math.abs(correlation?.pair?.current as number) < 0.15)
  assert.equal(hotelling?.status, 'ok')
})

test('a few rows far out in two heavy-tailed columns at once are no correlation', () => {
  const heavy = (from: readonly ReferenceRow[]) =>
    ['n0', 'n3'].reduce((all, name) => changed(all, name, (value) => Math.exp(2 * (value as number))), from)
  const own = watch(learn(heavy(rows(12_000, { seed: 5, numbers: 4 }))))
  const farOut = (value: unknown, i: number) => (i < 12 ? 500 : value)
  const window = changed(changed(heavy(rows(500, { seed: 6, numbers: 4 })), 'n0', farOut), 'n3', farOut)
  const { correlation } = judged(window, own)
  assert.deepEqual(correlation?.pair?.features, ['n0', 'n3'])
  assert.ok((correlation?.value ?? 0) > 0.2, `the correlation changed by ${correlation?.value}`)
  assert.ok(correlation?.holds.every((held) => !held))
})

test('a shift too small for each column alone, in all of them, is seen by their means together', () => {
  let shifted = together(1000, 8)
  for (const name of ['n0', 'n3', 'n4', 'n5', 'n6']) {
    shifted = changed(shifted, name, (value) => (value as number) + 0.25)
  }
  assert.equal(judged(shifted)['hotelling']?.status, 'alarm')
})

test('rows that leave the directions of the reference are rebuilt badly', () => {
  const wider = changed(together(1000, 9), 'n1', (value, i) => (value as number) + (i % 2 === 0 ? 2 : -2))
  assert.equal(judged(wider)['reconstruction']?.status, 'alarm')
})

test('without learnt noise the same changes warn, and nothing alarms', () => {
  const short = watch(learn(together(3_000, 1)))
  const { correlation } = judged(
    changed(together(1000, 7), 'n1', (_, i) => i),
    short,
  )
  assert.deepEqual([correlation?.status, correlation?.calibrated, correlation?.matters], ['warning', false, false])
})

test('a feature that is another one in a different unit is left out, and the rest is judged', () => {
  const joint = prepareJoint(reference.layout.inputs, reference.inputs, reference.joint)
  assert.deepEqual(joint?.cells.features, ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'])
  assert.deepEqual(joint?.kept, [0, 1, 2, 3, 4, 5, 6])
})

test('named features are watched, others not; an unknown one is refused by name; false keeps no cells at all', () => {
  const some = learn(together(1_000, 2), ['n3', 'n0'])
  assert.deepEqual(some.joint?.features, ['n3', 'n0'])
  assert.throws(() => learn(together(1_000, 2), ['n0', 'c']), /multivariate\.features: c is not a numeric feature/)
  const none = learn(together(1_000, 2), false)
  assert.equal(none.joint, null)
  assert.equal(none.layout.inputs.moments, null)
  assert.deepEqual(judgeMultivariate(watch(none), spec, summarise(together(500, 3), none.layout.inputs)), [])
  assert.deepEqual(judgeMultivariate(watch(reference, { multivariate: false }), spec, reference.inputs), [])
})

test('a window with too few rows says so, and one with too few for correlations judges the rest', () => {
  assert.deepEqual(statuses(judged(together(50, 3))), {
    hotelling: 'insufficient',
    correlation: 'insufficient',
    reconstruction: 'insufficient',
  })
  assert.deepEqual(statuses(judged(together(150, 3))), { ...quiet, correlation: 'insufficient' })
})

test('of more than 50 features the 50 that fill most bins are watched', () => {
  const many = rows(600, { seed: 4, numbers: 55 }).map(({ event, label }) => ({
    label,
    event: { ...event, features: { ...event.features, n0: Math.sign(event.features['n0'] as number), n1: 3 } },
  }))
  const features = learn(many).joint?.features ?? []
  assert.equal(features.length, 50)
  assert.ok(!features.includes('n0') && !features.includes('n1'))
})

test('moments of panes added up are exactly those of all their rows, and the order of rows does not matter', () => {
  const layout = reference.layout.inputs
  const { moments } = layout
  const value = fc.oneof(
    fc.double({ min: -20, max: 20, noNaN: true }),
    fc.constantFrom<unknown>(null, undefined, 'x', 1e300, -1e300, Number.POSITIVE_INFINITY, 0.5),
  )
  const row = fc.record({ n0: value, n1: value, n2: value, n3: value, n4: value, n5: value, n6: value, n7: value })
  const event = (features: Record<string, unknown>) => ({ features, score: 0.5, prediction: '1' })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), fc.array(row, { maxLength: 12 }), (first, second) => {
      const [one, other, whole] = [0, 1, 2].map(() => new Float64Array(layout.size)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ]
      for (const features of first) contributeInputs(layout, one, event(features))
      for (const features of second) contributeInputs(layout, other, event(features))
      for (const features of [...second, ...first]) contributeInputs(layout, whole, event(features))
      assert.deepEqual(
        one.map((cell, i) => cell + (other[i] as number)),
        whole,
      )
      assert.ok(whole.every(Number.isSafeInteger))
      assert.ok(Math.abs(whole[moments?.sums ?? 0] as number) <= (8 / MOMENT_QUANTUM) * (first.length + second.length))
    }),
    runs(1000),
  )
})

test('the names of features do not matter to what is said of them', () => {
  const names = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6']
  const renamed = (from: readonly ReferenceRow[], order: readonly number[]) =>
    from.map(({ event, label }) => ({
      label,
      event: {
        ...event,
        features: Object.fromEntries(names.map((name, i) => [names[order[i] as number], event.features[name]])),
      },
    }))
  const [before, now] = [together(800, 5), together(400, 6)]
  const plain = (order: readonly number[]) => {
    const of = learn(renamed(before, order))
    const joint = prepareJoint(of.layout.inputs, of.inputs, of.joint)
    if (joint === null) throw new Error('nothing to compare')
    return testJointly(joint, of.inputs, summarise(renamed(now, order), of.layout.inputs))
  }
  const expected = plain([0, 1, 2, 3, 4, 5, 6])
  for (const order of [
    [6, 5, 4, 3, 2, 1, 0],
    [3, 0, 6, 1, 5, 2, 4],
  ]) {
    for (const [i, { method, statistic, effect }] of plain(order).entries()) {
      assert.equal(method, expected[i]?.method)
      assert.ok(Math.abs(statistic - (expected[i]?.statistic as number)) <= 1e-9 * Math.max(1, statistic))
      assert.ok(Math.abs(effect - (expected[i]?.effect as number)) <= 1e-9 * Math.max(1, effect))
    }
  }
})
