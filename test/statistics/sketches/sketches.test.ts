// Sketches of parts, merged, keep the bounds of a sketch of the whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DistinctCount } from '../../../src/statistics/sketches/distinct-count.ts'
import { RankSketch } from '../../../src/statistics/sketches/rank-sketch.ts'
import { TopItems } from '../../../src/statistics/sketches/top-items.ts'
import { runs } from '../../events/seed.ts'

const CASES = 1000
/** Streams with a few frequent numbers and a long tail, in parts. */
const stream = fc.array(fc.oneof(fc.nat(4), fc.nat(60), fc.nat(5000)), { minLength: 1, maxLength: 300 })
const parts = fc.array(stream, { minLength: 1, maxLength: 4 })

test('distinct counts of parts merge into exactly that of the whole, in any order', () => {
  fc.assert(
    fc.property(parts, (streams) => {
      const whole = new DistinctCount(8)
      for (const value of streams.flat()) whole.add(`u${value}`)
      const merged = new DistinctCount(8)
      for (const values of streams.toReversed()) {
        const part = new DistinctCount(8)
        for (const value of values) part.add(`u${value}`)
        merged.merge(part).merge(part)
      }
      assert.deepEqual(merged.registers, whole.registers)
      assert.equal(merged.estimate(), whole.estimate())
    }),
    runs(CASES),
  )
})

test('a distinct count is within four standard errors, from one to a million', () => {
  const count = new DistinctCount()
  assert.equal(count.estimate(), 0)
  let added = 0
  for (const size of [1, 10, 100, 1000, 3000, 10_000, 30_000, 100_000, 1_000_000]) {
    for (; added < size; added++) count.add(`id-${added}`)
    assert.ok(Math.abs(count.estimate() / size - 1) <= (4 * 1.04) / 64, `${count.estimate()} of ${size}`)
  }
})

test('top items are never too high, and too low by no more than the sketch says, merged or not', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 20 }), (streams, capacity) => {
      const exact = new Map<string, number>()
      for (const value of streams.flat()) exact.set(`k${value}`, (exact.get(`k${value}`) ?? 0) + 1)
      const sketches = streams.map((values) => {
        const sketch = new TopItems(capacity)
        for (const value of values) sketch.add(`k${value}`)
        return sketch
      })
      const merged = new TopItems(capacity)
      for (const sketch of sketches) merged.merge(sketch)
      assert.equal(merged.rows, streams.flat().length)
      assert.ok(merged.error <= merged.rows / (capacity + 1))
      const found = new Map(merged.top(capacity).map(({ text, count }) => [text, count]))
      assert.ok(found.size <= capacity)
      for (const [text, count] of exact) {
        const estimate = found.get(text) ?? 0
        assert.ok(estimate <= count && estimate >= count - merged.error, `${text}: ${estimate} of ${count}`)
      }
    }),
    runs(CASES),
  )
})

test('ranks of merged sketches stay within their bound, and the same stream gives the same sketch', () => {
  const capacity = 64
  fc.assert(
    fc.property(parts, fc.double({ min: 0, max: 1, noNaN: true }), (streams, share) => {
      const sketchOf = (values: readonly number[]) =>
        values.reduce((sketch, value) => sketch.add(value), new RankSketch(capacity))
      const merged = new RankSketch(capacity)
      for (const values of streams) merged.merge(sketchOf(values))
      const all = streams.flat()
      assert.equal(merged.count, all.length)
      const answer = merged.quantile(share)
      const upTo = all.filter((value) => value <= answer).length / all.length
      const below = all.filter((value) => value < answer).length / all.length
      // Four times the error that holds for 99 of 100: a thousand cases stay within it.
      const bound = (4 * 2.296) / capacity ** 0.9723
      assert.ok(upTo >= share - bound && below <= share + bound, `${below} to ${upTo} for ${share}`)
      assert.equal(sketchOf(all).quantile(share), sketchOf(all).quantile(share))
    }),
    runs(CASES),
  )
})

test('a rank sketch of a million values keeps a few thousand, and its ranks are right to a thousandth or two', () => {
  const sketch = new RankSketch()
  const n = 1_000_000
  for (let i = 0; i < n; i++) sketch.add((i * 7919) % n)
  assert.ok(sketch.size < 4000, `${sketch.size} kept`)
  for (const share of [0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 1]) {
    assert.ok(Math.abs((sketch.quantile(share) + 1) / n - share) <= 0.004, `${sketch.quantile(share)} for ${share}`)
  }
})

test('sketches of different sizes do not merge, and an invalid argument is named', () => {
  assert.throws(() => new DistinctCount(12).merge(new DistinctCount(10)), /other has precision 10/)
  assert.throws(() => new TopItems(2).merge(new TopItems(3)), /other has capacity 3/)
  assert.throws(() => new RankSketch(8).merge(new RankSketch(9)), /other has capacity 9/)
  assert.throws(() => new DistinctCount(3), /precision is 3/)
  assert.throws(() => new TopItems(0), /capacity is 0/)
  assert.throws(() => new RankSketch(7), /capacity is 7/)
  assert.throws(() => new RankSketch().add(Number.NaN), /value is NaN/)
  assert.throws(() => new RankSketch().quantile(0.5), /no values/)
  assert.throws(() => new RankSketch().add(1).quantile(1.5), /share is 1.5/)
})
