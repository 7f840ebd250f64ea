import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { BinnedSamples } from './binned-samples.ts'
import { partOf, rowsOf } from './binned-samples.ts'

/**
 * Energy distance √(2 ∫ (F − G)²) of two samples, bracketed from bins that keep counts and sums.
 *
 * Over a bin the integral of the difference is exact, and the difference stays between what it was less the reference's share
 * there and what it was plus the current one's. A square's integral is least when the difference is even, and most when it only
 * takes those two values. In an open tail the difference can be spread as thinly as one likes, so it adds nothing to `low`.
 *
 * @returns `low` ≤ distance ≤ `high`, in the square root of the column's own unit
 * @throws RangeError if the lengths do not fit, edges do not ascend, a count is no count or a sum is not finite
 * @throws UndefinedStatisticError if a sample is empty; or there is no edge, or the distance is too large for a number
 * @see Székely and Rizzo (2013), Energy statistics: A class of statistics based on distances, J. Stat. Plan. Inference 143(8)
 * @example energyFromBins({ edges: Float64Array.of(0, 1), referenceCounts: Float64Array.of(0, 2, 0), referenceSums: Float64Array.of(0, 1, 0), currentCounts: Float64Array.of(0, 0, 2), currentSums: Float64Array.of(0, 0, 5) }).high // 2
 */
export function energyFromBins(samples: BinnedSamples): { low: number; high: number } {
  const { edges, referenceCounts, referenceSums, currentCounts, currentSums } = samples
  const { m, n } = rowsOf('energyFromBins', samples)
  if (edges.length === 0) throw new UndefinedStatisticError('energyFromBins: without an edge nothing is known')
  const last = edges.length
  let [low, high, before] = [0, 0, 0]
  let [referenceSeen, currentSeen] = [0, 0]
  for (let bin = 0; bin <= last; bin++) {
    const left = bin === 0 ? Number.NEGATIVE_INFINITY : (edges[bin - 1] as number)
    const right = bin === last ? Number.POSITIVE_INFINITY : (edges[bin] as number)
    const r = partOf(referenceCounts[bin] as number, referenceSums[bin] as number, { rows: m, left, right })
    const c = partOf(currentCounts[bin] as number, currentSums[bin] as number, { rows: n, left, right })
    referenceSeen += referenceCounts[bin] as number
    currentSeen += currentCounts[bin] as number
    if (bin === 0) high += c.share * c.toRight + r.share * r.toRight
    else if (bin === last) high += c.share * c.toLeft + r.share * r.toLeft
    else {
      const width = right - left
      const [least, most] = [before - r.share, before + c.share]
      const area = Math.min(most * width, Math.max(least * width, before * width + c.toRight - r.toRight))
      low += (area / width) * area
      high += (least + most) * area - least * most * width
    }
    before = currentSeen / n - referenceSeen / m
  }
  if (!Number.isFinite(high))
    throw new UndefinedStatisticError('energyFromBins: the distance is too large for a number')
  return { low: Math.SQRT2 * Math.sqrt(low), high: Math.SQRT2 * Math.sqrt(Math.max(low, high)) }
}
