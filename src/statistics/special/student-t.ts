// Student's t distribution: upper tail and quantile.

import { findRoot } from './find-root.ts'
import { lnBetaInc, lnBetaTerm } from './incomplete-beta.ts'

/**
 * P(T ≥ t) of Student's t distribution, with full relative precision in the far tail.
 *
 * @param t any number
 * @param degrees degrees of freedom, above 0, need not be whole
 * @throws RangeError if t is not a number or degrees is not above 0
 * @see NIST Digital Library of Mathematical Functions, 8.17.2: half of I_x(degrees / 2, 1/2) at x = degrees / (degrees + t²)
 * @example studentTUpperTail(2.015, 5) // 0.0500031
 */
export function studentTUpperTail(t: number, degrees: number): number {
  if (Number.isNaN(t)) throw new RangeError('studentTUpperTail: t is NaN, it must be a number')
  checkDegrees('studentTUpperTail', degrees)
  if (t === 0) return 0.5
  const tail = Math.exp(lnTail(Math.abs(t), degrees))
  return t > 0 ? tail : 1 - tail
}

function checkDegrees(name: string, degrees: number): void {
  if (!(degrees >= 1e-300 && degrees < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${name}: degrees is ${degrees}, it must be above 0 (from 1e-300 on) and finite`)
  }
}

/** Beyond this t, whose square still fits a double, the tail is a power of t. */
const FAR = 1e150
/** Just under ln of the largest double. */
const LARGEST_LOG = 709

/** ln P(T ≥ t) for t above 0. */
function lnTail(t: number, degrees: number): number {
  const near = Math.min(t, FAR)
  return lnBetaInc(pointOf(near, degrees)) - Math.LN2 - degrees * Math.log(t / near)
}

function pointOf(t: number, degrees: number): { a: number; b: number; x: number; y: number } {
  const square = (t / degrees) * t
  return { a: degrees / 2, b: 0.5, x: 1 / (1 + square), y: 1 / (1 + 1 / square) }
}

/**
 * The t below which a variable of Student's t distribution falls with probability p.
 *
 * Newton's steps on the logarithm of the smaller tail against ln t.
 *
 * @param p 0 to 1; its ends give −∞ and ∞
 * @param degrees degrees of freedom, above 0
 * @throws RangeError if an argument lies elsewhere
 * @example studentTQuantile(0.975, 5) // 2.5705818356363146
 */
export function studentTQuantile(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`studentTQuantile: p is ${p}, it must lie between 0 and 1`)
  checkDegrees('studentTQuantile', degrees)
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  if (p === 0.5) return 0
  const wanted = Math.log(Math.min(p, 1 - p))
  const ln = findRoot({
    at: (lnT) => {
      const t = Math.exp(lnT)
      const near = Math.min(t, FAR)
      // t · density is x^a y^b / B(a, b); its ratio to the tail no longer changes beyond FAR.
      const slope = Math.exp(lnBetaTerm(pointOf(near, degrees)) - lnTail(near, degrees))
      return { value: wanted - lnTail(t, degrees), slope }
    },
    low: -50,
    high: LARGEST_LOG,
    start: Math.log(Math.max(1e-3, Math.sqrt(Math.max(0, -2 * wanted - 2 * Math.LN2)))),
  })
  const t = ln < LARGEST_LOG ? Math.exp(ln) : Number.POSITIVE_INFINITY
  return p < 0.5 ? -t : t
}
