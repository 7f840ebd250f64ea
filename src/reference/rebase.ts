// A reference made of production itself: what has become of the model's rows is from now on what they are compared with.
//
// Rows are never kept, so it is made of panes: their sums are all that comparisons need. It has the layout of the reference that it
// takes the place of, bins and classes included, so that panes which were counted under that one go on. What panes cannot tell is
// taken over from it, or left out, and said:
//   performance   where it is wanted, anew from the panes whose labels are complete, if they hold enough; else that of the reference
//                 before: whoever accepts where inputs lie has not accepted that the model errs more
//   noise         anew for windows of which the span holds enough, each left out of what it is compared with; for others that of
//                 the reference before, taken with caution (`calibrated: false`), for it was learnt in another time
//   joint tests   their sums are anew; how much single rows vary about them is not in a sum, and stays
//   estimates     a binary model's chances and the losses of a tree's leaves go with performance; the curves of a multiclass model
//                 stay, for panes were counted with them
//   segments      anew, from panes of theirs; their performance goes with that of the whole
//   hours         anew where the span is long enough; a model that is compared by the hour gets no reference without hours

import { UNSEEN } from '../summaries/layout.ts'
import { add } from '../summaries/summary.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant, HOUR } from '../time.ts'
import { rowsWithValue } from './comparison.ts'
import { recalibrate } from './estimation.ts'
import { estimatesOf } from './learn.ts'
import type { MetricOptions } from './metric-options.ts'
import type { NoiseWindow } from './noise.ts'
import { learnNoise, WINDOWS_NEEDED } from './noise.ts'
import type { ReferencePeriod, Summaries } from './period.ts'
import type { Phases } from './phases.ts'
import { choiceOf, learnPhases, phaseCountOf, tooShortFor } from './phases.ts'
import type { Reference, ReferenceContent, WindowNoise } from './reference.ts'
import { freeze } from './reference.ts'
import { prepareJoint } from './second-moments.ts'
import type { ReferenceSegments, SegmentPart } from './segments.ts'
import { withOutcomes } from './with-outcomes.ts'

/** Fewer rows than this make no normal; and fewer labelled ones no performance. */
export const ROWS_NEEDED = 500

/** What one pane of production holds. */
export interface SpanPane extends Summaries {
  readonly start: Instant
}

/** Outcomes are kept for longer than inputs: until labels have come. */
export type OutcomePane = Pick<SpanPane, 'start' | 'outcomes'>

export interface RebaseQuestion {
  /** What production was compared with until now. */
  readonly before: Reference
  /** In order of time. */
  readonly panes: readonly SpanPane[]
  /** Panes of the span before those, of which outcomes alone are kept. */
  readonly earlier?: readonly OutcomePane[]
  readonly paneMs: Millis
  /** Who made it of what, for people. */
  readonly source: string
  /** Of performance: whether it is to stay, to be measured anew where labels suffice, or what all this is about. */
  readonly performance: 'kept' | 'wanted' | 'needed'
  readonly windows: readonly NoiseWindow[]
  readonly minSamples: number
  /** Share of labelled predictions from which on a pane's performance counts. */
  readonly minCoverage: number
  readonly metricOptions?: MetricOptions | undefined
  readonly presets?: object | undefined
  /**
   * Reads what the span holds by segment, which takes long: asked once, and only when a reference is made. Left out, or undefined:
   * segments are not known under it.
   */
  readonly segments?: () => ReferenceSegments | undefined
}

export type Rebase =
  /** `says`: what it is made of, what was taken over and what that means. */
  | { readonly is: 'made'; readonly reference: Reference; readonly says: readonly string[] }
  /** `rows`: how many there are, where more of them would help. */
  | { readonly is: 'refused'; readonly because: string; readonly rows?: number }

