import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalDecoder } from '../../src/events/decode.ts'
import { collect, reasonFor, row } from './collect.ts'

const decoder = canonicalDecoder({ defaultModel: null })

const prediction = {
  type: 'prediction',
  id: 'req-123',
  model: 'credit-risk',
  version: '7',
  time: '2026-11-23T08:00:00.123Z',
  features: { age: 41, income: null, job: 'A12' },
  prediction: 'good',
  score: 0.17,
  probabilities: { good: 0.83, bad: 0.17 },
  segments: { country: 'DE' },
}
const label = {
  type: 'label',
  id: 'req-123',
  model: 'credit-risk',
  time: '2026-12-01T09:00:00Z',
  label: 'bad',
  op: 'upsert',
}

test('a canonical prediction is read with its features as they came', () => {
  assert.deepEqual(collect(decoder, JSON.stringify(prediction)), [
    {
      kind: 'prediction',
      id: 'req-123',
      model: 'credit-risk',
      version: '7',
      time: Date.UTC(2026, 10, 23, 8, 0, 0, 123),
      features: { age: 41, income: null, job: 'A12' },
      prediction: 'good',
      score: 0.17,
      probabilities: { good: 0.83, bad: 0.17 },
      segments: { country: 'DE' },
    },
  ])
})

test('a canonical label is read', () => {
  assert.deepEqual(collect(decoder, JSON.stringify(label)), [
    { kind: 'label', id: 'req-123', model: 'credit-risk', time: Date.UTC(2026, 11, 1, 9), op: 'upsert', label: 'bad' },
  ])
})

test('a label event without op sets the label, and a retraction needs no label', () => {
  const [set] = collect(decoder, JSON.stringify({ ...label, op: undefined }))
  assert.ok(set?.kind === 'label')
  assert.equal(set.op, 'upsert')
  const [retracted] = collect(decoder, JSON.stringify({ ...label, op: 'retract' }))
  assert.ok(retracted?.kind === 'label')
  assert.deepEqual([retracted.op, retracted.label], ['retract', null])
})

test('a prediction needs only type, id, model and time', () => {
  const [event] = collect(decoder, '{"type":"prediction","id":"a","model":"m","time":1763884800}')
  assert.deepEqual(event, {
    kind: 'prediction',
    id: 'a',
    model: 'm',
    version: '',
    time: 1_763_884_800_000,
    features: {},
    prediction: null,
    score: null,
    probabilities: null,
    segments: null,
  })
})

test('an event without a model name belongs to the one model of its source', () => {
  const owned = canonicalDecoder({ defaultModel: 'credit-risk' })
  const [event] = collect(owned, JSON.stringify({ ...prediction, model: undefined }))
  assert.ok(event?.kind === 'prediction')
  assert.equal(event.model, 'credit-risk')
  assert.equal(reasonFor(decoder, JSON.stringify({ ...prediction, model: undefined })), 'missing_model')
})

test('a record that is a row already is read like its JSON', () => {
  assert.deepEqual(collect(decoder, row(prediction)), collect(decoder, JSON.stringify(prediction)))
})

test('a tombstone is nothing', () => {
  assert.deepEqual(collect(decoder, null), [])
})

test('the text NaN and null stand for a value that is not there', () => {
  const [event] = collect(decoder, JSON.stringify({ ...prediction, score: 'NaN', prediction: null, version: null }))
  assert.ok(event?.kind === 'prediction')
  assert.deepEqual([event.score, event.prediction, event.version], [null, null, ''])
})

test('numbers as id and version become text, and the classes 1, 1.0 and true one text each', () => {
  const read = (change: object) => {
    const [event] = collect(decoder, JSON.stringify({ ...prediction, ...change }))
    assert.ok(event?.kind === 'prediction')
    return event
  }
  assert.equal(read({ id: 5832 }).id, '5832')
  assert.equal(read({ version: 7 }).version, '7')
  assert.equal(read({ prediction: '1.0' }).prediction, '1')
  assert.equal(read({ prediction: true }).prediction, 'true')
  assert.equal(read({ prediction: 12.5 }).prediction, 12.5)
  assert.deepEqual(read({ probabilities: { '0.0': 0.25, '1.0': 0.75 } }).probabilities, { 0: 0.25, 1: 0.75 })
})

test('an id of 256 bytes is the longest', () => {
  const withId = (id: string) => reasonFor(decoder, JSON.stringify({ ...prediction, id }))
  assert.equal(withId('a'.repeat(256)), 'prediction')
  assert.equal(withId('a'.repeat(257)), 'bad_id')
  assert.equal(withId('é'.repeat(128)), 'prediction')
  assert.equal(withId('é'.repeat(129)), 'bad_id')
  assert.equal(withId('🛶'.repeat(64)), 'prediction')
  assert.equal(withId('🛶'.repeat(65)), 'bad_id')
})

test('32 levels of nesting are the deepest, and brackets inside strings are not levels', () => {
  const nested = (levels: number) => `{"type":"prediction","x":${'['.repeat(levels)}${']'.repeat(levels)}}`
  assert.equal(reasonFor(decoder, nested(31)), 'missing_id')
  assert.equal(reasonFor(decoder, nested(32)), 'too_deep')
  const text = JSON.stringify({ ...prediction, features: { note: '[{"\\'.repeat(40) } })
  assert.equal(reasonFor(decoder, text), 'prediction')
  assert.equal(reasonFor(decoder, JSON.stringify({ ...prediction, x: new Array(40).fill({}) })), 'prediction')
})

test('the largest record is 1 MiB unless another limit is set', () => {
  const padded = (bytes: number) => JSON.stringify(label) + ' '.repeat(bytes - JSON.stringify(label).length)
  assert.equal(reasonFor(decoder, padded(1024 * 1024)), 'label')
  assert.equal(reasonFor(decoder, padded(1024 * 1024 + 1)), 'too_large')
  assert.equal(
    reasonFor(canonicalDecoder({ defaultModel: null, limits: { bytes: 200, keys: 50 } }), padded(201)),
    'too_large',
  )
})

test('a fault of the sink is not mistaken for a bad record', () => {
  const broken = () => {
    throw new TypeError('broken sink')
  }
  const rejected = () => assert.fail('rejected')
  const bytes = new TextEncoder().encode(JSON.stringify(label))
  assert.throws(() => decoder.decode(bytes, { prediction: broken, label: broken, rejected }), /broken sink/)
})
