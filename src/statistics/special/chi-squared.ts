// The χ² distribution: upper tail, its logarithm, its inverse.

import { findRoot } from './find-root.ts'
import { gammaQ, lnGammaP, lnGammaQ, lnGammaTerm } from './incomplete-gamma.ts'
import { lnGamma } from './ln-gamma.ts'

/**
 * P(X ≥ x) of a χ² variable.
 *
 * @param x 0 or more
 * @param degrees degrees of freedom, above 0, need not be whole
 * @throws RangeError if an argument lies elsewhere
 * @see NIST Digital Library of Mathematical Functions, 8.2.4: Q(degrees / 2, x / 2)
 * @example chiSquaredUpperTail(11.07, 5) // 0.05000962
 */
export function chiSquaredUpperTail(x: number, degrees: number): number {
  check('chiSquaredUpperTail', x, degrees)
  return gammaQ(degrees / 2, x / 2)
}

/**
 * Natural logarithm of P(X ≥ x): finite far beyond where the tail itself is too small for a double.
 *
 * @throws RangeError as `chiSquaredUpperTail`
 * @example chiSquaredLogUpperTail(10000, 5) // -4987.50859
 */
export function chiSquaredLogUpperTail(x: number, degrees: number): number {
  check('chiSquaredLogUpperTail', x, degrees)
  return lnGammaQ(degrees / 2, x / 2)
}

function check(name: string, x: number, degrees: number): void {
  if (!(x >= 0)) throw new RangeError(`${name}: x is ${x}, it must be 0 or more`)
  checkDegrees(name, degrees)
}

function checkDegrees(name: string, degrees: number): void {
  if (!(degrees >= 1e-300 && degrees < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${name}: degrees is ${degrees}, it must be above 0 (from 1e-300 on) and finite`)
  }
}

/** −ln of the smallest double above 0, rounded up: no tail is further out. */
const FURTHEST_LOG = 746

/**
 * The x that a χ² variable exceeds with probability p.
 *
 * Newton's steps on the logarithm of the smaller tail against ln x, so that no p between 1e-300 and 1 − 1e-16 loses precision.
 *
 * @param p 0 to 1; its ends give ∞ and 0
 * @param degrees degrees of freedom, above 0
 * @throws RangeError if an argument lies elsewhere
 * @example chiSquaredInverseUpperTail(0.05, 5) // 11.070497693516351
 */
export function chiSquaredInverseUpperTail(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`chiSquaredInverseUpperTail: p is ${p}, it must lie between 0 and 1`)
  checkDegrees('chiSquaredInverseUpperTail', degrees)
  if (p === 0) return Number.POSITIVE_INFINITY
  if (p === 1) return 0
  const a = degrees / 2
  const upper = p <= 0.5
  const wanted = Math.log(upper ? p : 1 - p)
  const lnHalf = findRoot({
    at: (ln) => {
      const half = Math.exp(ln)
      const reached = upper ? lnGammaQ(a, half) : lnGammaP(a, half)
      // Both log tails change with ln x at the rate of x · density over tail.
      const slope = Math.exp(lnGammaTerm(a, half) + Math.log(a) - reached)
      return { value: upper ? wanted - reached : reached - wanted, slope }
    },
    // Far down P is x^a / Γ(a + 1); far up a tail of e^−t is reached before a + √(2at) + t (Laurent and Massart, 2000, lemma 1).
    low: Math.min(Math.log(a), (lnGamma(a + 1) + (upper ? Math.log(0.5) : wanted)) / a) - 1,
    high: Math.log(2 * a + 2 * FURTHEST_LOG),
    start: Math.log(guessHalf(wanted, a, upper)),
  })
  return 2 * Math.exp(lnHalf)
}

/** Half of a first guess: Wilson and Hilferty's (1931) cube, with a rough normal quantile; near 0 the power law of the lower tail. */
function guessHalf(wanted: number, a: number, upper: boolean): number {
  const t = Math.sqrt(-2 * wanted)
  const z = Math.max(0, t - (2.3 + 0.27 * t) / (1 + t * (0.99 + 0.045 * t)))
  const c = 1 / (9 * a)
  const root = 1 - c + (upper ? z : -z) * Math.sqrt(c)
  return root > 0.3 ? a * root ** 3 : Math.exp((wanted + lnGamma(a + 1)) / a)
}
