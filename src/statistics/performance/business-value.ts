import type { Metric } from './metric.ts'
import { meanStandardError, normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

export interface BusinessValue {
  /** What all the decisions together are worth: minus their cost. */
  readonly total: Metric
  /** The same per decision. */
  readonly perPrediction: Metric
}

/**
 * What decisions are worth, from a confusion and a matrix of costs: −Σ count × cost. A gain is a negative cost.
 *
 * Normal intervals, with the variance of the costs over rows; the total's is for as many rows again.
 *
 * @param confusion counts per cell, row = truth, column = prediction; any order, as long as both have the same
 * @param costs per cell, finite
 * @param minimum rows below which there is no value
 * @throws RangeError if the lengths differ, a count is negative, or a number is not finite
 * @see Elkan (2001), The foundations of cost-sensitive learning, IJCAI
 * @example businessValue(Float64Array.of(50, 10, 5, 35), Float64Array.of(0, 1, 20, -2)).total.value // -40
 */
export function businessValue(
  confusion: Float64Array,
  costs: Float64Array,
  minimum: number = ROWS_FOR_A_MEAN,
): BusinessValue {
  if (confusion.length !== costs.length)
    throw new RangeError(
      `businessValue: costs has ${costs.length} cells, confusion ${confusion.length}; they must be the same`,
    )
  let [rows, sum, sumOfSquares] = [0, 0, 0]
  for (const [cell, cost] of costs.entries()) {
    const count = confusion[cell] as number
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY))
      throw new RangeError(`businessValue: confusion has ${count} in cell ${cell}; it must be 0 or more and finite`)
    if (!Number.isFinite(cost))
      throw new RangeError(`businessValue: costs has ${cost} in cell ${cell}; it must be finite`)
    rows += count
    sum -= count * cost
    sumOfSquares += count * cost * cost
  }
  if (rows === 0 || rows < minimum) {
    const few = undefinedBecause(`${rows} labelled rows with a decision, ${Math.max(1, minimum)} needed`)
    return { total: few, perPrediction: few }
  }
  const mean = sum / rows
  const standardError = meanStandardError(rows, mean, sumOfSquares / rows)
  return { total: normalMetric(sum, standardError * rows), perPrediction: normalMetric(mean, standardError) }
}