/** The reference that these panes make in place of the one before, or why they make none. */
export function rebase(question: RebaseQuestion): Rebase {
  const { before, panes, earlier = [], paneMs, source, performance: wish } = question
  const [first, last] = [panes[0], panes[panes.length - 1]]
  const total = totalOf(before, panes, question.minCoverage)
  for (const { outcomes } of earlier.filter(hasCompleteLabels(question.minCoverage))) add(total.outcomes, outcomes)
  const rows = total.inputs[0] as number
  if (first === undefined || last === undefined || rows < ROWS_NEEDED)
    return refused(`the span holds ${rows} rows, and ${ROWS_NEEDED} are needed: wait, or name a longer one`, rows)
  if (question.presets !== undefined)
    return refused(
      'its columns are judged as another tool would (drift.method), whose bins and thresholds are made of rows, and production keeps none; build a reference from a file',
    )
  const [from, end] = [first.start, last.start + paneMs]
  const phases = phasesOf(question, { start: from, end })
  if (typeof phases === 'string') return refused(phases)
  const labelled = total.outcomes[before.layout.outcomes.labelled] as number
  const hasLabels = wish !== 'kept' && labelled >= ROWS_NEEDED
  if (wish === 'needed' && !hasLabels)
    return refused(
      `${labelled} of its rows are in panes whose labels are complete, and ${ROWS_NEEDED} are needed to measure performance: wait for labels`,
      labelled,
    )
  const performance = hasLabels ? measuredAnew(before, labelled, total.outcomes) : contentOf(before)
  const { noise, says } = noiseOf(question, { total, end, phases, performance, hasLabels })
  // Losses by feature are of the rows that it was learnt from, and production keeps none.
  const { phases: _, losses: __, segments: earlierSegments, ...content } = performance
  const segments = segmentsOf(question, earlierSegments, hasLabels)
  const reference = freeze({
    ...content,
    source,
    rows,
    from,
    to: end - 1,
    inputs: total.inputs,
    noise,
    ...(phases !== undefined && { phases }),
    ...(segments !== undefined && { segments }),
    judgesFrom: {
      inputs: from,
      outcomes: hasLabels ? (earlier[0]?.start ?? from) : (before.judgesFrom?.outcomes ?? null),
    },
  })
  return {
    is: 'made',
    reference,
    says: [
      `made of ${rows} rows from ${formatInstant(from)} to ${formatInstant(end)}`,
      hasLabels
        ? `performance is measured anew on ${labelled} labelled rows`
        : `performance is still that of ${before.source}${wish === 'kept' ? ', for it is not what this is about' : `: ${labelled} rows are in panes whose labels are complete, ${ROWS_NEEDED} needed`}`,
      ...says,
      ...hardlySeen(before, total.inputs),
    ],
  }
}

/**
 * Segments as the span holds them; their performance is that of before, where the whole's is, and of those none of whose labels are
 * complete in it.
 */
function segmentsOf(
  question: RebaseQuestion,
  before: ReferenceSegments | undefined,
  hasLabels: boolean,
): ReferenceSegments | undefined {
  const segments = question.segments?.()
  if (segments === undefined) return undefined
  const parts = Object.entries(segments.parts).map(([name, part]): [string, SegmentPart] => {
    const [, labelled = 0] = part.outcomes
    if (hasLabels && labelled > 0) return [name, part]
    const earlier = before?.layout === segments.layout ? before.parts[name] : undefined
    return [name, { ...part, outcomes: earlier?.outcomes ?? new Float64Array(part.outcomes.length) }]
  })
  return { ...segments, parts: Object.fromEntries(parts) }
}

function refused(because: string, rows?: number): Rebase {
  return { is: 'refused', because, ...(rows !== undefined && { rows }) }
}

/** Beyond this share of a column's values in one cell of leftovers, little is seen of how they lie there. */
const LEFT_OVER = 0.2

/** Bins and categories stay: what has moved out of them shares the outermost bins, or the cell of unseen categories. */
function hardlySeen({ layout }: Reference, inputs: Float64Array): string[] {
  const names = layout.inputs.columns.flatMap((cells) => {
    const counts = inputs.subarray(cells.counts, cells.counts + cells.bins)
    const [first = 0, last = 0] = cells.kind === 'categorical' ? [counts[UNSEEN]] : [counts[0], counts[cells.bins - 1]]
    return cells.kind !== 'embedding' && first + last > LEFT_OVER * rowsWithValue(cells, inputs)
      ? cells.column.name
      : []
  })
  if (names.length === 0) return []
  return [
    `of ${names.join(', ')} much lies outside the bins and categories, which stay: changes of its shape out there are hardly seen; build a reference from a file when there is one`,
  ]
}

function contentOf({ id: _, cells: __, layout: ___, ...content }: Reference): ReferenceContent {
  return content
}

/** The sum of the panes; of outcomes of those only whose labels are complete, for labels that come early are not like the others. */
function totalOf({ layout }: Reference, panes: readonly SpanPane[], minCoverage: number): Summaries {
  return summarise(panes.map(withCompleteLabels(minCoverage)), layout)
}

function summarise(panes: readonly Summaries[], layout: Reference['layout']): Summaries {
  const inputs = new Float64Array(layout.inputs.size)
  const outcomes = new Float64Array(layout.outcomes.size)
  for (const pane of panes) {
    add(inputs, pane.inputs)
    add(outcomes, pane.outcomes)
  }
  return { inputs, outcomes }
}

