import { chiSquaredInverseUpperTail } from './chi-squared.ts'
import { betaIncInverse } from './incomplete-beta.ts'

/** From here on the denominator is known so well that it might as well be exact. */
const KNOWN_DENOMINATOR = 1e7

/**
 * The value that a ratio of two independent χ² / df exceeds with the given probability (quantile of Fisher's F in the upper tail).
 *
 * @param p 0 < p ≤ 1
 * @param numerator degrees of freedom above the line, more than 0
 * @param denominator degrees of freedom below it, more than 0; Infinity = χ² / df itself
 * @throws RangeError if an argument lies elsewhere
 * @example fInverseUpperTail(0.05, 3, 10) // 3.7082648
 */
export function fInverseUpperTail(p: number, numerator: number, denominator: number): number {
  if (!(p > 0 && p <= 1)) throw new RangeError(`fInverseUpperTail: p is ${p}, it must lie above 0 and be at most 1`)
  if (!(numerator >= 1e-300 && numerator < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`fInverseUpperTail: numerator is ${numerator}, it must be above 0 and finite`)
  }
  if (!(denominator > 0)) throw new RangeError(`fInverseUpperTail: denominator is ${denominator}, it must be above 0`)
  if (denominator > KNOWN_DENOMINATOR) return chiSquaredInverseUpperTail(p, numerator) / numerator
  const y = betaIncInverse(denominator / 2, numerator / 2, p)
  return (denominator * (1 - y)) / (numerator * y)
}
