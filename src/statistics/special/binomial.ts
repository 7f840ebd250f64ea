import { betaInc } from './incomplete-beta.ts'

/**
 * P(X > k) of a binomial variable.
 *
 * @param k whole number; below 0 the probability is 1, from `trials` on it is 0
 * @param trials whole number, 0 or more
 * @param p probability of a success, 0 to 1
 * @throws RangeError if an argument lies elsewhere
 * @see NIST Digital Library of Mathematical Functions, 8.17.5: I_p(k + 1, trials − k)
 * @example binomialUpperTail(7, 10, 0.5) // 0.0546875
 */
export function binomialUpperTail(k: number, trials: number, p: number): number {
  if (!Number.isInteger(k)) throw new RangeError(`binomialUpperTail: k is ${k}, it must be a whole number`)
  if (!(Number.isInteger(trials) && trials >= 0)) {
    throw new RangeError(`binomialUpperTail: trials is ${trials}, it must be a whole number of 0 or more`)
  }
  if (!(p >= 0 && p <= 1)) throw new RangeError(`binomialUpperTail: p is ${p}, it must lie between 0 and 1`)
  if (k < 0) return 1
  return k >= trials ? 0 : betaInc(k + 1, trials - k, p)
}
