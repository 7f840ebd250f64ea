import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lossChange } from '../../../src/statistics/performance/loss-change.ts'
import { runs } from '../../events/seed.ts'
import { histograms } from '../samples-of.ts'

test('mix and rate effects add up to the change of the mean loss', () => {
  fc.assert(
    fc.property(histograms, fc.double({ min: 0, max: 5, noNaN: true }), ([reference, current], loss) => {
      const referenceLoss = reference.map((_, i) => loss * i)
      const currentLoss = current.map((_, i) => loss + i)
      const { mix, rate, total } = lossChange({ reference, current, referenceLoss, currentLoss })
      const sum = (list: Float64Array) => list.reduce((a, b) => a + b, 0)
      assert.ok(Math.abs(sum(mix) + sum(rate) - total) < 1e-9)
      assert.equal(lossChange({ reference, current: reference, referenceLoss, currentLoss: referenceLoss }).total, 0)
    }),
    runs(1000),
  )
})
