import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chiSquaredTwoSample } from '../../../src/statistics/distances/chi-squared-two-sample.ts'
import { poolSparse } from '../../../src/statistics/distances/pool-sparse.ts'
import {
  populationStability,
  populationStabilityCorrected,
} from '../../../src/statistics/distances/population-stability.ts'
import { seeded } from '../../build/random.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 7)
const TRIALS = 4000

function draw(random: () => number, cumulative: Float64Array, rows: number): Float64Array {
  const counts = new Float64Array(cumulative.length)
  for (let row = 0; row < rows; row++) {
    const u = random()
    let cell = 0
    while (u > (cumulative[cell] as number)) cell++
    counts[cell] = (counts[cell] as number) + 1
  }
  return counts
}

function cumulate(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let seen = 0
  const cumulative = Float64Array.from(weights, (weight) => {
    seen += weight
    return seen / total
  })
  cumulative[weights.length - 1] = 1
  return cumulative
}

const settings = [
  { name: '10 equal cells, 100 rows against 2,000', weights: Array.from({ length: 10 }, () => 1), n: 100, m: 2000 },
  { name: '20 equal cells, 200 rows against 200', weights: Array.from({ length: 20 }, () => 1), n: 200, m: 200 },
  {
    name: '50 skewed categories, 300 rows against 3,000',
    weights: Array.from({ length: 50 }, (_, i) => 1 / (i + 1)),
    n: 300,
    m: 3000,
  },
]

for (const { name, weights, n, m } of settings) {
  test(`without any change χ² rejects as often as it says: ${name}`, () => {
    const random = seeded(seed)
    const cumulative = cumulate(weights)
    let rejected = 0
    for (let trial = 0; trial < TRIALS; trial++) {
      const pooled = poolSparse(draw(random, cumulative, m), draw(random, cumulative, n))
      if (chiSquaredTwoSample(pooled.reference, pooled.current).pValue < 0.05) rejected++
    }
    // Four standard deviations of a share of 5 % in as many trials, on top of the ±10 % that sparse cells bring.
    const share = rejected / TRIALS
    assert.ok(Math.abs(share - 0.05) < 0.005 + 4 * Math.sqrt((0.05 * 0.95) / TRIALS), `${share} rejected, seed ${seed}`)
  })
}

test('what chance alone makes of the population stability index is taken out of it', () => {
  const random = seeded(seed)
  const cumulative = cumulate(Array.from({ length: 10 }, () => 1))
  let [raw, corrected] = [0, 0]
  for (let trial = 0; trial < 1000; trial++) {
    const [reference, current] = [draw(random, cumulative, 1000), draw(random, cumulative, 200)]
    raw += populationStability(reference, current) / 1000
    corrected += populationStabilityCorrected(reference, current) / 1000
  }
  // (B − 1)(1/n + 1/M) = 0.054
  assert.ok(Math.abs(raw - 0.054) < 0.004, `mean ${raw}, seed ${seed}`)
  assert.ok(corrected < 0.015, `mean ${corrected}, seed ${seed}`)
})
