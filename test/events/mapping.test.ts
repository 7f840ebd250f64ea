import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LabelEvent, PredictionEvent } from '../../src/events/event.ts'
import type { EventMapping, MappingOptions } from '../../src/events/mapping.ts'
import { compileMapping } from '../../src/events/mapping.ts'
import { collect, reasonFor, row } from './collect.ts'

const t0 = Date.UTC(2026, 10, 23, 8)
const t1 = Date.UTC(2026, 11, 1, 9)

const mapping: EventMapping = {
  id: 'row_id',
  time: 'scored_at',
  features: ['age', 'income', 'job'],
  score: 'p_bad',
  prediction: 'decision',
  label: 'outcome',
  labelTime: 'known_at',
  version: 'model_version',
}
const cells = {
  row_id: 'r1',
  scored_at: '2026-11-23T08:00:00Z',
  age: '41',
  income: '',
  job: 'A12',
  p_bad: '0.17',
  decision: '0',
  outcome: '1.0',
  known_at: '2026-12-01T09:00:00Z',
  model_version: '7',
}
const csv: MappingOptions = {
  model: 'credit-risk',
  textual: true,
  regression: false,
  columnKinds: new Map([
    ['age', 'numeric'],
    ['income', 'numeric'],
    ['job', 'categorical'],
  ]),
}
const typed: MappingOptions = { model: 'credit-risk', textual: false, regression: false }

function read(
  from: EventMapping,
  options: MappingOptions,
  record: object,
): { prediction?: PredictionEvent; label?: LabelEvent } {
  const read: { prediction?: PredictionEvent; label?: LabelEvent } = {}
  for (const heard of collect(compileMapping(from, options), row({ ...record }))) {
    assert.ok(heard.kind !== 'rejected', heard.kind === 'rejected' ? heard.detail : '')
    if (heard.kind === 'prediction') read.prediction = heard
    else read.label = heard
  }
  return read
}

test('a row of text becomes a prediction and a label', () => {
  assert.deepEqual(read(mapping, csv, cells), {
    prediction: {
      kind: 'prediction',
      id: 'r1',
      model: 'credit-risk',
      version: '7',
      time: t0,
      features: { age: 41, income: null, job: 'A12' },
      prediction: '0',
      score: 0.17,
      probabilities: null,
      segments: null,
    },
    label: { kind: 'label', id: 'r1', model: 'credit-risk', time: t1, op: 'upsert', label: '1' },
  })
})

test('JSON bytes and rows with types are read like text, without turning text into numbers', () => {
  const record = { ...cells, age: 41, income: null, p_bad: 0.17, decision: 0, outcome: 1 }
  const fromRow = read(mapping, typed, record)
  assert.deepEqual(fromRow.prediction?.features, { age: 41, income: null, job: 'A12' })
  assert.deepEqual([fromRow.prediction?.prediction, fromRow.label?.label], [0, 1])
  const fromBytes = collect(compileMapping(mapping, typed), JSON.stringify(record))
  assert.deepEqual(fromBytes, [fromRow.prediction, fromRow.label])
  assert.equal(read(mapping, typed, { ...record, age: '41' }).prediction?.features['age'], '41')
  assert.equal(reasonFor(compileMapping(mapping, typed), row({ ...record, p_bad: '0.17' })), 'bad_score')
})

test('values are found by paths into nested JSON, and features may be given names of their own', () => {
  const nested: EventMapping = {
    id: 'meta.id',
    time: 'meta.at',
    features: { age: 'payload.features.age', 'home.city': 'payload.features.home.city' },
    score: 'payload.score',
  }
  const record = { meta: { id: 9, at: t0 }, payload: { score: 0.5, features: { age: 41, home: { city: 'Bonn' } } } }
  const { prediction } = read(nested, typed, record)
  assert.deepEqual(prediction?.features, { age: 41, 'home.city': 'Bonn' })
  assert.deepEqual([prediction?.id, prediction?.time, prediction?.score], ['9', t0, 0.5])
})

test('without a list of features every column that is nothing else is one', () => {
  const { features: _, ...rest } = mapping
  const { prediction } = read(rest, csv, { ...cells, shoe_size: '44' })
  assert.deepEqual(prediction?.features, { age: 41, income: null, job: 'A12', shoe_size: '44' })
  const multiclass: EventMapping = { id: 'id', time: 'time', probabilities: { a: 'p_a', b: 'p_b' } }
  const classes = read(
    multiclass,
    { ...csv, textual: true },
    { id: '1', time: '1', p_a: '0.25', p_b: '0.75', age: 'x' },
  )
  assert.deepEqual(classes.prediction?.features, { age: 'x' })
  assert.deepEqual(classes.prediction?.probabilities, { a: 0.25, b: 0.75 })
})

test('a text cell that should be a number but is none stays text, and empty and NaN are missing', () => {
  const age = (cell: string) => read(mapping, csv, { ...cells, age: cell }).prediction?.features['age']
  assert.equal(age('forty'), 'forty')
  assert.equal(age('4 1'), '4 1')
  assert.equal(age(' '), ' ')
  assert.equal(age(''), null)
  assert.equal(age('NaN'), null)
  assert.equal(age('1e-3'), 0.001)
  assert.equal(age('Infinity'), Number.POSITIVE_INFINITY)
  const job = (cell: string) => read(mapping, csv, { ...cells, job: cell }).prediction?.features['job']
  assert.equal(job('007'), '007')
  assert.equal(job(''), null)
})

