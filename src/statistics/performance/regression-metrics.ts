// The metrics of a regression, from sums of powers of its errors and labels.

import type { LossSums, Metric, Undefined } from './metric.ts'
import { meanMetric, meanStandardError, normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'

/** Sums over labelled rows; e = prediction − label, y = label (centred anywhere; the closer to its mean the better). */
export interface RegressionSums {
  readonly count: number
  readonly error: number
  readonly absoluteError: number
  readonly errorSquared: number
  /** Of e |e|: squares of errors with their sign. */
  readonly errorSignedSquare: number
  readonly errorCubed: number
  readonly errorFourth: number
  readonly label: number
  readonly labelSquared: number
  readonly labelCubed: number
  readonly labelFourth: number
  readonly errorLabel: number
  readonly errorLabelSquared: number
  readonly errorSquaredLabel: number
  readonly errorSquaredLabelSquared: number
}

/** Sums of what relates an error to its label; null where they were not kept. */
export interface RelativeSums {
  /** Of |e| / |label|, over rows whose label is not 0. */
  readonly percentage: LossSums
  readonly zeroLabels: number
  /** Of 2 |e| / (|prediction| + |label|); 0 where both are 0. */
  readonly symmetricPercentage: LossSums
  /** Of (ln(1 + prediction) − ln(1 + label))², over rows where neither is negative. */
  readonly logSquare: LossSums
  /** Rows where one is. */
  readonly negatives: number
}

export const regressionMetricNames = [
  'mae',
  'mse',
  'rmse',
  'r2',
  'explained_variance',
  'bias',
  'mape',
  'smape',
  'rmsle',
] as const
export type RegressionMetric = (typeof regressionMetricNames)[number]

/**
 * Every metric of a regression: mean absolute error, mean squared error and its root, R², explained variance (R² of errors about
 * their mean), bias = mean of prediction − label, mean absolute percentage error and its symmetric form (both as shares), and the
 * root of the mean squared difference of logarithms.
 *
 * Intervals are normal for means and by the delta method for the rest. MAE, RMSE and bias are in the label's unit, MSE in its square.
 * The percentage error is undefined when a label is 0, the logarithmic one when a label or a prediction is negative.
 *
 * @param options `relative` = what percentages and logarithms come from; `minimums: false` = also from very few rows, for comparison
 *   with other software
 * @throws RangeError if a sum is not finite
 */
export function regressionMetrics(
  sums: RegressionSums,
  { relative = null, minimums = true }: { relative?: RelativeSums | null; minimums?: boolean } = {},
): Record<RegressionMetric, Metric> {
  for (const [name, sum] of Object.entries(sums)) {
    if (!Number.isFinite(sum)) throw new RangeError(`regressionMetrics: ${name} is ${sum}, it must be finite`)
  }
  const { count } = sums
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  const few = tooFewRows(count, needed)
  if (few !== null) {
    return {
      mae: few,
      mse: few,
      rmse: few,
      r2: few,
      explained_variance: few,
      bias: few,
      mape: few,
      smape: few,
      rmsle: few,
    }
  }
  const mae = sums.absoluteError / count
  const bias = sums.error / count
  const meanSquare = sums.errorSquared / count
  const rmse = Math.sqrt(meanSquare)
  const ofSquare = meanStandardError(count, meanSquare, sums.errorFourth / count)
  return {
    mae: normalMetric(mae, meanStandardError(count, mae, meanSquare), { min: 0 }),
    mse: normalMetric(meanSquare, ofSquare, { min: 0 }),
    // d √x = dx / (2 √x)
    rmse: normalMetric(rmse, rmse > 0 ? ofSquare / (2 * rmse) : 0, { min: 0 }),
    r2: rSquared(sums, meanSquare),
    explained_variance: explainedVariance(sums, meanSquare, bias),
    bias: normalMetric(bias, meanStandardError(count, bias, meanSquare)),
    ...relativeMetrics(relative, needed),
  }
}

/** Why there is no value, or null. */
export function tooFewRows(count: number, needed: number): Undefined | null {
  return count < needed || count === 0
    ? undefinedBecause(`${count} labelled rows with a prediction, ${needed} needed`)
    : null
}

function relativeMetrics(relative: RelativeSums | null, needed: number): Record<'mape' | 'smape' | 'rmsle', Metric> {
  if (relative === null) {
    const none = undefinedBecause('the sums that relate errors to labels were not kept')
    return { mape: none, smape: none, rmsle: none }
  }
  const { percentage, zeroLabels, symmetricPercentage, logSquare, negatives } = relative
  return {
    mape:
      zeroLabels > 0 ? undefinedBecause(`${zeroLabels} labels are 0`) : meanMetric(percentage, needed, 'a prediction'),
    smape: meanMetric(symmetricPercentage, needed, 'a prediction'),
    rmsle:
      negatives > 0
        ? undefinedBecause(`${negatives} rows have a negative label or prediction`)
        : rootOf(meanMetric(logSquare, needed, 'a prediction')),
  }
}

function rootOf(metric: Metric): Metric {
  if (metric.value === null) return metric
  const root = Math.sqrt(metric.value)
  return normalMetric(root, root > 0 ? metric.standardError / (2 * root) : 0, { min: 0 })
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
  const labels = labelMoments(sums)
  if ('reason' in labels) return labels
  const { mu, variance: b, fourth } = labels
  const n = sums.count
  // Mean of e² (y − μ)².
  const mixed = (sums.errorSquaredLabelSquared - 2 * mu * sums.errorSquaredLabel + mu ** 2 * sums.errorSquared) / n
  return shareExplained({ n, a, b, squareOfA: sums.errorFourth / n, mixed, fourth })
}

/** 1 − variance of e / variance of y: as R², with errors about their mean. */
function explainedVariance(sums: RegressionSums, meanSquare: number, m: number): Metric {
  const labels = labelMoments(sums)
  if ('reason' in labels) return labels
  const { mu, variance: b, fourth } = labels
  const n = sums.count
  const mean = (sum: number) => sum / n
  // Mean of (e − m)⁴, and of (e − m)² (y − μ)².
  const squareOfA = mean(sums.errorFourth) - 4 * m * mean(sums.errorCubed) + 6 * m ** 2 * meanSquare - 3 * m ** 4
  const squares = mean(sums.errorSquaredLabelSquared) - 2 * mu * mean(sums.errorSquaredLabel) + mu ** 2 * meanSquare
  const products = mean(sums.errorLabelSquared) - 2 * mu * mean(sums.errorLabel) + mu ** 2 * m
  const mixed = squares - 2 * m * products + m ** 2 * b
  return shareExplained({ n, a: Math.max(0, meanSquare - m * m), b, squareOfA, mixed, fourth })
}

/** Mean, variance and fourth central moment of the labels, or why they say nothing. */
function labelMoments(sums: RegressionSums): { mu: number; variance: number; fourth: number } | Undefined {
  const n = sums.count
  if (n < 2) return undefinedBecause(`${n} labelled rows, 2 needed`)
  const mu = sums.label / n
  const variance = sums.labelSquared / n - mu * mu
  if (!(variance > ROUNDING * (sums.labelSquared / n))) return undefinedBecause('all labels are equal')
  const thirdAndFourth = sums.labelFourth - 4 * mu * sums.labelCubed
  const fourth = (thirdAndFourth + 6 * mu ** 2 * sums.labelSquared - 4 * mu ** 3 * sums.label) / n + mu ** 4
  return { mu, variance, fourth }
}

/** 1 − a / b, from the means of the squares of what a and b are means of, and of their product. */
function shareExplained(moments: {
  n: number
  a: number
  b: number
  squareOfA: number
  mixed: number
  fourth: number
}): Metric {
  const { n, a, b, squareOfA, mixed, fourth } = moments
  const ratio = a / b
  const variance = (squareOfA - a * a - 2 * ratio * (mixed - a * b) + ratio ** 2 * (fourth - b * b)) / b / b
  return normalMetric(1 - ratio, Math.sqrt(Math.max(0, variance) / n), { max: 1 })
}
