import { averagePrecisionInterval, averagePrecisionStandardError } from '../intervals/average-precision-interval.ts'
import type { Metric } from './metric.ts'
import { undefinedBecause } from './metric.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { classTotals, ROWS_OF_RARER_CLASS } from './score-histograms.ts'

/** How rows within a bin are ordered: not known, so mixed evenly; or not at all, because the bin holds a single score. */
export type WithinBin = 'mixed' | 'tied'

/**
 * Average precision, the mean over positives of the precision among the rows that score at least as high.
 *
 * Within a bin positives and negatives are taken as evenly mixed, so a bin of one row, or of one class, counts exactly as it
 * would by its scores. A bin that holds a single score shared by both classes is one threshold; where all bins are such, `tied`
 * gives the usual step definition exactly.
 *
 * @param minimum rows of the rarer class, below which there is no value
 * @throws RangeError if the histograms have different bins
 * @see Boyd, Eng and Page (2013), Area under the precision-recall curve: point estimates and confidence intervals, ECML PKDD
 * @example averagePrecision({ positives: Float64Array.of(0, 1, 1), negatives: Float64Array.of(2, 1, 0) }, { minimum: 1, within: 'tied' }).value // 0.8333333
 */
export function averagePrecision(
  histograms: ScoreHistograms,
  { minimum = ROWS_OF_RARER_CLASS, within = 'mixed' }: { minimum?: number; within?: WithinBin } = {},
): Metric {
  const { positives, negatives } = histograms
  const { p, n } = classTotals('averagePrecision', histograms)
  if (p === 0) return undefinedBecause('no positive labels')
  const rarer = Math.min(p, n)
  if (rarer < minimum) return undefinedBecause(`${rarer} labelled rows of the rarer class, ${minimum} needed`)
  let sum = 0
  let above = 0
  let positivesAbove = 0
  for (let bin = positives.length - 1; bin >= 0; bin--) {
    const a = positives[bin] as number
    const b = negatives[bin] as number
    if (a > 0)
      sum += within === 'tied' ? (a * (positivesAbove + a)) / (above + a + b) : mixed({ a, b, above, positivesAbove })
    above += a + b
    positivesAbove += a
  }
  const value = Math.min(1, sum / p)
  return {
    value,
    ...averagePrecisionInterval(value, p),
    standardError: averagePrecisionStandardError(value, p),
  }
}

/** Positives of a bin that are added up one by one; the rest by an integral. */
const ONE_BY_ONE = 16

/** A bin with a positives and b negatives, and the rows above it. */
interface Bin {
  readonly a: number
  readonly b: number
  readonly above: number
  readonly positivesAbove: number
}

/**
 * The expected sum of precisions at the positives of a bin whose rows come in random order.
 *
 * Before the i-th of a positives lie i·b / (a + 1) of b negatives on average; the spread of that number is taken into account
 * to second order. From the 17th positive on the sum is an integral by midpoints.
 */
function mixed({ a, b, above, positivesAbove }: Bin): number {
  const first = Math.min(a, ONE_BY_ONE)
  let sum = 0
  for (let i = 1; i <= first; i++) {
    const rank = above + i + (i * b) / (a + 1)
    const variance = (i * (a + 1 - i) * b * (a + b + 1)) / ((a + 1) ** 2 * (a + 2))
    sum += ((positivesAbove + i) / rank) * (1 + variance / rank ** 2)
  }
  if (a === first) return sum
  // ∫ (A + x) / (C + k x) dx = x / k + (A − C / k) ln(C + k x) / k
  const k = 1 + b / (a + 1)
  const [from, to] = [first + 0.5, a + 0.5]
  const logs = Math.log((above + k * to) / (above + k * from))
  return sum + (to - from) / k + ((positivesAbove - above / k) / k) * logs
}
