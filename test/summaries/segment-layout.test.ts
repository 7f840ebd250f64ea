// Segments add up to the whole, cell by cell, whatever the task and the columns.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coarseGroups } from '../../src/summaries/bins.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { createLayout, NO_SUMS } from '../../src/summaries/layout.ts'
import { contributeOutcome, contributePredicted } from '../../src/summaries/outcome.ts'
import type { Column, OutcomeSchema } from '../../src/summaries/schema.ts'
import { coarsened, contributeSegment, segmentLayout } from '../../src/summaries/segment-layout.ts'
import { add } from '../../src/summaries/summary.ts'
import { seeded, testSeed } from '../build/random.ts'

const edges = Float64Array.from({ length: 74 }, (_, i) => i / 74)
const columns: Column[] = [
  { kind: 'numeric', role: 'feature', name: 'n', edges, center: 0, quantum: 2 ** -16, spread: 1 },
  {
    ...{
      kind: 'embedding',
      role: 'feature',
      name: 'e',
      dimension: 2,
      center: Float64Array.of(0, 0),
      quantum: 2 ** -16,
    },
    ...{ clusters: Float64Array.of(0, 0, 1, 1), edges: Float64Array.of(0.5), meanDistance: 1, variance: 1, degrees: 2 },
  },
  { kind: 'categorical', role: 'feature', name: 'c', categories: ['a', 'b'], others: ['rare'] },
  {
    kind: 'numeric',
    role: 'feature',
    name: 'k',
    edges: Float64Array.of(0.1, 0.9),
    center: 0,
    quantum: 2 ** -16,
    spread: 1,
  },
]
const scoreEdges = Float64Array.of(0.25, 0.5, 0.75)
const schemas: readonly OutcomeSchema[] = [
  { task: 'binary', classes: ['0', '1'], scoreEdges },
  { task: 'multiclass', classes: ['x', 'y', 'z'], own: [0, 1], scoreEdges: [scoreEdges, scoreEdges] },
  { task: 'multilabel', classes: ['x', 'y'] },
  { task: 'regression', center: 1, spread: 2, errorEdges: Float64Array.of(0.1, 1) },
]

function outcomeOf(task: OutcomeSchema['task'], random: () => number) {
  const whole = (most: number) => Math.floor(random() * most)
  switch (task) {
    case 'binary':
      return { prediction: whole(2), outputs: Float64Array.of(random()), label: whole(2) }
    case 'multiclass':
      return { prediction: whole(3), outputs: Float64Array.of(random(), random(), random()), label: whole(3) }
    case 'multilabel':
      return { prediction: whole(4), outputs: new Float64Array(0), label: whole(4) }
    case 'regression':
      return { prediction: random() * 9 - 3, outputs: new Float64Array(0), label: random() * 9 - 3 }
  }
}

const values = (random: () => number) => ({
  n: [random() * 1.2 - 0.1, null, undefined, 'text', Number.POSITIVE_INFINITY][
    random() < 0.8 ? 0 : Math.floor(random() * 5)
  ],
  e: random() < 0.5 ? [random(), random()] : null,
  c: ['a', 'b', 'rare', 'new', null, {}][Math.floor(random() * 6)],
  k: random() < 0.9 ? 0.5 : random(),
})

test('segments add up to the whole, for every task, with labels added and taken back', () => {
  const random = seeded(testSeed())
  for (const schema of schemas) {
    const layout = createLayout(columns, schema)
    const counts = Float64Array.from({ length: 75 }, () => Math.floor(random() * 50))
    const parts = segmentLayout(layout.inputs, schema, ({ bins }) => coarseGroups(counts.subarray(0, bins), 16))
    const whole = { inputs: new Float64Array(layout.inputs.size), outcomes: new Float64Array(layout.outcomes.size) }
    const segments = Array.from({ length: 3 }, () => {
      return { inputs: new Float64Array(parts.inputs.size), outcomes: new Float64Array(parts.outcomes.size) }
    })
    for (let row = 0; row < 500; row++) {
      const segment = segments[Math.floor(random() * 3)] as (typeof segments)[number]
      contributeInputs(layout.inputs, whole.inputs, { features: values(random), score: null, prediction: null })
      contributeSegment(parts, segment.inputs)
      const outcome = outcomeOf(schema.task, random)
      for (const [side, to] of [
        [layout, whole.outcomes],
        [parts, segment.outcomes],
      ] as const) {
        contributePredicted(side.outcomes, to)
        contributeOutcome(side.outcomes, to, outcome, 1)
        if (row % 3 !== 0) continue
        contributeOutcome(side.outcomes, to, outcome, -1)
        contributeOutcome(side.outcomes, to, { ...outcome, label: schema.task === 'regression' ? 7 : 0 }, 1)
      }
    }
    const sum = { inputs: new Float64Array(parts.inputs.size), outcomes: new Float64Array(parts.outcomes.size) }
    for (const { inputs, outcomes } of segments) {
      add(sum.inputs, inputs)
      add(sum.outcomes, outcomes)
    }
    assert.deepEqual(sum.inputs, coarsened(parts, whole.inputs), schema.task)
    assert.deepEqual(sum.outcomes, whole.outcomes.slice(0, parts.outcomes.size), schema.task)
  }
})

test('a segment keeps at most 16 groups of bins, no sums, and no vectors', () => {
  const layout = createLayout(columns, schemas[0] as OutcomeSchema)
  const parts = segmentLayout(layout.inputs, schemas[0] as OutcomeSchema, ({ bins }) =>
    coarseGroups(new Float64Array(bins).fill(10), 16),
  )
  assert.deepEqual(
    parts.inputs.columns.map(({ column }) => column.name),
    ['n', 'c', 'k'],
  )
  const [n] = parts.inputs.columns
  assert.ok(n?.kind === 'numeric')
  assert.deepEqual([n.bins, n.sums, n.column.edges.length], [16, NO_SUMS, 15])
  // Each edge is one of the whole's, so that a bin is merged as a whole.
  assert.ok([...n.column.edges].every((edge) => edges.includes(edge)))
})
