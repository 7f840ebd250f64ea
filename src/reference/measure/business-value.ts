import type { BusinessValue } from '../../statistics/performance/business-value.ts'
import { businessValue } from '../../statistics/performance/business-value.ts'
import type { Metric } from '../../statistics/performance/metric.ts'
import { undefinedBecause } from '../../statistics/performance/metric.ts'
import type { CostMatrix } from '../metric-options.ts'

/** What decisions are worth at the configured costs, in all and per prediction. */
export function measureBusinessValue(
  cost: CostMatrix | null,
  classes: readonly string[],
  confusion: Float64Array,
): Record<'business_value' | 'business_value_total', Metric> {
  const { total, perPrediction } = worthOf(cost, classes, confusion)
  return { business_value: perPrediction, business_value_total: total }
}

function worthOf(cost: CostMatrix | null, classes: readonly string[], confusion: Float64Array): BusinessValue {
  if (cost === null) return without('no costs are configured: performance.cost')
  if (confusion.length !== classes.length ** 2) {
    return without(`costs need a cell for each pair of classes, which ${classes.length} classes do not have`)
  }
  const named = new Set(Object.entries(cost).flatMap(([truth, costs]) => [truth, ...Object.keys(costs)]))
  const unknown = [...named].find((name) => !classes.includes(name))
  if (unknown !== undefined) {
    return without(`performance.cost names the class ${unknown}, the model has ${classes.join(', ')}`)
  }
  const costs = classes.flatMap((truth) => classes.map((prediction) => cost[truth]?.[prediction] ?? 0))
  return businessValue(confusion, Float64Array.from(costs))
}

function without(reason: string): BusinessValue {
  return { total: undefinedBecause(reason), perPrediction: undefinedBecause(reason) }
}
