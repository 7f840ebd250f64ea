import { proportion } from './confusion-metrics.ts'
import type { Metric } from './metric.ts'
import { ROWS_FOR_A_MEAN } from './metric.ts'

/**
 * How often the truth lies in the interval that a regression predicts: its share, with Wilson's interval.
 *
 * @param low predicted lower bounds
 * @param high predicted upper bounds, in the same order
 * @param labels the truth; on a bound counts as inside
 * @param minimum rows below which there is no value
 * @throws RangeError if the lengths differ, a number is not finite or a lower bound lies above its upper one
 * @see Christoffersen (1998), Evaluating interval forecasts, International Economic Review 39(4)
 * @example intervalCoverage({ low: Float64Array.of(0, 0), high: Float64Array.of(2, 2), labels: Float64Array.of(1, 3) }, 1).value // 0.5
 */
export function intervalCoverage(
  { low, high, labels }: { low: Float64Array; high: Float64Array; labels: Float64Array },
  minimum: number = ROWS_FOR_A_MEAN,
): Metric {
  if (low.length !== labels.length || high.length !== labels.length)
    throw new RangeError(
      `intervalCoverage: low has ${low.length} rows, high ${high.length}, labels ${labels.length}; they must be the same rows`,
    )
  let inside = 0
  for (const [row, label] of labels.entries()) {
    const [from, to] = [low[row] as number, high[row] as number]
    if (!(Number.isFinite(label) && Number.isFinite(from) && Number.isFinite(to) && from <= to))
      throw new RangeError(
        `intervalCoverage: row ${row} has labels ${label}, low ${from}, high ${to}; they must be finite, and low at most high`,
      )
    if (label >= from && label <= to) inside++
  }
  return proportion(inside, labels.length, Math.max(1, minimum), 'labelled rows with an interval')
}