test('a column that a row does not have is absent, not missing', () => {
  const { income: _, ...rest } = cells
  assert.deepEqual(Object.keys(read(mapping, csv, rest).prediction?.features ?? {}), ['age', 'job'])
})

test('a regression reads its predictions and labels as numbers, and a classification keeps its class names', () => {
  const record = { ...cells, p_bad: '', decision: '3785.0', outcome: '2.50' }
  const price = read(mapping, { ...csv, regression: true }, record)
  assert.deepEqual([price.prediction?.prediction, price.label?.label], [3785, 2.5])
  const classes = read(mapping, csv, { ...cells, decision: '007', outcome: '1e5' })
  assert.deepEqual([classes.prediction?.prediction, classes.label?.label], ['007', '1e5'])
  const words = row({ ...record, decision: 'cheap' })
  assert.equal(reasonFor(compileMapping(mapping, { ...csv, regression: true }), words), 'bad_prediction')
  const label = row({ ...record, outcome: 'Infinity' })
  assert.equal(reasonFor(compileMapping(mapping, { ...csv, regression: true }), label), 'bad_label')
})

test('whole numbers of 64 bits are read as numbers, and as the text of an id', () => {
  const { prediction, label } = read(mapping, typed, {
    ...cells,
    row_id: 2n ** 60n,
    age: 41n,
    p_bad: 1n,
    decision: 0n,
    outcome: 1n,
  })
  assert.equal(prediction?.id, '1152921504606846976')
  assert.deepEqual(
    [prediction?.features['age'], prediction?.score, prediction?.prediction, label?.label],
    [41, 1, 0, 1],
  )
})

test('a record without a time is a label, and one without a label is a prediction', () => {
  const late = read(mapping, csv, { row_id: 'r1', outcome: '1', known_at: cells.known_at })
  assert.deepEqual([late.prediction, late.label?.time], [undefined, t1])
  const open = read(mapping, csv, { ...cells, outcome: '' })
  assert.deepEqual([open.prediction?.id, open.label], ['r1', undefined])
})

test('a label without a time of its own is known when the prediction is made', () => {
  assert.equal(read(mapping, csv, { ...cells, known_at: '' }).label?.time, t0)
  const { labelTime: _, ...rest } = mapping
  assert.equal(read(rest, csv, cells).label?.time, t0)
})

const without = (...keys: string[]) =>
  row(Object.fromEntries(Object.entries(cells).filter(([key]) => !keys.includes(key))))
const rejections: ReadonlyArray<readonly [string, string, object]> = [
  ['missing_time', 'neither a time nor a label', without('scored_at', 'outcome')],
  ['missing_time', 'a label and no time at all', without('scored_at', 'known_at')],
  ['missing_id', 'no id', without('row_id')],
  ['missing_id', 'an empty id', { ...cells, row_id: '' }],
  ['bad_time', 'a time that is none', { ...cells, scored_at: 'soon' }],
  ['bad_time', 'a label time that is none', { ...cells, known_at: 'soon' }],
  ['bad_score', 'a score in percent', { ...cells, p_bad: '17%' }],
  ['bad_score', 'a score above 1', { ...cells, p_bad: '17' }],
  ['bad_version', 'a version of 200 characters', { ...cells, model_version: '7'.repeat(200) }],
]
for (const [reason, what, record] of rejections) {
  test(`a row with ${what} is rejected as ${reason}, whole`, () => {
    assert.equal(reasonFor(compileMapping(mapping, csv), row({ ...record })), reason)
  })
}

test('a label alone needs a label, and some of the probabilities are not enough', () => {
  const labels = compileMapping({ id: 'id', label: 'y', labelTime: 'at' }, typed)
  assert.equal(reasonFor(labels, '{"id":"a","at":1}'), 'missing_label')
  assert.equal(reasonFor(labels, '{"id":"a","y":1}'), 'missing_time')
  assert.equal(reasonFor(labels, '{"id":"a","y":1,"at":1}'), 'label')
  const multiclass = compileMapping({ id: 'id', time: 'at', probabilities: { a: 'p_a', b: 'p_b' } }, typed)
  assert.equal(reasonFor(multiclass, '{"id":"a","at":1,"p_a":0.5}'), 'bad_probabilities')
  assert.equal(reasonFor(multiclass, '{"id":"a","at":1}'), 'prediction')
})

test('a feature cannot be called __proto__', () => {
  assert.throws(
    () => compileMapping({ id: 'id', features: ['__proto__'] }, typed),
    /a feature cannot be called __proto__/,
  )
})

test('a multilabel model reads a cell as names with a bar between them, or a list as it is', () => {
  const mapping = { id: 'id', time: 'at', prediction: 'tags', label: 'truth' }
  const namesIn = (record: object) => {
    const { prediction, label } = read(
      mapping,
      { model: 'm', textual: true, regression: false, multilabel: true },
      record,
    )
    return [prediction?.prediction, label?.label]
  }
  assert.deepEqual(namesIn({ id: 'a', at: '2026-01-05T00:00:00Z', tags: 'x|1.0', truth: '|' }), [['x', '1'], []])
  assert.deepEqual(namesIn({ id: 'a', at: '2026-01-05T00:00:00Z', tags: ['x', 'y'], truth: 'x' }), [['x', 'y'], ['x']])
})
