// A model version as its page shows it: what is to be said of it in words, then its metrics, its features and its outputs over time.

import { headlineOf, listed } from '../delivery/message.ts'
import { silenceTitle } from '../delivery/silence-wording.ts'
import { metricName } from '../delivery/wording.ts'
import type { Incident } from '../incidents/incident.ts'
import { isActive } from '../incidents/incident.ts'
import { subjectOfSource } from '../incidents/liveness.ts'
import { subjectAt } from '../monitors/subject.ts'
import type { WatchedModel } from '../monitors/watched-model.ts'
import type { WatchedStream } from '../monitors/watched-stream.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { CounterRow } from '../store/changes.ts'
import type { TriggerView, Views } from '../store/views.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { DriftParts, ScoreBins } from './drift-parts.ts'
import { driftParts, scoreBins } from './drift-parts.ts'
import { judgedBy, subjectOf } from './judged-by.ts'
import type { LabelDelays } from './label-delays.ts'
import { labelDelays } from './label-delays.ts'
import { sumInTurns } from './pane-sums.ts'
import type { MetricSeries, TestSeries } from './series.ts'
import { metricSeries, rounded, testSeries } from './series.ts'
import type { Range } from './window-columns.ts'
import { readColumns } from './window-columns.ts'
import { digestOf } from './window-digest.ts'

export type ModelStatus = 'alarm' | 'warning' | 'ok' | 'insufficient' | 'no_data'

/** What there is to be said, the worst first. */
export interface Said {
  readonly status: ModelStatus
  readonly text: string
  /** Event time since when; null where that is of no matter. */
  readonly since: string | null
  /** The incident that says it. */
  readonly incident: string | null
  /** The metric that it is about. */
  readonly metric: string | null
}

export interface IncidentShown {
  readonly id: string
  readonly kind: Incident['kind']
  readonly severity: Incident['severity']
  readonly isActive: boolean
  readonly from: string
  /** null while it goes on. */
  readonly to: string | null
  readonly text: string
  readonly features: readonly string[]
}

export interface RetrainingShown {
  readonly id: string
  readonly at: string
  readonly state: TriggerView['state']
  readonly target: string
  readonly cause: string
}

/** An output of the model in the newest window, beside the reference. */
export interface OutputShown {
  readonly name: string
  /** Of numbers, on equal parts of their range. */
  readonly scores: ScoreBins | null
  /** Of classes. */
  readonly classes: DriftParts | null
  /** Why there is neither. */
  readonly because: string | null
}

export interface WindowShown {
  readonly start: string
  readonly end: string
  readonly revision: number
  readonly rows: number
  readonly labelled: number
  /** Fewer labels have come than a judgement needs. */
  readonly isProvisional: boolean
  /** Whether the noise of all its tests was learnt. */
  readonly isCalibrated: boolean
}

export interface ModelOverview {
  readonly model: string
  readonly task: string
  readonly version: string
  /** All that are under watch, the one whose rows came last first; `end`: up to when it has rows. */
  readonly versions: ReadonlyArray<{ readonly version: string; readonly end: string | null }>
  readonly window: string
  readonly windows: ReadonlyArray<{ readonly name: string; readonly sizeMs: Millis; readonly slideMs: Millis }>
  readonly reference: {
    readonly id: string
    readonly source: string
    readonly rows: number
    readonly labelled: number
    /** Whose it is. */
    readonly of: 'version' | 'model' | 'configuration'
    /** In force by now, where that does not judge the newest window yet: it judges windows that begin then or later. */
    readonly next: { readonly source: string; readonly judgesFrom: string } | null
  } | null
  readonly said: readonly Said[]
  /** null while no window has been evaluated. */
  readonly newest: WindowShown | null
  readonly range: {
    readonly from: string
    readonly to: string
    readonly windowsPerColumn: number
    readonly readEvery: number
    readonly columnMs: Millis
  } | null
  /** When the last window of each column ends. */
  readonly ends: readonly string[]
  /** Of the newest window of each column. */
  readonly rows: ReadonlyArray<number | null>
  readonly labelled: ReadonlyArray<number | null>
  /** A letter a column: p where few labels have come yet. */
  readonly provisional: string
  /** Share of labelled predictions from which on performance is judged. */
  readonly minCoverage: number
  readonly metrics: readonly MetricSeries[]
  /** Worst first. */
  readonly tests: readonly TestSeries[]
  /** Tests beyond the limit, none of which is worse than those that are shown. */
  readonly testsLeftOut: number
  /** How many features are watched, and alarm in the newest window. */
  readonly features: { readonly monitored: number; readonly drifted: number }
  readonly incidents: readonly IncidentShown[]
  readonly retrainings: readonly RetrainingShown[]
  readonly outputs: readonly OutputShown[]
  readonly delays: LabelDelays | null
}

