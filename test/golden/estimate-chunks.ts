// Estimates per chunk of consecutive rows of a data set, through the same cells as in the daemon.

import { calibrationOf, estimatePerformance } from '../../src/reference/estimation.ts'
import { learnReference } from '../../src/reference/learn.ts'
import { createReading } from '../../src/reference/reading.ts'
import { leavesOf } from '../../src/reference/reference.ts'
import type { Metric } from '../../src/statistics/performance/metric.ts'
import { contributeEstimation } from '../../src/summaries/estimation-cells.ts'
import type { DataSet } from './data-sets.ts'

export function estimateChunks(data: DataSet, rowsPerChunk: number) {
  const reference = learnReference(data.reference, {
    model: data.name,
    task: data.task,
    positiveClass: null,
    classes: null,
    columnKinds: {},
    multivariate: false,
    textual: data.textual,
    source: data.name,
    windows: [],
    minSamples: 100,
    estimation: true,
  })
  const calibration = calibrationOf(reference)
  const cells = reference.layout.inputs.estimation
  if (calibration === null || cells === null) throw new Error(`${data.name}: nothing can be estimated`)
  const reading = createReading(reference.task, reference.classes, leavesOf(reference))
  const numbers = reference.columns.flatMap(({ name, kind, role }) =>
    kind === 'numeric' && role === 'feature' ? [name] : [],
  )
  /** As the mapping of a text file does once the reference has told the types. */
  const typedFeatures = (features: Readonly<Record<string, unknown>>) =>
    data.textual
      ? { ...features, ...Object.fromEntries(numbers.map((name) => [name, Number(features[name])])) }
      : features
  const chunks: Array<{ from: number; to: number; metrics: Readonly<Record<string, Metric>> }> = []
  for (let from = 0; from < data.production.length; from += rowsPerChunk) {
    const rows = data.production.slice(from, from + rowsPerChunk)
    const summary = new Float64Array(reference.layout.inputs.size)
    for (const { event } of rows) {
      const typed = { ...event, features: typedFeatures(event.features) }
      contributeEstimation(cells, summary, reading.prediction(event), reading.outputs(typed), 1)
    }
    const metrics = estimatePerformance(reference, cells, summary, calibration, { minimums: false })
    chunks.push({ from, to: from + rows.length, metrics })
  }
  return chunks
}
