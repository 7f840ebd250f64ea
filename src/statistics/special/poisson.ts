import { gammaP } from './incomplete-gamma.ts'

/**
 * P(X > k) of a Poisson variable.
 *
 * @param k whole number; below 0 the probability is 1
 * @param mean 0 or more, finite
 * @throws RangeError if an argument lies elsewhere
 * @see NIST Digital Library of Mathematical Functions, 8.4.10: P(k + 1, mean)
 * @example poissonUpperTail(3, 2) // 0.14287654
 */
export function poissonUpperTail(k: number, mean: number): number {
  if (!Number.isInteger(k)) throw new RangeError(`poissonUpperTail: k is ${k}, it must be a whole number`)
  if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`poissonUpperTail: mean is ${mean}, it must be 0 or more and finite`)
  }
  return k < 0 ? 1 : gammaP(k + 1, mean)
}
