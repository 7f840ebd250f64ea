import { COUNT, isCount } from '../distances/histograms.ts'
import { standardErrorsAt } from '../intervals/confidence.ts'
import type { Measured, Undefined } from './metric.ts'
import { ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

/** A histogram with its ascending inner edges; bins are right-closed, so there is one more than edges. */
export interface Histogram {
  readonly counts: Float64Array
  readonly edges: Float64Array
  /** The least and the largest value possible. */
  readonly least: number
  readonly most: number
}

/** Between which values the median of the rows themselves lies. */
export interface Bracket {
  readonly atLeast: number
  readonly atMost: number
}

/**
 * Median of what a histogram counts, with the bounds of its bin and an interval by order statistics.
 *
 * Within a bin rows are taken to be spread evenly. The interval reaches from the value at rank n/2 − 0.98 √n to that at n/2 + 0.98 √n,
 * whatever the distribution; the standard error is that which a normal interval of the same width has.
 *
 * @param minimum rows below which there is no value
 * @throws RangeError if there are not as many bins as edges and one, a count is no count, or least, edges and most do not ascend
 * @see David and Nagaraja (2003), Order Statistics, section 7.1
 * @example medianFromBins({ counts: Float64Array.of(20, 60, 20), edges: Float64Array.of(1, 2), least: 0, most: 4 }).value // 1.5
 */
export function medianFromBins(
  histogram: Histogram,
  minimum: number = ROWS_FOR_A_MEAN,
): (Measured & Bracket) | Undefined {
  const { counts, edges } = histogram
  if (counts.length !== edges.length + 1)
    throw new RangeError(
      `medianFromBins: counts has ${counts.length} bins, ${edges.length} edges make ${edges.length + 1}`,
    )
  const wrong = counts.findIndex((count) => !isCount(count))
  if (wrong >= 0) throw new RangeError(`medianFromBins: counts has ${counts[wrong]} in bin ${wrong}; ${COUNT}`)
  let before = histogram.least
  for (const edge of [...edges, histogram.most]) {
    if (!(Number.isFinite(before) && Number.isFinite(edge) && before <= edge && Number.isFinite(edge - before)))
      throw new RangeError(`medianFromBins: ${edge} follows ${before}; least, edges and most must be finite and ascend`)
    before = edge
  }
  const rows = counts.reduce((sum, count) => sum + count, 0)
  if (rows === 0 || rows < minimum) return undefinedBecause(`${rows} labelled rows, ${Math.max(1, minimum)} needed`)
  const z = standardErrorsAt(0.95)
  const reach = (z * Math.sqrt(rows)) / 2
  const middle = at(histogram, rows / 2)
  const low = at(histogram, Math.max(0, rows / 2 - reach)).value
  const high = at(histogram, Math.min(rows, rows / 2 + reach)).value
  return { ...middle, low, high, standardError: (high - low) / (2 * z) }
}

/** The value below which as many rows lie. */
function at({ counts, edges, least, most }: Histogram, rank: number): { value: number } & Bracket {
  let below = 0
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    if (count > 0 && below + count >= rank) {
      const atLeast = bin === 0 ? least : (edges[bin - 1] as number)
      const atMost = bin === edges.length ? most : (edges[bin] as number)
      return { value: atLeast + (atMost - atLeast) * ((rank - below) / count), atLeast, atMost }
    }
    below += count
  }
  return { value: most, atLeast: most, atMost: most }
}
