import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFieldPath } from '../../src/events/field-path.ts'

const record = JSON.parse(
  '{"age":41,"payload":{"features":{"age":42},"list":[{"x":1}],"none":null},"a.b":1,"a":{"b":2},"__proto__":{"x":1}}',
)

test('a path finds a column, or a value inside nested JSON', () => {
  assert.equal(compileFieldPath('age')(record), 41)
  assert.equal(compileFieldPath('payload.features.age')(record), 42)
  assert.equal(compileFieldPath('payload.list.0.x')(record), 1)
  assert.equal(compileFieldPath('payload.none')(record), null)
})

test('a column with dots in its name comes before the nested value', () => {
  assert.equal(compileFieldPath('a.b')(record), 1)
})

test('what a record does not have is undefined', () => {
  for (const path of ['income', 'payload.income', 'age.x', 'payload.none.x', 'payload.features.age.x', '']) {
    assert.equal(compileFieldPath(path)(record), undefined)
  }
})

test('a path never sees what objects inherit', () => {
  for (const path of [
    'toString',
    'constructor',
    'payload.constructor',
    'payload.features.__proto__',
    'payload.list.length.constructor',
  ]) {
    assert.equal(compileFieldPath(path)(record), undefined)
  }
})
