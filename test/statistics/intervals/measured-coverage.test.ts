// How often each interval holds the true value, over up to 4,000 samples of the size from which a value may alarm (100 labelled rows,
// 50 of the rarer class), and of the size from which it is shown (20 of the rarer class).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanInterval } from '../../../src/statistics/intervals/mean-interval.ts'
import { proportionDifferenceInterval } from '../../../src/statistics/intervals/proportion-difference-interval.ts'
import { averagePrecision } from '../../../src/statistics/performance/average-precision.ts'
import { confusionMetrics } from '../../../src/statistics/performance/confusion-metrics.ts'
import { meanMetric } from '../../../src/statistics/performance/metric.ts'
import { multiclassMetrics } from '../../../src/statistics/performance/multiclass-metrics.ts'
import type { RegressionSums } from '../../../src/statistics/performance/regression-metrics.ts'
import { regressionMetrics } from '../../../src/statistics/performance/regression-metrics.ts'
import { rocAuc } from '../../../src/statistics/performance/roc-auc.ts'
import { normalUpperTail } from '../../../src/statistics/special/normal.ts'
import { seeded } from '../../build/random.ts'
import { normal } from '../../build/rows.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 20261125)
const REPLICATES = 4000
const ROWS = 100

type Interval = { readonly low: number; readonly high: number } | { readonly value: null }

/** Draws samples, and counts by name how often the interval holds the value that a very large sample has. */
function holds(
  name: string,
  truth: Readonly<Record<string, number>>,
  draw: (random: () => number) => Record<string, Interval>,
  replicates = REPLICATES,
): void {
  test(`the interval of ${name} holds the true value in 93 to 97 of 100 samples`, () => {
    const random = seeded(seed)
    const covered = new Map(Object.keys(truth).map((metric) => [metric, 0]))
    for (let replicate = 0; replicate < replicates; replicate++) {
      const intervals = draw(random)
      for (const [metric, value] of Object.entries(truth)) {
        const interval = intervals[metric]
        if (interval === undefined || !('low' in interval)) continue
        if (interval.low <= value && value <= interval.high) covered.set(metric, (covered.get(metric) as number) + 1)
      }
    }
    const shares = [...covered].map(([metric, count]) => ({ metric, share: count / replicates }))
    const missed = shares.filter(({ share }) => share < 0.93 || share > 0.97)
    assert.deepEqual(missed, [], `seed ${seed}`)
  })
}

/** Scores of both classes, normal with means apart, in 256 even bins from −5 to 8. */
function histograms(random: () => number, positives: number, negatives: number, apart: number) {
  const counts = { positives: new Float64Array(256), negatives: new Float64Array(256) }
  const put = (side: Float64Array, score: number) => {
    const bin = Math.min(255, Math.max(0, Math.floor(((score + 5) / 13) * 256)))
    side[bin] = (side[bin] as number) + 1
  }
  for (let i = 0; i < positives; i++) put(counts.positives, normal(random) + apart)
  for (let i = 0; i < negatives; i++) put(counts.negatives, normal(random))
  return counts
}

for (const [positives, negatives, apart] of [
  [50, 50, 1],
  [50, 200, 2],
  [50, 50, 3],
  [50, 4950, 1.5],
  [20, 20, 1],
  [20, 80, 2],
  [20, 380, 1],
  [80, 20, 1],
] as const) {
  const rows = positives + negatives
  const name = `${positives} positives among ${rows} rows, ${apart} deviations apart`
  const large = expectedHistograms(1e12 / rows, { positives, negatives, apart })
  const auc = rocAuc(large).value as number
  const precision = averagePrecision(large).value as number
  holds(
    `ROC AUC and average precision: ${name}`,
    { auc, precision },
    (random) => {
      const sample = histograms(random, positives, negatives, apart)
      return { auc: rocAuc(sample), precision: averagePrecision(sample) }
    },
    Math.min(REPLICATES, 8e6 / rows),
  )
}

/** What is to be expected of so many times as many rows. */
function expectedHistograms(times: number, of: { positives: number; negatives: number; apart: number }) {
  const counts = { positives: new Float64Array(256), negatives: new Float64Array(256) }
  const above = (bin: number, mean: number) =>
    bin === 0 ? 1 : bin === 256 ? 0 : normalUpperTail((13 * bin) / 256 - 5 - mean)
  for (let bin = 0; bin < 256; bin++) {
    counts.positives[bin] = Math.round(times * of.positives * (above(bin, of.apart) - above(bin + 1, of.apart)))
    counts.negatives[bin] = Math.round(times * of.negatives * (above(bin, 0) - above(bin + 1, 0)))
  }
  return counts
}

function confusionOf(
  random: () => number,
  rows: number,
  { positive, hit, alarm }: { positive: number; hit: number; alarm: number },
) {
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
  for (let i = 0; i < rows; i++) {
    if (random() < positive) counts[random() < hit ? 'truePositives' : 'falseNegatives']++
    else counts[random() < alarm ? 'falsePositives' : 'trueNegatives']++
  }
  return counts
}

