import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LabelEvent, PredictionEvent } from '../../src/events/event.ts'
import { LearningPeriod } from '../../src/reference/learning.ts'

const prediction = (id: string, features: object = { job: 'cook' }): PredictionEvent => ({
  kind: 'prediction',
  id,
  model: 'm',
  version: '',
  time: 1_000,
  features: { ...features },
  prediction: 'good',
  score: 0.5,
  probabilities: null,
})
const label = (id: string): LabelEvent => ({ kind: 'label', id, model: 'm', time: 2_000, op: 'upsert', label: 'good' })

test('labels have half of the room: a flood of them is turned away, and ends nothing', () => {
  const learning = new LearningPeriod(1_000, 10_000)
  const held = Array.from({ length: 1_000 }, (_, i) => learning.hold(label(`x${i}`)))
  assert.ok(held[0] && !held.at(-1))
  assert.ok(learning.events.length < 50)
  assert.ok(learning.hold(prediction('a')))
  assert.ok(!learning.isComplete(undefined))
})

test('predictions have the other half: learning ends early when it is full, at the same event after a restart', () => {
  const learning = new LearningPeriod(1_000, 10_000)
  let held = 0
  while (!learning.isComplete(undefined)) learning.hold(prediction(`p${held++}`, { text: 'long '.repeat(held) }))
  assert.ok(held > 5 && held < 50)
  const again = new LearningPeriod(1_000, 10_000)
  for (const event of JSON.parse(JSON.stringify(learning.events)) as PredictionEvent[]) {
    assert.ok(!again.isComplete(undefined))
    again.hold(event)
  }
  assert.ok(again.isComplete(undefined))
})
