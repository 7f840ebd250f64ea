// The one place where the simulation calls the product: learn a reference, judge a window, advance the incidents.

import { advance } from '../../src/incidents/advance.ts'
import { isActive } from '../../src/incidents/incident.ts'
import type { PolicyState } from '../../src/incidents/policy-state.ts'
import { emptyPolicy } from '../../src/incidents/policy-state.ts'
import { judgeInputs } from '../../src/monitors/judge-inputs.ts'
import { defaultAlarms } from '../../src/monitors/performance.ts'
import type { Subject } from '../../src/monitors/subject.ts'
import { createSubject, subjectAt } from '../../src/monitors/subject.ts'
import type { MonitorKind, Verdict } from '../../src/monitors/verdict.ts'
import { learnColumn } from '../../src/reference/columns.ts'
import { ladderOf, windowsToFire } from '../../src/reference/ladder.ts'
import { learnNoise } from '../../src/reference/noise.ts'
import { defaultMetricsOf } from '../../src/reference/performance.ts'
import type { BaselineChoice } from '../../src/reference/phases.ts'
import { learnPhases, phaseCountOf } from '../../src/reference/phases.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { freeze } from '../../src/reference/reference.ts'
import { jointFeatures, learnJoint, prepareJoint } from '../../src/reference/second-moments.ts'
import { quantileEdges } from '../../src/summaries/bins.ts'
import type { ScoredRow } from '../../src/summaries/contribute.ts'
import type { Layout } from '../../src/summaries/layout.ts'
import { createLayout } from '../../src/summaries/layout.ts'
import type { Column, OutcomeSchema, Role } from '../../src/summaries/schema.ts'
import { add } from '../../src/summaries/summary.ts'
import type { Instant, Millis } from '../../src/time.ts'
import type { WindowSpec } from '../../src/windows/window.ts'

/** The document's defaults: config/leeway.schema.json. */
const MIN_SAMPLES = 100
const MIN_COVERAGE = 0.8
const FALSE_ALARM_BUDGET = 1

/** A sample of a column's values, to learn its bins or vocabulary from. */
export interface ColumnSample {
  readonly name: string
  readonly role: Role
  readonly values: readonly (number | string | null)[]
}

/** What is frozen before anything is counted. */
export interface Frame {
  readonly columns: readonly Column[]
  readonly outcome: OutcomeSchema
  readonly layout: Layout
}

export function learnFrame(samples: readonly ColumnSample[]): Frame {
  const columns = samples.map(({ name, role, values }): Column => {
    const column = learnColumn(name, role, values, { textual: false })
    if (column.kind === 'ignored') throw new Error(`column ${name} cannot be simulated: ${column.because}`)
    return column
  })
  const scores = samples.find(({ name }) => name === 'score')?.values ?? []
  const sorted = Float64Array.from(scores.filter((score) => typeof score === 'number')).sort()
  const outcome: OutcomeSchema = { task: 'binary', classes: ['no', 'yes'], scoreEdges: quantileEdges(sorted, 128) }
  return {
    columns,
    outcome,
    layout: createLayout(columns, outcome, { estimator: null, crossed: jointFeatures(columns, true) }),
  }
}

/** One pane of the reference period. */
export interface ReferencePane {
  readonly start: Instant
  readonly rows: number
  readonly inputs: Float64Array
}

