import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Measured, Metric } from '../../../src/statistics/performance/metric.ts'
import type { RegressionMetric, RegressionSums } from '../../../src/statistics/performance/regression-metrics.ts'
import { regressionMetrics } from '../../../src/statistics/performance/regression-metrics.ts'
import { seeded } from '../../build/random.ts'
import { runs } from '../../events/seed.ts'
import { bootstrap } from './bootstrap.ts'

interface Row {
  readonly error: number
  readonly label: number
}

function sumsOf(rows: readonly Row[]): RegressionSums {
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0)
  return {
    count: rows.length,
    error: total(({ error }) => error),
    absoluteError: total(({ error }) => Math.abs(error)),
    errorSquared: total(({ error }) => error ** 2),
    errorSignedSquare: total(({ error }) => error * Math.abs(error)),
    errorCubed: total(({ error }) => error ** 3),
    errorFourth: total(({ error }) => error ** 4),
    label: total(({ label }) => label),
    labelSquared: total(({ label }) => label ** 2),
    labelCubed: total(({ label }) => label ** 3),
    labelFourth: total(({ label }) => label ** 4),
    errorLabel: total(({ error, label }) => error * label),
    errorLabelSquared: total(({ error, label }) => error * label ** 2),
    errorSquaredLabel: total(({ error, label }) => error ** 2 * label),
    errorSquaredLabelSquared: total(({ error, label }) => error ** 2 * label ** 2),
  }
}

function measured(metric: Metric): Measured {
  if (metric.value === null) assert.fail(metric.reason)
  return metric
}

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 17)
const random = seeded(seed)
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
/** Skewed labels, and errors that grow with them: where plain formulas go wrong. */
const rows: readonly Row[] = Array.from({ length: 400 }, () => {
  const label = Math.exp(normal() / 2)
  return { label, error: 0.1 + 0.4 * label * normal() }
})

for (const name of [
  'mae',
  'mse',
  'rmse',
  'r2',
  'explained_variance',
  'bias',
] as const satisfies readonly RegressionMetric[]) {
  test(`the standard error of ${name} is the spread of bootstrap resamples`, () => {
    const { standardError } = measured(regressionMetrics(sumsOf(rows))[name])
    const spread = bootstrap({
      rows: rows.length,
      resamples: 1000,
      random,
      metric: (drawn) => measured(regressionMetrics(sumsOf(drawn.map((row) => rows[row] as Row)))[name]).value,
    })
    assert.ok(Math.abs(standardError / spread - 1) < 0.12, `${standardError}, bootstrap ${spread}, seed ${seed}`)
  })
}

test('where labels are centred changes no metric', () => {
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (shift) => {
      const at0 = regressionMetrics(sumsOf(rows))
      const moved = regressionMetrics(sumsOf(rows.map(({ error, label }) => ({ error, label: label - shift }))))
      for (const name of ['mae', 'rmse', 'r2', 'explained_variance', 'bias'] as const) {
        assert.ok(Math.abs(measured(at0[name]).value - measured(moved[name]).value) < 1e-9)
        assert.ok(Math.abs(measured(at0[name]).standardError - measured(moved[name]).standardError) < 1e-9)
      }
    }),
    runs(1000),
  )
})

test('a perfect prediction has an error of 0 and an R² of 1', () => {
  const perfect = regressionMetrics(sumsOf(rows.map(({ label }) => ({ error: 0, label }))))
  assert.deepEqual(
    { mae: perfect.mae.value, rmse: perfect.rmse.value, bias: perfect.bias.value, r2: perfect.r2.value },
    { mae: 0, rmse: 0, bias: 0, r2: 1 },
  )
})

test('equal labels leave R² without a value, with the reason, and the rest with one', () => {
  const metrics = regressionMetrics(sumsOf(rows.map(({ error }) => ({ error, label: 0.1 }))))
  assert.deepEqual(metrics.r2, { value: null, reason: 'all labels are equal' })
  assert.notEqual(metrics.rmse.value, null)
})

test('under 30 rows there is no metric, and a sum that is not finite is named', () => {
  assert.deepEqual(regressionMetrics(sumsOf(rows.slice(0, 29))).mae, {
    value: null,
    reason: '29 labelled rows with a prediction, 30 needed',
  })
  assert.throws(
    () => regressionMetrics({ ...sumsOf(rows), errorFourth: Number.NaN }),
    /errorFourth is NaN, it must be finite/,
  )
})
