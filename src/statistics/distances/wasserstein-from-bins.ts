import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** Two samples over the same bins: counts, and the sum of the values that fell into each bin. */
export interface BinnedSamples {
  /** Ascending inner edges; bins are right-closed, the first and the last are open. */
  readonly edges: Float64Array
  /** One more than edges, not all zero. */
  readonly referenceCounts: Float64Array
  readonly referenceSums: Float64Array
  readonly currentCounts: Float64Array
  readonly currentSums: Float64Array
}

export interface WassersteinBracket {
  readonly low: number
  readonly high: number
  /** Per bin the integral of the reference's distribution function less the current one's. They sum to the change of the mean. */
  readonly signedAreas: Float64Array
}

/** One sample's part in a bin, as the share of the sample that lies there. */
interface Part {
  readonly share: number
  /** Share × mean distance of its values to the bin's right edge: the integral over the bin of what the bin adds to F. */
  readonly toRight: number
  /** Share × mean distance to the left edge: the integral of what the bin still has to add. */
  readonly toLeft: number
}

/**
 * First Wasserstein distance, the area between two distribution functions, from bins that keep counts and sums.
 *
 * Over a bin (l, u] the integral of a distribution function is u·F(u) − l·F(l) − (sum of the bin's values) / n, so the signed area
 * between the two functions is exact in every bin, the open tails included. `low` adds up its absolute values; it is the distance
 * itself unless the functions cross inside a bin. `high` adds twice the most that can lie on the other side of a crossing, which
 * the sums bound as well: in an open tail by the smaller of the two samples' mean distances to its edge.
 *
 * @returns `low` ≤ W1 ≤ `high` in the column's own unit; without any edge `high` is infinite
 * @throws RangeError if the lengths do not fit or a sample is empty
 * @see Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line, Theory of
 *   Probability and its Applications 18(4)
 * @example wassersteinFromBins({ edges: Float64Array.of(0, 1), referenceCounts: Float64Array.of(0, 2, 0), referenceSums: Float64Array.of(0, 1, 0), currentCounts: Float64Array.of(0, 0, 2), currentSums: Float64Array.of(0, 0, 5) }).low // 2
 */
export function wassersteinFromBins(samples: BinnedSamples): WassersteinBracket {
  const { edges } = samples
  const { m, n } = rowsOf(samples)
  const bins = edges.length + 1
  const signedAreas = new Float64Array(bins)
  let low = 0
  let slack = 0
  let referenceSeen = 0
  let currentSeen = 0
  let before = 0
  for (let bin = 0; bin < bins; bin++) {
    const left = bin === 0 ? Number.NEGATIVE_INFINITY : (edges[bin - 1] as number)
    const right = bin === bins - 1 ? Number.POSITIVE_INFINITY : (edges[bin] as number)
    const r = partOf(samples.referenceCounts[bin] as number, samples.referenceSums[bin] as number, {
      rows: m,
      left,
      right,
    })
    const c = partOf(samples.currentCounts[bin] as number, samples.currentSums[bin] as number, { rows: n, left, right })
    referenceSeen += samples.referenceCounts[bin] as number
    currentSeen += samples.currentCounts[bin] as number
    // Current less reference distribution function at the bin's right edge.
    const after = bin === bins - 1 ? 0 : currentSeen / n - referenceSeen / m
    const meanChange = (samples.currentSums[bin] as number) / n - (samples.referenceSums[bin] as number) / m
    const area = times(right, after) - times(left, before) - meanChange
    signedAreas[bin] = -area
    low += Math.abs(area)
    slack += 2 * crossing(r, c, { before, after, width: right - left })
    before = after
  }
  return { low, high: low + slack, signedAreas }
}

function rowsOf({ edges, ...cells }: BinnedSamples): { m: number; n: number } {
  const bins = edges.length + 1
  for (const [name, { length }] of Object.entries(cells) as [string, Float64Array][]) {
    if (length !== bins)
      throw new RangeError(`wassersteinFromBins: ${name} has ${length} bins, ${edges.length} edges make ${bins}`)
  }
  const m = cells.referenceCounts.reduce((sum, count) => sum + count, 0)
  const n = cells.currentCounts.reduce((sum, count) => sum + count, 0)
  if (!(m > 0)) throw new UndefinedStatisticError('wassersteinFromBins: the reference sample is empty')
  if (!(n > 0)) throw new UndefinedStatisticError('wassersteinFromBins: the current sample is empty')
  return { m, n }
}

/** A tail's open edge meets a difference of 0 there; their product counts as 0. */
function times(edge: number, difference: number): number {
  return difference === 0 ? 0 : edge * difference
}

function partOf(
  count: number,
  sum: number,
  { rows, left, right }: { rows: number; left: number; right: number },
): Part {
  const most = count * (right - left)
  // Rounding of the sums must not put a value outside its bin.
  const within = (distance: number) => (count === 0 ? 0 : Math.min(most, Math.max(0, distance)) / rows)
  return { share: count / rows, toRight: within(right * count - sum), toLeft: within(sum - left * count) }
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
