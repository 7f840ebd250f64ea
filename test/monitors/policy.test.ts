// Thresholds: whose they are, and what they never are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { noiseOf, weigh } from '../../src/monitors/policy.ts'
import type { TestNoise } from '../../src/reference/reference.ts'
import { chiSquaredUpperTail } from '../../src/statistics/special/chi-squared.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { testSeed } from '../build/random.ts'

const independent: TestNoise = {
  windows: 100,
  designEffect: 1,
  varianceEffect: 1,
  skewEffect: 1,
  support: Number.POSITIVE_INFINITY,
  correlation: 0,
  largest: [0, 0, 0, 0],
}

test('a threshold belongs to the steps of its windows, not to their name: two models may share both name and noise', () => {
  const slow = { name: '1h', sizeMs: HOUR, slideMs: HOUR }
  const fast = { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE }
  const said = (noise: TestNoise, spec: typeof slow) =>
    weigh([{ statistic: 30, degrees: 1, share: 1, noise }], spec, 1e-6)
  const shared = { ...independent }
  said(shared, slow)
  assert.deepEqual(said(shared, fast), said({ ...independent }, fast))
})

test('however noisy a test is, its evidence is a number, and never more than that of independent rows', () => {
  const spec = { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE }
  const noises = fc
    .record({
      designEffect: fc.double({ min: 1, max: 1000, noNaN: true }),
      wider: fc.double({ min: 1, max: 1e6, noNaN: true }),
      skewEffect: fc.double({ min: 1, max: 20, noNaN: true }),
      support: fc.constantFrom(0.05, 1, 5, 30, 1000, Number.POSITIVE_INFINITY),
      correlation: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ wider, ...noise }) => ({
      ...noise,
      windows: 100,
      varianceEffect: noise.designEffect ** 2 * wider,
      largest: [0, 0, 0, 0],
    }))
  const asked = fc.record({
    noise: noises,
    degrees: fc.constantFrom(1, 2, 3.7, 15, 73),
    ratio: fc.constantFrom(0, 1e-9, 0.3, 1, 5, 100, 1e6),
    share: fc.constantFrom(1, 0.2, 1 / 1225),
    rate: fc.constantFrom(1e-8, 1e-6, 1e-3, 0.05),
  })
  const holds = fc.property(asked, ({ noise, degrees, ratio, share, rate }) => {
    const tests = (of: TestNoise) => [{ statistic: ratio * degrees, degrees, share, noise: of }]
    const evidence = weigh(tests(noise), spec, rate)
    const usual = weigh(tests(independent), spec, rate)
    for (const [rung, strength] of evidence.strengths.entries()) {
      assert.ok(strength >= 0 && strength <= (usual.strengths[rung] as number), `rung ${rung}: ${strength}`)
    }
    const least = Math.min(1, chiSquaredUpperTail(ratio * degrees, degrees) / share)
    assert.ok(evidence.pValue >= least && evidence.pValue <= 1, `p ${evidence.pValue}`)
  })
  fc.assert(holds, { numRuns: 300, seed: testSeed() })
})

test('a test that the reference had too few rows for is as noisy as the one that is most like it', () => {
  const noise = { windows: 30, calibrated: true, tests: { coarse: { ...independent, designEffect: 20 } }, volume: null }
  assert.equal(noiseOf(noise, 'fine', 'coarse').designEffect, 20)
  assert.equal(noiseOf(noise, 'coarse', 'fine').designEffect, 20)
  assert.equal(noiseOf(noise, 'fine').designEffect, 2)
})

test('a metric that few windows of the reference had labels for is not calibrated, however many windows there were', () => {
  const tests = { 'performance/roc_auc': { ...independent, windows: 3, support: 1 } }
  const noise = { windows: 30, calibrated: true, tests, volume: null }
  const { calibrated, designEffect, support } = noiseOf(noise, 'performance/roc_auc')
  assert.deepEqual([calibrated, designEffect, support], [false, 2, Number.POSITIVE_INFINITY])
})
