// Distances from moments, ranks and bins, each held against its definition on the values themselves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { energyFromBins } from '../../../src/statistics/distances/energy-from-bins.ts'
import { meanShift } from '../../../src/statistics/distances/mean-shift.ts'
import { probabilityGreater } from '../../../src/statistics/distances/probability-greater.ts'
import { proportionTest } from '../../../src/statistics/distances/proportion-test.ts'
import { quantileFromBins, robustSpread } from '../../../src/statistics/distances/quantile-from-bins.ts'
import { varianceRatio } from '../../../src/statistics/distances/variance-ratio.ts'
import { energyDistance } from '../../../src/statistics/samples/energy-distance.ts'
import { mannWhitney } from '../../../src/statistics/samples/mann-whitney.ts'
import { momentsOf } from '../../../src/statistics/samples/moments.ts'
import { welchT } from '../../../src/statistics/samples/welch-t.ts'
import { UndefinedStatisticError } from '../../../src/statistics/undefined-statistic.ts'
import { seeded } from '../../build/random.ts'
import { normal } from '../../build/rows.ts'
import { runs } from '../../events/seed.ts'
import { bin, edges, sample } from '../samples-of.ts'

const ROUNDING = 1e-9

function isAbout(got: number, wanted: number, tolerance = ROUNDING): void {
  assert.ok(Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${got} is not ${wanted}`)
}

test('the bracket from counts and sums contains the energy distance of the values, whatever the edges', () => {
  fc.assert(
    fc.property(sample, sample, edges, (reference, current, inner) => {
      const [before, now] = [bin(reference, inner), bin(current, inner)]
      const { low, high } = energyFromBins({
        edges: inner,
        referenceCounts: before.counts,
        referenceSums: before.sums,
        currentCounts: now.counts,
        currentSums: now.sums,
      })
      const ofValues = energyDistance(Float64Array.from(reference), Float64Array.from(current))
      assert.ok(low <= ofValues + 1e-6 && ofValues <= high + 1e-6, `${ofValues} is not within ${low} to ${high}`)
    }),
    runs(1000),
  )
})

test('the chance that a current value is larger lies in its bracket, and is exact where every value has its own bin', () => {
  fc.assert(
    fc.property(sample, sample, edges, (reference, current, inner) => {
      const [a, b] = [Float64Array.from(reference), Float64Array.from(current)]
      if (new Set([...a, ...b]).size === 1) return
      const wanted = mannWhitney(a, b)
      const own = Float64Array.from(new Set([...a, ...b])).sort()
      const exact = probabilityGreater(bin(reference, own).counts, bin(current, own).counts)
      isAbout(exact.value, wanted.probabilityCurrentGreater)
      const before = bin(reference, inner).counts
      const now = bin(current, inner).counts
      if (before.some((count, i) => count === a.length && now[i] === b.length)) return
      const { low, high } = probabilityGreater(before, now)
      assert.ok(low <= exact.value + ROUNDING && exact.value <= high + ROUNDING)
    }),
    runs(1000),
  )
})

test('the p-value from bins is Mann-Whitney’s', () => {
  const random = seeded(5)
  const draw = (count: number, shift: number) =>
    Array.from({ length: count }, () => Math.round(10 * (normal(random) + shift)))
  for (const shift of [0, 0.1, 0.5]) {
    const [reference, current] = [draw(2000, 0), draw(500, shift)]
    const own = Float64Array.from(new Set([...reference, ...current])).sort()
    const { pValue } = probabilityGreater(bin(reference, own).counts, bin(current, own).counts)
    const wanted = mannWhitney(Float64Array.from(reference), Float64Array.from(current)).pValue
    assert.ok(Math.abs(Math.log(pValue) - Math.log(wanted)) < 0.05, `${pValue} is not ${wanted}`)
  }
})

test('the shift of the mean has Welch’s p-value, and is 0 for equal means', () => {
  fc.assert(
    fc.property(sample, sample, (reference, current) => {
      const [a, b] = [momentsOf(Float64Array.from(reference)), momentsOf(Float64Array.from(current))]
      // Squares of values this small are no longer precise.
      if (!(a.variance !== null && a.variance > 1e-200) || b.variance === null) return
      const { shift, pValue } = meanShift({ ...a, variance: a.variance }, { ...b, variance: b.variance })
      isAbout(shift, (b.mean - a.mean) / Math.sqrt(a.variance))
      isAbout(pValue, welchT(Float64Array.from(reference), Float64Array.from(current)).pValue)
      assert.equal(meanShift({ ...a, variance: a.variance }, { ...b, mean: a.mean, variance: b.variance }).shift, 0)
    }),
    runs(1000),
  )
  assert.throws(
    () => meanShift({ count: 9, mean: 1, variance: 0 }, { count: 9, mean: 2, variance: 1 }),
    UndefinedStatisticError,
  )
})

test('without any change the ratio of spreads is judged as it says, for normal and for heavy-tailed values', () => {
  const random = seeded(11)
  const draws = {
    normal: () => normal(random),
    laplace: () => Math.log(1 - random()) * (random() < 0.5 ? 1 : -1),
  }
  for (const [name, draw] of Object.entries(draws)) {
    let rejected = 0
    for (let trial = 0; trial < 1000; trial++) {
      const [reference, current] = [400, 200].map((count) => spreadOf(Float64Array.from({ length: count }, draw)))
      if (varianceRatio(reference as Spread, current as Spread).pValue < 0.05) rejected++
    }
    // Four standard deviations of a share of 5 % in 1,000 trials, and 1 % for kurtosis that is itself estimated.
    assert.ok(Math.abs(rejected / 1000 - 0.05) < 0.028 + 0.01, `${name}: ${rejected} of 1,000`)
  }
})

type Spread = Parameters<typeof varianceRatio>[0]

function spreadOf(values: Float64Array): Spread {
  const { count, mean, variance } = momentsOf(values)
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / count
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count
  return { count, variance: variance ?? 0, kurtosis: fourth / square ** 2 }
}

test('a spread that doubled is found, the other way round with the other sign', () => {
  const [narrow, wide] = [
    { count: 200, variance: 1, kurtosis: 3 },
    { count: 200, variance: 4, kurtosis: 3 },
  ]
  const there = varianceRatio(narrow, wide)
  isAbout(there.logRatio, Math.LN2)
  isAbout(varianceRatio(wide, narrow).logRatio, -Math.LN2)
  assert.ok(there.pValue < 1e-20)
})

test('a quantile from bins lies in the bin of the quantile, and rises with its level', () => {
  const level = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(sample, edges, level, level, (values, inner, one, other) => {
      const binned = { edges: inner, counts: bin(values, inner).counts }
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      assert.ok(quantileFromBins(binned, low) <= quantileFromBins(binned, high) + ROUNDING)
      const sorted = Float64Array.from(values).sort()
      const exact = sorted[Math.max(0, Math.ceil(one * sorted.length) - 1)] as number
      const right = inner.find((edge) => edge >= exact) ?? (inner.at(-1) as number)
      const left = inner.findLast((edge) => edge < exact) ?? (inner[0] as number)
      const got = quantileFromBins(binned, one)
      if (one > 0) assert.ok(got >= left - ROUNDING && got <= right + ROUNDING, `${got} is not in ${left} to ${right}`)
    }),
    runs(1000),
  )
})

test('the robust spread of normal values is their deviation, and an outlier does not move it', () => {
  const random = seeded(3)
  const values = Array.from({ length: 5000 }, () => 7 + 2 * normal(random))
  const inner = Float64Array.from({ length: 60 }, (_, i) => -1 + i / 4)
  const spread = robustSpread({ edges: inner, counts: bin(values, inner).counts })
  assert.ok(Math.abs(spread - 2) < 0.1, `it is ${spread}`)
  const spoilt = robustSpread({ edges: inner, counts: bin([...values, 1e12], inner).counts })
  assert.ok(Math.abs(spoilt - spread) < 0.01)
})

test('proportions with few expected rows are tested exactly, others by their normal limit', () => {
  assert.equal(proportionTest({ successes: 0, trials: 10_000 }, { successes: 1, trials: 100 }).test, 'fisher')
  assert.equal(proportionTest({ successes: 300, trials: 10_000 }, { successes: 9, trials: 300 }).test, 'z')
  const alike = proportionTest({ successes: 0, trials: 50 }, { successes: 0, trials: 60 })
  assert.deepEqual(alike, { difference: 0, pValue: 1, test: 'fisher' })
})
