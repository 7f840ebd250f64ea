import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lossChange } from '../../../src/statistics/performance/loss-change.ts'
import { mixEffect } from '../../../src/statistics/performance/mix-effect.ts'
import { UndefinedStatisticError } from '../../../src/statistics/undefined-statistic.ts'
import { seeded } from '../../build/random.ts'
import { runs } from '../../events/seed.ts'
import { histograms } from '../samples-of.ts'

const near = (value: number, expected: number) => assert.ok(Math.abs(value - expected) < 1e-12, `it is ${value}`)

test('three cells by hand: shares 0.5, 0.3, 0.2 become 0.2, 0.3, 0.5, and what they lose is counted by it', () => {
  const { change, standardError } = mixEffect({
    reference: Float64Array.of(50, 30, 20),
    current: Float64Array.of(40, 60, 100),
    loss: Float64Array.of(0.1, 0.2, 0.6),
    labelled: Float64Array.of(50, 30, 10),
    variance: 0.05,
  })
  // −0.3 · 0.1 + 0 · 0.2 + 0.3 · 0.6
  near(change, 0.15)
  // Mean losses: 0.23 by the shares of the reference, 0.38 by those of now.
  const ofReference = (0.5 * 0.01 + 0.3 * 0.04 + 0.2 * 0.36 - 0.23 ** 2) / 100
  const ofWindow = (0.2 * 0.01 + 0.3 * 0.04 + 0.5 * 0.36 - 0.38 ** 2) / 200
  const ofLosses = 0.05 * (0.09 / 50 + 0.09 / 10)
  near(standardError, Math.sqrt(ofReference + ofWindow + ofLosses))
})

test('it is the whole change of a loss that stays what it was in each cell, and nothing where shares stay', () => {
  fc.assert(
    fc.property(histograms, fc.double({ min: 0, max: 5, noNaN: true }), ([reference, current], step) => {
      const loss = reference.map((_, cell) => step * cell)
      const known = { loss, labelled: reference.map(() => 1), variance: 1 }
      const { change } = mixEffect({ reference, current, ...known })
      const { total } = lossChange({ reference, current, referenceLoss: loss, currentLoss: loss })
      assert.ok(Math.abs(change - total) < 1e-9)
      near(mixEffect({ reference, current: reference, ...known }).change, 0)
    }),
    runs(1000),
  )
})

test('its standard error is the spread that it has over samples of both sides', () => {
  const random = seeded(7)
  const [p, q, loss, spread] = [[0.6, 0.3, 0.1], [0.3, 0.3, 0.4], [0.1, 0.4, 0.9], 0.3]
  const pick = (shares: readonly number[]) => {
    const u = random()
    return u < (shares[0] as number) ? 0 : u < (shares[0] as number) + (shares[1] as number) ? 1 : 2
  }
  const answers = Array.from({ length: 800 }, () => {
    const [reference, current, sums] = [new Float64Array(3), new Float64Array(3), new Float64Array(3)]
    for (let i = 0; i < 400; i++) {
      const cell = pick(p)
      reference[cell] = (reference[cell] as number) + 1
      sums[cell] = (sums[cell] as number) + (loss[cell] as number) + (random() < 0.5 ? spread : -spread)
    }
    for (let i = 0; i < 200; i++) {
      const cell = pick(q)
      current[cell] = (current[cell] as number) + 1
    }
    const means = sums.map((sum, cell) => sum / (reference[cell] as number))
    return mixEffect({ reference, current, loss: means, labelled: reference, variance: spread ** 2 })
  })
  const mean = answers.reduce((sum, { change }) => sum + change, 0) / answers.length
  const seen = Math.sqrt(answers.reduce((sum, { change }) => sum + (change - mean) ** 2, 0) / (answers.length - 1))
  const told = answers.reduce((sum, { standardError }) => sum + standardError, 0) / answers.length
  assert.ok(Math.abs(mean - 0.24) < 0.005, `it is ${mean}`)
  assert.ok(Math.abs(told / seen - 1) < 0.1, `told ${told}, seen ${seen}`)
})

test('a side without rows has no effect, and cells must be the same on both sides', () => {
  const one = Float64Array.of(1, 1)
  const known = { loss: one, labelled: one, variance: 0 }
  assert.throws(() => mixEffect({ reference: one, current: Float64Array.of(0, 0), ...known }), UndefinedStatisticError)
  assert.throws(() => mixEffect({ reference: one, current: one, ...known, loss: Float64Array.of(1) }), RangeError)
})
