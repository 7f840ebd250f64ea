import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { COUNT, isCount } from './histograms.ts'

/** A sample over bins: ascending inner edges, and counts of the right-closed bins they make, one more. */
export interface BinnedCounts {
  readonly edges: Float64Array
  readonly counts: Float64Array
}

/**
 * Quantile of a sample known by its bins, linear within a bin; in an open outer bin its edge.
 *
 * @param level 0 to 1
 * @throws RangeError if the level lies elsewhere, the lengths do not fit, an edge is not finite or a count is no count
 * @throws UndefinedStatisticError if the sample is empty, or there is no edge
 * @see Hyndman and Fan (1996), Sample quantiles in statistical packages, The American Statistician 50(4), type 4
 * @example quantileFromBins({ edges: Float64Array.of(0, 10, 20), counts: Float64Array.of(0, 40, 60, 0) }, 0.7) // 15
 */
export function quantileFromBins({ edges, counts }: BinnedCounts, level: number): number {
  const rows = rowsOf({ edges, counts }, level)
  let seen = 0
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    if (seen + count < level * rows || count === 0) {
      seen += count
      continue
    }
    const right = edges[Math.min(bin, edges.length - 1)] as number
    const left = edges[Math.max(0, bin - 1)] as number
    const share = Math.min(1, Math.max(0, (level * rows - seen) / count))
    return left * (1 - share) + right * share
  }
  return edges[edges.length - 1] as number
}

/**
 * A spread that outliers do not move: half of what lies between the quantiles at 0.16 and 0.84, which is the standard deviation of
 * a normal distribution. Dividing a Wasserstein distance by it keeps a heavy tail from hiding a shift of the bulk.
 *
 * @returns 0 or more, in the column's own unit; 0 when the bulk is a single edge
 * @throws as `quantileFromBins`
 * @example robustSpread({ edges: Float64Array.of(0, 100), counts: Float64Array.of(0, 50, 0) }) // 34
 */
export function robustSpread(sample: BinnedCounts): number {
  return (quantileFromBins(sample, 0.84) - quantileFromBins(sample, 0.16)) / 2
}

function rowsOf({ edges, counts }: BinnedCounts, level: number): number {
  if (!(level >= 0 && level <= 1)) {
    throw new RangeError(`quantileFromBins: level is ${level}, it must lie between 0 and 1`)
  }
  if (counts.length !== edges.length + 1) {
    throw new RangeError(`quantileFromBins: counts has ${counts.length} bins, ${edges.length} edges make one more`)
  }
  for (const [i, edge] of edges.entries()) {
    if (!(Math.abs(edge) <= LARGEST_EDGE && (i === 0 || edge > (edges[i - 1] as number)))) {
      throw new RangeError(`quantileFromBins: edges[${i}] is ${edge}; edges must ascend and be under 1e300`)
    }
  }
  let rows = 0
  for (const [bin, count] of counts.entries()) {
    if (!isCount(count)) throw new RangeError(`quantileFromBins: counts[${bin}] is ${count}; ${COUNT}`)
    rows += count
  }
  if (rows === 0) throw new UndefinedStatisticError('quantileFromBins: the sample is empty')
  if (edges.length === 0) throw new UndefinedStatisticError('quantileFromBins: without an edge no quantile is known')
  return rows
}

/** So that no difference of two edges overflows. */
const LARGEST_EDGE = 1e300
