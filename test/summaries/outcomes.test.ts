import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasLabel, LABELS_MAX, labelSet } from '../../src/summaries/label-set.ts'
import { createLayout } from '../../src/summaries/layout.ts'
import { contributeOutcome } from '../../src/summaries/outcome.ts'
import type { Outcome } from '../../src/summaries/outcomes/cells.ts'
import { readLoss, readProbabilities } from '../../src/summaries/outcomes/cells.ts'
import { RANKS_MAX } from '../../src/summaries/outcomes/multiclass.ts'
import { readRegressionSums, regressionSums } from '../../src/summaries/outcomes/regression.ts'
import type { OutcomeSchema } from '../../src/summaries/schema.ts'
import { runs } from '../events/seed.ts'

const binary: OutcomeSchema = { task: 'binary', classes: ['good', 'bad'], scoreEdges: Float64Array.of(0.25, 0.5, 0.75) }
const classes = Array.from({ length: 60 }, (_, i) => `k${i}`)
const multiclass: OutcomeSchema = {
  task: 'multiclass',
  classes,
  own: classes.map((_, i) => i).slice(0, 50),
  scoreEdges: classes.slice(0, 50).map(() => Float64Array.of(0.5)),
}
const multilabel: OutcomeSchema = { task: 'multilabel', classes: classes.slice(0, LABELS_MAX) }
const regression: OutcomeSchema = { task: 'regression', center: 5, spread: 2, errorEdges: Float64Array.of(0.1, 1, 10) }

function layoutOf<T extends OutcomeSchema>(schema: T) {
  const { outcomes } = createLayout([], schema)
  if (outcomes.task !== schema.task) throw new Error('not the layout')
  return outcomes as Extract<typeof outcomes, { task: T['task'] }>
}

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const wild = fc.oneof(fc.double(), fc.constant(0))
const index = fc.integer({ min: 0, max: 59 })
const rows: Readonly<Record<OutcomeSchema['task'], fc.Arbitrary<Outcome>>> = {
  binary: fc.record({
    prediction: fc.constantFrom(0, 1, Number.NaN),
    outputs: fc.array(unit, { maxLength: 1 }).map((scores) => Float64Array.from(scores)),
    label: fc.constantFrom(0, 1),
  }),
  multiclass: fc.record({
    prediction: fc.oneof(index, fc.constant(Number.NaN)),
    outputs: fc.oneof(
      fc.constant(new Float64Array(0)),
      fc
        .array(fc.oneof(unit, fc.constant(Number.NaN)), { minLength: 60, maxLength: 60 })
        .map((p) => Float64Array.from(p)),
    ),
    label: index,
  }),
  multilabel: fc.record({
    prediction: fc.oneof(fc.nat(2 ** 31 - 1), fc.constant(Number.NaN)),
    outputs: fc.constant(new Float64Array(0)),
    label: fc.integer({ min: 0, max: 2 ** 50 - 1 }),
  }),
  regression: fc.record({
    prediction: wild,
    outputs: fc.constant(new Float64Array(0)),
    label: fc.double({ noNaN: true, noDefaultInfinity: true }),
  }),
}

for (const schema of [binary, multiclass, multilabel, regression]) {
  test(`${schema.task}: whatever the row, its cells are whole numbers, and taking it away leaves none of it`, () => {
    const layout = layoutOf(schema)
    fc.assert(
      fc.property(fc.array(rows[schema.task], { maxLength: 6 }), (some) => {
        const summary = new Float64Array(layout.size)
        for (const row of some) contributeOutcome(layout, summary, row, 1)
        assert.ok(summary.every(Number.isSafeInteger))
        for (const row of some) contributeOutcome(layout, summary, row, -1)
        assert.ok(summary.every((cell) => cell === 0))
      }),
      runs(1000),
    )
  })
}

test('a set of labels holds exactly those it was made of', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: LABELS_MAX - 1 })), (indices) => {
      const set = labelSet(indices)
      assert.ok(Number.isSafeInteger(set))
      for (let index = 0; index < LABELS_MAX; index++) assert.equal(hasLabel(set, index), indices.includes(index))
    }),
  )
  assert.ok(Number.isNaN(labelSet([0, undefined])))
})

