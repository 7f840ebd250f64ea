import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { averagePrecision } from '../../../src/statistics/performance/average-precision.ts'
import type { BinaryOutcomes } from '../../../src/statistics/performance/binary-metrics.ts'
import { binaryMetrics } from '../../../src/statistics/performance/binary-metrics.ts'
import type { Measured, Metric } from '../../../src/statistics/performance/metric.ts'
import { rocAuc, rocAucBracket } from '../../../src/statistics/performance/roc-auc.ts'
import { seeded } from '../../build/random.ts'
import { runs } from '../../events/seed.ts'
import { bin } from '../samples-of.ts'

function measured(metric: Metric): Measured {
  if (metric.value === null) assert.fail(metric.reason)
  return metric
}

/** The share of pairs of a positive and a negative that the positive wins. */
function aucOfScores(positives: readonly number[], negatives: readonly number[]): number {
  let won = 0
  for (const a of positives) for (const b of negatives) won += a > b ? 1 : a === b ? 0.5 : 0
  return won / positives.length / negatives.length
}

/** Average precision by its step definition: every distinct score is a threshold. */
function averagePrecisionOfScores(positives: readonly number[], negatives: readonly number[]): number {
  const sum = positives.reduce((total, score) => {
    const atLeast = positives.filter((other) => other >= score).length
    return total + atLeast / (atLeast + negatives.filter((other) => other >= score).length)
  }, 0)
  return sum / positives.length
}

function histogramsOf(positives: readonly number[], negatives: readonly number[], inner: Float64Array) {
  return { positives: bin(positives, inner).counts, negatives: bin(negatives, inner).counts }
}

const scores = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 10 }).map((n) => n / 10),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  {
    minLength: 1,
    maxLength: 40,
  },
)
const inner = fc
  .uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 15 })
  .map((edges) => Float64Array.from(edges).sort())

test('the bracket from score histograms contains the AUC of the scores, and its middle is the value', () => {
  fc.assert(
    fc.property(scores, scores, inner, (positives, negatives, edges) => {
      const histograms = histogramsOf(positives, negatives, edges)
      const bracket = rocAucBracket(histograms)
      const auc = aucOfScores(positives, negatives)
      assert.ok(bracket !== null && bracket.low <= auc + 1e-12 && auc <= bracket.high + 1e-12)
      assert.ok(Math.abs(measured(rocAuc(histograms, 1)).value - (bracket.low + bracket.high) / 2) < 1e-12)
    }),
    runs(1000),
  )
})

test('with a bin per score, tied bins give the step definition of average precision exactly', () => {
  fc.assert(
    fc.property(scores, scores, (positives, negatives) => {
      const edges = Float64Array.from(new Set([...positives, ...negatives])).sort()
      const histograms = histogramsOf(positives, negatives, edges)
      const { value } = measured(averagePrecision(histograms, { minimum: 0, within: 'tied' }))
      assert.ok(Math.abs(value - averagePrecisionOfScores(positives, negatives)) < 1e-12)
    }),
    runs(1000),
  )
})

test('with a bin per row, mixing changes nothing: average precision is that of the scores', () => {
  const distinct = fc.uniqueArray(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), {
    selector: ([score]) => score,
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(distinct, (rows) => {
      const positives = rows.filter(([, label]) => label).map(([score]) => score)
      const negatives = rows.filter(([, label]) => !label).map(([score]) => score)
      if (positives.length === 0) return
      const histograms = histogramsOf(positives, negatives, Float64Array.from(rows, ([score]) => score).sort())
      const { value } = measured(averagePrecision(histograms, { minimum: 0 }))
      assert.ok(Math.abs(value - averagePrecisionOfScores(positives, negatives)) < 1e-12)
    }),
    runs(1000),
  )
})

/** Every way to choose so many of the ranks 1 to n. */
function* choices(n: number, count: number, from = 1): Generator<number[]> {
  if (count === 0) yield []
  for (let rank = from; rank <= n - count + 1 && count > 0; rank++) {
    for (const others of choices(n, count - 1, rank + 1)) yield [rank, ...others]
  }
}

test('within a bin average precision is the mean over all orders of its rows', () => {
  const small = fc.integer({ min: 0, max: 5 })
  fc.assert(
    fc.property(small, small, small, small, (a, b, positivesAbove, negativesAbove) => {
      if (a + positivesAbove === 0) return
      const above = Array.from({ length: positivesAbove }, () => 100)
      const beside = Array.from({ length: negativesAbove }, () => 100)
      const values = [...choices(a + b, a)].map((ranks) => {
        const others = Array.from({ length: a + b }, (_, i) => i + 1).filter((rank) => !ranks.includes(rank))
        return averagePrecisionOfScores([...above, ...ranks], [...beside, ...others])
      })
      // The rows above are one bin of a single score; mixing would order those as well.
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const top = { positives: Float64Array.of(positivesAbove), negatives: Float64Array.of(negativesAbove) }
      const both = { positives: Float64Array.of(a, positivesAbove), negatives: Float64Array.of(b, negativesAbove) }
      const sumOf = (histograms: typeof top, within: 'mixed' | 'tied', positives: number) =>
        positives === 0 ? 0 : measured(averagePrecision(histograms, { minimum: 0, within })).value * positives
      const ofBin = sumOf(both, 'mixed', a + positivesAbove) - sumOf(top, 'mixed', positivesAbove)
      const got = (ofBin + sumOf(top, 'tied', positivesAbove)) / (a + positivesAbove)
      assert.ok(Math.abs(got - mean) < 1e-12, `${got}, mean over orders ${mean}`)
    }),
    runs(1000),
  )
})

