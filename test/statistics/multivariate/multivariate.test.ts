// What holds of statistics on several columns at once, whatever the rows.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { correlationChange, correlationChanges } from '../../../src/statistics/multivariate/correlation-change.ts'
import { embeddingDistance } from '../../../src/statistics/multivariate/embedding-distance.ts'
import { hotellingT2 } from '../../../src/statistics/multivariate/hotelling-t2.ts'
import { mmdRbf } from '../../../src/statistics/multivariate/mmd-rbf.ts'
import type { CrossSums } from '../../../src/statistics/multivariate/moments.ts'
import { momentsFromCrossSums, momentsOfRows } from '../../../src/statistics/multivariate/moments.ts'
import { fitResidual, pcaReconstruction } from '../../../src/statistics/multivariate/pca-reconstruction.ts'
import { symmetricEigen } from '../../../src/statistics/multivariate/symmetric-eigen.ts'
import { UndefinedStatisticError } from '../../../src/statistics/undefined-statistic.ts'
import { runs } from '../../events/seed.ts'

const CASES = 1000

const table = (columns: number, value: fc.Arbitrary<number>, minLength: number) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength, maxLength: 30 })
/** On a grid: rows that differ in the last digit alone say nothing of rows. */
const smooth = fc.integer({ min: -192, max: 192 }).map((value) => value / 64)
const whole = fc.integer({ min: -8192, max: 8192 })

/** Two samples of the same columns, rich enough to have moments. */
const samples = fc
  .integer({ min: 1, max: 5 })
  .chain((columns) => fc.tuple(table(columns, smooth, columns + 6), table(columns, smooth, columns + 6)))

/** The value, or the fact that it has none. */
function valueOrNone<T>(compute: () => T): T | 'none' {
  try {
    return compute()
  } catch (error) {
    if (
      error instanceof UndefinedStatisticError ||
      (error instanceof RangeError && /not finite|too large/.test(error.message))
    )
      return 'none'
    throw error
  }
}

function sumsOf(rows: readonly number[][]): CrossSums {
  const d = rows[0]?.length ?? 0
  const sums = new Float64Array(d)
  const products = new Float64Array((d * (d + 1)) / 2)
  for (const row of rows) {
    let at = 0
    for (let i = 0; i < d; i++) {
      sums[i] = (sums[i] as number) + (row[i] as number)
      for (let j = i; j < d; j++, at++) {
        products[at] = (products[at] as number) + (row[i] as number) * (row[j] as number)
      }
    }
  }
  return { count: rows.length, sums, products }
}

function added(one: CrossSums, other: CrossSums): CrossSums {
  const plus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + (b[i] as number))
  return {
    count: one.count + other.count,
    sums: plus(one.sums, other.sums),
    products: plus(one.products, other.products),
  }
}

test('the moments of two summaries of whole numbers added up are exactly those of all their rows', () => {
  const parts = fc
    .integer({ min: 1, max: 6 })
    .chain((columns) => fc.tuple(table(columns, whole, 1), table(columns, whole, 1)))
  fc.assert(
    fc.property(parts, ([first, second]) => {
      const merged = momentsFromCrossSums(added(sumsOf(first), sumsOf(second)))
      assert.deepEqual(merged, momentsFromCrossSums(sumsOf([...second, ...first])))
      const direct = momentsOfRows([...first, ...second])
      for (const [i, value] of direct.covariance.entries()) {
        assert.ok(Math.abs((merged.covariance[i] as number) - value) <= 1e-5 * Math.max(1, Math.abs(value)))
      }
    }),
    runs(CASES),
  )
})

