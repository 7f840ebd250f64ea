import { fisherExact } from '../special/fisher-exact.ts'
import type { Proportion } from './two-proportion-z.ts'
import { shareOf, twoProportionZ } from './two-proportion-z.ts'

/** Expected rows of a cell below which the normal limit is not to be trusted. */
const EXPECTED_NEEDED = 5

/**
 * Test that two proportions are equal, two-sided: the z test, or Fisher's exact test where an expected count is under 5.
 *
 * @returns difference of the shares, current less reference; pValue is 1 when all rows of both sides are alike
 * @throws RangeError if successes are not between 0 and trials, or not whole where the exact test is due
 * @throws UndefinedStatisticError if a side has no trial
 * @see Cochran (1954), Some methods for strengthening the common χ² tests, Biometrics 10(4)
 * @example proportionTest({ successes: 0, trials: 1000 }, { successes: 1, trials: 100 }).pValue // 0.0909091
 */
export function proportionTest(
  reference: Proportion,
  current: Proportion,
): { difference: number; pValue: number; test: 'z' | 'fisher' } {
  const before = shareOf('proportionTest: reference', reference)
  const now = shareOf('proportionTest: current', current)
  const rows = reference.trials + current.trials
  const successes = reference.successes + current.successes
  const rarer = (Math.min(reference.trials, current.trials) / rows) * Math.min(successes, rows - successes)
  const difference = now - before
  if (rarer >= EXPECTED_NEEDED) {
    return { difference, pValue: twoProportionZ(reference, current).pValue, test: 'z' }
  }
  const pValue = fisherExact([
    [reference.successes, reference.trials - reference.successes],
    [current.successes, current.trials - current.successes],
  ])
  return { difference, pValue, test: 'fisher' }
}
