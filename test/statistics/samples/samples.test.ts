import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cramerVonMises } from '../../../src/statistics/samples/cramer-von-mises.ts'
import { energyDistance } from '../../../src/statistics/samples/energy-distance.ts'
import { ksExact, ksStatistic } from '../../../src/statistics/samples/kolmogorov-smirnov.ts'
import { mannWhitney } from '../../../src/statistics/samples/mann-whitney.ts'
import { momentsOf } from '../../../src/statistics/samples/moments.ts'
import { momentsFromSums } from '../../../src/statistics/samples/moments-from-sums.ts'
import { quantilesOf } from '../../../src/statistics/samples/quantiles.ts'
import { wasserstein } from '../../../src/statistics/samples/wasserstein.ts'
import { welchT } from '../../../src/statistics/samples/welch-t.ts'
import { UndefinedStatisticError } from '../../../src/statistics/undefined-statistic.ts'
import { runs } from '../../events/seed.ts'
import { sample } from '../samples-of.ts'

const values = sample.map((list) => Float64Array.from(list))

test('missing and infinite values are left out of every statistic', () => {
  const holes = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const distances = [ksStatistic, wasserstein, energyDistance]
  fc.assert(
    fc.property(values, values, (reference, current) => {
      const holed = Float64Array.of(...holes, ...current)
      for (const distance of distances) assert.equal(distance(reference, holed), distance(reference, current))
      assert.deepEqual(momentsOf(holed), momentsOf(current))
    }),
    runs(1000),
  )
})

test('moving all values moves nothing but the Wasserstein distance, which grows by the way moved', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 10, noNaN: true }), (reference, shift) => {
      const moved = reference.map((value) => value + shift)
      assert.ok(Math.abs(wasserstein(reference, moved) - shift) < 1e-9)
      assert.equal(wasserstein(reference, reference), 0)
      assert.equal(ksStatistic(reference, reference), 0)
      assert.equal(energyDistance(reference, reference), 0)
    }),
    runs(1000),
  )
})

test('the Mann-Whitney probability is the share of pairs', () => {
  fc.assert(
    fc.property(values, values, (reference, current) => {
      if (new Set([...reference, ...current]).size === 1) return
      let larger = 0
      for (const a of current) for (const b of reference) larger += a > b ? 1 : a === b ? 0.5 : 0
      const share = larger / reference.length / current.length
      assert.ok(Math.abs(mannWhitney(reference, current).probabilityCurrentGreater - share) < 1e-12)
    }),
    runs(1000),
  )
})

test('the exact Kolmogorov-Smirnov p-value is the share of all mergings that are as far apart', () => {
  // All ways to merge 4 and 3 values, told apart by which ranks the first sample takes.
  const statistics: number[] = []
  for (let mask = 0; mask < 2 ** 7; mask++) {
    const first = [0, 1, 2, 3, 4, 5, 6].filter((rank) => (mask >> rank) & 1)
    if (first.length !== 4) continue
    const second = [0, 1, 2, 3, 4, 5, 6].filter((rank) => !first.includes(rank))
    statistics.push(ksStatistic(Float64Array.from(first), Float64Array.from(second)))
  }
  const { statistic, pValue } = ksExact(Float64Array.of(1, 2, 3, 4), Float64Array.of(3.5, 5, 6))
  const asFar = statistics.filter((other) => other >= statistic - 1e-12).length
  assert.ok(Math.abs(pValue - asFar / statistics.length) < 1e-12, `${pValue} is not ${asFar} of ${statistics.length}`)
})

test('quantiles run from the smallest value to the largest', () => {
  fc.assert(
    fc.property(values, (list) => {
      const [least, middle, most] = quantilesOf(list, Float64Array.of(0, 0.5, 1)) as unknown as [number, number, number]
      // `===` and not `assert.equal`, for which 0 and -0 differ.
      assert.ok(least === Math.min(...list) && most === Math.max(...list), `${least} to ${most}`)
      assert.ok(least <= middle && middle <= most)
    }),
    runs(1000),
  )
})

test('moments from sums are those of the values', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: -3, max: 3 }), (list, shift) => {
      if (list.length < 2) return
      const { mean, variance } = momentsFromSums({
        count: list.length,
        shift,
        sum: list.reduce((sum, value) => sum + (value - shift), 0),
        sumOfSquares: list.reduce((sum, value) => sum + (value - shift) ** 2, 0),
      })
      const exact = momentsOf(list)
      assert.ok(Math.abs(mean - exact.mean) < 1e-9 && Math.abs(variance - (exact.variance ?? 0)) < 1e-6)
    }),
    runs(1000),
  )
})

test('what cannot be computed says so instead of answering a number', () => {
  const none = new Float64Array(0)
  const some = Float64Array.of(1, 1)
  for (const compare of [ksStatistic, wasserstein, energyDistance, cramerVonMises, mannWhitney, welchT]) {
    assert.throws(() => compare(some, none), UndefinedStatisticError)
  }
  assert.throws(() => welchT(some, some), /the values of each sample are all equal/)
  assert.throws(() => mannWhitney(some, some), /all values are equal/)
  assert.equal(momentsOf(some).skewness, null)
  assert.equal(momentsOf(Float64Array.of(4)).variance, null)
})
