// The regularised incomplete gamma functions P and Q = 1 − P, tails and logarithms included.

import { lnGamma, lnGammaPlusOne, STIRLING_FROM, stirlingError } from './ln-gamma.ts'
import { logMinus } from './log-minus.ts'

/**
 * Regularised lower incomplete gamma function P(a, x).
 *
 * @param a above 0, finite
 * @param x 0 or more
 * @throws RangeError if an argument lies elsewhere
 * @see NIST Digital Library of Mathematical Functions, 8.2.4, 8.11.4 (series), 8.9.2 (continued fraction)
 * @example gammaP(3, 2) // 0.3233235838169366
 */
export function gammaP(a: number, x: number): number {
  check('gammaP', a, x)
  if (x === 0) return 0
  if (x === Number.POSITIVE_INFINITY) return 1
  return isUpperSide(a, x) ? -Math.expm1(lnUpper(a, x)) : Math.exp(lnLower(a, x))
}

/**
 * Regularised upper incomplete gamma function Q(a, x), with full relative precision in the far tail.
 *
 * @param a above 0, finite
 * @param x 0 or more
 * @throws RangeError if an argument lies elsewhere
 * @see NIST Digital Library of Mathematical Functions, 8.2.4
 * @example gammaQ(3, 2) // 0.6766764161830634
 */
export function gammaQ(a: number, x: number): number {
  check('gammaQ', a, x)
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  if (isUpperSide(a, x)) return Math.exp(lnUpper(a, x))
  return a < 1 ? upperOfSmallShape(a, x) : -Math.expm1(lnLower(a, x))
}

/** Natural logarithm of P(a, x). @throws RangeError as `gammaP` */
export function lnGammaP(a: number, x: number): number {
  check('lnGammaP', a, x)
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return 0
  if (isUpperSide(a, x)) return Math.log1p(-Math.exp(lnUpper(a, x)))
  const upper = a < 1 ? upperOfSmallShape(a, x) : 1
  return upper < 0.5 ? Math.log1p(-upper) : lnLower(a, x)
}

/** Natural logarithm of Q(a, x): finite where Q itself is too small for a double. @throws RangeError as `gammaQ` */
export function lnGammaQ(a: number, x: number): number {
  check('lnGammaQ', a, x)
  if (x === 0) return 0
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  if (isUpperSide(a, x)) return lnUpper(a, x)
  const lower = Math.exp(lnLower(a, x))
  return a < 1 && lower > 0.5 ? Math.log(upperOfSmallShape(a, x)) : Math.log1p(-lower)
}

/** ln of x^a e^−x / Γ(a + 1), around which both expansions turn; from a = 10 on in a form that does not cancel near x = a. */
export function lnGammaTerm(a: number, x: number): number {
  if (a < STIRLING_FROM) return a * Math.log(x) - x - (a < 0.5 ? lnGammaPlusOne(a) : lnGamma(a + 1))
  return a * logMinus((x - a) / a, x / a) - 0.5 * Math.log(2 * Math.PI * a) - stirlingError(a)
}

function check(name: string, a: number, x: number): void {
  if (!(a > 0 && a < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name}: a is ${a}, it must be above 0 and finite`)
  if (!(x >= 0)) throw new RangeError(`${name}: x is ${x}, it must be 0 or more`)
}

/** From this shape on both expansions take thousands of steps near x = a, and a uniform one is as precise as a double. */
const LARGE_SHAPE = 1e8
/** How near is near, as a share of a. */
const NEAR = 0.3

function isNearLargeShape(a: number, x: number): boolean {
  return a > LARGE_SHAPE && Math.abs(x - a) < NEAR * a
}

/** Whether Q is the tail to compute, and P what it leaves of 1. */
function isUpperSide(a: number, x: number): boolean {
  return x >= (isNearLargeShape(a, x) ? a : a + 1)
}

function lnUpper(a: number, x: number): number {
  return isNearLargeShape(a, x) ? lnTailOfLargeShape(a, x) : lnFraction(a, x)
}

function lnLower(a: number, x: number): number {
  return isNearLargeShape(a, x) ? lnTailOfLargeShape(a, x) : lnSeries(a, x)
}

/**
 * ln Q for x ≥ a, ln P below, near a large a: Temme's expansion, a normal tail and its first correction.
 *
 * @see NIST Digital Library of Mathematical Functions, 8.12.3, 8.12.4 and 8.12.8
 */
function lnTailOfLargeShape(a: number, x: number): number {
  const excess = (x - a) / a
  // a η² / 2, the square of what the normal tail is taken at (as erfc has it).
  const square = -a * logMinus(excess)
  const eta = Math.sign(excess) * Math.sqrt((2 * square) / a)
  const lnNormal = lnGammaQ(0.5, square) - Math.LN2
  const first = Math.abs(eta) < 1e-3 ? -1 / 3 + eta * (1 / 12 - eta * (2 / 135 - eta / 864)) : 1 / excess - 1 / eta
  const correction = (first * Math.exp(-square - lnNormal)) / Math.sqrt(2 * Math.PI * a)
  return lnNormal + Math.log1p(excess >= 0 ? correction : -correction)
}

/** ln P by its power series; converges quickly for x < a + 1. */
function lnSeries(a: number, x: number): number {
  let term = 1
  let sum = 1
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n)
    sum += term
  }
  return Math.min(0, lnGammaTerm(a, x) + Math.log(sum))
}

/**
 * Q(a, x) for a below 1 and x below a + 1, where P is so near 1 that 1 − P would lose Q.
 *
 * x^a / Γ(a + 1) is taken off 1 by itself, and what P has beyond it by its alternating series.
 *
 * @see NIST Digital Library of Mathematical Functions, 8.7.1
 */
function upperOfSmallShape(a: number, x: number): number {
  const lnPower = a * Math.log(x) - (a < 0.5 ? lnGammaPlusOne(a) : lnGamma(a + 1))
  let term = 1
  let sum = 0
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= -x / n
    sum += term / (a + n)
  }
  return Math.max(0, -Math.expm1(lnPower) - a * Math.exp(lnPower) * sum)
}

const FAR = 1e290

/** ln Q by its continued fraction, evaluated forwards (modified Lentz); converges quickly for x ≥ a + 1. */
function lnFraction(a: number, x: number): number {
  // So far out the first term is all of it, and the reciprocals below would not be precise.
  if (x > FAR) return lnGammaTerm(a, x) + Math.log(a / (x + 1 - a))
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let i = 1; ; i++) {
    const numerator = -i * (i - a)
    b += 2
    d = 1 / (numerator * d + b || tiny)
    c = b + numerator / c || tiny
    const factor = d * c
    fraction *= factor
    if (!(Math.abs(factor - 1) > 3e-16)) break
  }
  return Math.min(0, lnGammaTerm(a, x) + Math.log(a * fraction))
}
