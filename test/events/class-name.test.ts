import assert from 'node:assert/strict'
import { test } from 'node:test'
import { className } from '../../src/events/class-name.ts'

test('one class has one text however it was written', () => {
  for (const value of [1, 1.0, '1', '1.0', '1.00']) assert.equal(className(value), '1')
  for (const value of [0, -0, '0', '0.0']) assert.equal(className(value), '0')
  for (const value of [true, 'true']) assert.equal(className(value), 'true')
  assert.equal(className('-3.0'), '-3')
})

test('text that only looks like a number stays apart', () => {
  for (const name of ['007', '1.10', '2.50', '1e0', 'v1.0', '.0', '1.', '10', '100', '', '2026.11.0'])
    assert.equal(className(name), name)
})
