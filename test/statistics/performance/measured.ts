import assert from 'node:assert/strict'
import type { Measured, Metric } from '../../../src/statistics/performance/metric.ts'

/** A metric that must have a value. */
export function measured(metric: Metric): Measured {
  if (metric.value === null) assert.fail(metric.reason)
  return metric
}
