// Builds a reference from rows: classes, columns, bins, counts, performance, and the reference's own variability.

import { className } from '../events/class-name.ts'
import type { OutcomeValue, PredictionEvent } from '../events/event.ts'
import { OUTPUTS_MAX } from '../join/entry.ts'
import type { ScoredRow } from '../summaries/contribute.ts'
import { contributeInputs } from '../summaries/contribute.ts'
import { contributeEstimation } from '../summaries/estimation-cells.ts'
import { LABELS_MAX } from '../summaries/label-set.ts'
import type { Layout } from '../summaries/layout.ts'
import { createLayout } from '../summaries/layout.ts'
import { contributeOutcome, contributePredicted } from '../summaries/outcome.ts'
import type { Column, Task } from '../summaries/schema.ts'
import type { Instant } from '../time.ts'
import { HOUR } from '../time.ts'
import type { ColumnKind, LearntColumn } from './columns.ts'
import { learnColumn, numberOf } from './columns.ts'
import { calibrationOf, estimatePerformance, testCalibration } from './estimation.ts'
import { learnEstimator } from './learn-estimator.ts'
import { learnOutcome } from './learn-outcome.ts'
import { learnLosses } from './losses.ts'
import type { MetricOptions } from './metric-options.ts'
import type { NoiseWindow } from './noise.ts'
import { learnNoise } from './noise.ts'
import type { EstimatesOfPeriod, ReferencePeriod, Summaries } from './period.ts'
import type { BaselineChoice, Phases } from './phases.ts'
import { learnPhases, phaseCountOf, phaseOf, tooShortFor } from './phases.ts'
import type { PresetSettings } from './preset.ts'
import { learnPresetThresholds } from './preset-thresholds.ts'
import type { Reading, ReferenceRow } from './reading.ts'
import { createReading } from './reading.ts'
import type { Reference } from './reference.ts'
import { freeze, leavesOf } from './reference.ts'
import type { JointChoice } from './second-moments.ts'
import { jointFeatures, learnJoint, prepareJoint } from './second-moments.ts'
import type { SegmentChoice } from './segments.ts'
import { learnSegments, segmentLayoutOf } from './segments.ts'

export interface LearnOptions {
  readonly model: string
  readonly task: Task
  readonly positiveClass: string | null
  /** Class names, if the configuration lists them; otherwise they are those of the rows. */
  readonly classes: readonly string[] | null
  /**
   * Whether names beyond what the task can tell apart are left out, the rarest first, and not refused: of a file a person is told,
   * of a stream one stray event must not end the process.
   */
  readonly leaveOutStrays?: boolean
  readonly columnKinds: Readonly<Record<string, ColumnKind>>
  /** Which numeric features are watched together. */
  readonly multivariate: JointChoice
  /** Whether cells are text (CSV), in which numbers are written as text. */
  readonly textual: boolean
  readonly source: string
  readonly windows: readonly NoiseWindow[]
  readonly minSamples: number
  /** Columns that are judged as another tool would, which may need bins of that tool. */
  readonly presets?: PresetSettings | undefined
  /** Whether to learn how performance can be estimated without labels. */
  readonly estimation: boolean
  /** Left out: the usual ones. */
  readonly metricOptions?: MetricOptions | undefined
  /** What of the reference windows are compared with; left out: the whole of it. */
  readonly baseline?: BaselineChoice | undefined
  /** When the period ended, where that is known; left out: with its last row. */
  readonly until?: Instant | undefined
  /** Columns that tell segments apart; left out: none do. */
  readonly segments?: SegmentChoice | undefined
}

/** @throws Error that says what the rows lack for a reference */
export function learnReference(rows: readonly ReferenceRow[], options: LearnOptions): Reference {
  return learnWithPeriod(rows, options).reference
}

