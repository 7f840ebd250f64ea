// What labelled rows of a reference lose, by where features lie; and which feature's mix explains a loss.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WatchedModel } from '../../src/monitors/watched-model.ts'
import { compareColumn, prepareColumn } from '../../src/reference/comparison.ts'
import { learnWithPeriod } from '../../src/reference/learn.ts'
import { mixOfFeatures } from '../../src/reference/losses.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Rebase } from '../../src/reference/rebase.ts'
import { rebase } from '../../src/reference/rebase.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { deserialise, freeze, serialise } from '../../src/reference/reference.ts'
import { withOutcomes } from '../../src/reference/with-outcomes.ts'
import type { Task } from '../../src/summaries/schema.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { seeded, testSeed } from '../build/random.ts'
import { changed, normal, rows } from '../build/rows.ts'
import { unsureNearZero } from '../build/unsure-rows.ts'

const windows = [{ name: '2h', sizeMs: 2 * HOUR, slideMs: HOUR }]
const seed = testSeed()

function learn(reference: readonly ReferenceRow[], task: Task = 'binary', classes: string[] | null = null) {
  return learnWithPeriod(reference, {
    model: 'm',
    task,
    positiveClass: task === 'binary' ? '1' : null,
    classes,
    columnKinds: { n0: 'numeric' },
    multivariate: false,
    textual: false,
    source: 'file reference.csv',
    windows,
    minSamples: 50,
    estimation: true,
  })
}

/** What rows with these scores lose on average, whatever their labels turn out to be. */
const lossOfScores = (of: readonly ReferenceRow[]) =>
  of.reduce((sum, { event: { score } }) => {
    const s = score as number
    return sum - s * Math.log(s) - (1 - s) * Math.log(1 - s)
  }, 0) / of.length

test('the feature that costs is first by its mix, though another one that costs nothing has moved further', () => {
  const random = seeded(seed)
  const before = unsureNearZero(8_000, random)
  const { reference, period } = learn(before)
  const losses = reference.losses ?? assert.fail('it has no losses')
  const columns = reference.layout.inputs.columns.map((cells) => prepareColumn(cells, reference.inputs))
  const trials = Array.from({ length: 20 }, () => {
    const production = unsureNearZero(2_000, random, { moved: { n0: 0.7 + 0.15 * random(), n1: 0.6 + 0.4 * random() } })
    const current = period.summarise(production).inputs
    const [first] = mixOfFeatures(losses, columns, { reference: reference.inputs, current })
    const far = columns
      .filter(({ cells }) => cells.column.role === 'feature')
      .map((column) => [column.cells.column.name, compareColumn(column, current).distances().psi] as const)
      .sort((a, b) => b[1] - a[1])
    return { first, furthest: far[0]?.[0], realised: lossOfScores(production) - lossOfScores(before) }
  })
  const count = (is: (trial: (typeof trials)[number]) => boolean) => trials.filter(is).length
  assert.ok(count(({ first }) => first?.feature === 'n0') >= 19, JSON.stringify(trials))
  assert.equal(
    count(({ furthest }) => furthest === 'n1'),
    20,
  )
  // What is expected without a label is what comes: rows of one value of n0 turn out as they did.
  const mean = (of: (trial: (typeof trials)[number]) => number) => trials.reduce((sum, one) => sum + of(one), 0) / 20
  const [expected, realised] = [mean(({ first }) => first?.change ?? 0), mean((trial) => trial.realised)]
  assert.ok(realised > 0.03 && Math.abs(expected - realised) < 0.02, `expected ${expected}, realised ${realised}`)
})

test('rows without a value, of another type and beyond numbers have their own losses', () => {
  const odd = [undefined, null, 'text', Number.POSITIVE_INFINITY]
  const all = changed(rows(2_000, { seed: 1, numbers: 1 }), 'n0', (value, i) =>
    i % 5 === 0 ? odd[(i / 5) % 4] : value,
  )
  const { n0, c } = learn(all).reference.losses?.features ?? {}
  assert.deepEqual(n0?.rows.slice(0, 3), [200, 100, 100])
  assert.equal(
    n0?.rows.reduce((sum, count) => sum + count, 0),
    2_000,
  )
  const lossOf = ({ event: { score }, label }: ReferenceRow) =>
    -Math.log(label === '1' ? (score as number) : 1 - (score as number))
  const missing = all.filter((_, i) => i % 5 === 0 && odd[(i / 5) % 4] == null).map(lossOf)
  const mean = missing.reduce((sum, loss) => sum + loss, 0) / missing.length
  assert.ok(Math.abs((n0?.means[0] as number) - mean) < 1e-9)
  assert.deepEqual(c?.rows.slice(0, 3), [0, 0, 0])
})

test('only labelled rows are counted; few of them, labels of sets and decisions without a score have no losses', () => {
  const all = rows(2_000, { seed: 1, numbers: 1 })
  const labelled = (share: number) => all.map((row, i) => (i < share * 2_000 ? row : { ...row, label: null }))
  assert.equal(learn(labelled(0.25)).reference.losses?.rows, 500)
  assert.equal(learn(labelled(0.04)).reference.losses, undefined)
  const decided = all.map(({ event, label }) => ({ label, event: { ...event, score: null } }))
  assert.equal(learn(decided).reference.losses, undefined)
  assert.equal(learn(all, 'multilabel', ['0', '1']).reference.losses, undefined)
})

