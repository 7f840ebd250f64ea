import type { Proportion } from '../distances/two-proportion-z.ts'
import { shareOf } from '../distances/two-proportion-z.ts'
import type { Interval } from './confidence.ts'
import { wilson } from './wilson.ts'

/**
 * Interval of the difference of two proportions, current less reference: Newcombe's, built from both Wilson intervals.
 *
 * @returns bounds, −1 to 1
 * @throws RangeError if successes are not between 0 and trials or the confidence does not lie between 0 and 1
 * @throws UndefinedStatisticError if a side has no trial
 * @see Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics in Medicine 17, method 10
 * @example proportionDifferenceInterval({ successes: 20, trials: 100 }, { successes: 30, trials: 100 }).low // -0.0202494
 */
export function proportionDifferenceInterval(reference: Proportion, current: Proportion, confidence = 0.95): Interval {
  const before = shareOf('proportionDifferenceInterval: reference', reference)
  const now = shareOf('proportionDifferenceInterval: current', current)
  const ofBefore = wilson(reference.successes, reference.trials, confidence)
  const ofNow = wilson(current.successes, current.trials, confidence)
  const difference = now - before
  return {
    low: difference - Math.hypot(now - ofNow.low, ofBefore.high - before),
    high: difference + Math.hypot(ofNow.high - now, before - ofBefore.low),
  }
}