/** A reference, and the period it was learnt from. @throws Error that says what the rows lack for a reference */
export function learnWithPeriod(
  rows: readonly ReferenceRow[],
  options: LearnOptions,
): { reference: Reference; period: ReferencePeriod<ReferenceRow> } {
  if (rows.length === 0) throw new Error(`the reference of ${options.model} has no rows: ${options.source}`)
  const sorted = [...rows].sort((a, b) => a.event.time - b.event.time)
  const classes = options.task === 'regression' ? [] : learnClasses(sorted, options)
  const scoring = createReading(options.task, classes)
  const { columns, ignored } = learnColumns(sorted, scoring, options)
  const outcome = learnOutcome(sorted, { task: options.task, classes, reading: scoring })
  const read = sorted.map((row) => ({ ...row, event: readable(row.event, columns, options.textual) }))
  const estimator = options.estimation ? learnEstimator(read, { columns, outcome, reading: scoring }) : null
  const crossed = jointFeatures(columns, options.multivariate)
  const layout = createLayout(columns, outcome, { estimator, crossed })
  const reading = createReading(options.task, classes, leavesOf({ estimator, layout }))
  const total = summarise(read, layout, reading)
  const joint = learnJoint(
    layout.inputs,
    total.inputs,
    read.map(({ event }) => scoredRow(event, reading)),
  )
  const labelled = total.outcomes[layout.outcomes.labelled] as number
  const phases = phasesOf(read, { layout, reading, learning: options })
  const segments =
    options.segments &&
    learnSegments(read, options.segments, segmentLayoutOf({ layout, outcome, inputs: total.inputs }), (part) =>
      summarise(part, layout, reading),
    )
  const period: ReferencePeriod<ReferenceRow> = {
    rows: read,
    timeOf: (row) => row.event.time,
    summarise: (part) => summarise(part, layout, reading),
    total,
    layout,
    joint: prepareJoint(layout.inputs, total.inputs, joint),
    metricOptions: options.metricOptions,
    estimation: estimatesOf({ estimator, layout, outcome, outcomes: total.outcomes, labelled }),
    phases,
  }
  const losses = learnLosses(read, { task: options.task, layout: layout.inputs, inputs: total.inputs, reading })
  const reference = freeze({
    model: options.model,
    task: options.task,
    classes,
    source: options.source,
    rows: rows.length,
    labelled,
    from: (sorted[0] as ReferenceRow).event.time,
    to: (sorted[sorted.length - 1] as ReferenceRow).event.time,
    columns,
    ignored,
    joint,
    outcome,
    estimator,
    inputs: total.inputs,
    outcomes: total.outcomes,
    ...(phases !== undefined && { phases }),
    ...(segments !== undefined && { segments }),
    ...(losses !== undefined && { losses }),
    noise: learnNoise({ ...period, windows: options.windows, minSamples: options.minSamples }),
    ...(options.presets !== undefined && {
      presetThresholds: learnPresetThresholds({
        rows: read,
        timeOf: (row) => row.event.time,
        inputsOf: (part) => summarise(part, layout, reading).inputs,
        reference: total.inputs,
        layout,
        windows: options.windows,
        presets: options.presets,
      }),
    }),
  })
  return { reference, period }
}

function scoredRow(event: PredictionEvent, reading: Reading): ScoredRow {
  return { features: event.features, score: reading.score(event), prediction: reading.column(event) }
}

function summarise(rows: readonly ReferenceRow[], layout: Layout, reading: Reading): Summaries {
  const inputs = new Float64Array(layout.inputs.size)
  const outcomes = new Float64Array(layout.outcomes.size)
  for (const { event, label } of rows) {
    contributeInputs(layout.inputs, inputs, scoredRow(event, reading))
    contributePredicted(layout.outcomes, outcomes)
    const prediction = reading.prediction(event)
    const scored = reading.outputs(event)
    if (layout.inputs.estimation !== null) contributeEstimation(layout.inputs.estimation, inputs, prediction, scored, 1)
    const truth = label === null ? Number.NaN : reading.label(label)
    if (Number.isNaN(truth)) continue
    contributeOutcome(layout.outcomes, outcomes, { prediction, outputs: scored, label: truth }, 1)
  }
  return { inputs, outcomes }
}

/** What the period says of each hour; undefined where windows are compared with the whole of it. */
function phasesOf(
  rows: readonly ReferenceRow[],
  { layout, reading, learning }: { layout: Layout; reading: Reading; learning: LearnOptions },
): Phases | undefined {
  const { baseline = 'pooled', until } = learning
  if (baseline === 'pooled') return undefined
  const start = (rows[0] as ReferenceRow).event.time
  const end = until ?? (rows[rows.length - 1] as ReferenceRow).event.time
  const lack = tooShortFor(baseline, end - start)
  if (lack !== null)
    throw new Error(`baseline: ${lack}: ${learning.source}; give it a longer one, or set baseline: pooled`)
  const count = phaseCountOf(baseline)
  const rowsOf = Array.from({ length: count }, (): ReferenceRow[] => [])
  for (const row of rows) rowsOf[phaseOf(row.event.time, count)]?.push(row)
  const parts = rowsOf.map((part, phase) => ({ time: phase * HOUR, inputs: summarise(part, layout, reading).inputs }))
  return learnPhases(parts, { period: { start, end }, count, size: layout.inputs.size })
}

type Estimating = Pick<Reference, 'estimator' | 'layout' | 'outcome' | 'outcomes' | 'labelled'>

/** What the noise of estimates is learnt from; nothing while there are no labels to compare with. */
export function estimatesOf(reference: Estimating): EstimatesOfPeriod | null {
  const calibration = calibrationOf(reference)
  const cells = reference.layout.inputs.estimation
  if (calibration === null || cells === null || reference.labelled === 0) return null
  return {
    estimate: (inputs) => estimatePerformance(reference, cells, inputs, calibration),
    test: (outcomes) => testCalibration(reference, calibration, outcomes),
  }
}

