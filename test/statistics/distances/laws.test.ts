// What holds of every distance between two histograms.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chiSquaredTwoSample } from '../../../src/statistics/distances/chi-squared-two-sample.ts'
import { cramersV } from '../../../src/statistics/distances/cramers-v.ts'
import { gTest } from '../../../src/statistics/distances/g-test.ts'
import { hellinger } from '../../../src/statistics/distances/hellinger.ts'
import { jensenShannon } from '../../../src/statistics/distances/jensen-shannon.ts'
import { kolmogorovSmirnovBinned } from '../../../src/statistics/distances/kolmogorov-smirnov-binned.ts'
import { kullbackLeibler } from '../../../src/statistics/distances/kullback-leibler.ts'
import { lInfinity } from '../../../src/statistics/distances/l-infinity.ts'
import { poolSparse } from '../../../src/statistics/distances/pool-sparse.ts'
import { populationStability } from '../../../src/statistics/distances/population-stability.ts'
import { totalVariation } from '../../../src/statistics/distances/total-variation.ts'
import { ksStatistic } from '../../../src/statistics/samples/kolmogorov-smirnov.ts'
import { UndefinedStatisticError } from '../../../src/statistics/undefined-statistic.ts'
import { runs } from '../../events/seed.ts'
import { bin, edges, histograms, merge, sample } from '../samples-of.ts'

type Distance = (reference: Float64Array, current: Float64Array) => number

const bounded: Readonly<Record<string, Distance>> = {
  jensenShannon,
  hellinger,
  totalVariation,
  lInfinity: (reference, current) => lInfinity(reference, current).value,
}
const unbounded: Readonly<Record<string, Distance>> = {
  populationStability,
  kullbackLeibler,
  chiSquared: (reference, current) => chiSquaredTwoSample(reference, current).statistic,
  g: (reference, current) => gTest(reference, current).statistic,
}
const ROUNDING = 1e-9

for (const [name, distance] of Object.entries({ ...bounded, ...unbounded })) {
  test(`${name} is never negative, 0 between equal histograms, and does not depend on the order of cells`, () => {
    fc.assert(
      fc.property(histograms, ([reference, current]) => {
        const value = distance(reference, current)
        assert.ok(value >= 0)
        assert.ok(distance(reference, reference) <= ROUNDING)
        assert.ok(
          Math.abs(distance(reference.toReversed(), current.toReversed()) - value) <= ROUNDING * Math.max(1, value),
        )
      }),
      runs(1000),
    )
  })
  test(`${name} of counts added up is that of all rows`, () => {
    fc.assert(
      fc.property(sample, sample, sample, edges, (reference, first, second, inner) => {
        const merged = merge(bin(first, inner), bin(second, inner)).counts
        const whole = bin([...first, ...second], inner).counts
        assert.equal(distance(bin(reference, inner).counts, merged), distance(bin(reference, inner).counts, whole))
      }),
      runs(1000),
    )
  })
  test(`${name} has no value against an empty histogram, and refuses what is no histogram`, () => {
    const some = Float64Array.of(1, 2)
    assert.throws(() => distance(some, Float64Array.of(0, 0)), UndefinedStatisticError)
    assert.throws(() => distance(Float64Array.of(0, 0), some), UndefinedStatisticError)
    assert.throws(() => distance(some, Float64Array.of(1)), /reference has 2 cells, current 1/)
    assert.throws(() => distance(some, Float64Array.of(1, -1)), /current has -1 in cell 1/)
    assert.throws(() => distance(Float64Array.of(Number.NaN, 1), some), /reference has NaN in cell 0/)
  })
}

for (const [name, distance] of Object.entries(bounded)) {
  test(`${name} reaches 1 without a cell in common, goes no further, and works both ways alike`, () => {
    assert.equal(distance(Float64Array.of(3, 0), Float64Array.of(0, 5)), 1)
    fc.assert(
      fc.property(histograms, ([reference, current]) => {
        assert.ok(distance(reference, current) <= 1)
        assert.ok(Math.abs(distance(reference, current) - distance(current, reference)) < ROUNDING)
      }),
      runs(1000),
    )
  })
}

test('the worst cell is named', () => {
  assert.deepEqual(lInfinity(Float64Array.of(5, 5, 0), Float64Array.of(5, 0, 5)), { value: 0.5, cell: 1 })
})

test('the bracket from bins contains the Kolmogorov-Smirnov statistic of the values', () => {
  fc.assert(
    fc.property(sample, sample, edges, (reference, current, inner) => {
      const { low, high } = kolmogorovSmirnovBinned(bin(reference, inner).counts, bin(current, inner).counts)
      const statistic = ksStatistic(Float64Array.from(reference), Float64Array.from(current))
      assert.ok(low <= statistic + ROUNDING && statistic <= high + ROUNDING, `${statistic} is not in ${low} to ${high}`)
    }),
    runs(2000),
  )
})

test('Cramér’s V lies between 0 and 1, and has no value when all rows lie in one cell', () => {
  fc.assert(
    fc.property(histograms, ([reference, current]) => {
      if (chiSquaredTwoSample(reference, current).degrees === 0) return
      const value = cramersV(reference, current)
      assert.ok(value >= 0 && value <= 1)
    }),
    runs(1000),
  )
  assert.throws(() => cramersV(Float64Array.of(4, 0), Float64Array.of(9, 0)), UndefinedStatisticError)
})

test('pooling rare cells keeps every row, and leaves at most the pool itself rare', () => {
  fc.assert(
    fc.property(histograms, ([reference, current]) => {
      const pooled = poolSparse(reference, current)
      const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0)
      const [m, n] = [sum(reference), sum(current)]
      assert.deepEqual([sum(pooled.reference), sum(pooled.current)], [m, n])
      const expected = pooled.reference.map(
        (count, i) => ((count + (pooled.current[i] as number)) / (m + n)) * Math.min(m, n),
      )
      assert.ok(expected.subarray(0, -1).every((rows) => rows >= 5 - ROUNDING))
    }),
    runs(1000),
  )
})