export interface ModelQuery {
  readonly version: string | null
  readonly window: string | null
  /** How far back from the newest window; null: far enough to see a course. */
  readonly since: Millis | null
  readonly from: Instant | null
  readonly to: Instant | null
}

/** What a page is made of. */
export interface ModelSource {
  readonly model: WatchedModel
  readonly task: string
  readonly views: Pick<Views, 'results' | 'incidents' | 'triggers'>
  readonly counters: readonly CounterRow[]
  readonly now: Instant
}

/** The question names a version or a window that is not there. */
export class NoSuchPart extends Error {}

const WINDOWS_USUAL = 96
/** … and so many windows that have no row in common. */
const SIZES_USUAL = 4
const TESTS_MAX = 250
const INCIDENTS_MAX = 200
const TRIGGERS_MAX = 200

export async function modelOverview(source: ModelSource, query: ModelQuery): Promise<ModelOverview> {
  const { model, task, views } = source
  const { windows } = model.options.settings
  const versions = versionsOf(source)
  const version = versionOf(versions, query.version, model.name)
  const incidents = incidentsOf(source, version)
  const stream = model.streams.get(version)
  const spec = windowOf(source, { wanted: query.window, incidents })
  const [newest] = views.results({ model: model.name, version, window: spec.name, order: 'newest', limit: 1 })
  const head = {
    ...{ model: model.name, task, version, window: spec.name },
    versions: versions.map((one) => ({ version: one.version, end: one.end === null ? null : formatInstant(one.end) })),
    windows: windows.map(({ name, sizeMs, slideMs }) => ({ name, sizeMs, slideMs })),
    reference: model.reference === undefined ? null : referenceShown(model, version, newest?.start),
    minCoverage: model.options.settings.minCoverage,
    said: saidOf(source, { incidents, newest, version }),
    delays: labelDelays(source.counters, model.name, version),
  }
  if (newest === undefined)
    return {
      ...head,
      ...{ newest: null, range: null, ends: [], rows: [], labelled: [], provisional: '', metrics: [], tests: [] },
      ...{ testsLeftOut: 0, features: { monitored: 0, drifted: 0 }, outputs: [], retrainings: [] },
      incidents: incidents.map(incidentShown(source.now)),
    }
  const range = rangeOf(source, { version, spec, newest, query })
  const columns = await readColumns(views, { model: model.name, version, spec }, range)
  const tests = testSeries(columns)
  const columnMs = columns.windowsPerColumn * spec.slideMs
  const { drifted, monitored } = digestOf(newest)
  const isWithin = (from: Instant, to: Instant) => to >= range.from - columnMs && from <= range.to
  return {
    ...head,
    newest: windowShown(newest),
    range: {
      ...{ from: formatInstant(range.from), to: formatInstant(range.to), columnMs },
      ...{ windowsPerColumn: columns.windowsPerColumn, readEvery: columns.readEvery },
    },
    ends: columns.ends.map(formatInstant),
    rows: columns.windows.map((window) => window?.samples ?? null),
    labelled: columns.windows.map((window) => window?.labelled ?? null),
    provisional: columns.windows.map((window) => (window?.provisional === true ? 'p' : ' ')).join(''),
    metrics: metricSeries(columns),
    tests: tests.slice(0, TESTS_MAX),
    testsLeftOut: Math.max(0, tests.length - TESTS_MAX),
    features: { monitored, drifted },
    incidents: incidents
      .filter((one) => isActive(one) || isWithin(one.since, one.at))
      .slice(0, INCIDENTS_MAX)
      .map(incidentShown(source.now)),
    retrainings: views
      .triggers(TRIGGERS_MAX)
      .filter((one) => one.model === model.name && one.version === version && isWithin(one.at, one.at))
      .map(({ id, at, state, target, cause }) => ({ id, at: formatInstant(at), state, target, cause })),
    outputs: stream === undefined ? [] : await outputsOf(source, stream, newest),
  }
}

export function windowShown(window: WindowResult): WindowShown {
  const { start, end, revision, samples, labelled, provisional } = window
  return {
    ...{ start: formatInstant(start), end: formatInstant(end), revision, rows: samples, labelled },
    ...{ isProvisional: provisional, isCalibrated: digestOf(window).isCalibrated },
  }
}

