// The normal distribution: upper tail, its logarithm, quantile.

import { findRoot } from './find-root.ts'
import { gammaP, gammaQ, lnGammaQ } from './incomplete-gamma.ts'

/**
 * Complementary error function.
 *
 * @throws RangeError if x is not a number
 * @see NIST Digital Library of Mathematical Functions, 7.11.2
 * @example erfc(1) // 0.15729920705028513
 */
export function erfc(x: number): number {
  if (Number.isNaN(x)) throw new RangeError('erfc: x is NaN, it must be a number')
  return x >= 0 ? gammaQ(0.5, x * x) : 1 + gammaP(0.5, x * x)
}

/**
 * P(Z ≥ z) of the standard normal distribution.
 *
 * @throws RangeError if z is not a number
 * @see NIST Digital Library of Mathematical Functions, 7.11.2
 * @example normalUpperTail(1.96) // 0.024997895148220435
 */
export function normalUpperTail(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('normalUpperTail: z is NaN, it must be a number')
  const half = gammaQ(0.5, (z * z) / 2) / 2
  return z >= 0 ? half : 1 - half
}

/**
 * Natural logarithm of P(Z ≥ z): finite far beyond where the tail itself is too small for a double.
 *
 * @throws RangeError if z is not a number
 * @example normalLogUpperTail(40) // -804.6084420137538
 */
export function normalLogUpperTail(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('normalLogUpperTail: z is NaN, it must be a number')
  return z > 0 ? lnGammaQ(0.5, (z * z) / 2) - Math.LN2 : Math.log1p(-normalUpperTail(-z))
}

/**
 * The z below which a standard normal variable falls with probability p.
 *
 * Newton's steps on the logarithm of the smaller tail, so that a p of 1e-300 is as precise as one of 0.3.
 *
 * @param p 0 to 1; its ends give −∞ and ∞
 * @throws RangeError if p lies elsewhere
 * @example normalQuantile(0.975) // 1.959963984540054
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`normalQuantile: p is ${p}, it must lie between 0 and 1`)
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  if (p === 0.5) return 0
  const wanted = Math.log(Math.min(p, 1 - p))
  const z = findRoot({
    at: (guess) => {
      const reached = normalLogUpperTail(guess)
      // The log tail falls at the rate of density over tail.
      return { value: wanted - reached, slope: Math.exp(-(guess * guess) / 2 - 0.5 * Math.log(2 * Math.PI) - reached) }
    },
    low: 0,
    high: 40,
    start: Math.sqrt(Math.max(0, -2 * wanted - 2 * Math.LN2)),
  })
  return p < 0.5 ? -z : z
}
