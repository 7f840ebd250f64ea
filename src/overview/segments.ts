// The segments of a model, as people are shown them: worst first, each beside its own reference, and which of them carries a loss.

import { count, metricName, plainNumber, withInterval } from '../delivery/wording.ts'
import { MISSING_SEGMENT, OTHER_SEGMENT, partsOfSegment } from '../events/segment.ts'
import { SEGMENT_DRIFT } from '../monitors/judge-segment.ts'
import type { Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { directionOf, worsening } from '../reference/performance.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant } from '../time.ts'

type Status = Verdict['status']

/** What is known of a segment's metric in one window, or of the whole's. */
export interface MetricView {
  readonly metric: string
  readonly value: number | null
  /** 95 % interval. */
  readonly low: number | null
  readonly high: number | null
  /** Its own in the reference; null where the reference does not tell. */
  readonly reference: number | null
  readonly status: Status
  readonly calibrated: boolean
  /** Why it is not judged; null where it is. */
  readonly reason: string | null
  /** The metric of the model's rows that are not in this segment; null where there are none, and of the whole. */
  readonly without: number | null
}

export interface SegmentDriftView {
  readonly status: Status
  /** Columns that have moved, that warn, and that were judged. */
  readonly drifted: number
  readonly warned: number
  readonly judged: number
  readonly reason: string | null
  /** The columns that have moved most. */
  readonly features: ReadonlyArray<{
    readonly name: string
    readonly method: string
    readonly value: number
    readonly threshold: number | null
    readonly status: Status
  }>
}

export interface SegmentView {
  /** Such as `country=DE`: its name everywhere. */
  readonly segment: string
  /** Such as `DE`, in words where it stands for others or for none. */
  readonly label: string
  /** Predictions, and their share of all rows of the window. */
  readonly samples: number
  readonly share: number
  readonly labelled: number
  /** Too few of its predictions are labelled for its performance to be judged. */
  readonly provisional: boolean
  /** In the order of the configuration. */
  readonly metrics: readonly MetricView[]
  readonly drift: SegmentDriftView
}

/** One window of one segment. */
export interface SegmentPoint {
  readonly start: string
  readonly end: string
  readonly samples: number
  readonly labelled: number
  readonly provisional: boolean
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly reference: number | null
  readonly status: Status
  readonly drifted: number
}

export interface SegmentsView {
  readonly model: string
  readonly version: string
  readonly versions: readonly string[]
  readonly window: string
  readonly windows: readonly string[]
  readonly metric: string
  readonly metrics: readonly string[]
  /** Windows that are judged by segment end so far apart; milliseconds. */
  readonly stepMs: number
  /** In which direction the metric is better. */
  readonly better: 'higher' | 'lower' | 'zero'
  /** The column that tells these segments apart; null: none does. */
  readonly column: string | null
  readonly columns: readonly string[]
  /** Windows that begin earlier are not judged by segment; null: all are. */
  readonly since: string | null
  /** The window that is shown; null while there is none. */
  readonly start: string | null
  readonly end: string | null
  /** Ends of the windows before and after it that may be looked at. */
  readonly before: string | null
  readonly after: string | null
  /** The whole model in that window. */
  readonly whole: (MetricView & Pick<SegmentView, 'samples' | 'labelled' | 'provisional'>) | null
  /** Worst first by the metric. */
  readonly segments: readonly SegmentView[]
  /** The segment that explains most of what the whole has lost; null where it has lost nothing, or no single one explains half of it. */
  readonly carrier: { readonly segment: string; readonly label: string; readonly share: number } | null
  /** What there is to say, in words. */
  readonly verdict: string
  /** One segment's course, oldest first; null where none was asked for. */
  readonly history: {
    readonly segment: string
    readonly label: string
    readonly points: readonly SegmentPoint[]
  } | null
}

/** What is shown, chosen already: names that exist. */
export interface SegmentsQuestion {
  readonly model: string
  readonly version: string
  readonly versions: readonly string[]
  readonly window: string
  readonly windows: readonly string[]
  readonly metric: string
  readonly metrics: readonly string[]
  readonly column: string | null
  readonly columns: readonly string[]
  readonly stepMs: Millis
  readonly since: Instant | null
  readonly before: Instant | null
  readonly after: Instant | null
}

export function segmentsView(
  question: SegmentsQuestion,
  {
    whole,
    segments,
    history,
  }: {
    readonly whole: WindowResult | undefined
    /** Of the column, in any order. */
    readonly segments: readonly WindowResult[]
    readonly history: { readonly segment: string; readonly results: readonly WindowResult[] } | null
  },
): SegmentsView {
  const { metric, metrics, since, before, after, ...rest } = question
  const wholeView = whole === undefined ? null : { ...metricOf(whole, metric), ...countsOf(whole) }
  const views = segments
    .map((result) => segmentView(result, metrics, whole?.samples ?? 0))
    .sort((a, b) => badnessOf(b, metric) - badnessOf(a, metric) || b.samples - a.samples)
  const carrier = carrierOf(views, wholeView, metric)
  const shown = segments[0]
  return {
    ...rest,
    metric,
    metrics,
    better: directionOf(metric),
    since: since === null ? null : formatInstant(since),
    before: before === null ? null : formatInstant(before),
    after: after === null ? null : formatInstant(after),
    start: shown === undefined ? null : formatInstant(shown.start),
    end: shown === undefined ? null : formatInstant(shown.end),
    whole: shown === undefined ? null : wholeView,
    segments: views,
    carrier,
    verdict: verdictOf({ ...question, views, wholeView, carrier }),
    history:
      history === null
        ? null
        : {
            segment: history.segment,
            label: labelOf(history.segment),
            points: history.results.map((result) => pointOf(result, metric)),
          },
  }
}

function countsOf({ samples, labelled, provisional }: WindowResult) {
  return { samples, labelled, provisional }
}

/** A segment's value in words. */
function labelOf(segment: string): string {
  const { value } = partsOfSegment(segment)
  if (value === OTHER_SEGMENT) return 'all others'
  return value === MISSING_SEGMENT ? 'no value' : value
}

function metricOf({ verdicts }: WindowResult, metric: string): MetricView {
  const verdict = verdicts.find(({ monitor }) => monitor === `performance/${metric}`)
  if (verdict === undefined) {
    const none = { value: null, low: null, high: null, reference: null, without: null, calibrated: false }
    return { metric, ...none, status: 'insufficient', reason: 'it was not measured in this window' }
  }
  const { value, low, high, reference, status, calibrated, without = null } = verdict
  const reason = verdict.status === 'insufficient' ? verdict.reason : null
  return { metric, value, low, high, reference, status, calibrated, reason, without }
}

function segmentView(result: WindowResult, metrics: readonly string[], all: number): SegmentView {
  return {
    segment: result.segment,
    label: labelOf(result.segment),
    ...countsOf(result),
    share: all > 0 ? result.samples / all : 0,
    metrics: metrics.map((metric) => metricOf(result, metric)),
    drift: driftOf(result),
  }
}

function driftOf({ verdicts }: WindowResult): SegmentDriftView {
  const all = verdicts.find(({ monitor }) => monitor === SEGMENT_DRIFT)
  if (all === undefined || all.status === 'insufficient') {
    const reason = all?.status === 'insufficient' ? all.reason : 'it was not judged'
    return { status: 'insufficient', drifted: 0, warned: 0, judged: 0, reason, features: [] }
  }
  const features = verdicts.flatMap((verdict) =>
    verdict.kind !== 'drift' || verdict.feature === null || verdict.status === 'insufficient'
      ? []
      : [
          {
            name: verdict.feature,
            method: verdict.metric,
            value: verdict.value,
            threshold: verdict.threshold,
            status: verdict.status,
          },
        ],
  )
  const { judged = 0, warned = 0 } = all.columns ?? {}
  return { status: all.status, drifted: all.value, warned, judged, reason: null, features }
}

function pointOf(result: WindowResult, metric: string): SegmentPoint {
  const { value, low, high, reference, status } = metricOf(result, metric)
  return {
    start: formatInstant(result.start),
    end: formatInstant(result.end),
    ...countsOf(result),
    ...{ value, low, high, reference, status },
    drifted: driftOf(result).drifted,
  }
}

const severity: Readonly<Record<Status, number>> = { alarm: 3, warning: 2, ok: 1, insufficient: 0 }

/** Larger is worse: by status first, then by how much worse than its reference it is; last what has no value. */
function badnessOf({ metrics }: SegmentView, metric: string): number {
  const found = metrics.find((one) => one.metric === metric)
  if (found === undefined || found.value === null) return Number.NEGATIVE_INFINITY
  const { value, reference, status } = found
  const worse = reference === null ? 0 : worsening(metric, reference, value)
  // Bounded, so that no distance outweighs a status.
  return severity[status] + Math.atan(worse) / Math.PI
}

/** How much of the whole's loss is gone without a segment. */
function carrierOf(
  segments: readonly SegmentView[],
  whole: MetricView | null,
  metric: string,
): SegmentsView['carrier'] {
  if (whole === null || whole.value === null || whole.reference === null) return null
  if (whole.status !== 'alarm' && whole.status !== 'warning') return null
  const lost = worsening(metric, whole.reference, whole.value)
  if (!(lost > 0)) return null
  let best: { segment: string; label: string; share: number } | null = null
  for (const { segment, label, metrics } of segments) {
    const without = metrics.find((one) => one.metric === metric)?.without ?? null
    if (without === null) continue
    const share = Math.min(1, 1 - worsening(metric, whole.reference, without) / lost)
    if (share >= 0.5 && share > (best?.share ?? 0)) best = { segment, label, share }
  }
  return best
}

function verdictOf({
  model,
  metric,
  column,
  columns,
  window,
  views,
  wholeView,
  carrier,
}: SegmentsQuestion & {
  readonly views: readonly SegmentView[]
  readonly wholeView: MetricView | null
  readonly carrier: SegmentsView['carrier']
}): string {
  if (columns.length === 0) return `${model} tells no segments apart.`
  if (column === null || views.length === 0)
    return `No window of ${window} has been judged by ${column ?? 'segment'} yet.`
  const name = metricName(metric)
  const of = (view: SegmentView) => view.metrics.find((one) => one.metric === metric)
  const bad = views.filter((view) => of(view)?.status === 'alarm')
  const warned = views.filter((view) => of(view)?.status === 'warning')
  const judged = views.filter((view) => (of(view)?.status ?? 'insufficient') !== 'insufficient')
  const told = views.find(({ segment }) => segment === carrier?.segment)
  const now = told && of(told)
  if (told !== undefined && now?.value != null && wholeView?.value != null) {
    const without =
      now.without === null
        ? ''
        : `; without it the model would be at ${plainNumber(now.without)} instead of ${plainNumber(wholeView.value)}`
    return `${column} ${told.label} carries most of the loss of ${name}: ${figures(now)}, ${count(told.labelled)} labelled rows${without}.`
  }
  const [worst] = bad
  if (worst !== undefined) {
    const others =
      bad.length === 1
        ? ''
        : `, and ${bad.length - 1} more: ${bad
            .slice(1, 4)
            .map(({ label }) => label)
            .join(', ')}${bad.length > 4 ? ', …' : ''}`
    return `${column} ${worst.label} is losing ${name}: ${figures(of(worst) as MetricView)}, ${count(worst.labelled)} labelled rows${others}.`
  }
  const unjudged = views.length - judged.length
  const rest = unjudged === 0 ? '' : ` ${unjudged} of ${views.length} could not be judged.`
  if (judged.length === 0)
    return `No segment of ${column} can be judged by ${name} yet: ${of(views[0] as SegmentView)?.reason ?? 'too few rows'}.`
  if (warned.length > 0)
    return `${column} ${warned
      .map(({ label }) => label)
      .slice(0, 3)
      .join(', ')}: ${name} may be getting worse; no alarm.${rest}`
  return `By ${name} no segment of ${column} is worse than it was in the reference (${judged.length} judged).${rest}`
}

/** `0.28 (0.25–0.31), reference 0.73` */
function figures({ value, low, high, reference }: MetricView): string {
  const now = value === null ? 'no value' : withInterval(value, low, high)
  return reference === null ? now : `${now}, reference ${plainNumber(reference)}`
}
