import { ChiSquaredTest } from './chi-squared-two-sample.ts'
import { totalsOf } from './histograms.ts'

/** Tests of two histograms over ordered bins, each with one degree of freedom. */
export interface RankTests {
  /** Has the middle moved? Wilcoxon's test, for ranks that are shared within a bin. */
  readonly shift: ChiSquaredTest
  /** Has the spread changed? Mood's test on what of it is not a shift. */
  readonly spread: ChiSquaredTest
}

/**
 * Whether one of two histograms over ordered bins lies higher, or is wider, than the other.
 *
 * Each bin scores the middle of its ranks in both samples together, between 0 and 1: linearly for the shift, squared about ½ and
 * made independent of the shift for the spread. The statistic is the squared difference of mean scores over its variance when
 * both samples are from one distribution. One degree of freedom finds a moved or widened distribution with a third of the rows
 * that a χ² over all bins needs; monotone maps change nothing, and far values count no more than others.
 *
 * @param reference counts per bin in ascending order, not all zero
 * @param current counts per bin, same bins, not all zero
 * @returns a test whose scores do not vary (one bin in use; two for the spread) has 0 degrees of freedom and p-value 1
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Lehmann (1975), Nonparametrics: Statistical Methods Based on Ranks, chapters 1 and 2
 * @example rankTests(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)).shift.statistic // 0.9104575
 */
export function rankTests(reference: Float64Array, current: Float64Array): RankTests {
  const { reference: m, current: n } = totalsOf('rankTests', reference, current)
  const total = m + n
  // Moments of the linear score x (about its mean ½) and of its square, over both samples.
  let [below, second, third, fourth] = [0, 0, 0, 0]
  let [shift, square] = [0, 0]
  for (let bin = 0; bin < reference.length; bin++) {
    const r = reference[bin] as number
    const c = current[bin] as number
    const both = r + c
    if (both === 0) continue
    const x = (below + both / 2) / total - 0.5
    below += both
    const weight = both / total
    const squared = x * x
    second += weight * squared
    third += weight * squared * x
    fourth += weight * squared * squared
    const difference = c / n - r / m
    shift += difference * x
    square += difference * squared
  }
  const rows = (1 / m + 1 / n) * (total / Math.max(1, total - 1))
  const slope = second > 0 ? third / second : 0
  const spread = square - slope * shift
  const ofSpread = fourth - second * second - slope * third
  return {
    shift: second > 0 ? new ChiSquaredTest((shift * shift) / (second * rows), 1) : new ChiSquaredTest(0, 0),
    spread:
      ofSpread > ROUNDING * fourth
        ? new ChiSquaredTest((spread * spread) / (ofSpread * rows), 1)
        : new ChiSquaredTest(0, 0),
  }
}

/** A variance this small beside its terms is what rounding left of 0. */
const ROUNDING = 1e-9