test('the order of the columns changes neither T2, nor the largest correlation change, nor the reconstruction error', () => {
  fc.assert(
    fc.property(samples, fc.infiniteStream(fc.nat()), ([before, now], keys) => {
      const d = before[0]?.length ?? 0
      const order = Array.from({ length: d }, (_, i) => ({ i, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ i }) => i)
      const permuted = (rows: number[][]) => rows.map((row) => order.map((i) => row[i] as number))
      const [reference, current] = [momentsOfRows(before), momentsOfRows(now)]
      const [other, others] = [momentsOfRows(permuted(before)), momentsOfRows(permuted(now))]
      same(
        valueOrNone(() => hotellingT2(reference, current)),
        valueOrNone(() => hotellingT2(other, others)),
        1e-7,
      )
      same(
        valueOrNone(() => correlationChange(reference, current).z),
        valueOrNone(() => correlationChange(other, others).z),
        1e-7,
      )
      // Where a share of variance is reached to a rounding error, another order may keep one component more.
      const [fit, refit] = [valueOrNone(() => fitResidual(reference)), valueOrNone(() => fitResidual(other))]
      if (fit === 'none' || refit === 'none' || fit.components !== refit.components) return
      const gap = (fit.variances[0] ?? 0) * 1e-6
      const kept = symmetricEigen(correlationsOf(before), d).values[fit.components - 1] as number
      if (kept - (fit.variances[0] ?? 0) <= gap + 1e-6) return
      same(pcaReconstruction(reference, current).mse, pcaReconstruction(other, others).mse, 1e-6)
    }),
    runs(CASES),
  )
})

function correlationsOf(rows: number[][]): Float64Array {
  const { covariance, mean } = momentsOfRows(rows)
  const d = mean.length
  return covariance.map((value, at) => {
    const size = Math.sqrt(
      (covariance[Math.floor(at / d) * (d + 1)] as number) * (covariance[(at % d) * (d + 1)] as number),
    )
    return size > 0 ? value / size : 0
  })
}

function same(one: number | 'none', other: number | 'none', tolerance: number): void {
  if (one === 'none' || other === 'none') return assert.equal(one, other)
  assert.ok(Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(one)), `${one} and ${other}`)
}

test('T2 without a ridge is the same after an invertible affine map of the columns', () => {
  fc.assert(
    fc.property(samples, fc.array(smooth, { minLength: 30, maxLength: 30 }), ([before, now], numbers) => {
      const d = before[0]?.length ?? 0
      // Diagonally dominant, so invertible.
      const entry = (i: number, j: number) => (numbers[i * d + j] as number) + (i === j ? 4 * d : 0)
      const mapped = (rows: number[][]) =>
        rows.map((row) =>
          row.map((_, i) => row.reduce((sum, value, j) => sum + entry(i, j) * value, numbers[d * d + i] ?? 0)),
        )
      const reference = momentsOfRows(before)
      // Columns that nearly depend on each other lose digits in any map.
      const { values } = symmetricEigen(reference.covariance, d)
      fc.pre((values[d - 1] as number) > 1e-4 * (values[0] as number) && (values[0] as number) > 1e-6)
      const plain = hotellingT2(reference, momentsOfRows(now), { ridge: 0 })
      const other = hotellingT2(momentsOfRows(mapped(before)), momentsOfRows(mapped(now)), { ridge: 0 })
      same(plain, other, 1e-6)
    }),
    runs(CASES),
  )
})

test('every answer is finite and within its bounds', () => {
  const wild = fc.oneof(
    smooth,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, 1, 1, 1e9, -1e9, 1e-9, 5e-324),
  )
  const wildSamples = fc
    .integer({ min: 1, max: 4 })
    .chain((columns) => fc.tuple(table(columns, wild, 1), table(columns, wild, 1)))
  fc.assert(
    fc.property(wildSamples, ([before, now]) => {
      const moments = valueOrNone(() => ({ reference: momentsOfRows(before), current: momentsOfRows(now) }))
      if (moments === 'none') return
      const { reference, current } = moments
      const t2 = valueOrNone(() => hotellingT2(reference, current))
      assert.ok(t2 === 'none' || (t2 >= 0 && Number.isFinite(t2)))
      const changes = valueOrNone(() => [...correlationChanges(reference, current)])
      for (const { z, reference: r, current: c } of changes === 'none' ? [] : changes) {
        assert.ok(z >= 0 && Number.isFinite(z) && Math.abs(r) <= 1 && Math.abs(c) <= 1)
      }
      const rebuilt = valueOrNone(() => pcaReconstruction(reference, current))
      assert.ok(rebuilt === 'none' || (rebuilt.mse >= 0 && Number.isFinite(rebuilt.mse) && rebuilt.components >= 1))
      const distance = valueOrNone(() => embeddingDistance(reference.mean, current.mean))
      const { euclidean, cosine } = distance === 'none' ? { euclidean: 0, cosine: null } : distance
      assert.ok(euclidean >= 0 && Number.isFinite(euclidean) && (cosine === null || (cosine >= 0 && cosine <= 2)))
      const { biased, unbiased } = mmdRbf(before, now, 0.5)
      assert.ok(biased >= 0 && biased <= 2 && (unbiased === null || Math.abs(unbiased) <= 2))
    }),
    runs(CASES),
  )
})

