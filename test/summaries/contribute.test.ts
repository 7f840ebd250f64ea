import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { createLayout, OTHER, UNSEEN } from '../../src/summaries/layout.ts'
import type { Column } from '../../src/summaries/schema.ts'

const columns: Column[] = [
  {
    kind: 'numeric',
    role: 'feature',
    name: 'toString',
    edges: Float64Array.of(-1, 0, 1),
    center: 0,
    quantum: 2 ** -16,
    spread: 1,
  },
  { kind: 'categorical', role: 'feature', name: 'job', categories: ['cook', ''], others: ['rare'] },
]
const { inputs } = createLayout(columns, {
  task: 'regression',
  center: 0,
  spread: 1,
  errorEdges: Float64Array.of(1),
})
const [number, job] = inputs.columns
if (number?.kind !== 'numeric' || job?.kind !== 'categorical') throw new Error('not the layout')

function count(features: Record<string, unknown>): Float64Array {
  const summary = new Float64Array(inputs.size)
  contributeInputs(inputs, summary, { features, score: null, prediction: null })
  return summary
}

test('null, not-a-number, an absent value and a value of the wrong type are told apart', () => {
  for (const [value, cell] of [
    [null, number.missing],
    ['NaN', number.missing],
    [Number.NaN, number.missing],
    [undefined, number.absent],
    ['12', number.wrongType],
    [{}, number.wrongType],
    [Number.POSITIVE_INFINITY, number.infinite],
  ] as const) {
    assert.equal(count({ ['toString']: value, job: 'cook' })[cell], 1, String(value))
  }
})

test('what every object inherits is no value, whatever a feature is called', () => {
  assert.equal(count({ job: 'cook' })[number.absent], 1)
})

test('the empty string is a category; rare ones share a cell; unknown ones have another', () => {
  for (const [value, cell] of [
    ['', job.cellOf.get('')],
    ['cook', job.cellOf.get('cook')],
    ['rare', job.counts + OTHER],
    ['new', job.counts + UNSEEN],
    [null, job.missing],
    [[], job.wrongType],
  ] as const) {
    assert.equal(count({ job: value })[cell as number], 1, JSON.stringify(value))
  }
})

test('values are summed in whole quanta, per bin', () => {
  const summary = count({ ['toString']: 0.5, job: 'cook' })
  assert.equal(summary[number.counts + 2], 1)
  assert.equal(summary[number.sums + 2], 2 ** 15)
  assert.ok(summary.every(Number.isSafeInteger))
})
