import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chiSquaredTwoSample } from '../../../src/statistics/distances/chi-squared-two-sample.ts'
import { rankTests } from '../../../src/statistics/distances/rank-tests.ts'
import { mannWhitney } from '../../../src/statistics/samples/mann-whitney.ts'
import { seeded } from '../../build/random.ts'
import { normal } from '../../build/rows.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 5)
const counts = fc.array(fc.nat(40), { minLength: 2, maxLength: 20 }).map((cells) => Float64Array.from(cells))
const pair = counts
  .chain((reference) =>
    fc.tuple(
      fc.constant(reference),
      fc
        .array(fc.nat(40), { minLength: reference.length, maxLength: reference.length })
        .map((cells) => Float64Array.from(cells)),
    ),
  )
  .filter(([reference, current]) => reference.some((count) => count > 0) && current.some((count) => count > 0))
const valuesOf = (cells: Float64Array) => Float64Array.from([...cells].flatMap((count, bin) => Array(count).fill(bin)))

test('the shift is the Mann-Whitney test of values that are known by their bin', () => {
  fc.assert(
    fc.property(pair, ([reference, current]) => {
      const { shift } = rankTests(reference, current)
      if (shift.degrees === 0) return
      const { pValue } = mannWhitney(valuesOf(reference), valuesOf(current))
      assert.ok(Math.abs(shift.pValue - pValue) < 1e-9, `${shift.pValue}, ${pValue}`)
    }),
    { seed, numRuns: 1000 },
  )
})

test('shift and spread together never say more than all bins do', () => {
  fc.assert(
    fc.property(pair, ([reference, current]) => {
      const { shift, spread } = rankTests(reference, current)
      // Pearson's statistic is the sum over all orthogonal scores, of which these are two.
      const all = chiSquaredTwoSample(reference, current).statistic
      assert.ok(shift.statistic + spread.statistic <= all * (1 + 1e-9) + 1e-9)
    }),
    { seed, numRuns: 1000 },
  )
})

/** Counts of normal values in 64 bins of equal shares. */
function draw(random: () => number, rows: number, { mean = 0, scale = 1 } = {}): Float64Array {
  const cells = new Float64Array(64)
  for (let row = 0; row < rows; row++) {
    const value = mean + scale * normal(random)
    const bin = Math.min(63, Math.max(0, Math.floor(32 + value * 12)))
    cells[bin] = (cells[bin] as number) + 1
  }
  return cells
}

test('a quarter of a standard deviation shows in 500 rows at a level that a χ² over the bins does not reach', () => {
  const random = seeded(seed)
  const reference = draw(random, 100_000)
  let [byRanks, byBins, widened] = [0, 0, 0]
  for (let trial = 0; trial < 300; trial++) {
    const shifted = draw(random, 500, { mean: 0.25 })
    if (rankTests(reference, shifted).shift.pValue < 1e-5) byRanks++
    if (chiSquaredTwoSample(reference, shifted).pValue < 1e-5) byBins++
    if (rankTests(reference, draw(random, 500, { scale: 1.3 })).spread.pValue < 1e-5) widened++
  }
  assert.ok(byRanks > 210 && byBins < 90 && widened > 200, `${byRanks}, ${byBins}, ${widened} of 300`)
})

test('without a change both tests keep their size far into the tail', () => {
  const random = seeded(seed + 1)
  const reference = draw(random, 50_000)
  const trials = 20_000
  const small = { shift: 0, spread: 0 }
  for (let trial = 0; trial < trials; trial++) {
    const { shift, spread } = rankTests(reference, draw(random, 100))
    if (shift.pValue < 0.001) small.shift++
    if (spread.pValue < 0.001) small.spread++
  }
  // 20 expected by chance, give or take 4.5.
  assert.ok(small.shift < 36 && small.spread < 36 && small.shift > 6 && small.spread > 6, JSON.stringify(small))
})