function withCompleteLabels(minCoverage: number): (pane: SpanPane) => SpanPane {
  const isComplete = hasCompleteLabels(minCoverage)
  return (pane) => (isComplete(pane) ? pane : { ...pane, outcomes: new Float64Array(pane.outcomes.length) })
}

function hasCompleteLabels(minCoverage: number): (pane: OutcomePane) => boolean {
  return ({ outcomes: [predicted = 0, labelled = 0] }) => labelled >= minCoverage * predicted
}

function phasesOf(
  { before, panes, paneMs }: RebaseQuestion,
  period: { readonly start: Instant; readonly end: Instant },
): Phases | undefined | string {
  const choice = choiceOf(before.phases)
  if (choice === 'pooled') return undefined
  const lack = tooShortFor(choice, period.end - period.start)
  if (lack !== null)
    return `${lack}: panes are kept for the longest window; compared as a whole, every night would be drift`
  if (HOUR % paneMs !== 0) return `baseline: ${choice} needs panes that lie within an hour, and these do not`
  const parts = panes.map(({ start, inputs }) => ({ time: start, inputs }))
  return learnPhases(parts, { period, count: phaseCountOf(choice), size: before.layout.inputs.size })
}

/** The reference with the performance of these outcomes, and what is estimated from it. Cells stay what they are. */
function measuredAnew(before: Reference, labelled: number, outcomes: Float64Array): ReferenceContent {
  const content = withOutcomes(before, labelled, outcomes)
  const { estimator } = content
  if (estimator?.task !== 'regression') return content
  const calibration = recalibrate(before, outcomes)
  if (calibration.task !== 'regression') return content
  return { ...content, estimator: { ...estimator, tree: { ...estimator.tree, leaves: calibration.leaves } } }
}

/** Tests of performance, whose noise belongs to the outcomes that are compared with. */
const ofPerformance = /^(performance|estimated)\/|^calibration$/

function noiseOf(
  question: RebaseQuestion,
  {
    total,
    end,
    phases,
    performance,
    hasLabels,
  }: {
    readonly total: Summaries
    readonly end: Instant
    readonly phases: Phases | undefined
    readonly performance: ReferenceContent
    readonly hasLabels: boolean
  },
): { noise: Record<string, WindowNoise>; says: string[] } {
  const { before, panes, minSamples, minCoverage, metricOptions } = question
  const { layout } = before
  const { estimator, outcome, outcomes, labelled } = performance
  const period: ReferencePeriod<SpanPane> = {
    rows: panes.map(withCompleteLabels(minCoverage)),
    timeOf: ({ start }) => start,
    until: end,
    summarise: (part) => summarise(part, layout),
    total,
    layout,
    joint: prepareJoint(layout.inputs, total.inputs, before.joint),
    metricOptions,
    estimation: hasLabels ? estimatesOf({ estimator, layout, outcome, outcomes, labelled }) : null,
    phases,
  }
  const noise: Record<string, WindowNoise> = {}
  const says: string[] = []
  for (const [name, learnt] of Object.entries(learnNoise({ ...period, windows: question.windows, minSamples }))) {
    const kept = before.noise[name]
    if (learnt.calibrated) {
      noise[name] = hasLabels ? learnt : { ...learnt, tests: { ...learnt.tests, ...testsOf(kept, ofPerformance) } }
      says.push(`noise of windows of ${name} is learnt from ${learnt.windows} of them`)
      continue
    }
    noise[name] = {
      windows: learnt.windows,
      calibrated: false,
      tests: kept?.tests ?? {},
      volume: volumeOf(learnt, kept),
    }
    says.push(
      `noise of windows of ${name} is that of ${before.source}, taken with caution (calibrated: false): the span holds ${learnt.windows} of them, and ${WINDOWS_NEEDED} are needed to learn it${learnt.volume === null ? `; their number of rows is not judged` : ''}`,
    )
  }
  return { noise, says }
}

function testsOf(noise: WindowNoise | undefined, wanted: RegExp): WindowNoise['tests'] {
  return Object.fromEntries(Object.entries(noise?.tests ?? {}).filter(([test]) => wanted.test(test)))
}

/** As many rows as the span's windows have; that they vary as they did, or more. */
function volumeOf({ volume }: WindowNoise, kept: WindowNoise | undefined): WindowNoise['volume'] {
  if (volume === null) return null
  return { ...volume, overdispersion: Math.max(volume.overdispersion, kept?.volume?.overdispersion ?? 1) }
}
