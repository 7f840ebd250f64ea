// Vertex AI's model monitoring, as TensorFlow Data Validation defines its distances. Both are drift above 0.3.

import { COUNT, isCount } from '../../distances/histograms.ts'
import { lInfinity } from '../../distances/l-infinity.ts'
import { sortedPair } from '../../samples/values.ts'
import { evenEdges, histogram } from '../equal-width.ts'
import type { Shares } from '../shares.ts'
import { jensenShannonInNats } from '../shares.ts'

/** Vertex' default threshold of both kinds of columns. */
export const VERTEX_THRESHOLD = 0.3
const BUCKETS = 10

/** A histogram over buckets between neighbouring edges; a single edge is one value that every row has. */
export interface Buckets {
  readonly edges: Float64Array
  readonly counts: Float64Array
}

/**
 * Vertex' Jensen-Shannon divergence of numbers, in bits (no root taken). Each sample has ten buckets of equal width over its own
 * range; they are cut at each other's edges, values being taken as evenly spread inside a bucket.
 *
 * @param reference values; those that are not finite are left out
 * @param current likewise
 * @returns 0 to 1
 * @throws UndefinedStatisticError if a sample has no finite value
 * @see TensorFlow Data Validation, anomalies/metrics.cc
 * @example vertexJensenShannon(Float64Array.of(0, 1, 2, 3), Float64Array.of(0, 1, 2, 30)) // 0.4934226
 */
export function vertexJensenShannon(reference: Float64Array, current: Float64Array): number {
  const samples = sortedPair('vertexJensenShannon', reference, current)
  return bucketDivergence(bucketsOf(samples.reference), bucketsOf(samples.current))
}

/** Edges of a sample's buckets. @throws RangeError if the ends are not finite, not ascending, or too far apart for a double */
export function bucketEdges(minimum: number, maximum: number): Float64Array {
  if (!Number.isFinite(minimum)) throw new RangeError(`bucketEdges: minimum is ${minimum}, it must be finite`)
  return minimum === maximum ? Float64Array.of(minimum) : evenEdges(minimum, maximum, BUCKETS)
}

function bucketsOf(sorted: Float64Array): Buckets {
  const edges = bucketEdges(sorted[0] as number, sorted[sorted.length - 1] as number)
  return { edges, counts: edges.length === 1 ? Float64Array.of(sorted.length) : histogram(sorted, edges) }
}

/**
 * Jensen-Shannon divergence of two histograms with buckets of their own, in bits.
 *
 * @throws RangeError if edges are not finite or do not ascend, a bucket is too narrow or too wide for a double, or there are not as many
 *   counts as buckets
 * @throws UndefinedStatisticError if a histogram is empty
 * @example bucketDivergence({ edges: Float64Array.of(0, 2), counts: Float64Array.of(4) }, { edges: Float64Array.of(1, 2), counts: Float64Array.of(4) }) // 0.3112781
 */
export function bucketDivergence(reference: Buckets, current: Buckets): number {
  checkBuckets('reference', reference)
  checkBuckets('current', current)
  const edges = Float64Array.from(new Set([...spread(reference).edges, ...spread(current).edges])).sort()
  const points = [...new Set([...point(reference), ...point(current)])]
  const aligned = (buckets: Buckets) =>
    Float64Array.of(...cut(spread(buckets), edges), ...points.map((at) => rowsAt(buckets, at)))
  return jensenShannonInNats({ reference: aligned(reference), current: aligned(current) }) ** 2 / Math.LN2
}

function checkBuckets(side: string, { edges, counts }: Buckets): void {
  const buckets = Math.max(1, edges.length - 1)
  if (edges.length === 0 || counts.length !== buckets)
    throw new RangeError(`bucketDivergence: ${side} has ${edges.length} edges and ${counts.length} counts`)
  for (const [i, edge] of edges.entries()) {
    if (!Number.isFinite(edge)) throw new RangeError(`bucketDivergence: ${side}.edges holds ${edge}, it must be finite`)
    const width = i === 0 ? 1 : edge - (edges[i - 1] as number)
    if (!(width >= 1e-300 && width < Number.POSITIVE_INFINITY))
      throw new RangeError(`bucketDivergence: ${side}.edges must ascend, by no less and no more than a double can tell`)
  }
  const odd = counts.findIndex((count) => !isCount(count))
  if (odd >= 0) throw new RangeError(`bucketDivergence: ${side}.counts has ${counts[odd]} in bucket ${odd}; ${COUNT}`)
}

const NOTHING: Buckets = { edges: new Float64Array(), counts: new Float64Array() }

function spread(buckets: Buckets): Buckets {
  return buckets.edges.length > 1 ? buckets : NOTHING
}

function point({ edges }: Buckets): number[] {
  return edges.length === 1 ? [edges[0] as number] : []
}

function rowsAt({ edges, counts }: Buckets, value: number): number {
  return edges.length === 1 && edges[0] === value ? (counts[0] as number) : 0
}

/** Rows between neighbouring edges; the edges hold all of the histogram's own. */
function cut({ edges: own, counts }: Buckets, edges: Float64Array): Float64Array {
  const rows = new Float64Array(Math.max(0, edges.length - 1))
  let bucket = 0
  for (let i = 0; i < rows.length && own.length > 1; i++) {
    const [left, right] = [edges[i] as number, edges[i + 1] as number]
    if (left < (own[0] as number) || right > (own[own.length - 1] as number)) continue
    while ((own[bucket + 1] as number) <= left) bucket++
    rows[i] = ((right - left) / ((own[bucket + 1] as number) - (own[bucket] as number))) * (counts[bucket] as number)
  }
  return rows
}

/**
 * Vertex' distance of categories: the largest difference of a category's share.
 *
 * @param counts rows per category that occurs in either sample
 * @throws UndefinedStatisticError if a sample is empty
 * @see TensorFlow Data Validation, anomalies/metrics.cc
 * @example vertexLInfinity({ reference: Float64Array.of(20, 50, 30), current: Float64Array.of(5, 60, 35) }) // 0.15
 */
export function vertexLInfinity({ reference, current }: Shares): number {
  return lInfinity(reference, current).value
}
