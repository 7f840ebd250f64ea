// The metrics of a regression, from sums of powers of its errors and labels.

import type { Metric } from './metric.ts'
import { normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

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

/** Intervals: normal for MAE and bias, by the delta method for RMSE and R². */
export function regressionMetrics(sums: RegressionSums, { minimums = true } = {}): Record<RegressionMetric, Metric> {
  const { count: n } = sums
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  if (n < needed) {
    const few = undefinedBecause(`${n} labelled rows with a prediction, ${needed} needed`)
    return { mae: few, rmse: few, r2: few, bias: few }
  }
  const mse = sums.errorSquared / n
  const deviation = (mean: number, square: number) => Math.sqrt(Math.max(0, square - mean * mean) / Math.max(1, n - 1))
  const mae = sums.absoluteError / n
  const bias = sums.error / n
  const rmse = Math.sqrt(mse)
  const mseError = deviation(mse, sums.errorFourth / n)
  return {
    mae: normalMetric(mae, deviation(mae, mse), { min: 0 }),
    // d √x = dx / (2 √x)
    rmse: normalMetric(rmse, rmse > 0 ? mseError / (2 * rmse) : 0, { min: 0 }),
    r2: rSquared(sums, mse),
    bias: normalMetric(bias, deviation(bias, mse)),
  }
}

/**
 * R² = 1 − A/B with A = mean e² and B = variance of y. One row moves it by −(e² − A)/B + A((y − μ)² − B)/B²; the variance of that
 * over rows, divided by their number, is the squared standard error.
 */
function rSquared(sums: RegressionSums, a: number): Metric {
  const { count: n } = sums
  const mu = sums.label / n
  const b = sums.labelSquared / n - mu * mu
  if (!(b > 0)) return undefinedBecause('all labels are equal')
  const fourth = (sums.labelFourth - 4 * mu * sums.labelCubed + 6 * mu ** 2 * sums.labelSquared - 4 * mu ** 3 * sums.label) / n + mu ** 4
  const mixed = (sums.errorSquaredLabelSquared - 2 * mu * sums.errorSquaredLabel + mu * mu * sums.errorSquared) / n
  const ratio = a / b
  const variance = (sums.errorFourth / n - a * a - 2 * ratio * (mixed - a * b) + ratio ** 2 * (fourth - b * b)) / (b * b)
  return normalMetric(1 - ratio, Math.sqrt(Math.max(0, variance) / n), { max: 1 })
}
