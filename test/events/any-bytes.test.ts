// Whatever bytes or JSON come: the decoder says one thing of a record, and what it hands on is within its bounds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalDecoder } from '../../src/events/decode.ts'
import type { LabelEvent, OutcomeValue, PredictionEvent } from '../../src/events/event.ts'
import { compileMapping } from '../../src/events/mapping.ts'
import { malformed, oddLabels } from '../build/malformed.ts'
import type { Heard } from './collect.ts'
import { collect } from './collect.ts'
import { runs } from './seed.ts'

const canonical = canonicalDecoder({ defaultModel: 'm' })
const mapped = compileMapping(
  { id: 'id', time: 'time', score: 'score', prediction: 'prediction', label: 'label', version: 'version' },
  { model: 'm', textual: false, regression: false },
)

/** Numbers as JSON writes them, the extreme ones often. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('1e999', '-1e400', '-0', '1E-999', '12345678901234567890', '0.1e1', '9007199254740993'),
)
const key = fc.oneof(
  fc.constantFrom(
    'type',
    'id',
    'model',
    'version',
    'time',
    'features',
    'score',
    'prediction',
    'probabilities',
    'label',
    'op',
  ),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'a.b'),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const text = fc.oneof(
  fc.constantFrom(
    'prediction',
    'label',
    'upsert',
    'retract',
    'm',
    'NaN',
    '2026-02-30',
    '2026-01-05T10:00:00Z',
    '1e999',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
)
/** JSON as text, so that keys may stand there twice and numbers may be written in any way. */
const { value: json } = fc.letrec<{ value: string; object: string }>((tie) => ({
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 6 })
    .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    text.map((one) => JSON.stringify(one)),
    fc.constantFrom('null', 'true', 'false'),
    tie('object'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
  ),
}))
/** An event that is nearly right: some of its fields replaced. */
const nearlyRight = fc
  .array(fc.tuple(key, json), { maxLength: 3 })
  .map(
    (changes) =>
      `{"type":"prediction","id":"a","time":1767607200000,"features":{"x":1}${changes.map(([name, value]) => `,${JSON.stringify(name)}:${value}`).join('')}}`,
  )
/** A record that someone has cut, or in which bytes were changed. */
const damaged = fc
  .tuple(
    fc.constantFrom(...[...malformed, ...oddLabels].filter(({ value }) => (value?.length ?? 0) < 10_000)),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([{ value }, changes, cut]) => {
    const bytes = new Uint8Array(value as Buffer)
    for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes.subarray(0, bytes.length - (cut % 4))
  })

function checkOutcome(value: OutcomeValue | null): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value))
  else if (typeof value === 'string') assert.ok(value.length >= 1 && value.length <= 128)
  else if (value !== null) {
    assert.ok(value.length <= 64)
    for (const name of value) checkOutcome(name)
  }
}

function checkPrediction({ version, score, prediction, probabilities, features }: PredictionEvent): void {
  assert.ok(version.length <= 128 && version.isWellFormed() && !/[\r\n]/.test(version))
  assert.ok(score === null || (score >= 0 && score <= 1))
  checkOutcome(prediction)
  for (const probability of Object.values(probabilities ?? {})) assert.ok(probability >= 0 && probability <= 1)
  for (const name of Object.keys(features)) assert.ok(!['__proto__', 'constructor', 'prototype'].includes(name))
}

function check(heard: readonly Heard[], most: number): void {
  assert.ok(heard.length >= 1 && heard.length <= most, `${heard.length} events of one record`)
  for (const one of heard) {
    if (one.kind === 'rejected') assert.ok(one.detail.length > 0 && one.detail.length <= 400, one.detail)
    else {
      const { id, model, time }: PredictionEvent | LabelEvent = one
      assert.ok(id.length >= 1 && Buffer.byteLength(id) <= 256)
      assert.ok(model.length >= 1 && model.length <= 128)
      assert.ok(Number.isInteger(time) && time >= 0 && time < Date.UTC(10_000, 0, 1))
      if (one.kind === 'prediction') checkPrediction(one)
      else checkOutcome(one.label)
    }
  }
  assert.deepEqual(Object.keys(Object.prototype), [])
}

for (const [what, records] of [
  ['any bytes', fc.uint8Array({ maxLength: 200 })],
  ['any JSON', json],
  ['any nearly right event', nearlyRight],
  ['any damaged record', damaged],
] as const) {
  test(`${what}: one answer, within all bounds`, () => {
    fc.assert(
      fc.property(records as fc.Arbitrary<string | Uint8Array>, (record) => {
        check(collect(canonical, record), 1)
        check(collect(mapped, record), 2)
      }),
      runs(1_500),
    )
  })
}

test('what strangers send has the reason that the corpus says, or counts as what it is', () => {
  // What only the pipeline can tell: the clock, the models and their tasks.
  const told = ['future_time', 'unknown_model']
  for (const { what, reason, value } of malformed) {
    const [heard, ...more] = collect(canonical, value)
    assert.deepEqual(more, [])
    const isForPipeline = told.includes(reason) || what.includes('of two classes')
    assert.equal(heard?.kind === 'rejected' ? heard.reason : heard?.kind, isForPipeline ? 'prediction' : reason, what)
  }
  for (const { what, value } of oddLabels) assert.equal(collect(canonical, value)[0]?.kind, 'label', what)
  assert.deepEqual(collect(canonical, null), [])
})

test('a row of 100,000 keys is refused in a fraction of the time that parsing it takes', () => {
  const object = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i % 7]))
  const bytes = Buffer.from(JSON.stringify({ type: 'prediction', id: 'a', time: 1, features: object }))
  assert.ok(bytes.length > 1_000_000)
  const roomy = canonicalDecoder({ defaultModel: 'm', limits: { bytes: 2 ** 24, keys: 2_000 } })
  const fastest = (work: () => void) =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const startedAt = performance.now()
        work()
        return performance.now() - startedAt
      }),
    )
  const refusing = fastest(() => assert.equal(collect(roomy, bytes)[0]?.kind, 'rejected'))
  const parsing = fastest(() => JSON.parse(bytes.toString()))
  assert.ok(refusing < parsing / 3, `refusing takes ${refusing} ms, parsing ${parsing} ms`)
})
