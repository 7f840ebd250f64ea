// Evidently's methods for categories, from rows per category. Categories are those that occur in either sample.

import { totalsOf } from '../../distances/histograms.ts'
import { chiSquaredUpperTail } from '../../special/chi-squared.ts'
import { fisherExact } from '../../special/fisher-exact.ts'
import { normalUpperTail } from '../../special/normal.ts'
import { UndefinedStatisticError } from '../../undefined-statistic.ts'
import type { Shares } from '../shares.ts'
import { sharesOfCounts, sum } from '../shares.ts'

/**
 * p-value of Evidently's χ² test: the reference's counts, scaled to the size of the current sample, are taken as exact expectations.
 *
 * One row of a category that the reference has not seen makes it 0.
 *
 * @param counts rows per category
 * @throws UndefinedStatisticError if there is a single category
 * @see Evidently 0.7.23, chisquare; SciPy's manual, scipy.stats.chisquare
 * @example evidentlyChiSquared({ reference: Float64Array.of(20, 50, 30), current: Float64Array.of(10, 60, 30) }) // 0.0301974
 */
export function evidentlyChiSquared({ reference, current }: Shares): number {
  const totals = totalsOf('evidently chisquare', reference, current)
  const scale = totals.current / totals.reference
  return goodnessOfFit('chisquare', { reference, current }, (i) => {
    const expected = (reference[i] as number) * scale
    return ((current[i] as number) - expected) ** 2 / expected
  })
}

/**
 * p-value of Evidently's G test. The expectations are not scaled, so that it is only defined for samples of equal size.
 *
 * @param counts rows per category
 * @throws RangeError if the sizes differ
 * @throws UndefinedStatisticError if there is a single category
 * @see Evidently 0.7.23, g_test; SciPy's manual, scipy.stats.power_divergence
 * @example evidentlyG({ reference: Float64Array.of(20, 50, 30), current: Float64Array.of(10, 60, 30) }) // 0.0181729
 */
export function evidentlyG({ reference, current }: Shares): number {
  const { reference: m, current: n } = totalsOf('evidently g_test', reference, current)
  if (m !== n) {
    throw new RangeError(
      `evidently g_test: reference has ${m} values and current ${n}; it is only defined for samples of equal size`,
    )
  }
  return goodnessOfFit('g_test', { reference, current }, (i) => {
    const observed = current[i] as number
    return observed === 0 ? 0 : 2 * observed * Math.log(observed / (reference[i] as number))
  })
}

/** Over the categories that occur. */
function goodnessOfFit(name: string, { reference, current }: Shares, term: (cell: number) => number): number {
  const cells = reference.length
  let [statistic, used] = [0, 0]
  for (let i = 0; i < cells; i++) {
    if (reference[i] === 0 && current[i] === 0) continue
    used++
    statistic += term(i)
  }
  if (used < 2) throw new UndefinedStatisticError(`evidently ${name}: there is a single category`)
  return statistic === Number.POSITIVE_INFINITY ? 0 : chiSquaredUpperTail(Math.max(0, statistic), used - 1)
}

/**
 * p-value of Evidently's Z test: whether the share of all categories but the first is the same, with the variance of the pooled share.
 *
 * @param counts rows per category, the first in order of names in front
 * @throws RangeError if a count is no count
 * @throws UndefinedStatisticError if a sample is empty
 * @see Evidently 0.7.23, z
 * @example evidentlyZ({ reference: Float64Array.of(20, 80), current: Float64Array.of(10, 90) }) // 0.0476704
 */
export function evidentlyZ({ reference, current }: Shares): number {
  const { reference: m, current: n } = totalsOf('evidently z', reference, current)
  if (reference.length === 1) return 1
  const [p, q] = [(m - (reference[0] as number)) / m, (n - (current[0] as number)) / n]
  const pooled = (p * m + q * n) / (m + n)
  // All rows are of the first category, or none is.
  if (!(pooled > 0 && pooled < 1)) return 1
  return 2 * normalUpperTail(Math.abs(p - q) / Math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n)))
}

/**
 * p-value of Evidently's use of Fisher's exact test, which asks for samples of equal size and at most two categories.
 *
 * @param counts rows per category
 * @throws RangeError if the sizes differ or a sample has more than two categories
 * @see Evidently 0.7.23, fisher_exact
 * @example evidentlyFisher({ reference: Float64Array.of(8, 2), current: Float64Array.of(4, 6) }) // 0.1698023
 */
export function evidentlyFisher({ reference, current }: Shares): number {
  const { reference: m, current: n } = totalsOf('evidently fisher_exact', reference, current)
  if (m !== n)
    throw new RangeError(`evidently fisher_exact: reference has ${m} values and current ${n}; they must be as many`)
  for (const [side, counts] of [
    ['reference', reference],
    ['current', current],
  ] as const) {
    const used = counts.filter((count) => count > 0).length
    if (used > 2)
      throw new RangeError(`evidently fisher_exact: ${side} has ${used} categories, at most two are allowed`)
  }
  const first = [reference[0] as number, current[0] as number] as const
  return fisherExact([
    [n - first[1], first[1]],
    [m - first[0], first[0]],
  ])
}

/**
 * Evidently's Hellinger distance of categories: √(1 − Σ √(p q)).
 *
 * @param counts rows per category
 * @throws as `sharesOfCounts`
 * @see Evidently 0.7.23, hellinger
 * @example evidentlyHellingerOfCategories({ reference: Float64Array.of(20, 50, 30), current: Float64Array.of(10, 60, 30) }) // 0.1041925
 */
export function evidentlyHellingerOfCategories(counts: Shares): number {
  const { reference, current } = sharesOfCounts(counts)
  const affinity = sum(reference.map((p, i) => Math.sqrt(p * (current[i] as number))))
  return Math.sqrt(1 - Math.min(1, affinity))
}
