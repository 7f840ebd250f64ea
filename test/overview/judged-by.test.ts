import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WatchedModel } from '../../src/monitors/watched-model.ts'
import { judgedBy } from '../../src/overview/judged-by.ts'
import type { Reference } from '../../src/reference/reference.ts'

const reference = (id: string, judgesFrom?: Reference['judgesFrom']) => ({ id, judgesFrom }) as Reference

/** A model that was accepted as normal: `made` is in force, and the configuration's was before. */
function accepted(made: Reference): Pick<WatchedModel, 'comparedWith' | 'reference'> {
  const configured = reference('configured')
  return {
    reference: configured,
    comparedWith: (_, instead) =>
      instead === undefined ? { reference: made, of: 'model' } : { reference: configured, of: 'configuration' },
  }
}

test('a reference judges windows that begin when it does, inputs and performance each from their own time on', () => {
  const idOf = (made: Reference, start: number, of?: 'inputs' | 'outcomes') => {
    const { reference: found, isEarlier } = judgedBy(accepted(made), '1', start, of)
    return [found.id, isEarlier]
  }
  const unlabelled = reference('made', { inputs: 100, outcomes: null })
  assert.deepEqual(idOf(unlabelled, 99), ['configured', true])
  assert.deepEqual(idOf(unlabelled, 100), ['made', false])
  // Its performance is that of the one before: it holds for all windows.
  assert.deepEqual(idOf(unlabelled, 99, 'outcomes'), ['made', false])
  const labelled = reference('made', { inputs: 100, outcomes: 50 })
  assert.deepEqual(idOf(labelled, 60), ['configured', true])
  assert.deepEqual(idOf(labelled, 60, 'outcomes'), ['made', false])
  assert.deepEqual(idOf(labelled, 49, 'outcomes'), ['configured', true])
})
