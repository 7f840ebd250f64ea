// Metrics from cells against the same metrics from the rows themselves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learnReference } from '../../src/reference/learn.ts'
import type { MetricOptions } from '../../src/reference/metric-options.ts'
import { usualMetricOptions } from '../../src/reference/metric-options.ts'
import { directionOf, measurePerformance, metricsNamed, metricsOf } from '../../src/reference/performance.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { createReading } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { deserialise, serialise } from '../../src/reference/reference.ts'
import { binaryMetrics } from '../../src/statistics/performance/binary-metrics.ts'
import { calibrationError } from '../../src/statistics/performance/calibration-error.ts'
import {
  absoluteErrorExtremes,
  binaryOutcomes,
  calibrationBins,
  multiclassOutcomes,
  regressionOutcomes,
} from '../../src/statistics/performance/from-rows.ts'
import { liftAtShare } from '../../src/statistics/performance/lift-at-share.ts'
import type { Metric } from '../../src/statistics/performance/metric.ts'
import { multiclassMetrics, topAccuracy } from '../../src/statistics/performance/multiclass-metrics.ts'
import { pinballLoss } from '../../src/statistics/performance/pinball-loss.ts'
import { regressionMetrics } from '../../src/statistics/performance/regression-metrics.ts'
import { contributeOutcome } from '../../src/summaries/outcome.ts'
import type { Task } from '../../src/summaries/schema.ts'
import { seeded } from '../build/random.ts'
import { normal } from '../build/rows.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 3)

type Draw = (random: () => number) => Partial<ReferenceRow['event']> & { readonly truth: string | number }

function rows(count: number, at: number, draw: Draw): ReferenceRow[] {
  const random = seeded(at)
  return Array.from({ length: count }, (_, i) => {
    const { truth, ...event } = draw(random)
    return {
      label: truth,
      event: {
        kind: 'prediction',
        id: String(i),
        model: 'm',
        version: '',
        time: i,
        features: { x: i % 7 },
        prediction: null,
        score: null,
        probabilities: null,
        ...event,
      },
    }
  })
}

function learn(task: Task, from: readonly ReferenceRow[]): Reference {
  const reference = learnReference(from, {
    model: 'm',
    task,
    positiveClass: null,
    classes: null,
    columnKinds: {},
    textual: false,
    source: 'test',
    windows: [],
    minSamples: 100,
    estimation: false,
    multivariate: false,
  })
  // As it is after a restart.
  return deserialise(serialise(reference))
}

/** The metrics of rows of production, counted in the cells of a reference. */
function measure(reference: Reference, some: readonly ReferenceRow[], options: Partial<MetricOptions> = {}) {
  const { outcomes } = reference.layout
  const reading = createReading(reference.task, reference.classes)
  const summary = new Float64Array(outcomes.size)
  for (const { event, label } of some) {
    const truth = reading.label(label as string)
    contributeOutcome(
      outcomes,
      summary,
      { prediction: reading.prediction(event), outputs: reading.outputs(event), label: truth },
      1,
    )
  }
  return measurePerformance(outcomes, summary, { ...usualMetricOptions, ...options })
}

function agree(name: string, got: Metric | undefined, wanted: Metric, tolerance: number): void {
  assert.ok(got !== undefined && got.value !== null && wanted.value !== null, `${name}: ${JSON.stringify(got)}`)
  for (const member of ['value', 'low', 'high', 'standardError'] as const) {
    const difference = Math.abs(got[member] - wanted[member])
    assert.ok(difference <= tolerance, `${name}.${member} is ${got[member]}, from the rows ${wanted[member]}`)
  }
}

const drawBinary: Draw = (random) => {
  const score = random() ** 2
  return { score, prediction: score > 0.5 ? '1' : '0', truth: random() < score ? '1' : '0' }
}

test('binary: what is counted per row is exact, what comes from bins is near', () => {
  const reference = learn('binary', rows(4000, seed, drawBinary))
  const some = rows(1500, seed + 1, drawBinary)
  const scored = {
    labels: Float64Array.from(some, ({ label }) => Number(label)),
    scores: Float64Array.from(some, ({ event }) => event.score ?? Number.NaN),
  }
  const got = measure(reference, some, { topShare: 0.2 })
  const raw = binaryOutcomes(scored, 0.5 + 1e-12)
  const binned = ['roc_auc', 'gini', 'ks', 'average_precision']
  for (const [name, wanted] of Object.entries(binaryMetrics(raw, { within: 'tied' }))) {
    agree(name, got[name], wanted, binned.includes(name) ? 0.01 : 1e-6)
  }
  const { expected, underCalibration } = calibrationError(calibrationBins(scored, 10))
  agree('ece', got['ece'], expected, 1e-6)
  assert.ok(Math.abs((got['ece_by_chance']?.value ?? 0) - (underCalibration ?? 1)) < 1e-9)
  const { lift, capture } = liftAtShare(raw, 0.2)
  agree('lift', got['lift'], lift, 0.03)
  agree('gain', got['gain'], capture, 0.01)
})

const names = ['a', 'b', 'c', 'd']
const drawMulticlass: Draw = (random) => {
  const weights = names.map((_, i) => random() ** (i + 1))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight) => weight / whole)
  let left = random()
  const truth = shares.findIndex((share) => {
    left -= share
    return left < 0
  })
  return {
    probabilities: Object.fromEntries(names.map((name, i) => [name, shares[i] as number])),
    prediction: names[shares.indexOf(Math.max(...shares))] as string,
    truth: names[truth < 0 ? 0 : truth] as string,
  }
}

