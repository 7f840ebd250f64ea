import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runKey } from '../../src/retraining/orchestrator.ts'

test('a key is an id for every receiver, whatever the model is called', () => {
  for (const model of [
    'credit-risk',
    'Credit risk / EU',
    '信用',
    '-.-',
    'a',
    '../../x',
    `${'long name '.repeat(20)}`,
    'x'.repeat(128),
  ])
    for (const n of [1, 9_999])
      assert.match(
        runKey(model, 'a41c9d3300000001', n),
        /^(?=.{1,63}$)leeway-[a-z0-9]+(-[a-z0-9]+)*-a41c9d3300000001-\d+$/,
        model,
      )
  assert.equal(runKey('Credit risk', 'a41c9d3300000001', 1), 'leeway-credit-risk-a41c9d3300000001-1')
})

test('an id that would not be one everywhere is no part of a key', () => {
  for (const id of ['', 'A1', 'a/1', 'a'.repeat(33)]) assert.throws(() => runKey('m', id, 1), RangeError)
})