/** A reference of unlabelled rows, from panes in the order of time. @param options.rows some of them, as they are */
export function referenceOf(
  frame: Frame,
  panes: readonly ReferencePane[],
  options: { paneMs: Millis; spec: WindowSpec; rows: readonly ScoredRow[]; baseline: BaselineChoice },
): Reference {
  const { columns, outcome, layout } = frame
  const { paneMs, spec, baseline } = options
  const inputs = new Float64Array(layout.inputs.size)
  for (const pane of panes) add(inputs, pane.inputs)
  const rows = inputs[layout.inputs.rows] as number
  const outcomes = new Float64Array(layout.outcomes.size)
  outcomes[layout.outcomes.predicted] = rows
  // The noise is learnt from rows; here a row is represented by the pane that it is part of.
  const timed = panes.flatMap((pane) => new Array<ReferencePane>(pane.rows).fill(pane))
  const summarise = (part: readonly ReferencePane[]) => {
    const sum = new Float64Array(layout.inputs.size)
    for (const pane of new Set(part)) add(sum, pane.inputs)
    const predicted = new Float64Array(layout.outcomes.size)
    predicted[layout.outcomes.predicted] = part.length
    return { inputs: sum, outcomes: predicted }
  }
  const joint = learnJoint(layout.inputs, inputs, options.rows)
  const from = (panes[0] as ReferencePane).start
  const to = (panes[panes.length - 1] as ReferencePane).start + paneMs
  const parts = panes.map((pane) => ({ time: pane.start, inputs: pane.inputs }))
  const phased = { period: { start: from, end: to }, size: layout.inputs.size }
  const phases = baseline === 'pooled' ? undefined : learnPhases(parts, { ...phased, count: phaseCountOf(baseline) })
  return freeze({
    model: 'simulated',
    task: 'binary',
    classes: ['no', 'yes'],
    source: 'simulation',
    rows,
    labelled: 0,
    from,
    to,
    columns,
    ignored: [],
    estimator: null,
    joint,
    outcome,
    inputs,
    outcomes,
    ...(phases !== undefined && { phases }),
    noise: learnNoise({
      rows: timed,
      timeOf: (pane) => pane.start,
      summarise,
      total: { inputs, outcomes },
      layout,
      joint: prepareJoint(layout.inputs, inputs, joint),
      windows: [spec],
      minSamples: MIN_SAMPLES,
      estimation: null,
      phases,
    }),
  })
}

/** A model under the default policy, with one window size. */
export function watch(reference: Reference, spec: WindowSpec): Subject {
  const metrics = defaultMetricsOf.binary
  return createSubject(reference, {
    windows: [spec],
    falseAlarmBudget: FALSE_ALARM_BUDGET,
    minSamples: MIN_SAMPLES,
    minCoverage: MIN_COVERAGE,
    estimation: false,
    metrics,
    alarms: defaultAlarms(metrics),
    multivariate: true,
  })
}

const kinds = ['drift', 'quality', 'volume'] as const satisfies readonly MonitorKind[]

/** What one window did. */
export interface Step {
  readonly verdicts: readonly Verdict[]
  /** Kinds of the incidents that began to fire. */
  readonly fired: readonly MonitorKind[]
  /** Monitors in incidents that fire now: `drift/normal_1`. */
  readonly firing: ReadonlySet<string>
}

/** The alarm policy of one model over its windows, in order. */
export class Watcher {
  readonly #subject: Subject
  readonly #spec: WindowSpec
  readonly #state: PolicyState = emptyPolicy()

  constructor(subject: Subject, spec: WindowSpec) {
    this.#subject = subject
    this.#spec = spec
  }

  /** Windows in a row that a change must last before an incident fires: what is plain, and what shows only just. */
  get persistence(): { readonly plain: number; readonly longest: number } {
    const longest = Math.max(...ladderOf(this.#spec).map(({ windows }) => windows))
    return { plain: windowsToFire(this.#spec), longest }
  }

  judge(inputs: Float64Array, end: Instant): Step {
    const spec = this.#spec
    const samples = inputs[0] as number
    const verdicts = judgeInputs(subjectAt(this.#subject, end - spec.sizeMs, end), spec, inputs, null)
    const result = {
      model: 'simulated',
      version: '',
      segment: '',
      window: spec.name,
      start: end - spec.sizeMs,
      end,
      revision: 0,
      samples,
      labelled: 0,
      provisional: true,
      verdicts,
    }
    const transitions = advance(this.#state, result, { spec, kinds, at: end })
    const fired = transitions.filter(({ change }) => change === 'firing').map(({ incident }) => incident.kind)
    return { verdicts, fired, firing: this.#firing() }
  }

  #firing(): ReadonlySet<string> {
    const monitors = new Set<string>()
    for (const held of Object.values(this.#state.incidents)) {
      if (!isActive(held.incident)) continue
      for (const { monitor } of held.incident.evidence) monitors.add(monitor)
    }
    return monitors
  }
}