test('multiclass: areas from 63 bins a class, the top classes, and everything from the confusion', () => {
  const reference = learn('multiclass', rows(4000, seed + 2, drawMulticlass))
  const some = rows(1500, seed + 3, drawMulticlass)
  const got = measure(reference, some, { top: 2 })
  const raw = multiclassOutcomes({
    classes: names,
    labels: some.map(({ label }) => label),
    predictions: some.map(({ event }) => event.prediction),
    probabilities: some.map(({ event }) => names.map((name) => event.probabilities?.[name] ?? Number.NaN)),
  })
  for (const [name, wanted] of Object.entries(multiclassMetrics(raw))) {
    agree(name, got[name], wanted, name.startsWith('roc_auc') ? 0.005 : 1e-6)
  }
  agree('top_k_accuracy', got['top_k_accuracy'], topAccuracy(raw.ranks, 2), 1e-9)
})

const drawRegression: Draw = (random) => {
  const truth = Math.exp(normal(random))
  return { prediction: truth * Math.exp(0.1 + 0.3 * normal(random)), truth }
}

test('regression: sums within their quanta, and the median of errors within its bins', () => {
  const reference = learn('regression', rows(4000, seed + 4, drawRegression))
  const some = rows(1500, seed + 5, drawRegression)
  const got = measure(reference, some, { quantiles: [0.1, 0.9] })
  const { sums, relative, absoluteErrors } = regressionOutcomes({
    labels: Float64Array.from(some, ({ label }) => Number(label)),
    predictions: Float64Array.from(some, ({ event }) => Number(event.prediction)),
  })
  for (const [name, wanted] of Object.entries(regressionMetrics(sums, { relative }))) {
    agree(name, got[name], wanted, 2e-3)
  }
  agree('pinball_0.1', got['pinball_0.1'], pinballLoss(sums, 0.1), 1e-4)
  agree('pinball_0.9', got['pinball_0.9'], pinballLoss(sums, 0.9), 1e-4)
  const { median } = absoluteErrorExtremes(absoluteErrors)
  const measured = got['median_absolute_error']
  assert.ok(measured !== undefined && measured.value !== null && Math.abs(measured.value / median - 1) < 0.02)
})

test('decisions are worth what the configured costs say, per prediction and in all', () => {
  const some = rows(1000, seed + 6, drawBinary)
  const cost = { '1': { '0': 50, '1': -10 }, '0': { '1': 5 } }
  const got = measure(learn('binary', some), some, { cost })
  const wanted = some.reduce(
    (sum, { event, label }) =>
      sum - ((cost as Record<string, Record<string, number>>)[String(label)]?.[String(event.prediction)] ?? 0),
    0,
  )
  assert.ok(Math.abs((got['business_value_total']?.value ?? Number.NaN) - wanted) < 1e-9)
  assert.ok(Math.abs((got['business_value']?.value ?? Number.NaN) - wanted / 1000) < 1e-12)
  assert.deepEqual(measure(learn('binary', some), some, { cost: { bad: { '0': 1 } } })['business_value'], {
    value: null,
    reason: 'performance.cost names the class bad, the model has 0, 1',
  })
})

test('probabilities that the reference never had cannot be ranked, and that is said', () => {
  const unscored: Draw = (random) => ({ ...drawBinary(random), score: null })
  const got = measure(learn('binary', rows(500, seed + 7, unscored)), rows(500, seed + 8, drawBinary))
  assert.deepEqual(got['roc_auc'], { value: null, reason: 'no labelled rows with a score' })
  assert.notEqual(got['log_loss']?.value, null)
})

test('beyond fifty classes the rest are one, costs are not told, and the accuracy stays exact', () => {
  const many = Array.from({ length: 80 }, (_, i) => `k${i}`)
  const draw: Draw = (random) => {
    const truth = many[Math.floor(random() ** 2 * 80)] as string
    return { truth, prediction: random() < 0.8 ? truth : (many[Math.floor(random() * 80)] as string) }
  }
  const some = rows(3000, seed + 9, draw)
  const got = measure(learn('multiclass', some), some, { cost: { k0: { k1: 1 } } })
  const right = some.filter(({ event, label }) => event.prediction === label).length
  assert.equal(got['accuracy']?.value, right / 3000)
  assert.ok((got['f1_macro']?.value ?? 0) > 0.5)
  assert.match(JSON.stringify(got['business_value']), /costs need a cell for each pair of classes/)
})

for (const task of ['binary', 'multiclass', 'regression'] as const) {
  test(`${task}: every metric that a configuration may name is measured, without rows for a reason`, () => {
    const draw = { binary: drawBinary, multiclass: drawMulticlass, regression: drawRegression }[task]
    const reference = learn(task, rows(300, seed + 10, draw))
    const options = { quantiles: [0.5], cost: null }
    const measured = measure(reference, [], options)
    for (const name of metricsOf[task].flatMap((metric) => metricsNamed(metric, options))) {
      const metric = measured[name]
      assert.ok(metric !== undefined && metric.value === null && metric.reason.length > 0, name)
    }
    assert.deepEqual(Object.keys(measured).sort(), metricsOf[task].flatMap((m) => metricsNamed(m, options)).sort())
  })
}

test('each metric has the direction in which it is better', () => {
  for (const name of ['roc_auc', 'mcc', 'lift', 'r2', 'business_value']) assert.equal(directionOf(name), 'higher')
  for (const name of ['log_loss', 'ece', 'false_positive_rate', 'mape', 'pinball_0.9', 'mse'])
    assert.equal(directionOf(name), 'lower')
  assert.equal(directionOf('bias'), 'zero')
})
