// Two samples known by their bins, each with a count and the sum of its values.

import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { COUNT, isCount } from './histograms.ts'

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

/** One sample's part in a bin, as the share of the sample that lies there. */
export interface Part {
  readonly share: number
  /** Share × mean distance of its values to the bin's right edge: the integral over the bin of what the bin adds to F. */
  readonly toRight: number
  /** Share × mean distance to the left edge: the integral of what the bin still has to add. */
  readonly toLeft: number
}

/**
 * The rows of both samples, once the bins are known to be bins.
 *
 * @param name the function that asks, for its errors
 * @throws RangeError if the lengths do not fit, edges do not ascend, a count is no count or a sum is not finite
 * @throws UndefinedStatisticError if a sample is empty
 */
export function rowsOf(name: string, { edges, ...cells }: BinnedSamples): { m: number; n: number } {
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i] as number
    if (!(Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)))) {
      throw new RangeError(`${name}: edges[${i}] is ${edge}; edges must be finite and ascend`)
    }
  }
  const m = countsOf(name, 'referenceCounts', cells.referenceCounts, edges.length + 1)
  const n = countsOf(name, 'currentCounts', cells.currentCounts, edges.length + 1)
  checkSums(name, 'referenceSums', cells.referenceSums, edges.length + 1)
  checkSums(name, 'currentSums', cells.currentSums, edges.length + 1)
  if (m === 0) throw new UndefinedStatisticError(`${name}: the reference sample is empty`)
  if (n === 0) throw new UndefinedStatisticError(`${name}: the current sample is empty`)
  return { m, n }
}

function countsOf(name: string, which: string, counts: Float64Array, bins: number): number {
  checkLength(name, which, counts, bins)
  let rows = 0
  for (let bin = 0; bin < bins; bin++) {
    const count = counts[bin] as number
    if (!isCount(count)) throw new RangeError(`${name}: ${which} has ${count} in bin ${bin}; ${COUNT}`)
    rows += count
  }
  return rows
}

function checkSums(name: string, which: string, sums: Float64Array, bins: number): void {
  checkLength(name, which, sums, bins)
  for (let bin = 0; bin < bins; bin++) {
    if (!Number.isFinite(sums[bin])) {
      throw new RangeError(`${name}: ${which} has ${sums[bin]} in bin ${bin}; a sum must be finite`)
    }
  }
}

function checkLength(name: string, which: string, { length }: Float64Array, bins: number): void {
  if (length !== bins) throw new RangeError(`${name}: ${which} has ${length} bins, ${bins - 1} edges make ${bins}`)
}

/** What a sample has in the bin between two edges. */
export function partOf(
  count: number,
  sum: number,
  { rows, left, right }: { rows: number; left: number; right: number },
): Part {
  const most = count * (right - left)
  // Rounding of the sums must not put a value outside its bin.
  const within = (distance: number) => (count === 0 ? 0 : Math.min(most, Math.max(0, distance)) / rows)
  return { share: count / rows, toRight: within(right * count - sum), toLeft: within(sum - left * count) }
}
