// The regularised incomplete beta function, its logarithm and its inverse.

import { findRoot } from './find-root.ts'
import { lnBeta, STIRLING_FROM, stirlingError } from './ln-gamma.ts'
import { logMinus } from './log-minus.ts'

/**
 * Regularised incomplete beta function I_x(a, b).
 *
 * @param a above 0, finite
 * @param b above 0, finite
 * @param x 0 to 1
 * @throws RangeError if an argument lies elsewhere
 * @see NIST Digital Library of Mathematical Functions, 8.17.2 and 8.17.22 (continued fraction)
 * @example betaInc(2, 3, 0.4) // 0.5248
 */
export function betaInc(a: number, b: number, x: number): number {
  checkShapes('betaInc', a, b)
  if (!(x >= 0 && x <= 1)) throw new RangeError(`betaInc: x is ${x}, it must lie between 0 and 1`)
  if (x === 0 || x === 1) return x
  return Math.exp(lnBetaInc({ a, b, x, y: 1 - x }))
}

function checkShapes(name: string, a: number, b: number): void {
  const fits = (shape: number) => shape > 0 && shape < Number.POSITIVE_INFINITY
  if (!fits(a)) throw new RangeError(`${name}: a is ${a}, it must be above 0 and finite`)
  if (!fits(b)) throw new RangeError(`${name}: b is ${b}, it must be above 0 and finite`)
}

/** Where the function is wanted. */
export interface BetaPoint {
  readonly a: number
  readonly b: number
  /** Above 0 and below 1. */
  readonly x: number
  /** 1 − x, given apart because a caller often knows it more precisely. */
  readonly y: number
}

/** Natural logarithm of I_x(a, b): finite where the function itself is too small for a double. */
export function lnBetaInc(point: BetaPoint): number {
  const { a, b, x, y } = point
  if (x * (a + b + 2) <= a + 1) return lnSmallSide(point)
  return Math.log(-Math.expm1(lnSmallSide({ a: b, b: a, x: y, y: x })))
}

function lnSmallSide(point: BetaPoint): number {
  return lnBetaTerm(point) + Math.log(betaFraction(point) / point.a)
}

/** ln of x^a y^b / B(a, b); for large a and b in a form that does not cancel near x = a / (a + b). */
export function lnBetaTerm({ a, b, x, y }: BetaPoint): number {
  if (a < STIRLING_FROM || b < STIRLING_FROM) {
    const lnX = x > 0.5 ? Math.log1p(-y) : Math.log(x)
    const lnY = y > 0.5 ? Math.log1p(-x) : Math.log(y)
    return a * lnX + b * lnY - lnBeta(a, b)
  }
  const excess = x * b - y * a
  const correction = stirlingError(a + b) - stirlingError(a) - stirlingError(b)
  const peak = 0.5 * Math.log((a / (2 * Math.PI)) * (b / (a + b))) + correction
  return a * logMinus(excess / a) + b * logMinus(-excess / b) + peak
}

/** The continued fraction of the function, evaluated forwards (modified Lentz); converges quickly for x ≤ (a + 1) / (a + b + 2). */
function betaFraction({ a, b, x }: BetaPoint): number {
  const tiny = 1e-300
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny)
  let fraction = d
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d || tiny)
    c = 1 + even / c || tiny
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d || tiny)
    c = 1 + odd / c || tiny
    const factor = d * c
    fraction *= factor
    if (!(Math.abs(factor - 1) > 3e-16)) return fraction
  }
}

/**
 * The x at which I_x(a, b) is p: the quantile of a beta distribution.
 *
 * @param a above 0, finite
 * @param b above 0, finite
 * @param p 0 to 1
 * @throws RangeError if an argument lies elsewhere
 * @example betaIncInverse(2, 3, 0.5248) // 0.4
 */
export function betaIncInverse(a: number, b: number, p: number): number {
  checkShapes('betaIncInverse', a, b)
  if (!(p >= 0 && p <= 1)) throw new RangeError(`betaIncInverse: p is ${p}, it must lie between 0 and 1`)
  if (p === 0 || p === 1) return p
  const mean = a / (a + b)
  const below = p <= Math.exp(lnBetaInc({ a, b, x: mean, y: b / (a + b) }))
  return below ? lowerInverse(a, b, Math.log(p)) : 1 - lowerInverse(b, a, Math.log1p(-p))
}

/** The x at or below the mean at which ln I_x(a, b) is as wanted, sought on ln x. */
function lowerInverse(a: number, b: number, wanted: number): number {
  const lnMean = Math.log(a / (a + b))
  // Far down the function is x^a / (a B(a, b)).
  const powerLaw = (wanted + Math.log(a) + lnBeta(a, b)) / a
  const ln = findRoot({
    at: (lnX) => {
      const x = Math.exp(lnX)
      const point = { a, b, x, y: -Math.expm1(lnX) }
      const reached = lnBetaInc(point)
      return { value: reached - wanted, slope: Math.exp(lnBetaTerm(point) - reached) / point.y }
    },
    low: Math.max(-744, Math.min(lnMean, powerLaw) - Math.LN2 * Math.max(1, b)),
    high: lnMean + 1e-9,
    start: powerLaw,
  })
  return Math.exp(ln)
}
