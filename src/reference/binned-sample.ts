// A numeric column of a summary read as a sample: how many values lie below a point, exactly at its edges and in good order between them.

import { floatAbove, floatBelow } from '../summaries/bins.ts'
import type { NumericCells } from '../summaries/layout.ts'

export interface BinnedSample {
  readonly rows: number
  /** Inner edges, right-closed. */
  readonly edges: Float64Array
  readonly counts: Float64Array
  readonly sums: Float64Array
  /** Values up to each edge. */
  readonly upTo: Float64Array
  readonly minimum: number
  readonly maximum: number
}

/** @param isReference its smallest and largest values are known: they are edges. Those of another sample are estimated. */
export function readSample(cells: NumericCells, inputs: Float64Array, isReference: boolean): BinnedSample {
  const { edges, center, quantum } = cells.column
  const counts = inputs.slice(cells.counts, cells.counts + cells.bins)
  const sums = counts.map((count, bin) => center * count + quantum * (inputs[cells.sums + bin] as number))
  const upTo = new Float64Array(edges.length)
  let rows = 0
  for (let bin = 0; bin < counts.length; bin++) {
    rows += counts[bin] as number
    if (bin < edges.length) upTo[bin] = rows
  }
  const known = { minimum: floatAbove(edges[0] as number), maximum: edges[edges.length - 1] as number }
  const extremes = isReference
    ? known
    : { minimum: extreme(edges, counts, sums, 1), maximum: extreme(edges, counts, sums, -1) }
  return { rows, edges, counts, sums, upTo, ...extremes }
}

/**
 * The smallest (direction 1) or largest (−1) value, about: of a single value in the outermost bin it is known; of more, it is where a
 * sample of that size has it on average, the values falling off exponentially in an open bin and as `shareBelow` says in others.
 */
function extreme(edges: Float64Array, counts: Float64Array, sums: Float64Array, direction: 1 | -1): number {
  let bin = direction === 1 ? 0 : counts.length - 1
  while (counts[bin] === 0) bin += direction
  const count = counts[bin] as number
  const mean = (sums[bin] as number) / count
  if (!(count > 1)) return mean
  const left = edges[bin - 1]
  const right = edges[bin]
  if (left === undefined || right === undefined) {
    const edge = (left ?? right) as number
    const outwards = left === undefined ? 1 : -1
    if (outwards !== direction) return edge
    let harmonic = 0
    for (let k = 1; k <= Math.min(count, 1000); k++) harmonic += 1 / k
    return edge + (mean - edge) * harmonic
  }
  const level = direction === 1 ? 1 / (count + 1) : count / (count + 1)
  const middle = within((mean - left) / (right - left))
  return Math.min(right, Math.max(floatAbove(left), left + (right - left) * level ** ((1 - middle) / middle)))
}

/** How many values are below a point. */
export function rowsBelow({ edges, counts, sums, upTo, minimum, maximum }: BinnedSample, point: number): number {
  const edge = floatBelow(point)
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((edges[middle] as number) < edge) low = middle + 1
    else high = middle
  }
  if (edges[low] === edge) return upTo[low] as number
  const before = low === 0 ? 0 : (upTo[low - 1] as number)
  const count = counts[low] as number
  if (count === 0) return before
  const left = low === 0 ? Math.min(minimum, edges[0] as number) : (edges[low - 1] as number)
  const right = low === edges.length ? Math.max(maximum, floatAbove(left)) : (edges[low] as number)
  return (
    before +
    Math.round(
      count * shareBelow((point - left) / (right - left), ((sums[low] as number) / count - left) / (right - left)),
    )
  )
}

/** The share of a bin's values below a place in it (0 to 1), by the power of the place that has the same mean. */
function shareBelow(place: number, mean: number): number {
  if (!(place > 0)) return 0
  if (place >= 1) return 1
  const middle = within(mean)
  return place ** (middle / (1 - middle))
}

function within(mean: number): number {
  return Math.min(0.999, Math.max(0.001, mean))
}

/** Rows per bin, as NumPy counts them: closed on the left, the last bin on both sides. */
export function countsIn(sample: BinnedSample, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length - 1)
  let seen = rowsBelow(sample, edges[0] as number)
  for (let bin = 0; bin < counts.length; bin++) {
    const edge = edges[bin + 1] as number
    const next = rowsBelow(sample, bin === counts.length - 1 ? floatAbove(edge) : edge)
    counts[bin] = next - seen
    seen = next
  }
  return counts
}