test('eigenvectors are orthonormal and rebuild their matrix, also where eigenvalues are equal', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.oneof(smooth, fc.constantFrom(0, 1)), { minLength: 64, maxLength: 64 }),
      (d, numbers) => {
        const matrix = new Float64Array(d * d)
        for (let i = 0; i < d; i++) {
          for (let j = 0; j <= i; j++) matrix[i * d + j] = matrix[j * d + i] = numbers[i * d + j] as number
        }
        const { values, vectors } = symmetricEigen(matrix, d)
        for (let i = 0; i < d; i++) {
          if (i > 0) assert.ok((values[i] as number) <= (values[i - 1] as number))
          for (let j = 0; j < d; j++) {
            let dot = 0
            let rebuilt = 0
            for (let k = 0; k < d; k++) {
              dot += (vectors[i * d + k] as number) * (vectors[j * d + k] as number)
              rebuilt += (values[k] as number) * (vectors[k * d + i] as number) * (vectors[k * d + j] as number)
            }
            assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-12)
            assert.ok(Math.abs(rebuilt - (matrix[i * d + j] as number)) < 1e-12 * d * 10)
          }
        }
      },
    ),
    runs(CASES),
  )
})

test('columns that depend on each other, or never vary, have a T2 with a ridge and none without', () => {
  const rows = Array.from({ length: 20 }, (_, i) => [i, 2 * i, 7])
  const [reference, current] = [momentsOfRows(rows), momentsOfRows(rows.map(([a = 0, b = 0]) => [a + 1, b + 2, 7]))]
  assert.ok(hotellingT2(reference, current) > 0)
  assert.throws(() => hotellingT2(reference, current, { ridge: 0 }), /column 1 depends on the columns before it/)
  const flat = momentsOfRows([[7], [7]])
  assert.throws(() => hotellingT2(flat, flat), /no column of the reference varies/)
})

test('an invalid argument is named', () => {
  const two = [
    [1, 2],
    [3, 5],
    [2, 2],
    [0, 1],
  ]
  const moments = momentsOfRows(two)
  assert.throws(
    () => momentsOfRows([[1, 2], [3]], 'current'),
    /^RangeError: current: row 1 has 1 columns, the first has 2/,
  )
  assert.throws(() => momentsOfRows([[1, Number.NaN]], 'current'), /^RangeError: current: row 0 holds NaN/)
  assert.throws(() => hotellingT2(moments, momentsOfRows([[1], [2]])), /current has 1 columns, reference has 2/)
  assert.throws(() => hotellingT2(moments, moments, { ridge: -1 }), /ridge is -1/)
  assert.throws(() => pcaReconstruction(moments, moments, { share: 1 }), /share is 1/)
  assert.throws(() => mmdRbf(two, two, 0), /gamma is 0/)
  assert.throws(() => mmdRbf(two, [], 1), UndefinedStatisticError)
  assert.throws(
    () => momentsFromCrossSums({ count: 3, sums: new Float64Array(2), products: new Float64Array(2) }),
    /products has 2 entries, 3 belong to 2 columns/,
  )
})
