import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chiSquaredTwoSample } from '../../../src/statistics/distances/chi-squared-two-sample.ts'
import { kolmogorovSmirnovBinned } from '../../../src/statistics/distances/kolmogorov-smirnov-binned.ts'
import { populationStability } from '../../../src/statistics/distances/population-stability.ts'
import { runs } from '../../events/seed.ts'
import { bin, merge } from '../samples-of.ts'

const positives = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 })
const inner = fc
  .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 })
  .map((list) => list.sort((a, b) => a - b))

test('the logarithm of positive values, with edges mapped alike, changes no binned statistic', () => {
  fc.assert(
    fc.property(positives, positives, inner, (reference, current, edges) => {
      const plain = [reference, current].map((values) => bin(values, Float64Array.from(edges)).counts)
      const logs = [reference, current].map(
        (values) => bin(values.map(Math.log), Float64Array.from(edges, Math.log)).counts,
      )
      const [a, b] = plain as [Float64Array, Float64Array]
      const [c, d] = logs as [Float64Array, Float64Array]
      assert.equal(chiSquaredTwoSample(a, b).statistic, chiSquaredTwoSample(c, d).statistic)
      assert.equal(populationStability(a, b), populationStability(c, d))
      assert.equal(kolmogorovSmirnovBinned(a, b).low, kolmogorovSmirnovBinned(c, d).low)
    }),
    runs(1000),
  )
})

test('however values are split into parts, and in whatever order the parts are added, the counts are those of all', () => {
  fc.assert(
    fc.property(positives, inner, fc.nat(), fc.nat(), (values, edges, one, other) => {
      const at = Float64Array.from(edges)
      const [from, to] = [one % values.length, other % values.length].sort((a, b) => a - b) as [number, number]
      const parts = [values.slice(0, from), values.slice(from, to), values.slice(to)].map((part) => bin(part, at))
      const [a, b, c] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]]
      assert.deepEqual(merge(merge(c, a), b), bin(values, at))
      assert.deepEqual(merge(a, merge(b, c)), bin(values.toReversed(), at))
    }),
    runs(1000),
  )
})
