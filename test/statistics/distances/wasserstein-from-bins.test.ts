import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { wassersteinFromBins } from '../../../src/statistics/distances/wasserstein-from-bins.ts'
import { wasserstein } from '../../../src/statistics/samples/wasserstein.ts'
import { runs } from '../../events/seed.ts'
import type { Binned } from '../samples-of.ts'
import { bin, edges, merge, sample } from '../samples-of.ts'

function between(inner: Float64Array, reference: Binned, current: Binned) {
  const { high, ...found } = wassersteinFromBins({
    edges: inner,
    referenceCounts: reference.counts,
    referenceSums: reference.sums,
    currentCounts: current.counts,
    currentSums: current.sums,
  })
  if (high === null) throw new Error('there are edges, so there is a bound')
  return { ...found, high }
}

const ROUNDING = 1e-9

test('the bracket from counts and sums contains the distance of the values, whatever the edges', () => {
  fc.assert(
    fc.property(sample, sample, edges, (reference, current, inner) => {
      const { low, high } = between(inner, bin(reference, inner), bin(current, inner))
      const ofValues = wasserstein(Float64Array.from(reference), Float64Array.from(current))
      assert.ok(
        low <= ofValues + ROUNDING && ofValues <= high + ROUNDING,
        `${ofValues} is not within ${low} to ${high}`,
      )
    }),
    runs(3000),
  )
})

test('the bracket of two summaries added up is that of all their values', () => {
  fc.assert(
    fc.property(sample, sample, sample, edges, (reference, first, second, inner) => {
      const merged = between(inner, bin(reference, inner), merge(bin(first, inner), bin(second, inner)))
      const whole = between(inner, bin(reference, inner), bin([...first, ...second], inner))
      assert.ok(Math.abs(merged.low - whole.low) < ROUNDING && Math.abs(merged.high - whole.high) < ROUNDING)
    }),
    runs(1000),
  )
})

test('the signed areas add up to the change of the mean', () => {
  fc.assert(
    fc.property(sample, sample, edges, (reference, current, inner) => {
      const { signedAreas } = between(inner, bin(reference, inner), bin(current, inner))
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
      const change = signedAreas.reduce((sum, area) => sum + area, 0)
      assert.ok(Math.abs(change - (mean(current) - mean(reference))) < ROUNDING)
    }),
    runs(1000),
  )
})

test('values far beyond the last edge count with their full distance', () => {
  const inner = Float64Array.of(0, 1)
  const { low, high } = between(inner, bin([0.5, 0.5], inner), bin([100.5, 0.5], inner))
  assert.equal(low, 50)
  assert.ok(high <= 51)
})

test('bins that do not fit the edges are refused by name', () => {
  const two = { counts: Float64Array.of(1, 1), sums: Float64Array.of(0, 1) }
  const three = { counts: Float64Array.of(1, 1, 1), sums: Float64Array.of(0, 1, 2) }
  assert.throws(() => between(Float64Array.of(0), two, three), /currentCounts has 3 bins, 1 edges make 2/)
})
