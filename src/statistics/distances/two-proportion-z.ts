import { normalUpperTail } from '../special/normal.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** How often something happened among how many rows. */
export interface Proportion {
  readonly successes: number
  readonly trials: number
}

/**
 * z test that two proportions are equal, with the pooled variance, two-sided.
 *
 * Good when every expected count is 5 or more; otherwise use `fisherExact`.
 *
 * @returns z above 0 when the current share is larger
 * @throws RangeError if successes are not between 0 and trials
 * @throws UndefinedStatisticError if a side has no trial, or all rows of both sides are alike
 * @see Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, section 3.1
 * @example twoProportionZ({ successes: 20, trials: 100 }, { successes: 30, trials: 100 }).z // 1.632993
 */
export function twoProportionZ(reference: Proportion, current: Proportion): { z: number; pValue: number } {
  const before = shareOf('twoProportionZ: reference', reference)
  const now = shareOf('twoProportionZ: current', current)
  const rows = reference.trials + current.trials
  const successes = reference.successes + current.successes
  const variance = (successes / rows) * ((rows - successes) / rows) * (1 / reference.trials + 1 / current.trials)
  if (variance === 0) throw new UndefinedStatisticError('twoProportionZ: all rows of both sides are alike')
  const z = (now - before) / Math.sqrt(variance)
  return { z, pValue: 2 * normalUpperTail(Math.abs(z)) }
}

/** The share of successes. @throws as `twoProportionZ`, naming `where` */
export function shareOf(where: string, { successes, trials }: Proportion): number {
  if (!(successes >= 0 && successes <= trials && trials < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${where} has ${successes} successes of ${trials} trials; they must lie between 0 and trials`)
  }
  if (trials === 0) throw new UndefinedStatisticError(`${where} has no trial`)
  return successes / trials
}
