import { betaIncInverse } from '../special/incomplete-beta.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { Interval } from './confidence.ts'

/**
 * Clopper-Pearson interval of a proportion: never covers less often than stated, and therefore more often as a rule. `wilson` is
 * shorter and covers as stated on average; this one is for guarantees.
 *
 * @param successes 0 to n
 * @param n rows, above 0
 * @returns bounds, 0 to 1
 * @throws RangeError if successes, n or confidence lie elsewhere
 * @throws UndefinedStatisticError if n is 0
 * @see Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26
 * @example clopperPearson(8, 10).low // 0.4439045
 */
export function clopperPearson(successes: number, n: number, confidence = 0.95): Interval {
  if (!(n >= 0 && n < Number.POSITIVE_INFINITY))
    throw new RangeError(`clopperPearson: n is ${n}, it must be 0 or more and finite`)
  if (!(successes >= 0 && successes <= n)) {
    throw new RangeError(`clopperPearson: successes is ${successes}, it must lie between 0 and n (${n})`)
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`clopperPearson: confidence is ${confidence}, it must lie between 0 and 1, such as 0.95`)
  }
  if (n === 0) throw new UndefinedStatisticError('clopperPearson: no rows')
  const tail = (1 - confidence) / 2
  return {
    low: successes === 0 ? 0 : betaIncInverse(successes, n - successes + 1, tail),
    high: successes === n ? 1 : betaIncInverse(successes + 1, n - successes, 1 - tail),
  }
}
