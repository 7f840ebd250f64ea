import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { averagePrecisionInterval } from '../../../src/statistics/intervals/average-precision-interval.ts'
import { f1Interval } from '../../../src/statistics/intervals/f1-interval.ts'
import { logitInterval } from '../../../src/statistics/intervals/logit-interval.ts'
import { normalInterval } from '../../../src/statistics/intervals/normal-interval.ts'
import { proportionStandardError, wilson } from '../../../src/statistics/intervals/wilson.ts'
import { binomialUpperTail } from '../../../src/statistics/special/binomial.ts'
import { UndefinedStatisticError } from '../../../src/statistics/undefined-statistic.ts'
import { runs } from '../../events/seed.ts'

/** The exact chance that the interval from n rows contains a true share. */
function coverage(share: number, n: number): number {
  let covered = 0
  for (let successes = 0; successes <= n; successes++) {
    const { low, high } = wilson(successes, n)
    const chance = binomialUpperTail(successes - 1, n, share) - binomialUpperTail(successes, n, share)
    if (low <= share && share <= high) covered += chance
  }
  return covered
}

test('Wilson’s interval covers about as stated for rare events in few rows', () => {
  for (const [share, n] of [
    [0.01, 20],
    [0.01, 50],
    [0.01, 200],
    [0.3, 20],
    [0.5, 100],
  ] as const) {
    const covered = coverage(share, n)
    assert.ok(covered > 0.9 && covered < 0.99, `${covered} at ${share} of ${n}`)
  }
})

test('an interval contains its value, stays where the metric can lie, and widens with confidence', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      share,
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (value, n, error) => {
        const successes = Math.round(value * n)
        const counts = { truePositives: successes, falsePositives: n - successes, falseNegatives: 0 }
        const f1 = (2 * successes) / (n + successes)
        const cases = [
          { at: successes / n, of: (confidence: number) => wilson(successes, n, confidence) },
          { at: f1, of: (confidence: number) => f1Interval(counts, confidence) },
          { at: value, of: (confidence: number) => logitInterval(value, error, confidence) },
          { at: value, of: (confidence: number) => averagePrecisionInterval(value, n, confidence) },
          { at: value, of: (confidence: number) => normalInterval(value, error, { min: 0, max: 1, confidence }) },
        ]
        for (const { at, of } of cases) {
          const usual = of(0.95)
          const wide = of(0.99)
          assert.ok(usual.low >= 0 && usual.high <= 1)
          assert.ok(
            usual.low <= at + 1e-12 && at <= usual.high + 1e-12,
            `${at} is not in ${usual.low} to ${usual.high}`,
          )
          assert.ok(wide.low <= usual.low + 1e-12 && wide.high >= usual.high - 1e-12)
        }
      },
    ),
    runs(1000),
  )
})

test('nothing found among few rows is no certainty', () => {
  assert.ok(wilson(0, 5).high > 0.4)
  assert.ok(proportionStandardError(0, 5) > 0.1)
  assert.ok(averagePrecisionInterval(1, 10).low < 0.95)
})

test('no rows give no interval, and impossible counts are refused by name', () => {
  assert.throws(() => wilson(0, 0), UndefinedStatisticError)
  assert.throws(() => wilson(6, 5), /wilson: successes is 6, it must lie between 0 and n \(5\)/)
  assert.throws(() => wilson(1, 5, 95), /confidence is 95, it must lie between 0 and 1, such as 0.95/)
  assert.throws(() => f1Interval({ truePositives: 1, falsePositives: -1, falseNegatives: 0 }), /falsePositives is -1/)
  assert.throws(() => logitInterval(1.2, 0.1), /logitInterval: value is 1.2/)
})
