// The regularised incomplete gamma functions P and Q = 1 − P, tails and logarithms included.

import { lnGamma, STIRLING_FROM, stirlingError } from './ln-gamma.ts'
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
  return x < a + 1 ? Math.exp(lnSeries(a, x)) : -Math.expm1(lnFraction(a, x))
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
  return x < a + 1 ? -Math.expm1(lnSeries(a, x)) : Math.exp(lnFraction(a, x))
}

/** Natural logarithm of P(a, x). @throws RangeError as `gammaP` */
export function lnGammaP(a: number, x: number): number {
  check('lnGammaP', a, x)
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return 0
  return x < a + 1 ? lnSeries(a, x) : Math.log1p(-Math.exp(lnFraction(a, x)))
}

/** Natural logarithm of Q(a, x): finite where Q itself is too small for a double. @throws RangeError as `gammaQ` */
export function lnGammaQ(a: number, x: number): number {
  check('lnGammaQ', a, x)
  if (x === 0) return 0
  if (x === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  return x < a + 1 ? Math.log1p(-Math.exp(lnSeries(a, x))) : lnFraction(a, x)
}

/** ln of x^a e^−x / Γ(a + 1), around which both expansions turn; from a = 10 on in a form that does not cancel near x = a. */
export function lnGammaTerm(a: number, x: number): number {
  if (a < STIRLING_FROM) return a * Math.log(x) - x - lnGamma(a + 1)
  return a * logMinus((x - a) / a) - 0.5 * Math.log(2 * Math.PI * a) - stirlingError(a)
}

function check(name: string, a: number, x: number): void {
  if (!(a > 0 && a < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name}: a is ${a}, it must be above 0 and finite`)
  if (!(x >= 0)) throw new RangeError(`${name}: x is ${x}, it must be 0 or more`)
}

/** ln P by its power series; converges quickly for x < a + 1. */
function lnSeries(a: number, x: number): number {
  let term = 1
  let sum = 1
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n)
    sum += term
  }
  return lnGammaTerm(a, x) + Math.log(sum)
}

/** ln Q by its continued fraction, evaluated forwards (modified Lentz); converges quickly for x ≥ a + 1. */
function lnFraction(a: number, x: number): number {
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
  return lnGammaTerm(a, x) + Math.log(a * fraction)
}
