// The metrics of a multiclass model's outcomes.

import type { Metric } from '../../statistics/performance/metric.ts'
import { undefinedBecause } from '../../statistics/performance/metric.ts'
import { multiclassMetrics, topAccuracy } from '../../statistics/performance/multiclass-metrics.ts'
import { readLoss } from '../../summaries/outcomes/cells.ts'
import type { MulticlassCells } from '../../summaries/outcomes/multiclass.ts'
import type { MetricOptions } from '../metric-options.ts'
import { measureBusinessValue } from './business-value.ts'
import { lossOrNull } from './loss-or-null.ts'

export function measureMulticlass(
  cells: MulticlassCells,
  outcomes: Float64Array,
  { top, cost }: MetricOptions,
): Record<string, Metric> {
  const confusion = outcomes.slice(cells.confusion, cells.confusion + cells.groups ** 2)
  const logLoss = lossOrNull(readLoss(outcomes, cells.logLoss))
  return {
    ...multiclassMetrics({
      confusion,
      classes: cells.groups,
      right: outcomes[cells.right] as number,
      logLoss,
      scores:
        logLoss === null
          ? []
          : cells.scores.map(({ positives, negatives, bins }) => ({
              positives: outcomes.subarray(positives, positives + bins),
              negatives: outcomes.subarray(negatives, negatives + bins),
            })),
    }),
    top_k_accuracy:
      logLoss === null
        ? undefinedBecause('no labelled rows with probabilities')
        : topAccuracy(outcomes.subarray(cells.labelRanks, cells.labelRanks + cells.ranks + 1), top),
    ...measureBusinessValue(cost, cells.schema.classes, confusion),
  }
}
