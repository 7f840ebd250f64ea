import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { binOf, coarseGroups, createBinFinder, floatBelow, quantileEdges } from '../../src/summaries/bins.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })

test('the bin of a value is the number of edges below it, whatever the edges', () => {
  fc.assert(
    fc.property(
      fc.array(finite, { minLength: 1, maxLength: 300 }),
      fc.array(finite, { maxLength: 50 }),
      (reference, values) => {
        const edges = quantileEdges(Float64Array.from(reference).sort())
        const finder = createBinFinder(edges)
        for (const value of [...reference, ...values]) {
          assert.equal(binOf(finder, value), edges.filter((edge) => edge < value).length)
        }
      },
    ),
  )
})

test('values of the reference never fall below or above its range', () => {
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 300 }), (reference) => {
      const edges = quantileEdges(Float64Array.from(reference).sort())
      const finder = createBinFinder(edges)
      for (const value of reference) {
        assert.ok(binOf(finder, value) > 0, `${value} counts as below the range`)
        assert.ok(binOf(finder, value) < edges.length, `${value} counts as above the range`)
      }
    }),
  )
})

test('a value as frequent as several quantiles has a bin of its own', () => {
  const edges = quantileEdges(Float64Array.from([...Array(50).fill(0), ...Array.from({ length: 50 }, (_, i) => i + 1)]))
  const finder = createBinFinder(edges)
  assert.notEqual(binOf(finder, 0), binOf(finder, floatBelow(0)))
  assert.notEqual(binOf(finder, 0), binOf(finder, 1e-9))
})

test('edges number at most 74, so that a column has at most 75 bins', () => {
  const edges = quantileEdges(Float64Array.from({ length: 100_000 }, (_, i) => Math.sqrt(i)))
  assert.ok(edges.length <= 74, `${edges.length} edges`)
})

test('coarse groups are ascending, without gaps, and about equally full', () => {
  const counts = Float64Array.from({ length: 74 }, () => 100)
  const groups = coarseGroups(counts, 16)
  const sizes = new Map<number, number>()
  for (const [bin, group] of groups.entries()) {
    assert.ok(bin === 0 || (group - (groups[bin - 1] as number) >= 0 && group - (groups[bin - 1] as number) <= 1))
    sizes.set(group, (sizes.get(group) ?? 0) + 1)
  }
  assert.equal(sizes.size, 16)
  assert.ok(Math.max(...sizes.values()) <= 5)
})

test('the float below is the nearest smaller one', () => {
  for (const value of [1, -1, 0.1, 1e300, -5e-324, 0]) assert.ok(floatBelow(value) < value)
  assert.equal(floatBelow(1), 1 - Number.EPSILON / 2)
})