test('each score bin keeps the sum of its scores', () => {
  const layout = layoutOf(binary)
  const summary = new Float64Array(layout.size)
  for (const score of [0.1, 0.2, 0.5, 0.9]) {
    contributeOutcome(layout, summary, { prediction: Number.NaN, outputs: Float64Array.of(score), label: 1 }, 1)
  }
  const sums = readProbabilities(summary, layout.scoreSums, layout.scoreBins)
  assert.deepEqual(
    [...sums].map((sum) => Math.round(sum * 1e6) / 1e6),
    [0.3, 0.5, 0, 0.9],
  )
})

test('beyond fifty classes the rest share a row and a column, and what is right among them is counted exactly', () => {
  const layout = layoutOf(multiclass)
  assert.equal(layout.groups, 51)
  const summary = new Float64Array(layout.size)
  const none = new Float64Array(0)
  contributeOutcome(layout, summary, { prediction: 55, outputs: none, label: 55 }, 1)
  contributeOutcome(layout, summary, { prediction: 56, outputs: none, label: 55 }, 1)
  contributeOutcome(layout, summary, { prediction: 3, outputs: none, label: 55 }, 1)
  assert.equal(summary[layout.confusion + 50 * 51 + 50], 2)
  assert.equal(summary[layout.confusion + 50 * 51 + 3], 1)
  assert.equal(summary[layout.right], 1)
})

test('the rank of the label is counted; of equal probabilities the class listed later comes first', () => {
  const layout = layoutOf(multiclass)
  const summary = new Float64Array(layout.size)
  const outputs = new Float64Array(60)
  outputs.set([0.5, 0.2, 0.2], 0)
  for (const label of [0, 1, 2, 59, 3]) contributeOutcome(layout, summary, { prediction: 0, outputs, label }, 1)
  const ranks = [...summary.subarray(layout.labelRanks, layout.labelRanks + RANKS_MAX + 1)]
  assert.deepEqual(ranks, [1, 1, 1, 1, ...new Array(RANKS_MAX - 4).fill(0), 1])
})

test('a regression keeps the powers of its errors, and what has no percentage or logarithm is counted', () => {
  const layout = layoutOf(regression)
  const summary = new Float64Array(layout.size)
  for (const [prediction, label] of [
    [7, 5],
    [1, 0],
    [-1, 5],
  ] as const) {
    contributeOutcome(layout, summary, { prediction, outputs: new Float64Array(0), label }, 1)
  }
  const sums = readRegressionSums(layout, summary)
  const at = (name: (typeof regressionSums)[number]) => sums[regressionSums.indexOf(name)] as number
  const errors = [1, 0.5, -3]
  const labels = [0, -2.5, 0]
  const total = (of: (e: number, y: number) => number) =>
    errors.reduce((sum, e, i) => sum + of(e, labels[i] as number), 0)
  for (const [name, wanted] of [
    ['count', 3],
    ['e', total((e) => e)],
    ['e|e|', total((e) => e * Math.abs(e))],
    ['e³', total((e) => e ** 3)],
    ['e⁴', total((e) => e ** 4)],
    ['y³', total((_, y) => y ** 3)],
    ['ey', total((e, y) => e * y)],
    ['ey²', total((e, y) => e * y * y)],
    ['e²y²', total((e, y) => e * e * y * y)],
  ] as const) {
    assert.ok(Math.abs(at(name) - wanted) < 1e-4, `${name}: ${at(name)}, wanted ${wanted}`)
  }
  assert.deepEqual([...summary.subarray(layout.errors, layout.errors + layout.errorBins)], [0, 2, 1, 0])
  assert.equal(summary[layout.zeroLabels], 1)
  assert.equal(summary[layout.negatives], 1)
  assert.equal(readLoss(summary, layout.percentage).count, 2)
  assert.ok(Math.abs(readLoss(summary, layout.percentage).sum - (0.4 + 6 / 5)) < 1e-8)
  assert.ok(
    Math.abs(readLoss(summary, layout.logSquare).sum - ((Math.log(8) - Math.log(6)) ** 2 + Math.log(2) ** 2)) < 1e-8,
  )
})
