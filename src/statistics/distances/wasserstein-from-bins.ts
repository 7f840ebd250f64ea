import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { BinnedSamples, Part } from './binned-samples.ts'
import { partOf, rowsOf } from './binned-samples.ts'

export interface WassersteinBracket {
  readonly low: number
  /** null without any edge: then nothing bounds it. */
  readonly high: number | null
  /** Per bin the integral of the reference's distribution function less the current one's. They sum to the change of the mean. */
  readonly signedAreas: Float64Array
}

/**
 * First Wasserstein distance, the area between two distribution functions, from bins that keep counts and sums.
 *
 * Over a bin (l, u] the integral of a distribution function is u·F(u) − l·F(l) − (sum of the bin's values) / n, so the signed area
 * between the two functions is exact in every bin, the open tails included. `low` adds up its absolute values; it is the distance
 * itself unless the functions cross inside a bin. `high` adds twice the most that can lie on the other side of a crossing, which
 * the sums bound as well: in an open tail by the smaller of the two samples' mean distances to its edge.
 *
 * @returns `low` ≤ W1 ≤ `high` in the column's own unit
 * @throws RangeError if the lengths do not fit, edges do not ascend, a count is no count or a sum is not finite
 * @throws UndefinedStatisticError if a sample is empty, or the distance too large for a number
 * @see Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line, Theory of
 *   Probability and its Applications 18(4)
 * @example wassersteinFromBins({ edges: Float64Array.of(0, 1), referenceCounts: Float64Array.of(0, 2, 0), referenceSums: Float64Array.of(0, 1, 0), currentCounts: Float64Array.of(0, 0, 2), currentSums: Float64Array.of(0, 0, 5) }).low // 2
 */
export function wassersteinFromBins(samples: BinnedSamples): WassersteinBracket {
  const { edges } = samples
  const { m, n } = rowsOf('wassersteinFromBins', samples)
  const signedAreas = new Float64Array(edges.length + 1)
  const low = sumAreas('wassersteinFromBins', samples, { m, n, signedAreas })
  let slack = 0
  let referenceSeen = 0
  let currentSeen = 0
  let before = 0
  for (let bin = 0; bin < signedAreas.length; bin++) {
    const left = bin === 0 ? Number.NEGATIVE_INFINITY : (edges[bin - 1] as number)
    const right = bin === edges.length ? Number.POSITIVE_INFINITY : (edges[bin] as number)
    const r = partOf(samples.referenceCounts[bin] as number, samples.referenceSums[bin] as number, {
      rows: m,
      left,
      right,
    })
    const c = partOf(samples.currentCounts[bin] as number, samples.currentSums[bin] as number, { rows: n, left, right })
    referenceSeen += samples.referenceCounts[bin] as number
    currentSeen += samples.currentCounts[bin] as number
    const after = bin === edges.length ? 0 : currentSeen / n - referenceSeen / m
    slack += 2 * crossing(r, c, { before, after, width: right - left })
    before = after
  }
  const high = low + slack
  return { low, high: Number.isFinite(high) ? high : null, signedAreas }
}

/**
 * The lower end of `wassersteinFromBins`, which is the distance itself unless the functions cross inside a bin, at a quarter of its
 * cost: every column of every window is measured by it.
 *
 * @throws as `wassersteinFromBins`
 * @example wassersteinAtLeast({ edges: Float64Array.of(0, 1), referenceCounts: Float64Array.of(0, 2, 0), referenceSums: Float64Array.of(0, 1, 0), currentCounts: Float64Array.of(0, 0, 2), currentSums: Float64Array.of(0, 0, 5) }) // 2
 */
export function wassersteinAtLeast(samples: BinnedSamples): number {
  return sumAreas('wassersteinAtLeast', samples, rowsOf('wassersteinAtLeast', samples))
}

/** The sum of the absolute areas, and each of them signed, if they are asked for. */
function sumAreas(
  name: string,
  { edges, referenceCounts, referenceSums, currentCounts, currentSums }: BinnedSamples,
  { m, n, signedAreas }: { m: number; n: number; signedAreas?: Float64Array },
): number {
  let low = 0
  let referenceSeen = 0
  let currentSeen = 0
  let before = 0
  for (let bin = 0; bin <= edges.length; bin++) {
    referenceSeen += referenceCounts[bin] as number
    currentSeen += currentCounts[bin] as number
    // Current less reference distribution function at the bin's right edge.
    const after = bin === edges.length ? 0 : currentSeen / n - referenceSeen / m
    const meanChange = (currentSums[bin] as number) / n - (referenceSums[bin] as number) / m
    const area = times(edges[bin] as number, after) - times(edges[bin - 1] as number, before) - meanChange
    if (signedAreas !== undefined) signedAreas[bin] = -area
    low += Math.abs(area)
    before = after
  }
  if (!Number.isFinite(low)) throw new UndefinedStatisticError(`${name}: the distance is too large for a number`)
  return low
}

/** A tail has no outer edge, and meets a difference of 0 there; their product counts as 0. */
function times(edge: number, difference: number): number {
  return difference === 0 ? 0 : edge * difference
}

/**
 * The most that the area on one side of 0 can be while the difference goes from `before` to `after` over a bin: the smaller of
 * what can lie below and what can lie above.
 */
function crossing(r: Part, c: Part, at: { before: number; after: number; width: number }): number {
  const { before, after, width } = at
  const below = Math.min(beyond(before, r.share, r.toRight, width), beyond(after, c.share, c.toLeft, width))
  const above = Math.min(beyond(-before, c.share, c.toRight, width), beyond(-after, r.share, r.toLeft, width))
  return Math.min(below, above)
}

/** The largest integral of (f − level)⁺ over a width, for an f between 0 and `share` whose integral is `area`. */
function beyond(level: number, share: number, area: number, width: number): number {
  if (level >= share) return 0
  return level >= 0 ? (1 - level / share) * area : area - level * width
}
