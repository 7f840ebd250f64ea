// The metrics of a regression's outcomes.

import { medianFromBins } from '../../statistics/performance/median-from-bins.ts'
import type { Metric } from '../../statistics/performance/metric.ts'
import { inUnitsOf } from '../../statistics/performance/metric.ts'
import { pinballLoss } from '../../statistics/performance/pinball-loss.ts'
import type { RegressionSums } from '../../statistics/performance/regression-metrics.ts'
import { regressionMetrics } from '../../statistics/performance/regression-metrics.ts'
import { readLoss } from '../../summaries/outcomes/cells.ts'
import type { RegressionCells } from '../../summaries/outcomes/regression.ts'
import { readRegressionSums, regressionSums, SPREADS_MAX } from '../../summaries/outcomes/regression.ts'
import type { MetricOptions } from '../metric-options.ts'

/** Sums are kept in units of the spread; errors in the label's own unit come out by multiplying. */
export function measureRegression(
  cells: RegressionCells,
  outcomes: Float64Array,
  { quantiles }: MetricOptions,
): Record<string, Metric> {
  const { spread } = cells.schema
  const sums = namedSums(cells, outcomes)
  const metrics = regressionMetrics(sums, {
    relative: {
      percentage: readLoss(outcomes, cells.percentage),
      zeroLabels: outcomes[cells.zeroLabels] as number,
      symmetricPercentage: readLoss(outcomes, cells.symmetricPercentage),
      logSquare: readLoss(outcomes, cells.logSquare),
      negatives: outcomes[cells.negatives] as number,
    },
  })
  const { mae, mse, rmse, bias } = metrics
  return {
    ...metrics,
    mae: inUnitsOf(spread, mae),
    mse: inUnitsOf(spread ** 2, mse),
    rmse: inUnitsOf(spread, rmse),
    bias: inUnitsOf(spread, bias),
    median_absolute_error: inUnitsOf(spread, medianError(cells, outcomes)),
    ...Object.fromEntries(
      quantiles.map((quantile) => [pinballName(quantile), inUnitsOf(spread, pinballLoss(sums, quantile))]),
    ),
  }
}

/** What the pinball loss of a quantile is called: `pinball_0.9`. */
export function pinballName(quantile: number): string {
  return `pinball_${quantile}`
}

function medianError(cells: RegressionCells, outcomes: Float64Array): Metric {
  const counts = outcomes.subarray(cells.errors, cells.errors + cells.errorBins)
  // Errors of exactly 0 may have a bin of their own, whose edge lies just below.
  const edges = cells.schema.errorEdges.map((edge) => Math.max(0, edge))
  // The last bin has no end; errors are as a rule within twice what the reference has seen.
  const most = 2 * Math.max(SPREADS_MAX, edges[edges.length - 1] as number)
  return medianFromBins({ counts, edges, least: 0, most })
}

function namedSums(cells: RegressionCells, outcomes: Float64Array): RegressionSums {
  const sums = readRegressionSums(cells, outcomes)
  const of = (name: (typeof regressionSums)[number]) => sums[regressionSums.indexOf(name)] as number
  return {
    count: of('count'),
    error: of('e'),
    absoluteError: of('|e|'),
    errorSquared: of('e²'),
    errorSignedSquare: of('e|e|'),
    errorCubed: of('e³'),
    errorFourth: of('e⁴'),
    label: of('y'),
    labelSquared: of('y²'),
    labelCubed: of('y³'),
    labelFourth: of('y⁴'),
    errorLabel: of('ey'),
    errorLabelSquared: of('ey²'),
    errorSquaredLabel: of('e²y'),
    errorSquaredLabelSquared: of('e²y²'),
  }
}
