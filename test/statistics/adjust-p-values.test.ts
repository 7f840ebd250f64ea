import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { adjustPValues } from '../../src/statistics/adjust-p-values.ts'
import { runs } from '../events/seed.ts'

const pValues = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })
  .map((list) => Float64Array.from(list))

test('an adjusted p-value is never smaller, never above 1, and keeps the order', () => {
  fc.assert(
    fc.property(pValues, (list) => {
      for (const adjustment of ['bonferroni', 'holm', 'benjamini-hochberg', 'benjamini-yekutieli'] as const) {
        const adjusted = adjustPValues(list, adjustment)
        for (let i = 0; i < list.length; i++) {
          assert.ok((adjusted[i] as number) >= (list[i] as number) - 1e-15 && (adjusted[i] as number) <= 1)
          for (let j = 0; j < list.length; j++) {
            if ((list[i] as number) < (list[j] as number)) assert.ok((adjusted[i] as number) <= (adjusted[j] as number))
          }
        }
      }
    }),
    runs(1000),
  )
})

test('a p-value beyond 0 to 1 is refused with its place', () => {
  assert.throws(() => adjustPValues(Float64Array.of(0.1, 1.1), 'holm'), /pValues\[1\] is 1.1/)
})