interface Version {
  readonly version: string
  /** Event time up to which it has rows; null when none are kept. */
  readonly end: Instant | null
}

/** The one whose rows came last first. */
export function versionsOf({ model }: ModelSource): Version[] {
  const found = [...model.streams].map(([version, { inputs }]): Version => {
    let last = Number.NEGATIVE_INFINITY
    for (const start of inputs.starts()) if (start > last) last = start
    return { version, end: Number.isFinite(last) ? last + inputs.paneMs : null }
  })
  return found.sort(
    (a, b) => (b.end ?? 0) - (a.end ?? 0) || b.version.localeCompare(a.version, 'en', { numeric: true }),
  )
}

export function versionOf(versions: readonly Version[], wanted: string | null, model: string): string {
  if (wanted === null) return versions[0]?.version ?? ''
  if (versions.some(({ version }) => version === wanted)) return wanted
  const names = versions.map(({ version }) => (version === '' ? 'rows without a version' : version))
  throw new NoSuchPart(`${model} has no version ${wanted} under watch; it has: ${names.join(', ') || 'none yet'}`)
}

/** The window that is asked for, or the one that the worst incident is about, or the first. */
export function windowOf(
  { model }: ModelSource,
  { wanted, incidents }: { wanted: string | null; incidents: readonly Incident[] },
): WindowSpec {
  const { windows } = model.options.settings
  const find = (name: string | undefined) => windows.find((spec) => spec.name === name)
  if (wanted !== null) {
    const found = find(wanted)
    if (found !== undefined) return found
    const names = windows.map(({ name }) => name).join(', ')
    throw new NoSuchPart(`${model.name} has no window ${wanted}; it has: ${names}`)
  }
  const [worst] = incidents.filter(isActive)
  return find(worst?.evidence[0]?.window) ?? (windows[0] as WindowSpec)
}

const severities: readonly Incident['severity'][] = ['critical', 'alarm', 'warning']
/** What is told first of several that are equally severe: what the model does, then what may explain it. */
const kinds: readonly Incident['kind'][] = [
  ...(['no_data', 'performance', 'quality', 'drift', 'volume', 'estimated', 'stale_labels'] as const),
]

interface IncidentSource {
  readonly model: { readonly name: string; readonly options: { readonly source: string } }
  readonly views: Pick<Views, 'incidents'>
}

/** Of this version, or of what it waits for, those that people were told of: what goes on first, and of that the worst. */
export function incidentsOf({ model, views }: IncidentSource, version: string): Incident[] {
  const { name, options } = model
  const ofSource = views.incidents({ model: subjectOfSource(options.source), limit: INCIDENTS_MAX })
  return views
    .incidents({ model: name, limit: INCIDENTS_MAX * 5 })
    .concat(ofSource.filter(({ silence }) => silence?.models.includes(name)))
    .filter((one) => one.version === version || one.silence !== undefined)
    .filter((one) => one.state !== 'pending')
    .sort(
      (a, b) =>
        Number(isActive(b)) - Number(isActive(a)) ||
        (isActive(a)
          ? severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
            kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
            a.since - b.since
          : b.since - a.since),
    )
}

function textOf(incident: Incident, now: Instant): string {
  const { silence } = incident
  if (silence !== undefined) {
    const says = silenceTitle(silence, { change: 'firing', at: isActive(incident) ? now : incident.at })
    return silence.of === 'source' ? `${incident.model}: ${says}` : says
  }
  const { kind, features, evidence } = incident
  const [worst] = evidence
  // Evidence of what is over is that of the window that ended it.
  if (incident.state === 'resolved' && worst !== undefined && (kind === 'performance' || kind === 'estimated'))
    return `${kind === 'estimated' ? 'estimated ' : ''}${metricName(worst.metric)} was worse than in the reference`
  const explained = kind === 'performance' && features.length > 0 ? `, which ${listed(features)} may explain` : ''
  return `${headlineOf(incident)}${explained}`
}

export function incidentShown(now: Instant): (incident: Incident) => IncidentShown {
  return (incident) => ({
    ...{ id: incident.id, kind: incident.kind, severity: incident.severity, isActive: isActive(incident) },
    from: formatInstant(incident.silence?.lastAt ?? incident.since),
    to: isActive(incident) ? null : formatInstant(incident.at),
    text: textOf(incident, now),
    features: incident.features,
  })
}

