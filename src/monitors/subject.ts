// What is being judged: one window of one model version, and what it is held against.

import type { PreparedColumn } from '../reference/comparison.ts'
import { faultsOf, prepareColumn } from '../reference/comparison.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Reference, WindowNoise } from '../reference/reference.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import type { WindowSpec } from '../windows/window.ts'
import { evidenceLevel } from './policy.ts'

/** By how much a metric must get worse to matter: an amount in its own unit, or a share of the reference's value. */
export type Floor = { readonly drop: number } | { readonly rise: number } | { readonly share: number }

/** How a model is to be watched. */
export interface WatchSettings {
  readonly windows: readonly WindowSpec[]
  readonly falseAlarmBudget: number
  /** Rows below which a window says nothing about a column. */
  readonly minSamples: number
  /** Share of labelled predictions below which performance is provisional. */
  readonly minCoverage: number
  /** Metrics to report. */
  readonly metrics: readonly string[]
  /** Metrics that may alarm, each with its floor; a subset of `metrics`. */
  readonly alarms: Readonly<Record<string, Floor>>
}

/** A reference made ready for many comparisons. */
export interface Subject {
  readonly settings: WatchSettings
  readonly reference: Reference
  readonly columns: readonly PreparedColumn[]
  readonly performance: Readonly<Record<string, Metric>>
  /** p-value below which one test is evidence, so that all tests of all windows keep the budget together. */
  readonly level: number
}

export function createSubject(reference: Reference, settings: WatchSettings): Subject {
  const columns = reference.layout.inputs.columns.map((cells) => prepareColumn(cells, reference.inputs))
  let tests = 1 + Object.keys(settings.alarms).length
  for (const { cells } of columns) tests += 1 + (cells.column.role === 'feature' ? faultsOf(cells).length : 0)
  return {
    settings,
    reference,
    columns,
    performance: measurePerformance(reference.layout.outcomes, reference.outcomes),
    level: evidenceLevel({
      budget: settings.falseAlarmBudget,
      slidesMs: settings.windows.map((w) => w.slideMs),
      tests,
    }),
  }
}

export function windowNoise(subject: Subject, spec: WindowSpec): WindowNoise | undefined {
  return subject.reference.noise[spec.name]
}
