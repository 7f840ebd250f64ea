// The regularised incomplete beta function, its logarithm and its inverse.

import { findRoot } from './find-root.ts'
import { lnBeta, lnGammaRise, STIRLING_FROM, stirlingError } from './ln-gamma.ts'
import { logMinus } from './log-minus.ts'

/**
 * Regularised incomplete beta function I_x(a, b).
 *
 * @param a above 0, at most 1e300
 * @param b above 0, at most 1e300; a or b at most 1e15
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

/** With both shapes beyond this a distribution is hardly wider than what two neighbouring doubles of x are apart. */
const LARGEST_SHAPE = 1e15

function checkShapes(name: string, a: number, b: number): void {
  const fits = (shape: number) => shape > 0 && shape <= 1e300
  if (!fits(a)) throw new RangeError(`${name}: a is ${a}, it must be above 0 and at most 1e300`)
  if (!fits(b)) throw new RangeError(`${name}: b is ${b}, it must be above 0 and at most 1e300`)
  if (Math.min(a, b) > LARGEST_SHAPE) {
    throw new RangeError(`${name}: a is ${a} and b is ${b}, one of them must be at most ${LARGEST_SHAPE}`)
  }
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
  // Each side's own coordinate says where it ends; the other one may be rounded to 1.
  if (x <= 0.5 ? x * (a + b + 2) <= a + 1 : y * (a + b + 2) >= b + 1) {
    const ln = lnSmallSide(point)
    return a < 1 && ln > -Math.LN2 ? Math.log1p(-upperOfSmallShape(point)) : ln
  }
  const mirrored = { a: b, b: a, x: y, y: x }
  const ln = lnSmallSide(mirrored)
  if (ln < -Math.LN2) return Math.log1p(-Math.exp(ln))
  return Math.log(b < 1 ? upperOfSmallShape(mirrored) : -Math.expm1(ln))
}

function lnSmallSide(point: BetaPoint): number {
  return Math.min(0, lnBetaTerm(point) + Math.log(betaFraction(point) / point.a))
}

/**
 * 1 − I_x(a, b) for a below 1 and x ≤ (a + 1) / (a + b + 2), where I is so near 1 that subtracting it would lose what is left.
 *
 * x^a / (a B(a, b)) is taken off 1 by itself, and what I has beyond it by its series.
 *
 * @see NIST Digital Library of Mathematical Functions, 8.17.7 with 15.2.1
 */
function upperOfSmallShape({ a, b, x }: BetaPoint): number {
  const lnPower = a * Math.log(x) - lnGammaRise(1, a) + lnGammaRise(b, a)
  let term = 1
  let sum = 0
  for (let n = 1; ; n++) {
    term *= ((n - b) / n) * x
    const part = term / (a + n)
    sum += part
    if (!(Math.abs(part) > 1e-18)) break
  }
  return Math.max(0, -Math.expm1(lnPower) - a * Math.exp(lnPower) * sum)
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
  const rows = a + b
  return a * logMinus(excess / a, (x / a) * rows) + b * logMinus(-excess / b, (y / b) * rows) + peak
}

/**
 * a over the continued fraction of the function (its even part), evaluated forwards (modified Lentz); converges quickly for
 * x ≤ (a + 1) / (a + b + 2). Built on a·y − b·x, so that nothing cancels where x is near 1 and a is large.
 *
 * @see Didonato and Morris (1992), Algorithm 708: Significant digit computation of the incomplete beta function ratios, ACM TOMS 18(3)
 */
function betaFraction({ a, b, x, y }: BetaPoint): number {
  const tiny = 1e-300
  const excess = a * y - b * x + 1
  let fraction = (a * excess) / (a + 1) || tiny
  let c = fraction
  let d = 0
  for (let m = 1; ; m++) {
    const before = a + 2 * m - 1
    const step = (m * (b - m) * x) / before
    const numerator = (((a + m - 1) * x) / before) * (a + b + m - 1) * step
    const denominator = m + step + ((a + m) / (before + 2)) * (excess + m * (1 + y))
    d = 1 / (denominator + numerator * d || tiny)
    c = denominator + numerator / c || tiny
    const factor = c * d
    fraction *= factor
    if (!(Math.abs(factor - 1) > 3e-16)) return a / fraction
  }
}

/**
 * The x at which I_x(a, b) is p: the quantile of a beta distribution.
 *
 * @param a above 0, at most 1e300
 * @param b above 0, at most 1e300; a or b at most 1e15
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

/** ln of b·x under which the terms of I_x(a, b) after the first are beyond the precision of a double. */
const NO_FURTHER_TERM = -40

/** The x at or below the mean at which ln I_x(a, b) is as wanted, sought on ln x. */
function lowerInverse(a: number, b: number, wanted: number): number {
  const lnMean = Math.log(a / (a + b))
  // Far down the function is x^a / (a B(a, b)).
  const powerLaw = (wanted + Math.log(a) + lnBeta(a, b)) / a
  if (powerLaw + Math.log(Math.max(1, b)) < NO_FURTHER_TERM) return Math.exp(powerLaw)
  const ln = findRoot({
    at: (lnX) => {
      const x = Math.exp(lnX)
      const point = { a, b, x, y: -Math.expm1(lnX) }
      const reached = lnBetaInc(point)
      return { value: reached - wanted, slope: Math.exp(lnBetaTerm(point) - reached) / point.y }
    },
    low: Math.max(-744, Math.min(lnMean, powerLaw) - Math.LN2 * Math.max(1, b)),
    high: Math.min(0, lnMean + 1e-9),
    start: powerLaw,
  })
  return Math.exp(ln)
}
