// Pinball loss, median of absolute errors, relative errors, coverage of predicted intervals, and what decisions are worth.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { businessValue } from '../../../src/statistics/performance/business-value.ts'
import { regressionOutcomes } from '../../../src/statistics/performance/from-rows.ts'
import { intervalCoverage } from '../../../src/statistics/performance/interval-coverage.ts'
import { medianFromBins } from '../../../src/statistics/performance/median-from-bins.ts'
import { inUnitsOf, normalMetric } from '../../../src/statistics/performance/metric.ts'
import { pinballLoss } from '../../../src/statistics/performance/pinball-loss.ts'
import { regressionMetrics } from '../../../src/statistics/performance/regression-metrics.ts'
import { seeded } from '../../build/random.ts'
import { bootstrap } from './bootstrap.ts'
import { measured } from './measured.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 13)
const random = seeded(seed)
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const labels = Float64Array.from({ length: 300 }, () => Math.exp(normal()))
const predictions = labels.map((label) => label * Math.exp(0.1 + 0.3 * normal()))

const pick = (values: Float64Array, rows: readonly number[]) => Float64Array.from(rows, (row) => values[row] as number)
const outcomesOf = (rows: readonly number[]) =>
  regressionOutcomes({ labels: pick(labels, rows), predictions: pick(predictions, rows) })

for (const [name, of] of Object.entries({
  pinball: ({ sums }: ReturnType<typeof outcomesOf>) => pinballLoss(sums, 0.9),
  mape: ({ sums, relative }: ReturnType<typeof outcomesOf>) => regressionMetrics(sums, { relative }).mape,
  smape: ({ sums, relative }: ReturnType<typeof outcomesOf>) => regressionMetrics(sums, { relative }).smape,
  rmsle: ({ sums, relative }: ReturnType<typeof outcomesOf>) => regressionMetrics(sums, { relative }).rmsle,
})) {
  test(`the standard error of ${name} is the spread of bootstrap resamples`, () => {
    const { standardError } = measured(of(outcomesOf([...labels.keys()])))
    const spread = bootstrap({
      rows: labels.length,
      resamples: 400,
      random,
      metric: (rows) => measured(of(outcomesOf(rows))).value,
    })
    assert.ok(Math.abs(standardError / spread - 1) < 0.15, `${standardError}, bootstrap ${spread}, seed ${seed}`)
  })
}

test('the median of binned errors lies in its bracket, and its interval covers as stated', () => {
  const edges = Float64Array.from({ length: 60 }, (_, i) => i / 20)
  const draws = Array.from({ length: 800 }, () => {
    const counts = new Float64Array(edges.length + 1)
    for (let row = 0; row < 200; row++) {
      const error = Math.abs(normal())
      const found = edges.findIndex((edge) => error <= edge)
      const bin = found < 0 ? edges.length : found
      counts[bin] = (counts[bin] as number) + 1
    }
    return medianFromBins({ counts, edges, least: 0, most: 6 })
  })
  const median = 0.67449
  const values = draws.map((draw) => {
    if (draw.value === null) assert.fail(draw.reason)
    assert.ok(draw.atLeast <= draw.value && draw.value <= draw.atMost && draw.atMost - draw.atLeast < 0.051)
    return draw
  })
  const covered = values.filter(({ low, high }) => low <= median && median <= high).length / values.length
  assert.ok(covered > 0.92 && covered < 0.98, `${covered} covered, seed ${seed}`)
})

test('a label of 0 has no percentage, a negative one no logarithm, and both are counted in the reason', () => {
  const rows = { labels: Float64Array.of(0, 1, -2), predictions: Float64Array.of(1, 1, 1) }
  const { sums, relative } = regressionOutcomes(rows)
  const { mape, smape, rmsle } = regressionMetrics(sums, { relative, minimums: false })
  assert.deepEqual(mape, { value: null, reason: '1 labels are 0' })
  assert.deepEqual(rmsle, { value: null, reason: '1 rows have a negative label or prediction' })
  assert.equal(smape.value, (2 + 0 + 2) / 3)
})

test('coverage counts bounds as inside and refuses intervals that are none', () => {
  const rows = { low: Float64Array.of(0, 0, 0), high: Float64Array.of(1, 1, 1), labels: Float64Array.of(1, 0, 2) }
  assert.equal(intervalCoverage(rows, 1).value, 2 / 3)
  assert.throws(
    () => intervalCoverage({ ...rows, low: Float64Array.of(2, 0, 0) }, 1),
    /row 0 has labels 1, low 2, high 1/,
  )
  assert.throws(() => intervalCoverage({ ...rows, low: new Float64Array(2) }, 1), /low has 2 rows, high 3, labels 3/)
})

test('the worth of decisions is minus their cost, and its interval that of the mean over rows', () => {
  const confusion = Float64Array.of(50, 10, 5, 35)
  const { total, perPrediction } = businessValue(confusion, Float64Array.of(0, 1, 20, -2))
  assert.equal(measured(total).value, -40)
  assert.equal(measured(perPrediction).value, -0.4)
  assert.ok(Math.abs(measured(total).standardError - 100 * measured(perPrediction).standardError) < 1e-9)
  assert.throws(() => businessValue(confusion, Float64Array.of(0, 1)), /costs has 2 cells, confusion 4/)
  assert.throws(() => businessValue(confusion, Float64Array.of(0, 1, Number.NaN, 0)), /costs has NaN in cell 2/)
})

test('numbers as large or as small as doubles go have the metrics of their like', () => {
  const labels = Float64Array.of(1, 2, 4, 3)
  const predictions = Float64Array.of(1.5, 2, 3, 3)
  const usual = regressionMetrics(regressionOutcomes({ labels, predictions }).sums, { minimums: false })
  for (const size of [1e300, 1e150, 1e-150, 1e-290]) {
    const scaled = (values: Float64Array) => values.map((value) => value * size)
    const { unit, sums } = regressionOutcomes({ labels: scaled(labels), predictions: scaled(predictions) })
    const metrics = regressionMetrics(sums, { minimums: false })
    assert.ok(Math.abs(measured(metrics.r2).value - measured(usual.r2).value) < 1e-12)
    const mae = measured(inUnitsOf(unit, metrics.mae)).value
    assert.ok(Math.abs(mae / (measured(usual.mae).value * size) - 1) < 1e-12)
  }
  assert.deepEqual(inUnitsOf(1e300, normalMetric(1e20, 1)), { value: null, reason: 'it is too large for a number' })
})
