import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeFound, editDistance, nearestName, pathText, slipOf } from '../../src/config/explain.ts'

test('a path is written as people write it', () => {
  assert.equal(pathText(['models', 'credit-risk', 'windows', 0, 'slide']), 'models.credit-risk.windows[0].slide')
  assert.equal(pathText(['models', 'credit risk', 'a.b']), 'models["credit risk"]["a.b"]')
  assert.equal(pathText([]), '')
})

test('the distance between two names counts slips of the pen', () => {
  for (const [a, b, slips] of [
    ['', 'abc', 3],
    ['slide', 'slide', 0],
    ['slide', 'silde', 1],
    ['kafak', 'kafka', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ] as const) {
    assert.equal(editDistance(a, b), slips, `${a} ${b}`)
    assert.equal(editDistance(b, a), slips, `${b} ${a}`)
  }
})

test('the nearest name is proposed, and no name when none is near', () => {
  assert.equal(nearestName('windws', ['source', 'windows', 'labels']), 'windows')
  assert.equal(nearestName('Windows', ['source', 'windows']), 'windows')
  assert.equal(nearestName('password', ['user', 'passwordFile']), 'passwordFile')
  assert.equal(nearestName('pasword', ['user', 'passwordFile']), 'passwordFile')
  assert.equal(nearestName('auc', ['accuracy', 'roc_auc']), 'roc_auc')
  assert.equal(nearestName('uri', ['url', 'user']), 'url')
  assert.equal(nearestName('zebra', ['source', 'windows', 'labels']), undefined)
  assert.equal(nearestName('x', ['source', 'windows', 'labels']), undefined)
})

test('a long value is cut short', () => {
  assert.equal(describeFound('a'.repeat(100)), `found "${'a'.repeat(60)}…" (text)`)
  assert.equal(describeFound([1, 2]), 'found a list of 2')
  assert.equal(describeFound({ a: 1, b: 2 }), 'found the keys a, b')
})

test('a slip of the pen is one letter of a whole name, and what is only alike is none', () => {
  for (const [written, name] of [
    ['contry', 'country'],
    ['Country', 'country'],
    ['regoin', 'region'],
    ['incom', 'income'],
  ] as const)
    assert.equal(slipOf(written, ['age', name]), name, written)
  for (const [written, name] of [
    ['country', 'country_risk'],
    ['age', 'age_days'],
    ['age', 'wage'],
    ['state', 'tax_state'],
    ['region', 'reason'],
    ['score_1', 'score_2'],
    ['country', 'country'],
  ] as const)
    assert.equal(slipOf(written, [name]), undefined, written)
})