function saidOf(
  source: ModelSource,
  { incidents, newest, version }: { incidents: readonly Incident[]; newest: WindowResult | undefined; version: string },
): Said[] {
  const active = incidents.filter(isActive)
  if (active.length > 0)
    return active.map((incident) => ({
      status: incident.kind === 'no_data' ? 'no_data' : incident.severity === 'warning' ? 'warning' : 'alarm',
      text: textOf(incident, source.now),
      since: formatInstant(incident.silence?.lastAt ?? incident.since),
      incident: incident.id,
      metric: incident.kind === 'performance' ? (incident.evidence[0]?.metric ?? null) : null,
    }))
  const one = (status: ModelStatus, text: string): Said[] => [
    { status, text, since: null, incident: null, metric: null },
  ]
  if (newest === undefined) return one('no_data', whyNothing(source, version))
  const { status, says } = digestOf(newest)
  if (newest.samples === 0) return one('no_data', 'no rows in the newest window')
  switch (status) {
    case 'ok':
      return one('ok', 'as in the reference: nothing that matters has changed')
    case 'insufficient':
      return one('insufficient', says)
    default:
      // One window over a threshold is no incident yet: the policy waits for more.
      return one('warning', `${says}, in the newest window; not for long enough to tell people`)
  }
}

function whyNothing({ model }: ModelSource, version: string): string {
  const { source } = model.options
  if (model.learning !== undefined) {
    const { end } = model.learning
    return Number.isFinite(end)
      ? `learns its reference from rows up to ${formatInstant(end)}`
      : `waits for its first rows from ${source}, to learn its reference`
  }
  return version === '' && model.streams.size === 0
    ? `waits for its first rows from ${source}`
    : 'waits for its first window to be full'
}

/** What the newest window was judged by, and what judges the next ones. */
function referenceShown(
  model: WatchedModel,
  version: string,
  start: Instant = Number.POSITIVE_INFINITY,
): ModelOverview['reference'] {
  const { reference, of, isEarlier } = judgedBy(model, version, start)
  const { id, source, rows, labelled } = reference
  const next = model.comparedWith(version).reference
  const judgesFrom = next.judgesFrom?.inputs
  return {
    ...{ id, source, rows, labelled, of },
    next: isEarlier && judgesFrom !== undefined ? { source: next.source, judgesFrom: formatInstant(judgesFrom) } : null,
  }
}

/** From the first window that there is, if that is later than what is asked for. */
export function rangeOf(
  { model, views }: ModelSource,
  { version, spec, newest, query }: { version: string; spec: WindowSpec; newest: WindowResult; query: ModelQuery },
): Range {
  const { slideMs, name: window } = spec
  const last = Math.min(newest.end, query.to ?? newest.end)
  // Columns end when windows do.
  const to = newest.end - Math.ceil((newest.end - last) / slideMs) * slideMs
  const wanted = query.from ?? to - (query.since ?? Math.max(WINDOWS_USUAL * slideMs, SIZES_USUAL * spec.sizeMs))
  const [first] = views.results({ model: model.name, version, window, from: wanted, order: 'oldest', limit: 1 })
  return { from: Math.min(to, Math.max(wanted, first?.end ?? wanted)), to }
}

async function outputsOf(
  { model }: ModelSource,
  stream: WatchedStream,
  { start, end }: WindowResult,
): Promise<OutputShown[]> {
  const { inputs } = stream
  const judges = judgedBy(model, stream.stream.version, start)
  const subject = subjectAt(subjectOf(stream, judges), start, end)
  const columns = subject.columns.filter(({ cells }) => cells.column.role === 'prediction')
  if (columns.length === 0) return []
  // Of a window whose first rows were forgotten, half the truth is no picture.
  const isKept = start >= inputs.droppedBefore
  const current = isKept ? await sumInTurns(inputs, start, end) : undefined
  return columns.map((column): OutputShown => {
    const { name } = column.cells.column
    const scores = current === undefined ? undefined : scoreBins(column, current)
    const classes = current === undefined || scores !== undefined ? undefined : driftParts(column, current)
    return {
      name,
      scores: scores === undefined ? null : roundedScores(scores),
      classes: classes ?? null,
      because:
        scores === undefined && classes === undefined
          ? isKept
            ? 'there is no value to show'
            : 'the rows of this window are not kept any more'
          : null,
    }
  })
}

function roundedScores({ rows, mean, bins }: ScoreBins): ScoreBins {
  return {
    rows,
    mean: { reference: rounded(mean.reference), current: rounded(mean.current) },
    bins: bins.map(({ from, to, reference, current }) => ({
      from: rounded(from),
      to: rounded(to),
      reference: rounded(reference),
      current: rounded(current),
    })),
  }
}
