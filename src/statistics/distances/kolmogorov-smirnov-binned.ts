import { kolmogorovUpperTail } from '../special/kolmogorov.ts'
import { sharesOf, totalsOf } from './histograms.ts'

/** What the largest difference seen only at B edges falls short of the true one, times √B and the root of the sample size. */
const GRID_CORRECTION = 0.5826

/**
 * What bins say of the Kolmogorov-Smirnov statistic, the largest difference of two distribution functions.
 *
 * At the edges the difference is known exactly; inside a bin it can be larger by no more than the smaller of the bin's shares.
 *
 * @param reference counts per bin, ascending bins, not all zero
 * @param current counts per bin, same bins, not all zero
 * @returns low ≤ D ≤ high; the p-value of `low` by Kolmogorov's limit, corrected for the grid
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Siegmund (1985), Sequential Analysis, chapter X, for the correction of a maximum taken on a grid
 * @example kolmogorovSmirnovBinned(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)).low // 0.1
 */
export function kolmogorovSmirnovBinned(
  reference: Float64Array,
  current: Float64Array,
): { low: number; high: number; pValue: number } {
  const totals = totalsOf('kolmogorovSmirnovBinned', reference, current)
  const { p, q } = sharesOf('kolmogorovSmirnovBinned', reference, current)
  let low = 0
  let inside = 0
  let referenceSeen = 0
  let currentSeen = 0
  for (let i = 0; i < p.length; i++) {
    referenceSeen += reference[i] as number
    currentSeen += current[i] as number
    low = Math.max(low, Math.abs(referenceSeen / totals.reference - currentSeen / totals.current))
    inside = Math.max(inside, Math.min(p[i] as number, q[i] as number))
  }
  const effective = (totals.reference / (totals.reference + totals.current)) * totals.current
  const scaled = low === 0 ? 0 : Math.sqrt(effective) * low + GRID_CORRECTION / Math.sqrt(p.length)
  return { low, high: Math.min(1, low + inside), pValue: kolmogorovUpperTail(scaled) }
}
