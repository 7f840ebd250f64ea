// Laws of other tools' definitions, on samples with ties, far outliers and single values.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evenEdges, histogram } from '../../../src/statistics/compatibility/equal-width.ts'
import type { EvidentlyMethod } from '../../../src/statistics/compatibility/evidently/methods.ts'
import { evidentlyMethods } from '../../../src/statistics/compatibility/evidently/methods.ts'
import { evidentlyValueDrift } from '../../../src/statistics/compatibility/evidently/value-drift.ts'
import type { NannymlMethod } from '../../../src/statistics/compatibility/nannyml/methods.ts'
import { nannymlMethods } from '../../../src/statistics/compatibility/nannyml/methods.ts'
import { fitNannyml } from '../../../src/statistics/compatibility/nannyml/univariate.ts'
import { sample } from '../samples-of.ts'

const categories = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'toString'), { minLength: 1, maxLength: 40 })
const runs = { numRuns: 1000 }

/** A number that is finite, or an error that says why there is none. */
function isSound(measure: () => number): void {
  let value: number
  try {
    value = measure()
  } catch (error) {
    assert.ok(error instanceof RangeError && /reference|current|category|method/.test(error.message), String(error))
    return
  }
  assert.ok(Number.isFinite(value), `it is ${value}`)
}

test('every method of Evidently gives a finite number or says why not', () => {
  const names = Object.keys(evidentlyMethods) as EvidentlyMethod[]
  fc.assert(
    fc.property(sample, sample, categories, categories, fc.constantFrom(...names), (a, b, c, d, method) => {
      isSound(() => evidentlyValueDrift({ type: 'numeric', reference: a, current: b }, method).value)
      isSound(() => evidentlyValueDrift({ type: 'categorical', reference: c, current: d }, method).value)
    }),
    runs,
  )
})

test('every method of NannyML gives a finite number or says why not', () => {
  const names = Object.keys(nannymlMethods) as NannymlMethod[]
  fc.assert(
    fc.property(sample, sample, categories, categories, fc.constantFrom(...names), (a, b, c, d, method) => {
      isSound(() => fitNannyml(method, { type: 'continuous', reference: a })(b).value)
      isSound(() => fitNannyml(method, { type: 'categorical', reference: c })(d).value)
    }),
    runs,
  )
})

test('a distance from a sample to itself is 0, and a p-value 1', () => {
  fc.assert(
    fc.property(sample, (values) => {
      for (const method of ['psi', 'kl_div', 'jensenshannon', 'wasserstein', 'ed'] as const) {
        const { value } = evidentlyValueDrift({ type: 'numeric', reference: values, current: values }, method)
        assert.ok(Math.abs(value) < 1e-12, `${method} is ${value}`)
      }
      assert.equal(evidentlyValueDrift({ type: 'numeric', reference: values, current: values }, 'ks').value, 1)
    }),
    runs,
  )
})

test('a histogram counts every value between its edges once', () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 1, max: 40 }), (values, bins) => {
      const sorted = Float64Array.from(values).sort()
      const edges = evenEdges(-3, 3, bins)
      const counted = histogram(sorted, edges).reduce((total, count) => total + count, 0)
      assert.equal(counted, values.filter((value) => value >= -3 && value <= 3).length)
    }),
    runs,
  )
})