const confusionNames = [
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'f1',
  'balanced_accuracy',
  'mcc',
  'cohen_kappa',
] as const
const model = { positive: 0.5, hit: 0.8, alarm: 0.3 }
const exact = confusionMetrics({ truePositives: 4e8, falsePositives: 1.5e8, falseNegatives: 1e8, trueNegatives: 3.5e8 })
holds(
  'what a confusion gives, from 100 rows with 50 of the rarer class',
  Object.fromEntries(confusionNames.map((name) => [name, exact[name].value as number])),
  (random) => confusionMetrics(confusionOf(random, ROWS, model)),
)

holds('a difference of proportions, 100 rows against 100', { difference: 0.1 }, (random) => {
  const of = (share: number) => {
    let successes = 0
    for (let i = 0; i < ROWS; i++) if (random() < share) successes++
    return { successes, trials: ROWS }
  }
  return { difference: proportionDifferenceInterval(of(0.2), of(0.3)) }
})

/** log loss and Brier score of perfectly calibrated scores that are even between 0.05 and 0.95. */
function losses(random: () => number, rows: number) {
  const sums = { logLoss: { count: 0, sum: 0, sumOfSquares: 0 }, brier: { count: 0, sum: 0, sumOfSquares: 0 } }
  for (let i = 0; i < rows; i++) {
    const score = 0.05 + 0.9 * random()
    const label = random() < score ? 1 : 0
    for (const [of, loss] of [
      [sums.logLoss, -Math.log(label === 1 ? score : 1 - score)],
      [sums.brier, (label - score) ** 2],
    ] as const) {
      of.count++
      of.sum += loss
      of.sumOfSquares += loss * loss
    }
  }
  return { logLoss: meanMetric(sums.logLoss), brier: meanMetric(sums.brier) }
}
const manyLosses = losses(seeded(2), 2_000_000)
holds(
  'log loss and Brier score, from 100 rows',
  { logLoss: manyLosses.logLoss.value as number, brier: manyLosses.brier.value as number },
  (random) => losses(random, ROWS),
)

/** Labels N(10, 3), predictions 0.3 too high on average, with an error of deviation 1. */
function regression(random: () => number, rows: number) {
  const names = ['error', 'absoluteError', 'errorSquared', 'errorSignedSquare', 'errorCubed', 'errorFourth'] as const
  const ofLabels = ['label', 'labelSquared', 'labelCubed', 'labelFourth'] as const
  const mixed = ['errorLabel', 'errorLabelSquared', 'errorSquaredLabel', 'errorSquaredLabelSquared'] as const
  const sums = Object.fromEntries([...names, ...ofLabels, ...mixed].map((name) => [name, 0])) as Omit<
    { -readonly [Name in keyof RegressionSums]: number },
    'count'
  >
  for (let i = 0; i < rows; i++) {
    const y = 3 * normal(random)
    const e = 0.3 + normal(random)
    sums.error += e
    sums.absoluteError += Math.abs(e)
    sums.errorSquared += e * e
    sums.errorSignedSquare += e * Math.abs(e)
    sums.errorCubed += e * e * e
    sums.errorFourth += e * e * e * e
    sums.label += y
    sums.labelSquared += y * y
    sums.labelCubed += y * y * y
    sums.labelFourth += y * y * y * y
    sums.errorLabel += e * y
    sums.errorLabelSquared += e * y * y
    sums.errorSquaredLabel += e * e * y
    sums.errorSquaredLabelSquared += e * e * y * y
  }
  return { count: rows, ...sums }
}
holds(
  'MAE, RMSE, bias and R², from 100 rows',
  // |N(0.3, 1)| has the mean √(2/π) e^(−0.045) + 0.3 (2 Φ(0.3) − 1).
  {
    mae: Math.sqrt(2 / Math.PI) * Math.exp(-0.045) + 0.3 * 0.2358228,
    rmse: Math.sqrt(1.09),
    bias: 0.3,
    r2: 1 - 1.09 / 9,
  },
  (random) => regressionMetrics(regression(random, ROWS)),
)

holds('a mean by Student’s t, from 5 rows', { mean: 3 }, (random) => ({
  mean: meanInterval(Float64Array.from({ length: 5 }, () => 3 + 2 * normal(random))),
}))

/** A confusion of three classes of unequal size. */
function threeClasses(random: () => number, rows: number) {
  const confusion = new Float64Array(9)
  for (let i = 0; i < rows; i++) {
    const u = random()
    const truth = u < 0.5 ? 0 : u < 0.8 ? 1 : 2
    const prediction = random() < 0.75 ? truth : (truth + 1 + Math.floor(2 * random())) % 3
    const cell = truth * 3 + prediction
    confusion[cell] = (confusion[cell] as number) + 1
  }
  return multiclassMetrics({ confusion, classes: 3, logLoss: null })
}
const manyOfThree = threeClasses(seeded(4), 4_000_000)
holds(
  'accuracy and averaged F1 of three classes, from 100 rows',
  {
    accuracy: 0.75,
    f1_macro: manyOfThree.f1_macro.value as number,
    f1_weighted: manyOfThree.f1_weighted.value as number,
  },
  (random) => ({ ...threeClasses(random, ROWS) }),
)
