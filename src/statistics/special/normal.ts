// The normal distribution's upper tail and quantile, from the incomplete gamma function.

import { gammaP, gammaQ, lnGammaQ } from './gamma.ts'

/** Complementary error function. */
export function erfc(x: number): number {
  return x >= 0 ? (x === 0 ? 1 : gammaQ(0.5, x * x)) : 1 + gammaP(0.5, x * x)
}

/** P(Z ≥ z) of the standard normal distribution. @throws RangeError if z is not a number */
export function normalUpperTail(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('normalUpperTail: z is not a number')
  if (z === Number.POSITIVE_INFINITY) return 0
  if (z === Number.NEGATIVE_INFINITY) return 1
  return erfc(z / Math.SQRT2) / 2
}

/** Natural logarithm of P(Z ≥ z). */
export function normalLogUpperTail(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('normalLogUpperTail: z is not a number')
  if (z === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  return z > 0 ? lnGammaQ(0.5, (z * z) / 2) - Math.LN2 : Math.log1p(-normalUpperTail(-z))
}

/**
 * The z below which a standard normal variable falls with probability p.
 *
 * Newton steps on the logarithm of the smaller tail, from a rough start.
 *
 * @throws RangeError unless 0 ≤ p ≤ 1
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`normalQuantile: p is ${p}, it must lie between 0 and 1`)
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  if (p === 0.5) return 0
  const tail = p < 0.5 ? p : 1 - p
  const wanted = Math.log(tail)
  let z = Math.sqrt(-2 * wanted)
  z -= (2.30753 + 0.27061 * z) / (1 + z * (0.99229 + z * 0.04481))
  for (let i = 0; i < 50; i++) {
    const reached = normalLogUpperTail(z)
    // Slope of the log tail is minus density over tail.
    const slope = -Math.exp(-(z * z) / 2 - 0.5 * Math.log(2 * Math.PI) - reached)
    const step = (reached - wanted) / slope
    z -= step
    if (Math.abs(step) <= 1e-15 * Math.max(1, Math.abs(z))) break
  }
  return p < 0.5 ? -z : z
}
