// The metrics of a multilabel model's outcomes.

import type { Metric } from '../../statistics/performance/metric.ts'
import { multilabelMetrics } from '../../statistics/performance/multilabel-metrics.ts'
import type { MultilabelCells } from '../../summaries/outcomes/multilabel.ts'
import { multilabelSums } from '../../summaries/outcomes/multilabel.ts'

export function measureMultilabel(cells: MultilabelCells, outcomes: Float64Array): Record<string, Metric> {
  const of = (name: (typeof multilabelSums)[number]) => outcomes[cells.sums + multilabelSums.indexOf(name)] as number
  const rows = of('rows')
  const labels = cells.schema.classes.map((_, index) => {
    const at = (i: number) => outcomes[cells.labels + 3 * index + i] as number
    const [truePositives, falsePositives, falseNegatives] = [at(0), at(1), at(2)]
    const trueNegatives = rows - truePositives - falsePositives - falseNegatives
    return { truePositives, falsePositives, falseNegatives, trueNegatives }
  })
  return multilabelMetrics({
    labels,
    sums: {
      rows,
      hits: of('h'),
      given: of('p'),
      truths: of('t'),
      hitsSquared: of('h²'),
      givenSquared: of('p²'),
      truthsSquared: of('t²'),
      hitsGiven: of('hp'),
      hitsTruths: of('ht'),
      givenTruths: of('pt'),
      exact: of('exact'),
    },
  })
}
