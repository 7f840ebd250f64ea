// A model over a period, for people who were not there: how it fared in words, how its performance moved, what drifted, what was told
// and done, and what all that rests on.

import { nameOf } from '../delivery/message.ts'
import { metricName, percent, plainNumber, withInterval } from '../delivery/wording.ts'
import { usualFloors } from '../monitors/floors.ts'
import { countOutcomes } from '../monitors/performance.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Reference } from '../reference/reference.ts'
import type { Store } from '../store/store.ts'
import type { Instant } from '../time.ts'
import { formatDuration, formatInstant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { labelDelays } from './label-delays.ts'
import type { ReportCourse } from './report-charts.ts'
import { courseOf, volumeCourses } from './report-charts.ts'
import { lastWindow } from './report-distribution.ts'
import type { ReportIncident } from './report-incidents.ts'
import { incidentsOf } from './report-incidents.ts'
import { reportSegments } from './report-segments.ts'
import { verdictOf } from './report-verdict.ts'
import type { Measured, ReportFeature, ReportMetric, ReportOrigin, ReportQuality, ReportView } from './report-view.ts'
import type { PeriodWindows, QualityCourse } from './report-windows.ts'
import { readPeriod } from './report-windows.ts'

/** Features that are shown with their distribution, and metrics with their course. */
const FEATURES_SHOWN = 5
const METRICS_SHOWN = 3
/** Windows further apart than so many slides have a gap between them. */
const GAP_SLIDES = 1.5
/** Retraining requests that are looked at, newest first. */
const REQUESTS_MAX = 200

export interface ReportQuery {
  readonly version: string
  readonly window: WindowSpec
  /** Of the ends of windows, both included; null: as far as there are any. */
  readonly from: Instant | null
  readonly to: Instant | null
}

export interface ReportFacts {
  readonly model: WatchedModel
  readonly stream: WatchedStream
  readonly store: Pick<Store, 'views' | 'handling' | 'retraining' | 'references'>
  readonly origin: ReportOrigin
}

export async function reportView(facts: ReportFacts, query: ReportQuery): Promise<ReportView> {
  const { model, stream, store, origin } = facts
  const { window, version, from, to } = query
  const period = await readPeriod(store.views, { model: model.name, version, window, from, to })
  const rows = rowsOf(stream, window, query, period)
  const incidents =
    period === undefined
      ? []
      : incidentsOf(store, {
          ...{ model: model.name, version, from, to },
          end: period.last.end,
          now: Date.parse(origin.at),
        })
  const told = toldOf(store, incidents)
  const gapMs = GAP_SLIDES * window.slideMs * (period?.drawnEvery ?? 1)
  const performance = performanceOf(facts, { period, rows, told, gapMs })
  const features = featuresOf(period, told)
  const shown = {
    performance,
    features,
    incidents,
    quality: (period?.quality ?? []).filter(isRemarkable).map(qualityView),
    period: periodView(period),
    rows: rowsView(rows, period),
  }
  return {
    ...{
      model: model.name,
      version,
      name: nameOf({ model: model.name, version }),
      task: stream.subject.reference.task,
    },
    window: { size: window.name, slide: formatDuration(window.slideMs) },
    asked: { from: instantOrNull(from), to: instantOrNull(to) },
    verdict: verdictOf(shown),
    isCalibrated:
      period?.last.verdicts.every(({ calibrated }) => calibrated) ??
      stream.subject.reference.noise[window.name]?.calibrated === true,
    ...shown,
    segments:
      period === undefined
        ? []
        : reportSegments(store.views, model, { version, window, first: period.first.end, last: period.last.end }),
    drift: period?.drift.map(features, period.drawnEvery) ?? null,
    last:
      period === undefined
        ? { distributions: [], score: null }
        : lastWindow(stream, namesOf(features), { window, end: period.last.end }),
    delays: labelDelays(store.views.counters(), model.name, version),
    qualityTests: period?.quality.length ?? 0,
    volume: period === undefined ? null : volumeView(period, stream, gapMs),
    ...retrainingOf(facts, { incidents, from: period?.first.end ?? from, to }),
    reference: referenceView(model, stream),
    policy: policyOf(model, stream),
    origin,
  }
}

function namesOf(features: readonly ReportFeature[]): string[] {
  return features.slice(0, FEATURES_SHOWN).map(({ name }) => name)
}

function instantOrNull(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at)
}

