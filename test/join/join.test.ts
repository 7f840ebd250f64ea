import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LabelEvent } from '../../src/events/event.ts'
import { OUTPUTS_MAX, packEntry, SEGMENT_NUMBER_MAX, unpackEntry } from '../../src/join/entry.ts'
import { createJoin } from '../../src/join/join.ts'
import type { Waiting } from '../../src/join/waiting.ts'

/** The port in memory, for tests of the join alone. */
function waitingInMemory(): Waiting {
  const entries = new Map<string, Uint8Array>()
  return {
    get: ({ high, low }) => entries.get(`${high}:${low}`),
    put: ({ high, low }, entry) => void entries.set(`${high}:${low}`, entry.slice()),
    dropBefore: () => {},
    evictBeyond: () => 0,
    get size() {
      return entries.size
    },
  }
}

function desk(horizonStart = 0) {
  const outcomes: Array<[number, number]> = []
  const labels = new Map<string, number>()
  const join = createJoin(
    waitingInMemory(),
    {
      labelOf: (_, label) => ({ bad: 1, good: 0 })[String(label)] ?? Number.NaN,
      horizonStart: () => horizonStart,
      present: () => undefined,
    },
    (entry, sign) => {
      outcomes.push([entry.label, sign])
      labels.set(String(entry.label), (labels.get(String(entry.label)) ?? 0) + sign)
    },
  )
  const prediction = (id: string) =>
    join.prediction(1, id, { stream: 0, time: 1000, prediction: 1, outputs: Float64Array.of(0.7), segments: [] })
  const label = (id: string, value: string | null, time: number) =>
    join.label(1, {
      kind: 'label',
      id,
      model: 'm',
      time,
      op: value === null ? 'retract' : 'upsert',
      label: value,
    } as LabelEvent)
  return { prediction, label, outcomes, count: (value: number) => labels.get(String(value)) ?? 0 }
}

test('a label that arrives before its prediction is counted once', () => {
  const { prediction, label, outcomes } = desk()
  assert.equal(label('a', 'bad', 5), 'early')
  assert.equal(label('a', 'bad', 5), 'duplicate')
  assert.equal(prediction('a'), 'joined')
  assert.equal(label('a', 'bad', 5), 'duplicate')
  assert.deepEqual(outcomes, [[1, 1]])
})

test('a prediction that comes twice counts once', () => {
  const { prediction, label, outcomes } = desk()
  assert.equal(prediction('a'), 'unlabelled')
  assert.equal(prediction('a'), 'repeated')
  assert.equal(label('a', 'good', 5), 'joined')
  assert.equal(prediction('a'), 'repeated')
  assert.deepEqual(outcomes, [[0, 1]])
})

test('a correction takes the old outcome out and adds the new one', () => {
  const { prediction, label, outcomes } = desk()
  prediction('a')
  assert.equal(label('a', 'good', 5), 'joined')
  assert.equal(label('a', 'bad', 6), 'corrected')
  assert.deepEqual(outcomes, [
    [0, 1],
    [0, -1],
    [1, 1],
  ])
})

test('an older label than the one that counts changes nothing', () => {
  const { prediction, label, outcomes } = desk()
  prediction('a')
  label('a', 'good', 5)
  assert.equal(label('a', 'bad', 4), 'superseded')
  assert.deepEqual(outcomes, [[0, 1]])
})

test('a retraction takes the outcome out, and a label after it counts again', () => {
  const { prediction, label, count } = desk()
  prediction('a')
  label('a', 'bad', 5)
  assert.equal(label('a', null, 6), 'retracted')
  assert.equal(count(1), 0)
  assert.equal(label('a', 'bad', 7), 'joined')
  assert.equal(count(1), 1)
})

test('a class the model does not have is refused and changes nothing', () => {
  const { prediction, label, outcomes } = desk()
  prediction('a')
  assert.equal(label('a', 'ugly', 5), 'unknown-class')
  assert.equal(label('a', 'bad', 4), 'joined')
  assert.deepEqual(outcomes, [[1, 1]])
})

test('a label after the horizon is too late', () => {
  const { prediction, label, outcomes } = desk(2000)
  prediction('a')
  assert.equal(label('a', 'bad', 5), 'too-late')
  assert.deepEqual(outcomes, [])
})

test('whatever the interleaving with the prediction, the label of the latest time is the one that counts', () => {
  const labels = fc.uniqueArray(
    fc.record({ time: fc.integer({ min: 1, max: 50 }), value: fc.constantFrom('good', 'bad', null) }),
    {
      selector: ({ time }) => time,
      maxLength: 8,
    },
  )
  fc.assert(
    fc.property(labels, fc.nat(8), (events, at) => {
      const { prediction, label, count } = desk()
      events.forEach((event, i) => {
        if (i === Math.min(at, events.length)) prediction('a')
        label('a', event.value, event.time)
      })
      prediction('a')
      const last = events.toSorted((a, b) => b.time - a.time)[0]?.value ?? null
      assert.deepEqual([count(0), count(1)], [last === 'good' ? 1 : 0, last === 'bad' ? 1 : 0])
    }),
  )
})

test('entries keep every number through packing', () => {
  const entry = {
    kind: 'prediction',
    stream: 7,
    time: 1.7e12,
    prediction: Number.NaN,
    outputs: Float64Array.of(0.1, 0.9),
    segments: [] as number[],
    label: 1,
    labelTime: -1,
  } as const
  assert.deepEqual(unpackEntry(packEntry(entry).slice()), entry)
  const many = { ...entry, outputs: Float64Array.from({ length: OUTPUTS_MAX }, (_, i) => i / OUTPUTS_MAX) }
  assert.deepEqual(unpackEntry(packEntry(many).slice()), many)
  const segmented = { ...many, segments: [0, 7, SEGMENT_NUMBER_MAX] }
  assert.deepEqual(unpackEntry(packEntry(segmented).slice()), segmented)
  const names = Array.from({ length: 64 }, (_, i) => `${i}`.padEnd(128, '\u0001'))
  for (const label of ['Ünïcode', 3.5, null, names]) {
    const early = { kind: 'early-label', time: 12, label } as const
    assert.deepEqual(unpackEntry(packEntry(early).slice()), early)
  }
})
