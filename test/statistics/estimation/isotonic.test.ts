import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isotonicAt, isotonicRegression, poolAdjacentViolators } from '../../../src/statistics/estimation/isotonic.ts'
import { seeded, testSeed } from '../../build/random.ts'

const random = seeded(testSeed())
const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)

/** Sequences of every size and shape: ties, weights of 0, huge and tiny values. */
function anySequence(): { values: Float64Array; weights: Float64Array } {
  const count = Math.floor(random() * 40) + 1
  const scale = 10 ** Math.floor(random() * 12 - 6)
  const values = Float64Array.from({ length: count }, () =>
    random() < 0.3 ? Math.floor(random() * 3) * scale : (random() - 0.5) * scale,
  )
  const weights = Float64Array.from({ length: count }, () => (random() < 0.2 ? 0 : random() * 10 ** (random() * 4)))
  return { values, weights }
}

test('pooled values never fall, keep the weighted mean, and pooling them again changes nothing', () => {
  for (let i = 0; i < 2_000; i++) {
    const { values, weights } = anySequence()
    const pooled = poolAdjacentViolators(values, weights)
    for (let j = 1; j < pooled.length; j++) assert.ok((pooled[j] as number) >= (pooled[j - 1] as number))
    const size = Math.max(...values.map(Math.abs)) * sum(weights)
    const moment = (of: Float64Array) => sum(of.map((value, j) => value * (weights[j] as number)))
    assert.ok(Math.abs(moment(pooled) - moment(values)) <= 1e-12 * size, 'the weighted mean has moved')
    if (sum(weights) > 0) {
      const again = poolAdjacentViolators(pooled, weights)
      for (const [j, value] of again.entries())
        assert.ok(Math.abs(value - (pooled[j] as number)) <= 1e-12 * Math.abs(value))
    }
  }
})

test('no other non-decreasing sequence is closer', () => {
  for (let i = 0; i < 1_000; i++) {
    const { values, weights } = anySequence()
    const distance = (to: Float64Array) =>
      sum(values.map((value, j) => (weights[j] as number) * (value - (to[j] as number)) ** 2))
    const pooled = poolAdjacentViolators(values, weights)
    const step = (random() - 0.5) * Math.max(...values.map(Math.abs))
    const from = Math.floor(random() * values.length)
    // Moving a tail up or a head down keeps the order.
    const moved = pooled.map((value, j) =>
      step > 0 ? (j >= from ? value + step : value) : j <= from ? value + step : value,
    )
    assert.ok(distance(pooled) <= distance(moved) * (1 + 1e-9) + 1e-300)
  }
})

test('the order of the rows does not matter', () => {
  const x = Float64Array.of(3, 1, 2, 2, 5)
  const y = Float64Array.of(0, 1, 0, 1, 1)
  const curve = isotonicRegression(x, y)
  const reversed = isotonicRegression(x.toReversed(), y.toReversed())
  assert.deepEqual(curve, reversed)
  assert.equal(isotonicAt(curve, 0), 0.5)
  assert.equal(isotonicAt(curve, 4), 0.75)
  assert.equal(isotonicAt(curve, 9), 1)
})

test('what cannot be fitted is refused by name', () => {
  const one = Float64Array.of(1)
  assert.throws(() => isotonicRegression(new Float64Array(0), one), /x has no member/)
  assert.throws(() => isotonicRegression(one, Float64Array.of(1, 2)), /y has 2 members, x has 1/)
  assert.throws(() => isotonicRegression(one, Float64Array.of(Number.NaN)), /y\[0\] is NaN/)
  assert.throws(() => isotonicRegression(one, one, Float64Array.of(-1)), /weights\[0\] is -1/)
  assert.throws(() => poolAdjacentViolators(one, Float64Array.of(-1)), /weights\[0\] is -1/)
  assert.throws(() => isotonicAt({ x: one, values: one }, Number.NaN), /at is NaN/)
})
