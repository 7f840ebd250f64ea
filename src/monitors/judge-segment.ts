// What is to be said of one segment in one window: every metric of its performance, and which of its columns have moved.
//
// A segment is compared with itself in the reference, never with the whole: segments differ by nature, and a small one that was always
// harder is no news. Where the reference does not know it, its numbers are shown and not judged. All segments of a model together may
// be marked in error as often as the whole model may: each has its share of the rate.

import { prepareColumn } from '../reference/comparison.ts'
import { measurePerformance } from '../reference/performance.ts'
import { isEven } from '../reference/phases.ts'
import type { NamedSegmentLayout, SegmentPart } from '../reference/segments.ts'
import { partOf } from '../reference/segments.ts'
import { subtract } from '../summaries/summary.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { judgeDrift, tooFew } from './drift.ts'
import { performanceVerdicts, since } from './earlier-normal.ts'
import type { Subject } from './subject.ts'
import { tooFewRows, usualRows, windowNoise } from './subject.ts'
import type { Judged, Verdict } from './verdict.ts'

/** Columns of a segment that are told by name, the largest changes first; all are counted. */
const COLUMNS_TOLD = 10
/** The verdict on all columns of a segment. */
export const SEGMENT_DRIFT = 'segment-drift'
const ofAll = { monitor: SEGMENT_DRIFT, kind: 'drift', feature: null, metric: 'features_drifted' } as const

/** A segment made ready for many comparisons. */
export interface SegmentSubject {
  readonly whole: Subject
  /** As if the segment were a model. */
  readonly subject: Subject
  /** Whether the reference knows it; its share of the reference's rows. */
  readonly isKnown: boolean
  readonly share: number
}

export function segmentSubject(whole: Subject, layout: NamedSegmentLayout, name: string): SegmentSubject {
  const { reference, settings } = whole
  const { presets: _, conceptDrift: __, ...watch } = settings
  const part = partOf(reference, layout, name)
  const known: SegmentPart = part ?? {
    inputs: new Float64Array(layout.inputs.size),
    outcomes: new Float64Array(layout.outcomes.size),
  }
  const segments = Math.max(1, Object.keys(reference.segments?.parts ?? {}).length)
  return {
    whole,
    isKnown: part !== undefined,
    share: (known.inputs[0] as number) / Math.max(1, reference.inputs[0] as number),
    subject: {
      settings: watch,
      reference: { ...reference, layout, ...known },
      baseline: { inputs: known.inputs, usual: null },
      columns: layout.inputs.columns.map((cells) => prepareColumn(cells, known.inputs)),
      joint: null,
      performance: measurePerformance(layout.outcomes, known.outcomes, settings.metricOptions),
      estimated: [],
      budget: { rate: (kind, spec) => whole.budget.rate(kind, spec) / segments },
    },
  }
}

/** How many columns have moved, and which of them most. */
export function judgeSegmentInputs(
  segment: SegmentSubject,
  spec: WindowSpec,
  { end, inputs }: { readonly end: Instant; readonly inputs: Float64Array },
): Verdict[] {
  const subject = withUsualRows(segment, spec)
  const start = end - spec.sizeMs
  const obstacle = obstacleTo(segment, subject, spec, { start, end, rows: inputs[0] as number })
  const calibrated = windowNoise(subject, spec)?.calibrated === true
  if (obstacle !== null) return [tooFew(ofAll, obstacle, calibrated)]
  const verdicts = judgeDrift(subject, spec, inputs)
  const judged = verdicts.filter((verdict): verdict is Judged => verdict.status !== 'insufficient')
  const changed = judged.filter(({ status }) => status !== 'ok').sort(bySize)
  const summary = judged.length === 0 ? tooFew(ofAll, reasonOf(verdicts[0]), calibrated) : summaryOf(judged)
  return since(start, subject.reference.judgesFrom?.inputs ?? null, [summary, ...changed.slice(0, COLUMNS_TOLD)])
}

function obstacleTo(
  { isKnown }: SegmentSubject,
  subject: Subject,
  spec: WindowSpec,
  { start, end, rows }: { start: Instant; end: Instant; rows: number },
): string | null {
  if (!isKnown) return 'the reference does not know this segment'
  const { phases } = subject.reference
  if (phases !== undefined && !isEven({ start, end }, phases))
    return 'what is usual at these hours is known of the whole model only; windows that hold each hour alike are judged'
  return tooFewRows(subject, spec, rows)
}

/** A window in which far fewer rows came than usual says little of anything else. */
function withUsualRows({ whole, subject, share }: SegmentSubject, spec: WindowSpec): Subject {
  const usual = usualRows(whole, spec)
  if (usual === null) return subject
  const { mean, variance } = usual
  return { ...subject, baseline: { ...subject.baseline, usual: { mean: share * mean, variance: share * variance } } }
}

function bySize(a: Judged, b: Judged): number {
  const size = ({ status, effect, threshold }: Judged) => (status === 'alarm' ? 1e9 : 0) + effect / (threshold ?? 1)
  return size(b) - size(a)
}

function reasonOf(verdict: Verdict | undefined): string {
  return verdict?.status === 'insufficient' ? verdict.reason : 'no column can be compared'
}

function summaryOf(judged: readonly Judged[]): Judged {
  const count = (status: Judged['status']) => judged.filter((verdict) => verdict.status === status).length
  const drifted = count('alarm')
  const warned = count('warning')
  const status = drifted > 0 ? 'alarm' : warned > 0 ? 'warning' : 'ok'
  return {
    ...ofAll,
    status,
    value: drifted,
    threshold: null,
    effect: drifted,
    pValue: Math.min(1, ...judged.map(({ pValue }) => pValue ?? 1)),
    low: null,
    high: null,
    reference: null,
    calibrated: judged.every(({ calibrated }) => calibrated),
    severe: false,
    holds: [],
    matters: drifted > 0,
    clear: status === 'ok',
    columns: { judged: judged.length, warned },
  }
}

/**
 * One verdict per metric, with what the metric would be without the rows of this segment.
 *
 * @param all outcomes of all segments of the column
 */
export function judgeSegmentOutcomes(
  { subject }: SegmentSubject,
  spec: WindowSpec,
  window: {
    readonly end: Instant
    readonly outcomes: Float64Array
    readonly provisional: boolean
    readonly all: Float64Array
  },
): Verdict[] {
  const rest = window.all.slice()
  subtract(rest, window.outcomes)
  const { layout } = subject.reference
  const without = measurePerformance(layout.outcomes, rest, subject.settings.metricOptions)
  return performanceVerdicts(subject, spec, window).map((verdict) => {
    const value = without[verdict.metric]?.value ?? null
    return value === null ? verdict : { ...verdict, without: value }
  })
}
