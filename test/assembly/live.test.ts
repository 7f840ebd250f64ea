import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeOf } from '../../src/assembly/live.ts'
import { incident, result } from '../store/changes.ts'

const news = {
  results: [],
  incidents: [],
  happenedTo: [],
  handling: [],
  isSilenced: false,
  retraining: [],
  forgottenBefore: null,
}

test('a page of a model hears by its name of windows, incidents, silence and retraining', () => {
  const silence = {
    ...({ of: 'source', lastAt: 0, after: 1, source: 's', because: null } as const),
    models: ['waits-1', 'waits-2'],
  }
  const found = changeOf({
    ...news,
    results: [result({ model: 'judged' })],
    incidents: [incident({ id: 'i1', model: 'hurt' }), incident({ id: 'i2', model: 'source s', silence })],
    happenedTo: ['i1', 'i2'],
    retraining: ['taught', 'hurt'],
  })
  assert.deepEqual(found, {
    models: ['judged', 'hurt', 'source s', 'waits-1', 'waits-2', 'taught'],
    incidents: ['i1', 'i2'],
    retraining: ['taught', 'hurt'],
  })
})

test('a silence that is added or ended may be about any incident', () => {
  assert.equal(changeOf({ ...news, isSilenced: true }).incidents, null)
})

test('evidence that is newer is told by the model, though nothing has happened to its incident', () => {
  const found = changeOf({ ...news, incidents: [incident({ model: 'hurt' })] })
  assert.deepEqual([found.models, found.incidents], [['hurt'], []])
})
