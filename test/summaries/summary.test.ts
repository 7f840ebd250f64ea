import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { add, decode, encode, subtract } from '../../src/summaries/summary.ts'

const cells = fc.array(fc.oneof(fc.constant(0), fc.maxSafeInteger()), { maxLength: 60 })

test('what was packed is unpacked to the same cells', () => {
  fc.assert(
    fc.property(cells, (values) => {
      const summary = Float64Array.from(values)
      assert.deepEqual(
        [...decode(encode(summary), summary.length)],
        [...summary].map((cell) => cell + 0),
      )
    }),
  )
})

test('subtracting undoes adding exactly', () => {
  const small = fc.array(fc.integer(), { minLength: 20, maxLength: 20 })
  fc.assert(
    fc.property(small, small, (a, b) => {
      const summary = Float64Array.from(a)
      add(summary, Float64Array.from(b))
      subtract(summary, Float64Array.from(b))
      assert.deepEqual([...summary], a)
    }),
  )
})

test('a cell that is not a whole number is refused, not rounded', () => {
  assert.throws(() => encode(Float64Array.of(1, 0.5)), /cell 1 of a summary is 0.5/)
})

test('summaries of different layouts do not add up', () => {
  assert.throws(() => add(new Float64Array(3), new Float64Array(4)), /different layouts/)
})

test('a stored summary of a larger layout is refused', () => {
  assert.throws(() => decode(encode(Float64Array.of(0, 0, 7)), 2), /another reference/)
})
