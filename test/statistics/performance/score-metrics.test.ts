// What score histograms say beside the area under the ROC curve: separation, lift, calibration, the curve itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrationError } from '../../../src/statistics/performance/calibration-error.ts'
import { calibrationBins } from '../../../src/statistics/performance/from-rows.ts'
import { liftAtShare } from '../../../src/statistics/performance/lift-at-share.ts'
import type { Measured } from '../../../src/statistics/performance/metric.ts'
import { precisionRecallCurve } from '../../../src/statistics/performance/precision-recall-curve.ts'
import { scoreSeparation } from '../../../src/statistics/performance/score-separation.ts'
import { seeded } from '../../build/random.ts'
import { measured } from './measured.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 7)
const BINS = 100

/** Calibrated scores, skewed to 0: the label is positive as often as the score says. */
function draw(random: () => number, rows: number) {
  const labels = new Float64Array(rows)
  const scores = new Float64Array(rows)
  const positives = new Float64Array(BINS)
  const negatives = new Float64Array(BINS)
  for (let row = 0; row < rows; row++) {
    const score = random() ** 2
    const label = random() < score ? 1 : 0
    scores[row] = score
    labels[row] = label
    const side = label === 1 ? positives : negatives
    const bin = Math.min(BINS - 1, Math.floor(score * BINS))
    side[bin] = (side[bin] as number) + 1
  }
  return { labels, scores, histograms: { positives, negatives } }
}

function spreadOf(found: readonly Measured[]): { mean: number; spread: number; claimed: number } {
  const mean = found.reduce((sum, { value }) => sum + value, 0) / found.length
  const spread = Math.sqrt(found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / found.length)
  return { mean, spread, claimed: found.reduce((sum, { standardError }) => sum + standardError, 0) / found.length }
}

function coverage(found: readonly Measured[], value: number): number {
  return found.filter(({ low, high }) => low <= value && value <= high).length / found.length
}

// With u uniform the score is u², so that 1 − (1 − k)³ of the positives are among the top k: P(u > 1 − k | positive).
const capturedAt = (share: number) => 1 - (1 - share) ** 3
// Positives have F(u) = u³, negatives (u − u³/3) · 3/2; they differ most at u² = 1/3, the share of positives.
const separation = (() => {
  const u = Math.sqrt(1 / 3)
  return 1.5 * (u - u ** 3 / 3) - u ** 3
})()

test('lift and gain cover as stated, and their standard errors are the spread', () => {
  const random = seeded(seed)
  const draws = Array.from({ length: 800 }, () => liftAtShare(draw(random, 400).histograms, 0.2))
  for (const [found, value] of [
    [draws.map(({ capture }) => measured(capture)), capturedAt(0.2)],
    [draws.map(({ lift }) => measured(lift)), capturedAt(0.2) / 0.2],
  ] as const) {
    const covered = coverage(found, value)
    assert.ok(covered > 0.92 && covered < 0.98, `${covered} covered, seed ${seed}`)
    const { spread, claimed } = spreadOf(found)
    assert.ok(Math.abs(claimed / spread - 1) < 0.1, `claimed ${claimed}, spread ${spread}, seed ${seed}`)
  }
})

test('the separation of the classes covers about as stated, for all that it is chosen as the largest', () => {
  const random = seeded(seed + 1)
  const found = Array.from({ length: 600 }, () => measured(scoreSeparation(draw(random, 600).histograms)))
  const covered = coverage(found, separation)
  assert.ok(covered > 0.9 && covered < 0.98, `${covered} covered, seed ${seed}`)
})

test('a calibrated model has the calibration error that chance gives, and its interval reaches down to nothing', () => {
  const random = seeded(seed + 2)
  const draws = Array.from({ length: 400 }, () => calibrationError(calibrationBins(draw(random, 400), 10)))
  const { mean } = spreadOf(draws.map(({ expected }) => measured(expected)))
  const claimed = draws.reduce((sum, { underCalibration }) => sum + (underCalibration ?? 0), 0) / draws.length
  assert.ok(Math.abs(claimed / mean - 1) < 0.05, `found ${mean}, by chance ${claimed}, seed ${seed}`)
  const reaching = draws.filter(({ expected }) => measured(expected).low < 0.01).length / draws.length
  assert.ok(reaching > 0.8, `${reaching} reach below 0.01, seed ${seed}`)
})

test('a miscalibrated model’s error is covered as stated, though chance makes it larger', () => {
  const random = seeded(seed + 3)
  const draws = Array.from({ length: 600 }, () => {
    const { labels, scores } = draw(random, 500)
    return measured(calibrationError(calibrationBins({ labels, scores: scores.map(Math.sqrt) }, 10)).expected)
  })
  // The score is u, the share of positives u²: the mean of u − u² over u.
  const covered = coverage(draws, 1 / 6)
  assert.ok(covered > 0.92 && covered < 0.98, `${covered} covered, seed ${seed}`)
})

test('within the bin of the cut rows are taken in random order, and whole bins are exact', () => {
  const histograms = { positives: Float64Array.of(2, 10, 8), negatives: Float64Array.of(58, 10, 12) }
  const whole = liftAtShare(histograms, 0.2, 1)
  assert.equal(whole.rows, 20)
  assert.equal(whole.capture.value, 8 / 20)
  assert.equal(whole.lift.value, 2)
  assert.equal(liftAtShare(histograms, 0.3, 1).capture.value, (8 + 5) / 20)
  assert.equal(liftAtShare(histograms, 1, 1).lift.value, 1)
  assert.throws(() => liftAtShare(histograms, 0), /liftAtShare: share is 0, it must be above 0/)
})

test('the curve has a point for each threshold that rows reach, and ends where everything is positive', () => {
  const points = precisionRecallCurve({ positives: Float64Array.of(1, 0, 2), negatives: Float64Array.of(4, 0, 1) })
  assert.deepEqual(
    points.map(({ fromBin, precision, recall, falsePositiveRate }) => [fromBin, precision, recall, falsePositiveRate]),
    [
      [2, 2 / 3, 2 / 3, 0.2],
      [0, 3 / 8, 1, 1],
    ],
  )
  assert.deepEqual(precisionRecallCurve({ positives: new Float64Array(2), negatives: Float64Array.of(1, 1) }), [])
})

test('bins that differ, sums that are none, and too few rows are told apart', () => {
  const two = Float64Array.of(1, 1)
  assert.throws(
    () => calibrationError({ counts: two, scores: two, positives: Float64Array.of(1) }),
    /calibrationError: positives has 1 bins, counts 2/,
  )
  assert.throws(
    () => calibrationError({ counts: two, scores: Float64Array.of(0, -1), positives: two }),
    /scores has -1 in bin 1/,
  )
  assert.deepEqual(calibrationError({ counts: two, scores: two, positives: two }).expected, {
    value: null,
    reason: '2 labelled rows with a score, 30 needed',
  })
})