test('average precision of large bins is the sum over their rows', () => {
  const count = fc.integer({ min: 1, max: 3000 })
  fc.assert(
    fc.property(count, count, count, (a, b, above) => {
      const histograms = { positives: Float64Array.of(a, above), negatives: Float64Array.of(b, 0) }
      let sum = above
      for (let t = 1; t <= a + b; t++) {
        sum += (a / (a + b)) * ((above + 1 + ((t - 1) * (a - 1)) / (a + b - 1)) / (above + t))
      }
      const { value } = measured(averagePrecision(histograms, { minimum: 0 }))
      assert.ok(Math.abs(value - sum / (a + above)) < 1e-10)
    }),
    runs(1000),
  )
})

test('64 bins lose less than one percent of average precision', () => {
  const random = seeded(Number(process.env['LEEWAY_TEST_SEED'] ?? 11))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const positives = Array.from({ length: 300 }, () => normal() + 1.5)
  const negatives = Array.from({ length: 3000 }, normal)
  const edges = Float64Array.from({ length: 63 }, (_, i) => -2 + i / 10)
  const histograms = histogramsOf(positives, negatives, edges)
  const exact = averagePrecisionOfScores(positives, negatives)
  const { value } = measured(averagePrecision(histograms))
  assert.ok(Math.abs(value / exact - 1) < 0.01, `${value} instead of ${exact}`)
})

test('DeLong’s standard error of the AUC is the spread of AUCs in repeated samples', () => {
  const random = seeded(Number(process.env['LEEWAY_TEST_SEED'] ?? 5))
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const edges = Float64Array.from({ length: 200 }, (_, i) => -4 + i / 25)
  const draws = Array.from({ length: 600 }, () => {
    const positives = Array.from({ length: 60 }, () => normal() + 1)
    const negatives = Array.from({ length: 200 }, normal)
    return measured(rocAuc(histogramsOf(positives, negatives, edges)))
  })
  const mean = draws.reduce((sum, { value }) => sum + value, 0) / draws.length
  const spread = Math.sqrt(draws.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / draws.length)
  const claimed = draws.reduce((sum, { standardError }) => sum + standardError, 0) / draws.length
  assert.ok(Math.abs(claimed / spread - 1) < 0.15, `claimed ${claimed}, spread ${spread}`)
  const covered = draws.filter(({ low, high }) => low <= 0.7602 && 0.7602 <= high).length / draws.length
  assert.ok(covered > 0.92 && covered < 0.98, `${covered} covered`)
})

const nothing: BinaryOutcomes = { positives: null, negatives: null, confusion: null, logLoss: null, brier: null }

test('without rows every metric says why it has no value', () => {
  for (const metric of Object.values(binaryMetrics(nothing))) {
    assert.equal(metric.value, null)
    assert.match(metric.value === null ? metric.reason : '', /labelled rows/)
  }
})

test('too few rows of a class, of decisions or of losses give a reason that counts them', () => {
  const histograms = (p: number, n: number) => ({
    ...nothing,
    positives: Float64Array.of(0, p),
    negatives: Float64Array.of(n, 0),
  })
  assert.deepEqual(binaryMetrics(histograms(0, 50)).roc_auc, { value: null, reason: 'no positive labels' })
  assert.deepEqual(binaryMetrics(histograms(50, 0)).roc_auc, { value: null, reason: 'no negative labels' })
  assert.deepEqual(binaryMetrics(histograms(19, 50)).average_precision, {
    value: null,
    reason: '19 labelled rows of the rarer class, 20 needed',
  })
  assert.notEqual(binaryMetrics(histograms(20, 50)).roc_auc.value, null)
  assert.equal(binaryMetrics(histograms(19, 50), { minimums: false }).roc_auc.value, 1)

  const few = binaryMetrics({
    ...nothing,
    confusion: { truePositives: 2, falsePositives: 2, falseNegatives: 3, trueNegatives: 100 },
    logLoss: { count: 29, sum: 3, sumOfSquares: 1 },
  })
  assert.deepEqual(few.precision, { value: null, reason: '4 predicted positives, 5 needed' })
  assert.equal(few.recall.value, 0.4)
  assert.equal(few.accuracy.value, 102 / 107)
  assert.deepEqual(few.log_loss, { value: null, reason: '29 labelled rows with a probability, 30 needed' })
})

test('a share of 0 or 1 still has a standard error, so that five rows cannot look certain', () => {
  const confusion = { truePositives: 0, falsePositives: 5, falseNegatives: 5, trueNegatives: 30 }
  const { precision, recall, f1 } = binaryMetrics({ ...nothing, confusion })
  for (const metric of [precision, recall, f1]) {
    assert.equal(metric.value, 0)
    assert.ok(measured(metric).standardError > 0.1)
  }
})
