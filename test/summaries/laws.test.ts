// Merging is addition: whatever the partition and the order of rows, the panes add up to the summary of all of them, exactly.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { contributeEstimation } from '../../src/summaries/estimation-cells.ts'
import type { Estimator } from '../../src/summaries/estimator.ts'
import type { Layout } from '../../src/summaries/layout.ts'
import { createLayout } from '../../src/summaries/layout.ts'
import { contributeOutcome, contributePredicted } from '../../src/summaries/outcome.ts'
import type { Column, OutcomeSchema, Task } from '../../src/summaries/schema.ts'
import { add, decode, encode, subtract } from '../../src/summaries/summary.ts'
import { runs } from '../events/seed.ts'

const numeric = { kind: 'numeric', role: 'feature', center: 0, quantum: 2 ** -16, spread: 1 } as const
const columns: Column[] = [
  { ...numeric, name: 'a', edges: Float64Array.of(-1, 0, 1) },
  { ...numeric, name: 'b', edges: Float64Array.of(0) },
  { kind: 'categorical', role: 'feature', name: 'c', categories: ['x', 'y'], others: ['z'] },
  {
    kind: 'embedding',
    role: 'feature',
    name: 'v',
    dimension: 2,
    center: Float64Array.of(0, 0),
    quantum: 2 ** -16,
    clusters: Float64Array.of(0, 0, 2, 2),
    edges: Float64Array.of(0.5, 1),
    meanDistance: 1,
    variance: 1,
    degrees: 2,
  },
  { ...numeric, role: 'prediction', name: 'score', edges: Float64Array.of(0.5) },
]

const tasks: Readonly<Record<Task, { outcome: OutcomeSchema; estimator: Estimator | null }>> = {
  binary: {
    outcome: { task: 'binary', classes: ['0', '1'], scoreEdges: Float64Array.of(0.25, 0.5, 0.75) },
    estimator: { task: 'binary', chances: Float64Array.of(0.1, 0.4, 0.6, 0.9), calibrated: true },
  },
  multiclass: {
    outcome: {
      task: 'multiclass',
      classes: ['k0', 'k1', 'k2'],
      own: [0, 1, 2],
      scoreEdges: [0, 1, 2].map(() => Float64Array.of(0.3, 0.6)),
    },
    estimator: {
      task: 'multiclass',
      curves: [{ x: Float64Array.of(0, 1), values: Float64Array.of(0.1, 0.8) }, null, null],
    },
  },
  multilabel: { outcome: { task: 'multilabel', classes: ['l0', 'l1', 'l2'] }, estimator: null },
  regression: {
    outcome: { task: 'regression', center: 5, spread: 2, errorEdges: Float64Array.of(0.1, 1, 10) },
    estimator: {
      task: 'regression',
      tree: {
        forks: [{ column: 0, right: [5], children: [-1, -2] }],
        leaves: [
          { rows: 9, absolute: 1, squared: 2, fourth: 9 },
          { rows: 9, absolute: 2, squared: 8, fourth: 90 },
        ],
      },
    },
  },
}

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const odd = fc.constantFrom(null, undefined, 'NaN', Number.POSITIVE_INFINITY, 1e300, {})
const value = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) },
  { weight: 1, arbitrary: odd },
)
const label = fc.option(fc.nat(2), { nil: Number.NaN })
const outcomes: Readonly<Record<Task, fc.Arbitrary<{ prediction: number; outputs: Float64Array; label: number }>>> = {
  binary: fc.record({
    prediction: fc.constantFrom(0, 1, Number.NaN),
    outputs: fc.array(unit, { maxLength: 1 }).map((list) => Float64Array.from(list)),
    label: fc.constantFrom(0, 1, Number.NaN),
  }),
  multiclass: fc.record({
    prediction: label,
    outputs: fc
      .oneof(fc.constant([]), fc.array(unit, { minLength: 3, maxLength: 3 }))
      .map((list) => Float64Array.from(list)),
    label,
  }),
  multilabel: fc.record({
    prediction: fc.nat(7),
    outputs: fc.constant(new Float64Array(0)),
    label: fc.option(fc.nat(7), { nil: Number.NaN }),
  }),
  regression: fc.record({
    prediction: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    outputs: fc.nat(1).map((leaf) => Float64Array.of(leaf)),
    label: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: Number.NaN }),
  }),
}

for (const [task, { outcome, estimator }] of Object.entries(tasks) as [Task, (typeof tasks)[Task]][]) {
  const layout = createLayout(columns, outcome, { estimator, crossed: ['a', 'b'] })
  const row = fc.record({
    features: fc.record(
      {
        a: value,
        b: value,
        c: fc.constantFrom('x', 'y', 'z', 'new', null),
        v: fc.array(value, { minLength: 2, maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
    score: fc.option(unit),
    outcome: outcomes[task],
    pane: fc.nat(3),
    rank: fc.nat(),
  })
  type Row = typeof row extends fc.Arbitrary<infer Of> ? Of : never

  const contribute = ({ inputs, outcomes }: Layout, [ins, outs]: readonly [Float64Array, Float64Array], one: Row) => {
    contributeInputs(inputs, ins, { features: one.features, score: one.score, prediction: null })
    const { prediction, outputs } = one.outcome
    if (inputs.estimation !== null) contributeEstimation(inputs.estimation, ins, prediction, outputs, 1)
    contributePredicted(outcomes, outs)
    if (!Number.isNaN(one.outcome.label)) contributeOutcome(outcomes, outs, one.outcome, 1)
  }
  const empty = () => [new Float64Array(layout.inputs.size), new Float64Array(layout.outcomes.size)] as const

  test(`${task}: panes of any partition and order add up to the summary of all rows, on disk and back`, () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const whole = empty()
        for (const one of rows) contribute(layout, whole, one)
        const panes = [0, 1, 2, 3].map(empty)
        const shuffled = rows.toSorted((x, y) => x.rank - y.rank)
        for (const one of shuffled) contribute(layout, panes[one.pane] as never, one)
        for (const part of [0, 1] as const) {
          const merged = new Float64Array(whole[part].length)
          for (const pane of panes) {
            const stored = decode(encode(pane[part]), pane[part].length)
            assert.deepEqual(stored, pane[part])
            add(merged, stored)
          }
          assert.deepEqual(merged, whole[part])
          for (const pane of panes) subtract(merged, pane[part])
          assert.ok(merged.every((cell) => cell === 0))
        }
      }),
      runs(1000),
    )
  })

  test(`${task}: a label that is corrected leaves what the right one alone would have left`, () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, outcomes[task]), { maxLength: 8 }), (pairs) => {
        const [, corrected] = empty()
        const [, right] = empty()
        for (const [{ outcome: first }, { label }] of pairs) {
          const now = { ...first, label }
          if (!Number.isNaN(first.label)) {
            contributeOutcome(layout.outcomes, corrected, first, 1)
            contributeOutcome(layout.outcomes, corrected, first, -1)
          }
          if (Number.isNaN(label)) continue
          contributeOutcome(layout.outcomes, corrected, now, 1)
          contributeOutcome(layout.outcomes, right, now, 1)
        }
        assert.deepEqual(
          corrected.map((cell) => cell + 0),
          right.map((cell) => cell + 0),
        )
      }),
      runs(1000),
    )
  })
}
