// The metrics of a regression, from sums of powers of its errors and labels.

import type { Metric } from './metric.ts'
import { meanStandardError, normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

/** Sums over labelled rows; e = prediction − label, y = label (centred anywhere; the closer to its mean the better). */
export interface RegressionSums {
  readonly count: number
  readonly error: number
  readonly absoluteError: number
  readonly errorSquared: number
  readonly errorFourth: number
  readonly label: number
  readonly labelSquared: number
  readonly labelCubed: number
  readonly labelFourth: number
  readonly errorSquaredLabel: number
  readonly errorSquaredLabelSquared: number
}

export type RegressionMetric = 'mae' | 'rmse' | 'r2' | 'bias'

/**
 * Every metric of a regression: mean absolute error, root mean squared error, R², and bias = mean of prediction − label.
 *
 * Intervals are normal for MAE and bias, and by the delta method for RMSE and R². MAE, RMSE and bias are in the label's unit.
 *
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if a sum is not finite
 */
export function regressionMetrics(
  sums: RegressionSums,
  { minimums = true }: { minimums?: boolean } = {},
): Record<RegressionMetric, Metric> {
  for (const [name, sum] of Object.entries(sums)) {
    if (!Number.isFinite(sum)) throw new RangeError(`regressionMetrics: ${name} is ${sum}, it must be finite`)
  }
  const { count } = sums
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  if (count < needed) {
    const few = undefinedBecause(`${count} labelled rows with a prediction, ${needed} needed`)
    return { mae: few, rmse: few, r2: few, bias: few }
  }
  const mae = sums.absoluteError / count
  const bias = sums.error / count
  const meanSquare = sums.errorSquared / count
  const rmse = Math.sqrt(meanSquare)
  const ofSquare = meanStandardError(count, meanSquare, sums.errorFourth / count)
  return {
    mae: normalMetric(mae, meanStandardError(count, mae, meanSquare), { min: 0 }),
    // d √x = dx / (2 √x)
    rmse: normalMetric(rmse, rmse > 0 ? ofSquare / (2 * rmse) : 0, { min: 0 }),
    r2: rSquared(sums, meanSquare),
    bias: normalMetric(bias, meanStandardError(count, bias, meanSquare)),
  }
}

/** Variance of labels, relative to their mean square about where they were centred, that is no more than rounding. */
const ROUNDING = 1e-12

/**
 * R² = 1 − A/B with A = mean of e² and B = variance of y (divisor n).
 *
 * One row moves it by −(e² − A)/B + A((y − μ)² − B)/B², its influence; the variance of that over rows, divided by their number, is
 * the squared standard error.
 *
 * @see Huber (1981), Robust Statistics, section 1.5, for standard errors from influence functions
 */
function rSquared(sums: RegressionSums, a: number): Metric {
  const n = sums.count
  if (n < 2) return undefinedBecause(`${n} labelled rows, 2 needed`)
  const mu = sums.label / n
  const b = sums.labelSquared / n - mu * mu
  if (!(b > ROUNDING * (sums.labelSquared / n))) return undefinedBecause('all labels are equal')
  // Mean of (y − μ)⁴, and of e² (y − μ)².
  const thirdAndFourth = sums.labelFourth - 4 * mu * sums.labelCubed
  const fourth = (thirdAndFourth + 6 * mu ** 2 * sums.labelSquared - 4 * mu ** 3 * sums.label) / n + mu ** 4
  const mixed = (sums.errorSquaredLabelSquared - 2 * mu * sums.errorSquaredLabel + mu ** 2 * sums.errorSquared) / n
  const ratio = a / b
  const variance = (sums.errorFourth / n - a * a - 2 * ratio * (mixed - a * b) + ratio ** 2 * (fourth - b * b)) / b / b
  return normalMetric(1 - ratio, Math.sqrt(Math.max(0, variance) / n), { max: 1 })
}
