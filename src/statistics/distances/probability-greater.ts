import { rocAuc, rocAucBracket } from '../performance/roc-auc.ts'
import { normalUpperTail } from '../special/normal.ts'
import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { totalsOf } from './histograms.ts'

export interface ProbabilityGreater {
  /** Chance that a current value exceeds one of the reference; pairs within a bin count half. */
  readonly value: number
  /** By DeLong, on the bins. */
  readonly standardError: number
  /** Between what the chance from the values themselves lies. */
  readonly low: number
  readonly high: number
  /** Mann-Whitney's test that the chance is one half, two-sided, ties (pairs within a bin) allowed for. */
  readonly pValue: number
}

/**
 * The chance that a current value is larger than one of the reference, from counts per bin: Mann-Whitney's statistic.
 *
 * @param reference counts per bin, ascending bins, not all zero
 * @param current counts per bin, same bins, not all zero
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty, or all rows of both lie in one bin
 * @see DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated ROC curves, Biometrics 44
 * @see Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger than the other,
 *   Ann. Math. Statist. 18(1)
 * @example probabilityGreater(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)).value // 0.535
 */
export function probabilityGreater(reference: Float64Array, current: Float64Array): ProbabilityGreater {
  const { reference: m, current: n } = totalsOf('probabilityGreater', reference, current)
  const rows = m + n
  let ties = 0
  for (let bin = 0; bin < reference.length; bin++) {
    const share = ((reference[bin] as number) + (current[bin] as number)) / rows
    ties += share ** 3
  }
  // Variance without any change: (1 − Σ t³ / N³) (1/m + 1/n) / 12, with N in place of N ± 1.
  const variance = ((1 - ties) * (1 / m + 1 / n)) / 12
  if (!(variance > 0)) throw new UndefinedStatisticError('probabilityGreater: all rows of both sides lie in one bin')
  const sides = { positives: current, negatives: reference }
  const area = rocAuc(sides, 0)
  const bracket = rocAucBracket(sides)
  if (area.value === null || bracket === null) {
    throw new UndefinedStatisticError('probabilityGreater: a side has no row')
  }
  const z = Math.abs(area.value - 0.5) / Math.sqrt(variance)
  return { value: area.value, standardError: area.standardError, ...bracket, pValue: 2 * normalUpperTail(z) }
}
