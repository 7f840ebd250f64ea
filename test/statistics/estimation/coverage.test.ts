// Error bars of estimates: where the chances are right, what comes out lies as far from the estimate as its bar says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateBinary } from '../../../src/statistics/estimation/binary-estimates.ts'
import { estimateFromLeaves } from '../../../src/statistics/estimation/leaf-estimates.ts'
import { estimateMulticlass } from '../../../src/statistics/estimation/multiclass-estimates.ts'
import { binaryMetrics } from '../../../src/statistics/performance/binary-metrics.ts'
import type { Metric } from '../../../src/statistics/performance/metric.ts'
import { multiclassMetrics } from '../../../src/statistics/performance/multiclass-metrics.ts'
import { seeded } from '../../build/random.ts'

const ROUNDS = 1_500

/** Standard scores of what came out, by metric. */
class Scores {
  readonly #sums: Record<string, { n: number; sum: number; squares: number; within: number }> = {}

  add(name: string, estimate: Metric | undefined, realised: number): void {
    assert.ok(estimate !== undefined && estimate.value !== null, `${name} is not estimated`)
    const z = (realised - estimate.value) / estimate.standardError
    const seen = this.#sums[name] ?? { n: 0, sum: 0, squares: 0, within: 0 }
    this.#sums[name] = {
      n: seen.n + 1,
      sum: seen.sum + z,
      squares: seen.squares + z * z,
      within: seen.within + (realised >= estimate.low && realised <= estimate.high ? 1 : 0),
    }
  }

  check(): void {
    for (const [name, { n, sum, squares, within }] of Object.entries(this.#sums)) {
      const mean = sum / n
      const deviation = Math.sqrt(squares / n - mean ** 2)
      assert.ok(Math.abs(mean) < 0.12, `${name}: z has the mean ${mean}`)
      assert.ok(deviation > 0.93 && deviation < 1.07, `${name}: z has the standard deviation ${deviation}`)
      assert.ok(within / n > 0.93 && within / n < 0.97, `${name}: ${within} of ${n} within the interval`)
    }
  }
}

test('binary: all eight metrics come out within their error bars', () => {
  const random = seeded(11)
  const bins = 40
  const chances = Float64Array.from({ length: bins }, (_, i) => ((i + 0.5) / bins) ** 1.5)
  const rows = chances.map((_, i) => 10 + ((i * 7) % 20))
  const positiveDecisions = rows.map((count, i) => (i > 24 ? count : i === 24 ? count / 2 : 0))
  const scores = {
    positiveDecisions,
    negativeDecisions: rows.map((count, i) => count - (positiveDecisions[i] as number)),
    undecided: new Float64Array(bins),
    // Scores need not be chances.
    scoreSums: rows.map((count, i) => count * (0.05 + (0.9 * (i + 0.5)) / bins)),
  }
  const estimates = estimateBinary(scores, chances)
  const found = new Scores()
  for (let round = 0; round < ROUNDS; round++) {
    const positives = new Float64Array(bins)
    const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 }
    let [logLoss, brier, total] = [0, 0, 0]
    for (let bin = 0; bin < bins; bin++) {
      const score = (scores.scoreSums[bin] as number) / (rows[bin] as number)
      for (let row = 0; row < (rows[bin] as number); row++) {
        const label = random() < (chances[bin] as number) ? 1 : 0
        positives[bin] = (positives[bin] as number) + label
        const decided = row < (positiveDecisions[bin] as number)
        counts[decided ? (label ? 'truePositives' : 'falsePositives') : label ? 'falseNegatives' : 'trueNegatives']++
        logLoss -= Math.log(label ? score : 1 - score)
        brier += (score - label) ** 2
        total++
      }
    }
    const realised = binaryMetrics({
      positives,
      negatives: rows.map((count, i) => count - (positives[i] as number)),
      confusion: counts,
      logLoss: null,
      brier: null,
    })
    for (const name of ['roc_auc', 'average_precision', 'accuracy', 'precision', 'recall', 'f1'] as const)
      found.add(name, estimates[name], realised[name].value as number)
    found.add('log_loss', estimates.log_loss, logLoss / total)
    found.add('brier', estimates.brier, brier / total)
  }
  found.check()
})

test('multiclass: accuracy, F1 and log loss come out within their error bars', () => {
  const random = seeded(12)
  const classes = 4
  const rows = Array.from({ length: 500 }, () => {
    const raw = Array.from({ length: classes }, () => (-Math.log(random())) ** 3)
    const total = raw.reduce((sum, value) => sum + value, 0)
    const chances = raw.map((value) => value / total)
    return { chances, decision: chances.indexOf(Math.max(...chances)) }
  })
  const expected = new Float64Array(classes ** 2)
  const squares = new Float64Array(classes ** 2)
  const logLoss = { count: rows.length, sum: 0, variance: 0 }
  for (const { chances, decision } of rows) {
    let [mean, square] = [0, 0]
    for (const [k, chance] of chances.entries()) {
      expected[k * classes + decision] = (expected[k * classes + decision] as number) + chance
      squares[k * classes + decision] = (squares[k * classes + decision] as number) + chance ** 2
      mean -= chance * Math.log(chance)
      square += chance * Math.log(chance) ** 2
    }
    logLoss.sum += mean
    logLoss.variance += square - mean ** 2
  }
  const estimates = estimateMulticlass({ classes, expected, squares, logLoss, rankings: [] })
  const found = new Scores()
  for (let round = 0; round < ROUNDS; round++) {
    const confusion = new Float64Array(classes ** 2)
    let [loss, right] = [0, 0]
    for (const { chances, decision } of rows) {
      let [draw, label] = [random(), 0]
      while (label < classes - 1 && draw >= (chances[label] as number)) draw -= chances[label++] as number
      confusion[label * classes + decision] = (confusion[label * classes + decision] as number) + 1
      if (label === decision) right++
      loss -= Math.log(chances[label] as number)
    }
    const realised = multiclassMetrics({ confusion, classes, right, logLoss: null })
    for (const name of ['accuracy', 'f1_macro', 'f1_weighted'] as const)
      found.add(name, estimates[name], realised[name].value as number)
    found.add('log_loss', estimates.log_loss, loss / rows.length)
  }
  found.check()
})

test('regression: MAE, MSE and RMSE come out within their error bars, leaf means learnt from few rows and all', () => {
  const random = seeded(13)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const spreads = [0.5, 1, 3]
  const found = new Scores()
  for (let round = 0; round < ROUNDS; round++) {
    const draw = (count: number, spread: number) => {
      let [absolute, squared, fourth] = [0, 0, 0]
      for (let i = 0; i < count; i++) {
        const e = spread * normal()
        absolute += Math.abs(e)
        squared += e ** 2
        fourth += e ** 4
      }
      return { rows: count, absolute: absolute / count, squared: squared / count, fourth: fourth / count }
    }
    const leaves = spreads.map((spread) => draw(200, spread))
    const counts = Float64Array.of(300, 100, 50)
    const come = spreads.map((spread, i) => draw(counts[i] as number, spread))
    const mean = (of: (leaf: (typeof come)[number]) => number) =>
      come.reduce((sum, leaf) => sum + leaf.rows * of(leaf), 0) / 450
    const estimates = estimateFromLeaves(counts, leaves)
    found.add(
      'mae',
      estimates.mae,
      mean(({ absolute }) => absolute),
    )
    found.add('rmse', estimates.rmse, Math.sqrt(mean(({ squared }) => squared)))
  }
  found.check()
})
