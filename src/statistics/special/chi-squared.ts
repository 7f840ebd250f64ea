// The χ² distribution's upper tail and its inverse.

import { gammaQ, lnGamma, lnGammaQ } from './gamma.ts'
import { normalQuantile } from './normal.ts'

/** P(X ≥ x) for χ² with the given degrees of freedom (need not be whole). @throws RangeError unless x ≥ 0 and degrees > 0 */
export function chiSquaredUpperTail(x: number, degrees: number): number {
  check('chiSquaredUpperTail', x, degrees)
  return x === Number.POSITIVE_INFINITY ? 0 : gammaQ(degrees / 2, x / 2)
}

/** Natural logarithm of the upper tail: finite far beyond where the tail itself is 0 in a double. */
export function chiSquaredLogUpperTail(x: number, degrees: number): number {
  check('chiSquaredLogUpperTail', x, degrees)
  return x === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : lnGammaQ(degrees / 2, x / 2)
}

function check(name: string, x: number, degrees: number): void {
  if (!(x >= 0)) throw new RangeError(`${name}: x is ${x}, it must be 0 or more`)
  if (!(degrees > 0)) throw new RangeError(`${name}: degrees is ${degrees}, it must be above 0`)
}

/**
 * The x that a χ² variable exceeds with probability p.
 *
 * Newton steps on the logarithm of the tail from the Wilson-Hilferty guess, kept inside a bracket.
 *
 * @throws RangeError unless 0 ≤ p ≤ 1 and degrees > 0
 */
export function chiSquaredInverseUpperTail(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`chiSquaredInverseUpperTail: p is ${p}, it must lie between 0 and 1`)
  if (!(degrees > 0)) throw new RangeError(`chiSquaredInverseUpperTail: degrees is ${degrees}, it must be above 0`)
  if (p === 1) return 0
  if (p === 0) return Number.POSITIVE_INFINITY
  const wanted = Math.log(p)
  let low = 0
  let high = Math.max(1, degrees)
  while (chiSquaredLogUpperTail(high, degrees) > wanted) {
    low = high
    high *= 2
  }
  const c = 2 / (9 * degrees)
  let x = degrees * (1 - c - normalQuantile(p) * Math.sqrt(c)) ** 3
  for (let i = 0; i < 200; i++) {
    if (!(x > low && x < high)) x = low === 0 && high < 1e-3 ? Math.sqrt(high * 1e-300) : (low + high) / 2
    const tail = chiSquaredLogUpperTail(x, degrees)
    if (tail > wanted) low = x
    else high = x
    const half = degrees / 2
    const slope = -Math.exp((half - 1) * Math.log(x) - x / 2 - half * Math.LN2 - lnGamma(half) - tail)
    const next = x - (tail - wanted) / slope
    if (Math.abs(next - x) <= 1e-15 * x || high - low <= 1e-16 * high) return next > low && next < high ? next : x
    x = next
  }
  return x
}
