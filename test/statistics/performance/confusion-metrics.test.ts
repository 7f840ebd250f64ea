import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Confusion, ConfusionMetric } from '../../../src/statistics/performance/confusion-metrics.ts'
import { confusionMetrics } from '../../../src/statistics/performance/confusion-metrics.ts'
import { seeded } from '../../build/random.ts'
import { runs } from '../../events/seed.ts'
import { measured } from './measured.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 31)
/** Shares of true positives, false positives, false negatives and true negatives. */
const truth = [0.12, 0.06, 0.08, 0.74] as const

/** As many rows drawn from the shares. */
function draw(random: () => number, rows: number): Confusion {
  const cells = [0, 0, 0, 0]
  for (let row = 0; row < rows; row++) {
    let left = random()
    const cell = truth.findIndex((share) => {
      left -= share
      return left < 0
    })
    const at = cell < 0 ? 3 : cell
    cells[at] = (cells[at] as number) + 1
  }
  const [tp, fp, fn, tn] = cells as [number, number, number, number]
  return { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn }
}

const [a, b, c, d] = truth
const expected: Readonly<Record<string, number>> = {
  specificity: d / (b + d),
  f1: (2 * a) / (2 * a + b + c),
  f2: (5 * a) / (5 * a + 4 * c + b),
  'f0.5': (1.25 * a) / (1.25 * a + 0.25 * c + b),
  balanced_accuracy: (a / (a + c) + d / (b + d)) / 2,
  mcc: (a * d - b * c) / Math.sqrt((a + b) * (a + c) * (d + b) * (d + c)),
  cohen_kappa: (2 * (a * d - b * c)) / ((a + b) * (b + d) + (a + c) * (c + d)),
  jaccard: a / (a + b + c),
  negative_predictive_value: d / (c + d),
  false_positive_rate: b / (b + d),
}

test('over repeated samples every interval covers as stated, and every standard error is the spread', () => {
  const random = seeded(seed)
  const draws = Array.from({ length: 1500 }, () => confusionMetrics(draw(random, 250)))
  for (const [name, value] of Object.entries(expected)) {
    const found = draws.map((metrics) => measured(metrics[name as ConfusionMetric]))
    const covered = found.filter(({ low, high }) => low <= value && value <= high).length / found.length
    assert.ok(covered > 0.93 && covered < 0.97, `${name}: ${covered} covered, seed ${seed}`)
    const mean = found.reduce((sum, one) => sum + one.value, 0) / found.length
    const spread = Math.sqrt(found.reduce((sum, one) => sum + (one.value - mean) ** 2, 0) / found.length)
    const claimed = found.reduce((sum, one) => sum + one.standardError, 0) / found.length
    assert.ok(Math.abs(claimed / spread - 1) < 0.08, `${name}: claimed ${claimed}, spread ${spread}, seed ${seed}`)
  }
})

test('from the fewest rows that are shown, the intervals of what weighs both classes still cover', () => {
  const random = seeded(seed + 1)
  const draws = Array.from({ length: 1500 }, () => confusionMetrics(draw(random, 140)))
  for (const name of ['balanced_accuracy', 'mcc', 'cohen_kappa', 'f1', 'f2'] as const) {
    const value = expected[name] as number
    const shown = draws.flatMap((metrics) => (metrics[name].value === null ? [] : [measured(metrics[name])]))
    const covered = shown.filter(({ low, high }) => low <= value && value <= high).length / shown.length
    assert.ok(covered > 0.92 && covered < 0.98, `${name}: ${covered} of ${shown.length} covered, seed ${seed}`)
  }
})

test('perfect decisions are no certainty', () => {
  const perfect = { truePositives: 20, falsePositives: 0, falseNegatives: 0, trueNegatives: 60 }
  const metrics = confusionMetrics(perfect)
  for (const name of ['f2', 'balanced_accuracy', 'mcc', 'cohen_kappa', 'jaccard'] as const) {
    const { value, low, standardError } = measured(metrics[name])
    assert.equal(value, 1)
    assert.ok(standardError > 0.005 && low < 0.99, `${name}: ${low}, standard error ${standardError}`)
  }
})

test('whatever the counts, a metric is a number in its range within its interval, or says why there is none', () => {
  const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3_000_000_000 }))
  fc.assert(
    fc.property(count, count, count, count, (tp, fp, fn, tn) => {
      const confusion = { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn }
      for (const [name, metric] of Object.entries(confusionMetrics(confusion, { minimums: false }))) {
        if (metric.value === null) {
          assert.ok(metric.reason.length > 0)
          continue
        }
        const least = name === 'mcc' || name === 'cohen_kappa' ? -1 : 0
        const { value, low, high, standardError } = metric
        const message = `${name} of ${[tp, fp, fn, tn]}: ${value} (${low} to ${high})`
        assert.ok(low >= least - 1e-12 && high <= 1 + 1e-12 && standardError >= 0, message)
        assert.ok(low <= value + 1e-9 && value <= high + 1e-9, message)
      }
    }),
    runs(1000),
  )
})

test('Matthews’ correlation and κ turn their sign when every decision is turned', () => {
  const count = fc.integer({ min: 1, max: 500 })
  fc.assert(
    fc.property(count, count, count, count, (tp, fp, fn, tn) => {
      const at = (confusion: Confusion) => measured(confusionMetrics(confusion, { minimums: false }).mcc).value
      const decided = at({ truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn })
      const turned = at({ truePositives: fn, falsePositives: tn, falseNegatives: tp, trueNegatives: fp })
      assert.ok(Math.abs(decided + turned) < 1e-12)
    }),
    runs(1000),
  )
})

test('a metric without its class says which rows are missing', () => {
  const reasons = confusionMetrics({ truePositives: 30, falsePositives: 0, falseNegatives: 20, trueNegatives: 0 })
  assert.deepEqual(reasons.specificity, { value: null, reason: '0 actual negatives, 5 needed' })
  assert.deepEqual(reasons.balanced_accuracy, { value: null, reason: '0 actual negatives, 5 needed' })
  assert.deepEqual(reasons.mcc, { value: null, reason: '0 labelled rows of the rarer class, 20 needed' })
  const alike = confusionMetrics({ truePositives: 0, falsePositives: 0, falseNegatives: 20, trueNegatives: 80 })
  assert.deepEqual(alike.mcc, { value: null, reason: 'all decisions are alike' })
  assert.equal(alike.cohen_kappa.value, 0)
})

test('a count that is none is refused by name', () => {
  const confusion = { truePositives: 1, falsePositives: -1, falseNegatives: 0, trueNegatives: 0 }
  assert.throws(() => confusionMetrics(confusion), /confusionMetrics: falsePositives is -1, it must be 0 or more/)
})
