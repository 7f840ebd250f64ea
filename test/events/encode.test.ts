import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { className } from '../../src/events/class-name.ts'
import { canonicalDecoder } from '../../src/events/decode.ts'
import { toCanonical } from '../../src/events/encode.ts'
import type { LabelEvent, PredictionEvent } from '../../src/events/event.ts'
import { isOneLine, isUnsafeKey } from '../../src/events/fields.ts'
import { collect } from './collect.ts'
import { runs } from './seed.ts'

const name = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => text.length <= 128 && text !== 'NaN' && isOneLine(text))
const id = fc.string({ minLength: 1, maxLength: 64, unit: 'binary' }).filter((text) => text !== 'NaN')
const key = fc.string({ maxLength: 20 }).filter((text) => !isUnsafeKey(text))
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const share = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)
const outcome = fc.oneof(name.map(className), number)
const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })
const plain = { noNullPrototype: true } as const
const cell = fc.oneof(number, fc.string(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 3 }))

const prediction: fc.Arbitrary<PredictionEvent> = fc.record(
  {
    kind: fc.constant('prediction' as const),
    id,
    model: name,
    version: fc.oneof(name, fc.constant('')),
    time,
    features: fc.dictionary(key, cell, { noNullPrototype: true }),
    prediction: fc.option(outcome),
    score: fc.option(share),
    probabilities: fc.option(fc.dictionary(key.map(className), share, { noNullPrototype: true })),
    segments: fc.option(fc.dictionary(key, cell, { noNullPrototype: true })),
  },
  plain,
)

const label: fc.Arbitrary<LabelEvent> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('label' as const),
      id,
      model: name,
      time,
      op: fc.constant('upsert' as const),
      label: outcome,
    },
    plain,
  ),
  fc.record(
    {
      kind: fc.constant('label' as const),
      id,
      model: name,
      time,
      op: fc.constant('retract' as const),
      label: fc.constant(null),
    },
    plain,
  ),
)

const decoder = canonicalDecoder({ defaultModel: null })

test('an event written as canonical JSON is read back as the same event', () => {
  fc.assert(
    fc.property(fc.oneof(prediction, label), (event) => {
      assert.deepEqual(collect(decoder, toCanonical(event)), [event])
    }),
    runs(2_000),
  )
})

test('what an event does not have is not written', () => {
  const event = {
    kind: 'prediction',
    id: 'a',
    model: 'm',
    version: '',
    time: 0,
    features: {},
    prediction: null,
    score: null,
    probabilities: null,
  } as const
  assert.equal(
    toCanonical(event),
    '{"type":"prediction","id":"a","model":"m","time":"1970-01-01T00:00:00Z","features":{}}',
  )
})
