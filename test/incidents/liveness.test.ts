import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LivenessState, ModelSeen, SourceState } from '../../src/incidents/liveness.ts'
import { lookAtModel, lookAtSource } from '../../src/incidents/liveness.ts'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'

const rule = { noDataMs: HOUR, staleLabelsMs: DAY }
const T0 = Date.UTC(2026, 0, 5)

/** Looks once a minute; says what happened, as `minute:kind:change`. */
function watch(minutes: number, seen: (minute: number) => Partial<ModelSeen>, start?: LivenessState, watched = rule) {
  let state = start
  const happened: string[] = []
  const ids: string[] = []
  for (let minute = 0; minute <= minutes; minute++) {
    const look = { now: T0 + minute * MINUTE, elapsedMs: MINUTE, model: 'm', source: 's', predictions: 0, labels: 0 }
    const looked = lookAtModel(state, { ...look, isRead: true, ...seen(minute) }, watched)
    state = looked.state
    for (const { incident, change } of looked.transitions) {
      happened.push(`${minute}:${incident.kind}:${change}`)
      ids.push(`${incident.id}:${incident.sequence}`)
    }
  }
  return { happened, ids, state }
}

test('predictions that stop are told after an hour, and when they come again', () => {
  const { happened, ids } = watch(250, (minute) => ({ predictions: minute < 10 ? minute + 1 : minute < 200 ? 10 : 11 }))
  assert.deepEqual(happened, ['69:no_data:firing', '200:no_data:resolved'])
  assert.deepEqual(
    ids.map((id) => id.split(':')[1]),
    ['1', '2'],
  )
  assert.equal(new Set(ids.map((id) => id.split(':')[0])).size, 1)
})

test('a model that has never had a prediction has not stopped', () => {
  assert.deepEqual(watch(10_000, () => ({})).happened, [])
})

test('what cannot be read is no silence: the count goes on when it is read again', () => {
  const unread = (minute: number) => minute >= 30 && minute < 500
  assert.deepEqual(watch(600, (minute) => ({ predictions: 5, isRead: !unread(minute) })).happened, [
    '529:no_data:firing',
  ])
})

test('after a start the silence goes on where it was, and what came meanwhile ends it', () => {
  const before = watch(40, () => ({ predictions: 5 })).state
  assert.deepEqual(watch(40, () => ({ predictions: 5 }), before).happened, ['18:no_data:firing'])
  const told = watch(80, () => ({ predictions: 5 })).state
  assert.deepEqual(watch(80, () => ({ predictions: 5 }), told).happened, [])
  assert.deepEqual(watch(50, () => ({ predictions: 9 }), told).happened, ['0:no_data:resolved'])
})

test('labels that stop are told while predictions come, and a label ends it', () => {
  const { happened } = watch(3_000, (minute) => ({
    predictions: minute,
    labels: minute < 60 ? minute : minute < 2_000 ? 60 : 61,
  }))
  assert.deepEqual(happened, ['1500:stale_labels:firing', '2000:stale_labels:resolved'])
})

test('without predictions nobody misses labels, and a model that never had labels has none to miss', () => {
  const stopped = watch(5_000, (minute) => ({ predictions: Math.min(minute, 60), labels: Math.min(minute, 60) }))
  assert.deepEqual(stopped.happened, ['120:no_data:firing'])
  assert.deepEqual(watch(5_000, (minute) => ({ predictions: minute })).happened, [])
})

test('what is switched off is not told, and ends what was', () => {
  const off = { noDataMs: null, staleLabelsMs: null }
  assert.deepEqual(watch(500, () => ({ predictions: 5 }), undefined, off as never).happened, [])
  const told = watch(80, () => ({ predictions: 5 })).state
  assert.deepEqual(watch(5, () => ({ predictions: 5 }), told, off as never).happened, ['0:no_data:resolved'])
})

test('a source that is away is told once, with what keeps it from being read', () => {
  let state: SourceState | undefined
  const happened: string[] = []
  for (let minute = 0; minute < 300; minute++) {
    const because = minute >= 20 && minute < 150 ? 'no broker answers' : null
    const seen = { source: 's', models: ['a', 'b'], because, now: T0 + minute * MINUTE, elapsedMs: MINUTE }
    const looked = lookAtSource(state, seen, HOUR)
    state = looked.state
    for (const { incident, change, because: why } of looked.transitions)
      happened.push(`${minute}:${incident.model}:${change}:${why}`)
  }
  assert.deepEqual(happened, ['79:source s:firing:no broker answers', '150:source s:resolved:it is read again'])
})
