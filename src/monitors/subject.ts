// What is being judged: one window of one model version, and what it is held against.

import type { PreparedColumn } from '../reference/comparison.ts'
import { faultsOf, heldAgainst, prepareColumn, rowsWithValue } from '../reference/comparison.ts'
import { estimatedMetrics } from '../reference/estimation.ts'
import type { MetricOptions } from '../reference/metric-options.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Baseline, UsualRows } from '../reference/phases.ts'
import { baselineOf, isEven } from '../reference/phases.ts'
import type { PresetSettings } from '../reference/preset.ts'
import type { Reference, WindowNoise } from '../reference/reference.ts'
import type { PreparedJoint } from '../reference/second-moments.ts'
import { jointMethods, prepareJoint } from '../reference/second-moments.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import type { ColumnCells } from '../summaries/layout.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { ConceptDriftSettings } from './error-detectors.ts'
import type { InputFloors } from './floors.ts'
import type { Budget } from './policy.ts'
import { shareOut } from './policy.ts'

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
  /** Whether performance is estimated while there are no labels. */
  readonly estimation: boolean
  /** Metrics to report. */
  readonly metrics: readonly string[]
  /** Left out: the usual ones. */
  readonly metricOptions?: MetricOptions | undefined
  /** Metrics that may alarm, each with its floor; a subset of `metrics`. */
  readonly alarms: Readonly<Record<string, Floor>>
  /** From where on what is seen of inputs matters. Left out: the usual. */
  readonly floors?: InputFloors | undefined
  /** Columns that are judged as another tool would. */
  readonly presets?: PresetSettings | undefined
  /** Whether numeric features are watched together, where the reference has what that needs. */
  readonly multivariate: boolean
  /** Left out: errors are not watched pane by pane. */
  readonly conceptDrift?: ConceptDriftSettings | undefined
}

/** A reference made ready for many comparisons. */
export interface Subject {
  readonly settings: WatchSettings
  readonly reference: Reference
  /** What inputs are compared with: all of the reference, or what it says of the window's hours. */
  readonly baseline: Baseline
  /** The baseline's. */
  readonly columns: readonly PreparedColumn[]
  /** Its numeric features together; null when they are not watched so. */
  readonly joint: PreparedJoint | null
  readonly performance: Readonly<Record<string, Metric>>
  /** Metrics that are estimated while there are no labels: those that may alarm, as far as they can be estimated. */
  readonly estimated: readonly string[]
  /** How often each kind of monitor may raise a false alarm. */
  readonly budget: Budget
}

export function createSubject(reference: Reference, settings: WatchSettings): Subject {
  const columns = reference.layout.inputs.columns.map((cells) => prepareColumn(cells, reference.inputs))
  const joint = settings.multivariate ? prepareJoint(reference.layout.inputs, reference.inputs, reference.joint) : null
  let faults = 0
  for (const { cells } of columns) if (cells.column.role === 'feature') faults += faultsOf(cells).length
  const { estimator } = reference
  const estimated = settings.estimation && estimator !== null ? estimatedMetrics[estimator.task] : []
  const alarming = estimated.filter((metric) => settings.alarms[metric] !== undefined)
  return {
    settings,
    reference,
    baseline: { inputs: reference.inputs, usual: null },
    columns,
    joint,
    performance: measurePerformance(reference.layout.outcomes, reference.outcomes, settings.metricOptions),
    estimated: alarming,
    budget: shareOut(settings.falseAlarmBudget, settings.windows, {
      drift: columns.length + (joint === null ? 0 : jointMethods.length),
      performance: Object.keys(settings.alarms).length + (watchesErrors(settings) ? 1 : 0),
      estimated: alarming.length,
      quality: faults,
      volume: 1,
    }),
  }
}

/** What a window is held against: the subject itself, unless its reference tells hours apart. */
export function subjectAt(subject: Subject, start: Instant, end: Instant): Subject {
  const { phases, inputs } = subject.reference
  if (phases === undefined || isEven({ start, end }, phases)) return subject
  return withBaseline(subject, baselineOf({ phases, inputs }, { start, end }))
}

/** The subject, with inputs compared with something else; bins and groups of bins stay. */
export function withBaseline(subject: Subject, baseline: Baseline): Subject {
  return { ...subject, baseline, columns: subject.columns.map((column) => heldAgainst(column, baseline.inputs)) }
}

function watchesErrors({ conceptDrift }: WatchSettings): boolean {
  return conceptDrift !== undefined && conceptDrift.detector !== 'none'
}

export function windowNoise(subject: Subject, spec: WindowSpec): WindowNoise | undefined {
  return subject.reference.noise[spec.name]
}

/** How many rows a window usually has; null where the reference does not tell. */
export function usualRows(subject: Subject, spec: WindowSpec): UsualRows | null {
  const noise = windowNoise(subject, spec)
  if (noise === undefined || noise.volume === null) return null
  const { mean } = noise.volume
  return subject.baseline.usual ?? { mean, variance: mean / Math.max(1, noise.windows) }
}

/** A window with less than this share of the reference's rows says something of the volume, and little of anything else. */
const VOLUME_TO_JUDGE = 0.2

/** Why a window has too few rows to be judged, or null. */
export function tooFewRows(subject: Subject, spec: WindowSpec, rows: number): string | null {
  return tooFew(subject, spec, { rows, what: 'rows', share: 1 })
}

/** Why a window has too few values of a column to be judged, or null. A column that often has none has few as a rule. */
export function tooFewValues(
  subject: Subject,
  spec: WindowSpec,
  cells: ColumnCells,
  inputs: Float64Array,
): string | null {
  const before = rowsWithValue(cells, subject.baseline.inputs)
  if (before === 0) return 'the reference has no value to compare with'
  return tooFew(subject, spec, {
    rows: rowsWithValue(cells, inputs),
    what: `rows with a ${cells.kind === 'embedding' ? 'vector' : 'value'}`,
    share: before / (subject.baseline.inputs[0] as number),
  })
}

/** @param share how many of the rows that are compared with are of the kind that is counted */
function tooFew(
  subject: Subject,
  spec: WindowSpec,
  { rows, what, share }: { rows: number; what: string; share: number },
): string | null {
  const { minSamples } = subject.settings
  if (rows < minSamples) return `${rows} ${what}, ${minSamples} needed`
  const usual = share * (usualRows(subject, spec)?.mean ?? 0)
  if (rows >= VOLUME_TO_JUDGE * usual) return null
  return `${rows} ${what}, under a fifth of the usual ${Math.round(usual)}`
}