function learnClasses(rows: readonly ReferenceRow[], options: LearnOptions): string[] {
  const found = options.classes === null ? countNames(rows) : new Map(options.classes.map((name) => [name, 1]))
  const { leaveOutStrays = false } = options
  const atMost = (names: readonly string[], count: number) => (leaveOutStrays ? commonest(names, found, count) : names)
  const classes = atMost([...found.keys()].sort(), options.task === 'multilabel' ? LABELS_MAX : OUTPUTS_MAX)
  if (classes.length > OUTPUTS_MAX)
    throw new Error(
      `${options.model} has ${classes.length} classes in its reference, at most ${OUTPUTS_MAX} can be told apart; is the label a number? then set task: regression`,
    )
  if (options.task === 'multiclass') {
    if (classes.length < 2)
      throw new Error(
        `${options.model} is multiclass, but its reference has ${classes.length === 1 ? 'only the class' : 'no class'} ${classes.join()}: it needs labels or predictions of two classes or more`,
      )
    return [...classes]
  }
  if (options.task === 'multilabel') {
    if (classes.length === 0 || classes.length > LABELS_MAX)
      throw new Error(
        `${options.model} is multilabel, and its reference has ${classes.length} labels: it needs 1 to ${LABELS_MAX}; share them out among several models`,
      )
    return [...classes]
  }
  const positive = options.positiveClass ?? ['1', 'true'].find((name) => found.has(name))
  if (positive === undefined)
    throw new Error(
      `${options.model} is binary with the classes ${classes.join(', ')}: say which is the positive one with positiveClass`,
    )
  const others = atMost(
    classes.filter((name) => name !== positive),
    1,
  )
  if (others.length > 1)
    throw new Error(
      `${options.model} is binary, but its reference has the classes ${classes.join(', ')}: use task: multiclass, or mend the labels`,
    )
  return [others[0] ?? (positive === '1' ? '0' : `not ${positive}`), positive]
}

/** How often each class is named. */
function countNames(rows: readonly ReferenceRow[]): Map<string, number> {
  const found = new Map<string, number>()
  const count = (name: string) => found.set(name, (found.get(name) ?? 0) + 1)
  for (const { event, label } of rows) {
    for (const name of namesOf(label)) count(name)
    for (const name of namesOf(event.prediction)) count(name)
    for (const name of Object.keys(event.probabilities ?? {})) count(name)
  }
  return found
}

/** The `count` names that are found most often, in their given order. */
function commonest(names: readonly string[], found: ReadonlyMap<string, number>, count: number): readonly string[] {
  const often = (name: string) => found.get(name) ?? 0
  const kept = new Set([...names].sort((a, b) => often(b) - often(a)).slice(0, count))
  return names.filter((name) => kept.has(name))
}

/** The names in a label or a prediction; none where it is null. */
function namesOf(value: OutcomeValue | null): readonly string[] {
  if (value === null) return []
  return typeof value === 'object' ? value : [className(value)]
}

function learnColumns(rows: readonly ReferenceRow[], reading: Reading, options: LearnOptions) {
  const names = new Set<string>()
  for (const { event } of rows) for (const name of Object.keys(event.features)) names.add(name)
  const learnt: LearntColumn[] = [...names].sort().map((name) =>
    learnColumn(
      name,
      'feature',
      rows.map(({ event }) => event.features[name]),
      { kind: options.columnKinds[name], textual: options.textual, presets: options.presets },
    ),
  )
  const scores = rows.map(({ event }) => reading.score(event))
  if (scores.some((score) => score !== null))
    learnt.push(
      learnColumn('score', 'prediction', scores, { kind: 'numeric', textual: false, presets: options.presets }),
    )
  const predictions = rows.map(({ event }) => reading.column(event))
  if (predictions.some((prediction) => prediction !== null)) {
    learnt.push(
      learnColumn('prediction', 'prediction', predictions, {
        kind: options.task === 'regression' || options.task === 'multilabel' ? 'numeric' : 'categorical',
        textual: false,
        presets: options.presets,
      }),
    )
  }
  const columns: Column[] = []
  const ignored: Array<{ name: string; because: string }> = []
  for (const column of learnt) {
    if (column.kind === 'ignored') ignored.push({ name: column.name, because: column.because })
    else columns.push(column)
  }
  if (columns.length === 0)
    throw new Error(
      `the reference of ${options.model} has no column with values, and no predictions: ${options.source}`,
    )
  return { columns, ignored }
}

/** The event with text that stands for numbers turned into numbers, as production rows of the same file format will be. */
function readable(event: PredictionEvent, columns: readonly Column[], textual: boolean): PredictionEvent {
  if (!textual) return event
  const features: Record<string, unknown> = { ...event.features }
  for (const { name, kind, role } of columns) {
    if (role !== 'feature') continue
    if (features[name] === '') features[name] = null
    else if (kind === 'numeric') features[name] = numberOf(features[name], true) ?? features[name]
  }
  return { ...event, features }
}
