import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventMapping, MappingOptions } from '../../src/events/mapping.ts'
import { compileMapping } from '../../src/events/mapping.ts'
import { splitRow } from '../../src/events/split-row.ts'
import { collect, row } from './collect.ts'

const mapping: EventMapping = { id: 'id', time: 'time', score: 'score', label: 'label', labelTime: 'label_time' }
const cells = {
  id: '1',
  time: '2026-01-01T00:00:00Z',
  age: '41',
  score: '0.5',
  label: '1',
  label_time: '2026-01-31T00:00:00Z',
}
const t0 = Date.UTC(2026, 0, 1)
const t1 = Date.UTC(2026, 0, 31)
const csv: MappingOptions = { model: 'm', textual: true, regression: false }

/** What is heard of each part, with the part's time. */
function playBack(from: EventMapping, record: object, options: MappingOptions = csv) {
  const decoder = compileMapping(from, options)
  return splitRow(from)(row({ ...record })).map(({ at, value }) => ({
    at,
    heard: collect(decoder, value).map((one) => (one.kind === 'rejected' ? one.reason : one.kind)),
  }))
}

test('a row with a label of its own time is a prediction at its time and a label at its own', () => {
  assert.deepEqual(playBack(mapping, cells), [
    { at: t0, heard: ['prediction'] },
    { at: t1, heard: ['label'] },
  ])
})

test('the two parts of a row say together exactly what the row says', () => {
  const decoder = compileMapping(mapping, csv)
  const parts = splitRow(mapping)(row(cells)).flatMap(({ value }) => collect(decoder, value))
  assert.deepEqual(parts, collect(decoder, row(cells)))
})

test('a row without a label, or whose label has no time of its own, stays whole', () => {
  assert.deepEqual(playBack(mapping, { ...cells, label: '' }), [{ at: t0, heard: ['prediction'] }])
  assert.deepEqual(playBack(mapping, { ...cells, label_time: '' }), [{ at: t0, heard: ['prediction', 'label'] }])
  const { labelTime: _, ...atOnce } = mapping
  assert.deepEqual(playBack(atOnce, cells), [{ at: t0, heard: ['prediction', 'label'] }])
  assert.deepEqual(playBack({ ...mapping, labelTime: 'time' }, cells), [{ at: t0, heard: ['prediction', 'label'] }])
})

test('a row of a file of labels is a label at its time', () => {
  const labels: EventMapping = { id: 'id', label: 'label', labelTime: 'label_time' }
  assert.deepEqual(playBack(labels, cells), [{ at: t1, heard: ['label'] }])
  assert.deepEqual(playBack(mapping, { ...cells, time: '' }), [{ at: t1, heard: ['label'] }])
})

test('a part that cannot be read has no time and does not take the other part with it', () => {
  assert.deepEqual(playBack(mapping, { ...cells, label_time: 'soon' }), [
    { at: t0, heard: ['prediction'] },
    { at: null, heard: ['bad_time'] },
  ])
  assert.deepEqual(playBack(mapping, { ...cells, time: 'soon' }), [
    { at: null, heard: ['bad_time'] },
    { at: t1, heard: ['label'] },
  ])
  assert.deepEqual(playBack(mapping, { ...cells, time: '', label: '' }), [{ at: t1, heard: ['missing_time'] }])
})

test('nested rows are split too, and the label is no feature of the prediction', () => {
  const nested: EventMapping = {
    id: 'meta.id',
    time: 'meta.at',
    label: 'truth.label',
    labelTime: 'truth.at',
    features: ['x', 'truth.label'],
  }
  const record = { meta: { id: 'a', at: t0 }, truth: { label: 'bad', at: t1 }, x: 1 }
  const options = { ...csv, textual: false }
  assert.deepEqual(playBack(nested, record, options), [
    { at: t0, heard: ['prediction'] },
    { at: t1, heard: ['label'] },
  ])
  const [first] = splitRow(nested)(row(record))
  assert.ok(first !== undefined)
  const [prediction] = collect(compileMapping(nested, options), first.value)
  assert.ok(prediction?.kind === 'prediction')
  assert.deepEqual(prediction.features, { x: 1 })
})
