import { logitInterval } from '../intervals/logit-interval.ts'
import type { Metric } from './metric.ts'
import { undefinedBecause } from './metric.ts'
import { multinomialStandardError } from './multinomial.ts'
import type { ScoreHistograms } from './score-histograms.ts'
import { classTotals, ROWS_OF_RARER_CLASS } from './score-histograms.ts'

export interface Lift {
  /** Rows with the highest scores that are looked at: the share of all, rounded up. */
  readonly rows: number
  /** Share of all positives among them (gain, capture). */
  readonly capture: Metric
  /** Share of positives among them over the share of positives among all. */
  readonly lift: Metric
}

/**
 * What the rows with the highest scores hold: how many of the positives, and how many times more than as many rows at random.
 *
 * Within the bin that the cut falls into rows are taken to be in random order. Standard error by the delta method, for a cut that
 * moves with the scores: one row moves the capture by (y (z − C) − ρ (z − s)) / π, where y says that it is positive, z that it is
 * above the cut, C is the capture, s the share above the cut, π the share of positives and ρ that near the cut. Interval of
 * the capture on the logit scale; that of the lift is the same, scaled.
 *
 * @param share of rows that are looked at, above 0 and at most 1
 * @param minimum rows of the rarer class, below which there is no value
 * @throws RangeError if the share lies elsewhere or the histograms have different bins
 * @see Bamber (1975), Journal of Mathematical Psychology 12, for the curve; Huber (1981), Robust Statistics, section 1.5, for the error
 * @example liftAtShare({ positives: Float64Array.of(10, 20, 70), negatives: Float64Array.of(60, 30, 10) }, 0.4).lift.value // 1.75
 */
export function liftAtShare(histograms: ScoreHistograms, share: number, minimum: number = ROWS_OF_RARER_CLASS): Lift {
  if (!(share > 0 && share <= 1))
    throw new RangeError(`liftAtShare: share is ${share}, it must be above 0 and at most 1`)
  const { p, n } = classTotals('liftAtShare', histograms)
  const all = p + n
  const rows = Math.ceil(share * all)
  if (p === 0) return withoutValue(rows, 'no positive labels')
  const rarer = Math.min(p, n)
  if (rarer < minimum) return withoutValue(rows, `${rarer} labelled rows of the rarer class, ${minimum} needed`)
  const { captured, density } = cutAt(histograms, rows, all)
  const [capture, above, prevalence] = [captured / p, rows / all, p / all]
  const shares = [captured, p - captured, rows - captured, n - (rows - captured)].map(
    (count) => (count + 0.5) / (all + 2),
  )
  const gradient = [
    1 - capture - density * (1 - above),
    -capture + density * above,
    -density * (1 - above),
    density * above,
  ].map((slope) => slope / prevalence)
  const standardError = multinomialStandardError(shares, gradient, all)
  const measured = { value: capture, ...logitInterval(Math.min(1, capture), standardError), standardError }
  return {
    rows,
    capture: measured,
    lift: {
      value: measured.value / above,
      low: measured.low / above,
      high: measured.high / above,
      standardError: standardError / above,
    },
  }
}

/** Rows on either side of the cut in which the share of positives there is told: this share of all, and so many at least. */
const NEAR_SHARE = 0.05
const NEAR_ROWS = 25

/** Positives among the `rows` with the highest scores, and the share of positives where the cut falls. */
function cutAt(histograms: ScoreHistograms, rows: number, all: number): { captured: number; density: number } {
  const near = Math.max(NEAR_ROWS, NEAR_SHARE * all)
  const [from, to] = [Math.max(0, rows - near), Math.min(all, rows + near)]
  return {
    captured: capturedIn(histograms, rows),
    density: (capturedIn(histograms, to) - capturedIn(histograms, from)) / (to - from),
  }
}

/** Positives among the rows with the highest scores. */
function capturedIn({ positives, negatives }: ScoreHistograms, rows: number): number {
  let [captured, above] = [0, 0]
  for (let bin = positives.length - 1; bin >= 0 && above < rows; bin--) {
    const a = positives[bin] as number
    const inBin = a + (negatives[bin] as number)
    if (inBin === 0) continue
    const taken = Math.min(inBin, rows - above)
    captured += taken === inBin ? a : (a / inBin) * taken
    above += taken
  }
  return captured
}

function withoutValue(rows: number, reason: string): Lift {
  return { rows, capture: undefinedBecause(reason), lift: undefinedBecause(reason) }
}
