import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { binomialUpperTail } from '../../../src/statistics/special/binomial.ts'
import {
  chiSquaredInverseUpperTail,
  chiSquaredLogUpperTail,
  chiSquaredUpperTail,
} from '../../../src/statistics/special/chi-squared.ts'
import { fisherExact } from '../../../src/statistics/special/fisher-exact.ts'
import { betaInc, betaIncInverse } from '../../../src/statistics/special/incomplete-beta.ts'
import { gammaP, gammaQ } from '../../../src/statistics/special/incomplete-gamma.ts'
import { normalLogUpperTail, normalQuantile, normalUpperTail } from '../../../src/statistics/special/normal.ts'
import { poissonUpperTail } from '../../../src/statistics/special/poisson.ts'
import { studentTQuantile, studentTUpperTail } from '../../../src/statistics/special/student-t.ts'
import { runs } from '../../events/seed.ts'

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
/** Numbers spread evenly over orders of magnitude. */
const powers = (from: number, to: number) => between(from, to).map((exponent) => 10 ** exponent)
const probability = fc.oneof(powers(-290, -1), between(0.01, 0.99))

/** Logarithms agree to nine digits, and so do probabilities near 1. */
function assertSame(got: number, wanted: number): void {
  const far = Math.abs(Math.log(got) - Math.log(wanted))
  assert.ok(far <= 1e-9 * Math.max(1, Math.abs(Math.log(wanted))), `${got} is not ${wanted}`)
}

test('the tail beyond the inverse of a probability is that probability, to 1e-290', () => {
  fc.assert(
    fc.property(probability, powers(-0.3, 4), (p, degrees) => {
      assertSame(chiSquaredUpperTail(chiSquaredInverseUpperTail(p, degrees), degrees), p)
      assertSame(normalUpperTail(-normalQuantile(p)), p)
      assertSame(studentTUpperTail(-studentTQuantile(p, degrees + 2), degrees + 2), p)
    }),
    runs(1000),
  )
})

test('the inverse of the incomplete beta function undoes it', () => {
  fc.assert(
    fc.property(between(0.001, 0.999), powers(0, 3), powers(0, 3), (p, a, b) => {
      const back = betaInc(a, b, betaIncInverse(a, b, p))
      assert.ok(Math.abs(back - p) <= 1e-9, `${back} is not ${p}`)
    }),
    runs(1000),
  )
})

test('both sides of a distribution add up to one', () => {
  fc.assert(
    fc.property(powers(-1, 4), powers(-1, 1), between(0.01, 0.99), (a, factor, x) => {
      assert.ok(Math.abs(gammaP(a, a * factor) + gammaQ(a, a * factor) - 1) < 1e-12)
      assert.ok(Math.abs(betaInc(a, a * factor, x) + betaInc(a * factor, a, 1 - x) - 1) < 1e-12)
    }),
    runs(1000),
  )
})

test('a larger χ² never has a larger tail', () => {
  fc.assert(
    fc.property(between(0, 3000), between(0, 3000), powers(0, 3), (one, other, degrees) => {
      const [smaller, larger] = one < other ? [one, other] : [other, one]
      const rise = chiSquaredLogUpperTail(larger, degrees) - chiSquaredLogUpperTail(smaller, degrees)
      assert.ok(rise <= 1e-11 * Math.abs(chiSquaredLogUpperTail(larger, degrees)), `the log tail rises by ${rise}`)
    }),
    runs(1000),
  )
})

test('a log tail goes on where the tail itself is too small for a number', () => {
  assert.equal(chiSquaredUpperTail(1e5, 3), 0)
  // ln Q(a, x) is about −x + (a − 1) ln x − ln Γ(a) far out.
  assert.ok(
    Math.abs(chiSquaredLogUpperTail(1e5, 3) - (-5e4 + 0.5 * Math.log(5e4) - Math.log(Math.sqrt(Math.PI) / 2))) < 1e-4,
  )
  assert.equal(normalUpperTail(1e3), 0)
  assert.ok(Math.abs(normalLogUpperTail(1e3) + 5e5 + Math.log(1e3 * Math.sqrt(2 * Math.PI))) < 1e-5)
})

/** Terms 0 to k of a sum, each from the one before by its ratio. */
function sumUpTo(k: number, first: number, ratio: (i: number) => number): number {
  let [sum, term] = [first, first]
  for (let i = 1; i <= k; i++) {
    term *= ratio(i)
    sum += term
  }
  return sum
}

test('a count beyond k is as likely by the tail as by adding up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), between(0.01, 0.99), (k, p) => {
      const binomial = sumUpTo(k, (1 - p) ** 30, (i) => ((31 - i) / i) * (p / (1 - p)))
      assert.ok(Math.abs(binomialUpperTail(k, 30, p) - (1 - binomial)) < 1e-12)
      const poisson = sumUpTo(k, Math.exp(-20 * p), (i) => (20 * p) / i)
      assert.ok(Math.abs(poissonUpperTail(k, 20 * p) - (1 - poisson)) < 1e-12)
    }),
    runs(1000),
  )
})

test('Fisher’s test does not care which way a table is turned', () => {
  const count = fc.integer({ min: 0, max: 40 })
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      const p = fisherExact([
        [a, b],
        [c, d],
      ])
      for (const turned of [
        fisherExact([
          [c, d],
          [a, b],
        ]),
        fisherExact([
          [b, a],
          [d, c],
        ]),
        fisherExact([
          [a, c],
          [b, d],
        ]),
      ]) {
        assert.ok(Math.abs(turned - p) <= 1e-9 * p, `${turned} is not ${p}`)
      }
    }),
    runs(1000),
  )
})

test('an invalid argument is named, with what it was and where it must lie', () => {
  assert.throws(() => chiSquaredUpperTail(3, 0), /chiSquaredUpperTail: degrees is 0, it must be above 0/)
  assert.throws(() => normalQuantile(1.5), /normalQuantile: p is 1.5, it must lie between 0 and 1/)
  assert.throws(() => binomialUpperTail(3, 2.5, 0.1), /binomialUpperTail: trials is 2.5, it must be a whole number/)
})

test('whatever the shape, a tail is a probability and comes at once', () => {
  const shape = powers(-300, 300)
  fc.assert(
    fc.property(shape, powers(-300, 15), powers(-300, 300), between(0, 1), (a, b, x, share) => {
      for (const tail of [
        gammaP(a, x),
        gammaQ(a, x),
        gammaP(a, a),
        betaInc(a, b, share),
        betaInc(b, a, share),
        betaInc(a, b, a / (a + b)),
        betaIncInverse(a, b, share),
        studentTUpperTail(x, a),
      ]) {
        assert.ok(tail >= 0 && tail <= 1, `${tail} of ${a}, ${b}, ${x}, ${share}`)
      }
    }),
    runs(1000),
  )
})
