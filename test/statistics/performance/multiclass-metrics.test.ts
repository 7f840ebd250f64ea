import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Measured, Metric } from '../../../src/statistics/performance/metric.ts'
import type { MulticlassMetric } from '../../../src/statistics/performance/multiclass-metrics.ts'
import { multiclassMetrics } from '../../../src/statistics/performance/multiclass-metrics.ts'
import { seeded } from '../../build/random.ts'
import { bootstrap } from './bootstrap.ts'

function measured(metric: Metric): Measured {
  if (metric.value === null) assert.fail(metric.reason)
  return metric
}

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 23)
const classes = 4
/** Cells of as many rows: mostly right, one class rare, the last never true and seldom predicted. */
const random = seeded(seed)
const cells = Array.from({ length: 500 }, () => {
  const truth = random() < 0.1 ? 2 : random() < 0.6 ? 0 : 1
  const prediction = random() < 0.7 ? truth : Math.floor(random() * classes)
  return truth * classes + prediction
})

function confusionOf(rows: readonly number[]): Float64Array {
  const confusion = new Float64Array(classes ** 2)
  for (const cell of rows) confusion[cell] = (confusion[cell] as number) + 1
  return confusion
}

for (const name of [
  'accuracy',
  'precision_macro',
  'recall_macro',
  'f1_macro',
  'f1_weighted',
  'mcc',
  'cohen_kappa',
] as const satisfies readonly MulticlassMetric[]) {
  test(`the standard error of ${name} is the spread of bootstrap resamples`, () => {
    const { standardError } = measured(
      multiclassMetrics({ confusion: confusionOf(cells), classes, logLoss: null })[name],
    )
    const spread = bootstrap({
      rows: cells.length,
      resamples: 1500,
      random,
      metric: (drawn) => {
        const confusion = confusionOf(drawn.map((row) => cells[row] as number))
        return measured(multiclassMetrics({ confusion, classes, logLoss: null })[name]).value
      },
    })
    assert.ok(Math.abs(standardError / spread - 1) < 0.1, `${standardError}, bootstrap ${spread}, seed ${seed}`)
  })
}

test('a class that is neither true nor predicted is no part of the macro average', () => {
  const confusion = Float64Array.of(20, 5, 0, 5, 20, 0, 0, 0, 0)
  assert.equal(multiclassMetrics({ confusion, classes: 3, logLoss: null }).f1_macro.value, 0.8)
})

test('a class that is predicted but never true counts as wrong in the macro average', () => {
  const confusion = Float64Array.of(20, 0, 5, 0, 25, 0, 0, 0, 0)
  const { f1_macro, f1_weighted } = multiclassMetrics({ confusion, classes: 3, logLoss: null })
  assert.ok(Math.abs(measured(f1_macro).value - (40 / 45 + 1 + 0) / 3) < 1e-12)
  assert.ok(Math.abs(measured(f1_weighted).value - (40 / 45 + 1) / 2) < 1e-12)
})

test('two classes give the same accuracy however they are numbered', () => {
  const one = multiclassMetrics({ confusion: Float64Array.of(30, 4, 6, 10), classes: 2, logLoss: null })
  const other = multiclassMetrics({ confusion: Float64Array.of(10, 6, 4, 30), classes: 2, logLoss: null })
  assert.deepEqual(one.accuracy, other.accuracy)
  assert.ok(Math.abs(measured(one.f1_macro).standardError - measured(other.f1_macro).standardError) < 1e-12)
})

test('under 30 rows, or without probabilities, a metric says why it has no value', () => {
  const metrics = multiclassMetrics({ confusion: Float64Array.of(10, 9, 5, 5), classes: 2, logLoss: null })
  assert.deepEqual(metrics.accuracy, { value: null, reason: '29 labelled rows with a decision, 30 needed' })
  assert.deepEqual(metrics.log_loss, { value: null, reason: '0 labelled rows with a probability, 30 needed' })
})

test('a confusion of the wrong size is refused', () => {
  assert.throws(
    () => multiclassMetrics({ confusion: new Float64Array(5), classes: 2, logLoss: null }),
    /confusion has 5 cells, 2 classes need 4/,
  )
})
