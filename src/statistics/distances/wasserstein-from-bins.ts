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

/**
 * First Wasserstein distance from bins that keep counts and sums.
 *
 * Over a bin (l, u] the integral of a distribution function is u·F(u) − l·F(l) − (sum of the bin's values)/n, so the signed area
 * between the two functions is exact in every bin, the open tails included. The distance is the sum of absolute areas, exact
 * unless the functions cross inside a bin.
 *
 * @returns `low` ≤ W1 ≤ `high`, in the column's own unit
 * @throws RangeError if a sample is empty or the lengths do not fit
 */
export function wassersteinFromBins(samples: BinnedSamples): { low: number; high: number } {
  const { edges, referenceCounts, referenceSums, currentCounts, currentSums } = samples
  const bins = edges.length + 1
  for (const cells of [referenceCounts, referenceSums, currentCounts, currentSums]) {
    if (cells.length !== bins) throw new RangeError(`wassersteinFromBins: ${edges.length} edges make ${bins} bins, found ${cells.length}`)
  }
  const m = referenceCounts.reduce((sum, count) => sum + count, 0)
  const n = currentCounts.reduce((sum, count) => sum + count, 0)
  if (m === 0 || n === 0) throw new RangeError(`wassersteinFromBins: the ${m === 0 ? 'reference' : 'current'} sample is empty`)
  let low = 0
  let slack = 0
  let before = 0
  let referenceSeen = 0
  let currentSeen = 0
  for (let bin = 0; bin < bins; bin++) {
    const p = (referenceCounts[bin] as number) / m
    const q = (currentCounts[bin] as number) / n
    referenceSeen += referenceCounts[bin] as number
    currentSeen += currentCounts[bin] as number
    // Current minus reference distribution function at the bin's right edge.
    const after = bin === bins - 1 ? 0 : currentSeen / n - referenceSeen / m
    const left = bin === 0 ? 0 : (edges[bin - 1] as number)
    const right = bin === bins - 1 ? 0 : (edges[bin] as number)
    const area = right * after - left * before - ((currentSums[bin] as number) / n - (referenceSums[bin] as number) / m)
    low += Math.abs(area)
    if (bin > 0 && bin < bins - 1 && before * after <= 0) slack += 2 * (right - left) * Math.min(p, q)
    before = after
  }
  return { low, high: low + slack }
}