/** What is kept of the outcomes of the period's rows. */
interface Rows {
  readonly from: Instant
  readonly outcomes: Float64Array
  /** How many of the first window are among them. */
  readonly firstWindow: number
}

function rowsOf(
  { outcomes }: WatchedStream,
  { sizeMs }: WindowSpec,
  { from, to }: ReportQuery,
  period: PeriodWindows | undefined,
): Rows | undefined {
  if (period === undefined) return undefined
  const starts = [...outcomes.starts()].sort((a, b) => a - b)
  const [first, last] = [starts[0], starts.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const begin = Math.max(first, from === null ? first : outcomes.startOf(period.first.end - sizeMs))
  const end = Math.min(last + outcomes.paneMs, to === null ? Number.POSITIVE_INFINITY : period.last.end)
  const firstWindow = countOutcomes(outcomes.sum(period.first.start, period.first.end)).predicted
  return { from: begin, outcomes: outcomes.sum(begin, end), firstWindow }
}

function periodView(period: PeriodWindows | undefined): ReportView['period'] {
  if (period === undefined) return null
  const { first, last, tally, drawnEvery } = period
  return { from: formatInstant(first.start), to: formatInstant(last.end), windows: tally.windows, drawnEvery }
}

function rowsView(rows: Rows | undefined, period: PeriodWindows | undefined): ReportView['rows'] {
  if (rows === undefined || period === undefined) return null
  const isComplete = rows.firstWindow === period.first.samples
  return { from: formatInstant(rows.from), isComplete, ...countOutcomes(rows.outcomes) }
}

/** What incidents of the period were about: features, and metrics of performance. */
interface ToldOf {
  readonly hasPerformance: boolean
  readonly features: ReadonlySet<string>
  readonly metrics: ReadonlySet<string>
}

function toldOf({ views }: ReportFacts['store'], incidents: readonly ReportIncident[]): ToldOf {
  const evidence = (kind: string) =>
    incidents
      .filter((one) => one.kind === kind)
      .flatMap(({ id }) => views.incident(id)?.incident.evidence ?? [])
      .map(({ metric }) => metric)
  return {
    features: new Set(incidents.filter(({ kind }) => kind === 'drift').flatMap((one) => one.features)),
    metrics: new Set(evidence('performance')),
    hasPerformance: incidents.some(({ kind }) => kind === 'performance'),
  }
}

function performanceOf(
  { model, stream }: ReportFacts,
  {
    period,
    rows,
    told,
    gapMs,
  }: { period: PeriodWindows | undefined; rows: Rows | undefined; told: ToldOf; gapMs: number },
): ReportMetric[] {
  const { settings } = model.options
  const whole =
    rows === undefined
      ? {}
      : measurePerformance(stream.subject.reference.layout.outcomes, rows.outcomes, settings.metricOptions)
  const last = new Map((period?.last.verdicts ?? []).map((verdict) => [verdict.monitor, verdict]))
  const alarming = (metric: string) => (settings.alarms[metric] === undefined ? 1 : 0)
  return settings.metrics
    .toSorted((a, b) => alarming(a) - alarming(b))
    .map((metric, i) => {
      const verdict = last.get(`performance/${metric}`)
      const measured = whole[metric]
      const windows = period?.tally.performance(metric) ?? { judged: 0, alarmed: 0 }
      return {
        ...{ metric, name: metricName(metric), reference: stream.subject.performance[metric]?.value ?? null },
        whole:
          measured === undefined || measured.value === null
            ? null
            : measuredOf(measured.value, measured.low, measured.high),
        worst: worstOf(period, metric),
        last: verdict?.value == null ? null : measuredOf(verdict.value, verdict.low, verdict.high),
        status: verdict?.status ?? 'insufficient',
        windows,
        // Metrics that got worse while it lasted are part of it.
        inIncident: told.metrics.has(metric) || (told.hasPerformance && windows.alarmed > 0),
        course: i >= METRICS_SHOWN || period === undefined ? null : metricCourse(period.drawn, metric, gapMs),
      }
    })
}

function worstOf(period: PeriodWindows | undefined, metric: string): Measured | null {
  const worst = period?.worst.get(metric)
  return worst?.value == null ? null : measuredOf(worst.value, worst.low, worst.high)
}

function metricCourse(windows: readonly WindowResult[], metric: string, gapMs: number): ReportCourse | null {
  const name = metricName(metric)
  return courseOf(windows, { monitor: `performance/${metric}`, estimate: `estimated/${metric}`, gapMs, name }) ?? null
}

function measuredOf(value: number, low: number | null, high: number | null): Measured {
  return { value, low, high, text: withInterval(value, low, high) }
}

function featuresOf(period: PeriodWindows | undefined, { features: told }: ToldOf): ReportFeature[] {
  if (period === undefined) return []
  const last = new Map(period.last.verdicts.map((verdict) => [verdict.monitor, verdict]))
  return period.tally.features().map((feature) => ({
    ...feature,
    worstText:
      feature.worst === null ? 'not judged' : `${metricName(feature.worst.method)} ${plainNumber(feature.worst.value)}`,
    status: last.get(`drift/${feature.name}`)?.status ?? 'insufficient',
    inIncident: told.has(feature.name),
  }))
}

/** Worth a line: it alarmed, or is clearly worse than in the reference. */
function isRemarkable({ alarmed, worst, last }: QualityCourse): boolean {
  return alarmed > 0 || worst >= (last.reference ?? 0) + 0.01
}

function qualityView({ feature, metric, worst, last, judged, alarmed }: QualityCourse): ReportQuality {
  return {
    ...{ feature, name: metricName(metric), reference: last.reference, worst, last: last.value, status: last.status },
    windows: { judged, alarmed },
  }
}

function volumeView({ drawn }: PeriodWindows, { subject }: WatchedStream, gapMs: number): ReportView['volume'] {
  const { rows, labels } = volumeCourses(drawn, { gapMs, minCoverage: subject.settings.minCoverage })
  return { rows: rows ?? null, labels }
}

function retrainingOf(
  { store, model }: ReportFacts,
  { incidents, from, to }: { incidents: readonly ReportIncident[]; from: Instant | null; to: Instant | null },
): Pick<ReportView, 'retraining' | 'runs'> {
  const told = new Set(incidents.map(({ id }) => id))
  const isIn = (at: Instant) => at >= (from ?? 0) && at <= (to ?? Number.POSITIVE_INFINITY)
  const requests = store.retraining.list({ model: model.name, limit: REQUESTS_MAX }).toReversed()
  return {
    retraining: requests
      .filter(({ id, askedAt }) => !told.has(id) && isIn(askedAt))
      .map(({ askedAt, state, because, target }) => ({ at: formatInstant(askedAt), state, text: because, target })),
    runs: requests.flatMap(({ run, target, state }) =>
      run !== null && isIn(run.startedAt) ? [{ at: formatInstant(run.startedAt), label: `${target}: ${state}` }] : [],
    ),
  }
}

function referenceView(model: WatchedModel, { stream, subject }: WatchedStream): ReportView['reference'] {
  const { id, source, rows, labelled, from, to }: Reference = subject.reference
  const of = {
    version: 'made for this version',
    model: 'made of production',
    configuration: 'named by the configuration',
  }
  return {
    ...{ id, source, rows, labelled, from: formatInstant(from), to: formatInstant(to) },
    of: of[model.comparedWith(stream.version).of],
  }
}

function policyOf({ options }: WatchedModel, { subject }: WatchedStream): ReportView['policy'] {
  const { falseAlarmBudget, minSamples, minCoverage, alarms, floors = usualFloors } = options.settings
  return {
    ...{ falseAlarmBudget, minSamples, minCoverage, horizon: formatDuration(options.horizonMs) },
    drift: {
      floor: floors.drift,
      of: Object.entries(floors.driftOf).map(([name, floor]) => `${name} ${plainNumber(floor)}`),
    },
    alarms: Object.entries(alarms).map(([metric, floor]) => {
      const reference = subject.performance[metric]?.value
      const by = 'share' in floor ? percent(floor.share) : plainNumber('drop' in floor ? floor.drop : floor.rise)
      const of = reference == null ? '' : `, ${plainNumber(reference)} in the reference`
      return `${metricName(metric)} (worse by ${by}${of})`
    }),
  }
}
