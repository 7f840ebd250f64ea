import { averagePrecisionInterval, averagePrecisionStandardError } from '../intervals/average-precision-interval.ts'
import type { Interval } from '../intervals/confidence.ts'
import { standardErrorsAt } from '../intervals/confidence.ts'
import { logitInterval } from '../intervals/logit-interval.ts'
import { studentTQuantile } from '../special/student-t.ts'
import { averagePrecisionError } from './average-precision-error.ts'
import type { Metric } from './metric.ts'
import { undefinedBecause } from './metric.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { classTotals, ROWS_OF_RARER_CLASS } from './score-histograms.ts'

/** How rows within a bin are ordered: not known, so taken at random; or not at all, because the bin holds a single score. */
export type WithinBin = 'mixed' | 'tied'

/**
 * Average precision, the mean over positives of the precision among the rows that score at least as high.
 *
 * Within a bin rows are taken to be in random order, and the value is what that gives on average. A bin of one row, or of one
 * class, thus counts exactly as it would by its scores. A bin that holds a single score shared by both classes is one threshold;
 * where all bins are such, `tied` gives the usual step definition exactly.
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
    const rows = { a, b, above, positivesAbove }
    if (a > 0) sum += within === 'tied' ? tied(rows) : mixed(rows)
    above += a + b
    positivesAbove += a
  }
  const value = Math.min(1, sum / p)
  const standardError = n === 0 ? 0 : averagePrecisionError(histograms, value, { p, n })
  // Without any spread, as when the classes do not overlap, what is left to chance is that of so few positives.
  if (standardError === 0) {
    return { value, ...averagePrecisionInterval(value, p), standardError: averagePrecisionStandardError(value, p) }
  }
  return { value, ...intervalOf(value, standardError, rarer), standardError }
}

/** On the logit scale by Student's t: so few rows of the rarer class tell their own spread only roughly. */
function intervalOf(value: number, standardError: number, rarer: number): Interval {
  const factor = studentTQuantile(0.975, Math.max(1, rarer - 1)) / standardErrorsAt(0.95)
  return logitInterval(value, factor * standardError)
}

/** A bin with a positives and b negatives, and the rows above it. */
interface BinRows {
  readonly a: number
  readonly b: number
  readonly above: number
  readonly positivesAbove: number
}

/** The sum of precisions at the positives of a bin that is one threshold. */
function tied({ a, b, above, positivesAbove }: BinRows): number {
  return (a * (positivesAbove + a)) / (above + a + b)
}

/**
 * The expected sum of precisions at the positives of a bin whose rows come in random order, exactly.
 *
 * Each of the bin's n ranks is a positive's with chance a / n, and then has (a − 1) / (n − 1) positives for every rank of the bin
 * before it. The sum over ranks t of (A + 1 + (t − 1) ρ) / (C + t) is n ρ + (A + 1 − ρ (C + 1)) (1 / (C + 1) + … + 1 / (C + n)).
 */
function mixed({ a, b, above, positivesAbove }: BinRows): number {
  const rows = a + b
  const density = rows > 1 ? (a - 1) / (rows - 1) : 0
  const rest = positivesAbove + 1 - density * (above + 1)
  return (a / rows) * (rows * density + rest * reciprocals(above, above + rows))
}

/** From here on three terms of the harmonic numbers' series reach the precision of a double. */
const SERIES_FROM = 64

/** 1 / (from + 1) + … + 1 / to. @see NIST Digital Library of Mathematical Functions, 5.11.2, for harmonic numbers as digamma */
function reciprocals(from: number, to: number): number {
  let sum = 0
  let start = from
  while (start < to && start < SERIES_FROM) sum += 1 / ++start
  if (start === to) return sum
  const beyondLog = (x: number) => 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * x ** 4)
  return sum + Math.log(to / start) + beyondLog(to) - beyondLog(start)
}
