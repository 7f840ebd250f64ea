import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rankingMetrics, rankQuery } from '../../../src/statistics/performance/ranking-metrics.ts'
import { runs } from '../../events/seed.ts'
import { measured } from './measured.ts'

test('a query is judged by hand as by the function', () => {
  const quality = rankQuery({ relevance: [0, 3, 1, 0], scores: [4, 3, 2, 1] }, 3)
  const ideal = 3 + 1 / Math.log2(3)
  assert.ok(Math.abs((quality?.ndcg ?? 0) - (3 / Math.log2(3) + 1 / 2) / ideal) < 1e-12)
  assert.equal(quality?.averagePrecision, (1 / 2 + 2 / 3) / 2)
  assert.equal(quality?.reciprocalRank, 1 / 2)
  assert.equal(quality?.hit, 1)
  assert.equal(rankQuery({ relevance: [0, 3], scores: [2, 1] }, 1)?.hit, 0)
})

test('a query without a relevant item has no best ranking', () => {
  assert.equal(rankQuery({ relevance: [0, 0], scores: [2, 1] }, 5), null)
  assert.equal(rankQuery({ relevance: [], scores: [] }, 5), null)
})

test('the gain of tied items is its mean over their orders', () => {
  const grades = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 })
  const orders = [
    [3, 2, 1],
    [3, 1, 2],
    [2, 3, 1],
    [2, 1, 3],
    [1, 3, 2],
    [1, 2, 3],
  ]
  fc.assert(
    fc.property(grades, fc.integer({ min: 1, max: 4 }), (relevance, k) => {
      const tied = rankQuery({ relevance, scores: [1, 1, 1] }, k)
      if (tied === null) return
      const mean = orders.reduce((sum, scores) => sum + (rankQuery({ relevance, scores }, k)?.ndcg ?? 0), 0) / 6
      assert.ok(Math.abs(tied.ndcg - mean) < 1e-12)
    }),
    runs(1000),
  )
})

test('every quality of a query lies from 0 to 1, and is 1 when the order is right', () => {
  const items = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.double({ min: -9, max: 9, noNaN: true })), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 10 }), (some, k) => {
      const relevance = some.map(([grade]) => grade)
      const quality = rankQuery({ relevance, scores: some.map(([, score]) => score) }, k)
      if (quality === null) return
      for (const value of Object.values(quality)) assert.ok(value >= 0 && value <= 1)
      const best = rankQuery({ relevance, scores: relevance }, k)
      assert.ok(best !== null && Math.abs(best.ndcg - 1) < 1e-12 && best.averagePrecision > 1 - 1e-12 && best.hit === 1)
    }),
    runs(1000),
  )
})

test('means over queries need thirty of them', () => {
  const sums = (count: number) => ({ count, sum: 0.8 * count, sumOfSquares: 0.7 * count })
  const of = (count: number) =>
    rankingMetrics({
      ndcg: sums(count),
      averagePrecision: sums(count),
      reciprocalRank: sums(count),
      hit: sums(count),
    })
  assert.deepEqual(of(29).ndcg, { value: null, reason: '29 labelled rows with a relevant item, 30 needed' })
  const { value, low, high } = measured(of(50).map)
  assert.ok(Math.abs(value - 0.8) < 1e-12 && low < 0.8 && high > 0.8 && high <= 1)
})

test('what cannot be ranked is refused by name', () => {
  assert.throws(() => rankQuery({ relevance: [1], scores: [1, 2] }, 1), /relevance has 1 items, scores 2/)
  assert.throws(() => rankQuery({ relevance: [-1], scores: [1] }, 1), /relevance has -1 for item 0/)
  assert.throws(() => rankQuery({ relevance: [1], scores: [1] }, 0), /rankQuery: k is 0/)
})
