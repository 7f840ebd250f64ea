// How differently a binary model treats groups of rows.

import { proportionDifferenceInterval } from '../intervals/proportion-difference-interval.ts'
import type { Confusion } from './confusion-metrics.ts'
import type { Metric } from './metric.ts'
import { undefinedBecause } from './metric.ts'

export type FairnessMetric =
  | 'demographic_parity_difference'
  | 'demographic_parity_ratio'
  | 'equal_opportunity_difference'
  | 'equal_opportunity_ratio'
  | 'equalized_odds_difference'
  | 'equalized_odds_ratio'

export interface Fairness {
  readonly metrics: Record<FairnessMetric, Metric>
  /** Share of rows decided positive, by group; null for a group without rows. */
  readonly selectionRate: Readonly<Record<string, number | null>>
}

/**
 * The largest difference, and the smallest ratio, between groups of a rate of a binary model: of positive decisions (demographic
 * parity), of positives found (equal opportunity), and the worse of positives found and of negatives taken for positives (equalised
 * odds). Undefined for a single group, or where a group has no row that the rate is over.
 *
 * Differences have Newcombe's interval for the two groups that differ most. That these were chosen for differing most is not allowed
 * for: between many groups some difference is due to chance.
 *
 * @param groups decisions against the truth, by group
 * @throws RangeError if a count is negative or not finite
 * @see Hardt, Price and Srebro (2016), Equality of opportunity in supervised learning, NeurIPS; Newcombe (1998), Statistics in
 *   Medicine 17, method 10; Katz et al. (1978), Biometrics 34, for the interval of a ratio
 */
export function fairness(groups: Readonly<Record<string, Confusion>>): Fairness {
  const rows = Object.entries(groups)
  for (const [group, confusion] of rows) {
    for (const [name, count] of Object.entries(confusion)) {
      if (!(count >= 0 && count < Number.POSITIVE_INFINITY))
        throw new RangeError(`fairness: groups has ${count} ${name} in ${group}; a count must be 0 or more and finite`)
    }
  }
  const rates = (of: (confusion: Confusion) => Rate) => rows.map(([, confusion]) => of(confusion))
  const selected = rates(({ truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn }) => ({
    successes: tp + fp,
    trials: tp + fp + fn + tn,
  }))
  const found = rates(({ truePositives: tp, falseNegatives: fn }) => ({ successes: tp, trials: tp + fn }))
  const mistaken = rates(({ falsePositives: fp, trueNegatives: tn }) => ({ successes: fp, trials: fp + tn }))
  return {
    metrics: {
      demographic_parity_difference: difference(selected, 'rows'),
      demographic_parity_ratio: ratio(selected, 'rows'),
      equal_opportunity_difference: difference(found, 'positive labels'),
      equal_opportunity_ratio: ratio(found, 'positive labels'),
      equalized_odds_difference: worse(
        difference(found, 'positive labels'),
        difference(mistaken, 'negative labels'),
        1,
      ),
      equalized_odds_ratio: worse(ratio(found, 'positive labels'), ratio(mistaken, 'negative labels'), -1),
    },
    selectionRate: Object.fromEntries(
      rows.map(([group], i) => {
        const { successes, trials } = selected[i] as Rate
        return [group, trials === 0 ? null : successes / trials]
      }),
    ),
  }
}

interface Rate {
  readonly successes: number
  readonly trials: number
}

/** The groups with the lowest and the highest rate, or why they cannot be told. */
function extremes(rates: readonly Rate[], what: string): { lowest: Rate; highest: Rate } | { reason: string } {
  if (rates.length < 2) return { reason: 'only one group, nothing to compare' }
  const empty = rates.filter(({ trials }) => trials === 0).length
  if (empty > 0) return { reason: `${empty === 1 ? 'a group has' : `${empty} groups have`} no ${what}` }
  const byShare = [...rates].sort((a, b) => a.successes / a.trials - b.successes / b.trials)
  return { lowest: byShare[0] as Rate, highest: byShare[byShare.length - 1] as Rate }
}

function difference(rates: readonly Rate[], what: string): Metric {
  const found = extremes(rates, what)
  if ('reason' in found) return undefinedBecause(found.reason)
  const { lowest, highest } = found
  const variance = (rate: Rate) => {
    const share = (rate.successes + 1) / (rate.trials + 2)
    return (share * (1 - share)) / (rate.trials + 2)
  }
  const { low, high } = proportionDifferenceInterval(lowest, highest)
  return {
    value: highest.successes / highest.trials - lowest.successes / lowest.trials,
    low,
    high,
    standardError: Math.sqrt(variance(lowest) + variance(highest)),
  }
}

/** Lowest over highest rate, with an interval on the logarithmic scale; half a row is added to both sides for its width. */
function ratio(rates: readonly Rate[], what: string): Metric {
  const found = extremes(rates, what)
  if ('reason' in found) return undefinedBecause(found.reason)
  const { lowest, highest } = found
  if (highest.successes === 0) return undefinedBecause('the rate is 0 in every group')
  const value = lowest.successes / lowest.trials / (highest.successes / highest.trials)
  const spread = ({ successes, trials }: Rate) => 1 / (successes + 0.5) - 1 / (trials + 0.5)
  const ofLogarithm = Math.sqrt(spread(lowest) + spread(highest))
  const smoothed =
    (lowest.successes + 0.5) / (lowest.trials + 0.5) / ((highest.successes + 0.5) / (highest.trials + 0.5))
  const factor = Math.exp(1.959964 * ofLogarithm)
  return {
    value,
    low: Math.min(value, smoothed / factor),
    high: Math.max(value, smoothed * factor),
    standardError: smoothed * ofLogarithm,
  }
}

/** The larger (`sign` 1) or smaller (−1) of two. */
function worse(a: Metric, b: Metric, sign: 1 | -1): Metric {
  if (a.value === null) return a
  if (b.value === null) return b
  return sign * (b.value - a.value) > 0 ? b : a
}