test('of a regression it is the absolute error, of classes the log loss of the one that came', () => {
  const random = seeded(seed)
  const errors: number[] = []
  const numbers = rows(1_000, { seed: 2, numbers: 1 }).map(({ event }) => {
    const prediction = normal(random)
    errors.push(Math.abs(normal(random)))
    return { event: { ...event, score: null, prediction }, label: prediction + (errors.at(-1) as number) }
  })
  const [huge] = numbers as [ReferenceRow]
  const regression = learn([...numbers, { ...huge, label: 1e200 }], 'regression').reference.losses
  assert.equal(regression?.rows, 1_000)
  assert.equal(regression?.loss, 'absolute error')
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  assert.ok(Math.abs((regression?.mean as number) - mean) < 1e-9)
  const probabilities = { x: 0.5, y: 0.25, z: 0.25 }
  const classes = rows(1_000, { seed: 3, numbers: 1 }).map(({ event }, i) => ({
    event: { ...event, score: null, prediction: 'x', probabilities },
    label: i % 2 === 0 ? 'x' : 'y',
  }))
  const multiclass = learn(classes, 'multiclass').reference.losses
  assert.equal(multiclass?.loss, 'log loss')
  assert.ok(Math.abs((multiclass?.mean as number) - 1.5 * Math.LN2) < 1e-9)
})

const learnt = learn(rows(3_000, { seed: 1, numbers: 2 }))
const { id: _, cells: __, layout: ___, losses: ____, ...content } = learnt.reference
const without: Reference = freeze(content)

test('a reference is the same with and without its losses: id, cells and all that stood in its profile', () => {
  assert.ok(learnt.reference.losses)
  assert.deepEqual([without.id, without.cells], [learnt.reference.id, learnt.reference.cells])
  const { losses, lossesSeal, ...rest } = JSON.parse(serialise(learnt.reference))
  assert.ok(losses && lossesSeal)
  assert.equal(JSON.stringify(rest), serialise(without))
})

test('a profile that has no losses reads as before; one that has them is read whole, and not when they were changed', () => {
  assert.deepEqual(deserialise(serialise(without)), without)
  assert.deepEqual(deserialise(serialise(learnt.reference)), learnt.reference)
  const profile = JSON.parse(serialise(learnt.reference))
  profile.losses.features.n0.means[5] += 0.5
  assert.throws(() => deserialise(JSON.stringify(profile)), /losses by feature .* do not match their seal/)
  // Those of another reference are no more its own.
  const other = JSON.parse(serialise(learn(rows(3_000, { seed: 2, numbers: 2 })).reference))
  const { losses, lossesSeal } = other
  const mixed = JSON.stringify({ ...JSON.parse(serialise(learnt.reference)), losses, lossesSeal })
  assert.throws(() => deserialise(mixed), /do not match their seal/)
})

test('what is made of panes has none: of an accepted span, of late labels', () => {
  const { reference, period } = learnt
  const from = reference.to + MINUTE - (reference.to % MINUTE)
  const production = rows(3_000, { seed: 4, numbers: 2, from: from - (from % (30 * MINUTE)) })
  const panes = [...Map.groupBy(production, ({ event: { time } }) => time - (time % (30 * MINUTE)))].map(
    ([start, part]) => ({ start, ...period.summarise(part) }),
  )
  for (const performance of ['kept', 'wanted'] as const) {
    const answer: Rebase = rebase({
      ...{ before: reference, panes, paneMs: 30 * MINUTE, source: 'accepted by Ann', performance },
      ...{ windows, minSamples: 50, minCoverage: 0.8 },
    })
    if (answer.is !== 'made') assert.fail(answer.because)
    assert.equal(answer.reference.losses, undefined)
    assert.ok(!('losses' in JSON.parse(serialise(answer.reference))))
  }
  assert.equal(freeze(withOutcomes(reference, reference.labelled, reference.outcomes)).losses, undefined)
})

test('a stream has them where its labels came within its period, and not of the few that came early', () => {
  const referenceOf = (share: number) => {
    const settings = {
      ...{ windows, falseAlarmBudget: 1, minSamples: 50, minCoverage: 0.8, estimation: true },
      ...{ metrics: ['accuracy'], alarms: {}, multivariate: false },
    }
    const learning = { task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, estimation: true } as const
    const options = {
      ...{ name: 'm', source: 's', settings, horizonMs: HOUR, reference: { firstMs: 24 * HOUR } },
      learn: { ...learning, multivariate: false },
    }
    const model = new WatchedModel(options, undefined)
    for (const [i, { event, label }] of rows(1_000, { seed: 6, numbers: 1 }).entries()) {
      model.learning?.hold(event)
      if (i < share * 1_000)
        model.learning?.hold({ kind: 'label', id: event.id, model: 'm', time: event.time + 1, op: 'upsert', label })
    }
    model.finishLearning()
    return model.reference
  }
  assert.equal(referenceOf(0.9)?.losses?.rows, 900)
  assert.equal(referenceOf(0.5)?.labelled, 500)
  assert.equal(referenceOf(0.5)?.losses, undefined)
})

test('losses take little room: 20 numbers and their rows for each numeric feature', () => {
  const { n0 } = learnt.reference.losses?.features ?? {}
  assert.ok((n0?.rows.length ?? 99) <= 20, `${n0?.rows.length}`)
})
