import type { Metric } from './metric.ts'
import { meanStandardError, normalMetric, ROWS_FOR_A_MEAN } from './metric.ts'
import type { RegressionSums } from './regression-metrics.ts'
import { tooFewRows } from './regression-metrics.ts'

/**
 * Mean pinball loss of predictions of a quantile: `quantile` for each unit that the label lies above the prediction, 1 − `quantile` for
 * each unit below. Least when the prediction is that quantile; at 0.5 half the mean absolute error. In the label's unit.
 *
 * Any quantile comes from the same sums: what lies above is (|e| − e) / 2, what lies below (|e| + e) / 2. Normal interval.
 *
 * @param quantile above 0, below 1
 * @param minimum rows below which there is no value
 * @throws RangeError if the quantile lies elsewhere
 * @see Koenker and Bassett (1978), Regression quantiles, Econometrica 46(1)
 */
export function pinballLoss(
  sums: Pick<RegressionSums, 'count' | 'error' | 'absoluteError' | 'errorSquared' | 'errorSignedSquare'>,
  quantile: number,
  minimum: number = ROWS_FOR_A_MEAN,
): Metric {
  if (!(quantile > 0 && quantile < 1))
    throw new RangeError(`pinballLoss: quantile is ${quantile}, it must lie between 0 and 1, such as 0.9`)
  const { count } = sums
  const few = tooFewRows(count, minimum)
  if (few !== null) return few
  const mean = (quantile * (sums.absoluteError - sums.error) + (1 - quantile) * (sums.absoluteError + sums.error)) / 2
  const above = (sums.errorSquared - sums.errorSignedSquare) / 2
  const below = (sums.errorSquared + sums.errorSignedSquare) / 2
  const square = quantile ** 2 * above + (1 - quantile) ** 2 * below
  return normalMetric(mean / count, meanStandardError(count, mean / count, square / count), { min: 0 })
}
