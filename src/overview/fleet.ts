// The fleet: every model version with its status, what is wrong with it, and the course of what matters most. Worst first.

import { silenceTitle } from '../delivery/silence-wording.ts'
import { metricName, withInterval } from '../delivery/wording.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY, formatInstant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { FirstStep } from './first-steps.ts'
import type { CourseKey, FleetBoard, OpenIncident } from './fleet-board.ts'
import { COURSE_LENGTH } from './fleet-board.ts'
import type { FleetStatus, Group } from './fleet-filter.ts'
import { fits, groupOf } from './fleet-filter.ts'
import type { MetricDigest, WindowDigest } from './window-digest.ts'

/** One model version. */
export interface FleetRow {
  readonly model: string
  readonly version: string
  readonly task: string
  readonly source: string
  readonly status: FleetStatus
  /** People have been told of something that is not over. */
  readonly needsYou: boolean
  /** Another version has the rows now, and nobody needs to look at this one. */
  readonly isEarlier: boolean
  /** Whether the noise of its tests was learnt; null while nothing was judged. */
  readonly isCalibrated: boolean | null
  /** The worst, in words; '' where all is well. */
  readonly what: string
  /** Event time since when that is so. */
  readonly since: string | null
  /** Up to when that has lasted: now, or of a stream that is far behind the clock the end of its newest window (event time). */
  readonly until: string
  readonly acknowledgedBy: string | null
  /** Size of the windows that the rest is about. */
  readonly window: string
  /** Event time at which the newest evaluated window ends. */
  readonly evaluatedTo: string | null
  /** Rows a window: in the newest, and in the last ones evenly apart, oldest first; null where there is none. */
  readonly volume: { readonly last: number; readonly points: ReadonlyArray<number | null> } | null
  /** Features that alarm, of those that are watched. */
  readonly drift: { readonly drifted: number; readonly monitored: number } | null
  readonly performance: FleetPerformance | null
  /** Share of the predictions of the newest window that are labelled. */
  readonly labelCoverage: number | null
  readonly incidents: { readonly count: number; readonly ids: readonly string[] }
}

export interface FleetPerformance {
  readonly metric: string
  /** As people say it: `ROC AUC`. */
  readonly name: string
  readonly value: number
  /** With its interval, in the digits that it supports. */
  readonly text: string
  readonly reference: number | null
  /** Fewer labels have come than a judgement needs. */
  readonly isProvisional: boolean
  /** Event time at which its window ends: the newest one whose labels suffice, if there is one among the last. */
  readonly end: string
  readonly points: ReadonlyArray<number | null>
}

export interface FleetView {
  readonly at: string
  /** The size of windows that was asked for. */
  readonly window: string | null
  /** Sizes that models have, the most frequent first. */
  readonly windows: readonly string[]
  /**
   * By need; `watch` are warnings that nobody was told of, `waiting` those of which nothing is known yet, or nothing comes, and
   * `earlier` versions whose rows another one has now.
   */
  readonly counts: Readonly<Record<Group, number>>
  /** Sources that cannot be read. */
  readonly sources: ReadonlyArray<{
    readonly source: string
    readonly says: string
    readonly since: string
    readonly incident: string
  }>
  /** What was stored before the start is still being read: courses may be shorter than they are. */
  readonly isFilling: boolean
  /** While no event of any model has come: what the sources wait for. */
  readonly firstSteps: readonly FirstStep[]
  readonly models: readonly FleetRow[]
  /** Rows beyond the limit. */
  readonly leftOut: number
}

/** Of each model, by its name, event time up to which what began in event time has lasted. Of others: now. */
export function presents(board: FleetBoard, models: readonly FleetModel[], now: Instant): (model: string) => Instant {
  const byName = new Map(models.map((model) => [model.name, model]))
  return (name) => {
    const model = byName.get(name)
    return model === undefined ? now : presentOf(model, currentOf(board, model), now)
  }
}

/** A model under watch. */
export interface FleetModel {
  readonly name: string
  readonly task: string
  readonly source: string
  readonly windows: readonly WindowSpec[]
  readonly versions: readonly string[]
  /** While its reference is learnt from the stream: event time until when, if that is known; null when it is learnt. */
  readonly learning: { readonly until: Instant | null } | null
}

export interface FleetQuery {
  /** Size of windows; models that have no such windows are shown by their smallest. */
  readonly window: string | null
  /** Whether versions whose rows another one has now are told of, too; they come last. */
  readonly earlier: boolean
  /** null: all of them. */
  readonly show: Group | null
  /** In a name, a version, a source or what is wrong; '': all of them. */
  readonly search: string
  readonly limit: number
}

const IDS_MAX = 10
const STATUS_ORDER: readonly FleetStatus[] = ['alarm', 'warning', 'no_data', 'insufficient', 'ok']

export interface FleetMoment extends FleetQuery {
  readonly now: Instant
  /** What the sources read. */
  readonly firstSteps: () => readonly FirstStep[]
}

export function fleetView(
  board: FleetBoard,
  models: readonly FleetModel[],
  { window, earlier, show, search, limit, now, firstSteps }: FleetMoment,
): FleetView {
  const byModel = Map.groupBy(board.incidents, ({ model }) => model)
  const rows = models.flatMap((model) => {
    const incidents = byModel.get(model.name) ?? []
    const current = currentOf(board, model)
    return versionsOf(model).map((version) => rowOf(board, model, { version, incidents, current, window, now }))
  })
  const sorted = rows
    .filter(({ row }) => earlier || show === 'earlier' || !row.isEarlier)
    .filter(({ row }) => fits(row, { show: show ?? '', search }))
    .sort(byNeed)
    .map(({ row }) => row)
  return {
    at: formatInstant(now),
    window,
    windows: sizesOf(models),
    counts: countsOf(rows),
    sources: sourcesOf(board, now),
    isFilling: board.lacks(coursesOf(models)).length > 0,
    firstSteps: models.every(waitsForEvents) && !rows.some(({ row }) => row.needsYou) ? firstSteps() : [],
    models: sorted.slice(0, limit),
    leftOut: Math.max(0, sorted.length - limit),
  }
}

/**
 * What a board of these models is made of, the newest versions first: of each model the one that came last, then of each the one before
 * it. Where there is no room for all, those that are lacking are of the past.
 */
export function coursesOf(models: readonly FleetModel[]): CourseKey[] {
  const most = models.reduce((max, { versions }) => Math.max(max, versions.length), 0)
  return Array.from({ length: most }, (_, back) =>
    models.flatMap(({ name, versions, windows }) => {
      const version = versions.at(-1 - back)
      return version === undefined ? [] : windows.map((spec) => ({ model: name, version, window: spec.name }))
    }),
  ).flat()
}

function waitsForEvents({ versions, learning }: FleetModel): boolean {
  return versions.length === 0 && (learning === null || learning.until === null)
}

/** A model without any events is one row. */
function versionsOf({ versions }: FleetModel): readonly string[] {
  return versions.length > 0 ? versions : ['']
}

/** The version whose rows came last, and until when. */
interface Current {
  readonly version: string
  readonly end: Instant
}

function currentOf(board: FleetBoard, model: FleetModel): Current | null {
  let current: Current | null = null
  for (const key of coursesOf([model])) {
    const newest = board.course(key).findLast(({ samples }) => samples > 0)
    if (newest !== undefined && newest.end > (current?.end ?? 0)) current = { version: key.version, end: newest.end }
  }
  return current
}

interface RowContext {
  readonly version: string
  readonly incidents: readonly OpenIncident[]
  readonly current: Current | null
  readonly window: string | null
  readonly now: Instant
}

interface Ranked {
  readonly row: FleetRow
  /** Smaller is worse. */
  readonly severity: number
}

function byNeed(a: Ranked, b: Ranked): number {
  const rank = ({ row: { needsYou, isEarlier, status } }: Ranked) =>
    (needsYou ? 0 : isEarlier ? 20 : 10) + STATUS_ORDER.indexOf(status)
  return (
    rank(a) - rank(b) ||
    a.severity - b.severity ||
    (a.row.since ?? '').localeCompare(b.row.since ?? '') ||
    a.row.model.localeCompare(b.row.model) ||
    b.row.version.localeCompare(a.row.version, 'en', { numeric: true })
  )
}

function rowOf(board: FleetBoard, model: FleetModel, context: RowContext): Ranked {
  const { version, incidents, current, window, now } = context
  const spec = specOf(model, window)
  const course = board.course({ model: model.name, version, window: spec.name })
  const newest = course.at(-1)
  // It is the model that sends nothing: that is told of the version that sent something last.
  const isCurrent = current === null || current.version === version
  const own = incidents
    .filter(({ silence, ...one }) => (silence === null ? one.version === version : isCurrent))
    .sort(worstFirst)
  const [worst] = own
  const row: FleetRow = {
    ...{ model: model.name, version, task: model.task, source: model.source },
    ...(worst === undefined ? withoutIncident(board, model, context) : withIncident(board, worst, now)),
    until: formatInstant(worst?.silence == null ? presentOf(model, current, now) : now),
    needsYou: worst !== undefined,
    isEarlier: worst === undefined && isReplaced(board, model, context),
    isCalibrated: newest?.isCalibrated ?? null,
    window: spec.name,
    evaluatedTo: newest === undefined ? null : formatInstant(newest.end),
    volume:
      newest === undefined ? null : { last: newest.samples, points: pointsOf(course, spec, ({ samples }) => samples) },
    drift: newest === undefined ? null : { drifted: newest.drifted, monitored: newest.monitored },
    performance: performanceOf(course, spec, own.find(({ metric }) => metric !== null)?.metric ?? null),
    labelCoverage: newest === undefined || newest.samples === 0 ? null : rounded(newest.labelled / newest.samples),
    incidents: { count: own.length, ids: own.slice(0, IDS_MAX).map(({ id }) => id) },
  }
  return { row, severity: worst === undefined ? 0 : severityRank(worst) }
}

/** Rows that are older than this beyond their windows are of the past: a replay, or a stream that has stopped. */
const BEHIND = DAY

/** Event time up to which what began in event time has lasted. */
function presentOf(model: FleetModel, current: Current | null, now: Instant): Instant {
  return current !== null && current.end + longestOf(model) + BEHIND < now ? current.end : now
}

function longestOf({ windows }: FleetModel): Millis {
  return Math.max(...windows.map(({ sizeMs }) => sizeMs))
}

/** Event time up to which this version has had rows; 0: none. */
function lastOf(board: FleetBoard, { name, windows }: FleetModel, version: string): Instant {
  const courses = windows.map((spec) => board.course({ model: name, version, window: spec.name }))
  return Math.max(...courses.map((course) => course.findLast(({ samples }) => samples > 0)?.end ?? 0))
}

/** Whether another version has had rows for so long that this one is not expected to get any more. */
function isReplaced(board: FleetBoard, model: FleetModel, { version, current }: RowContext): boolean {
  if (current === null || current.version === version) return false
  // Where there is no room for all, those that are lacking are of the past.
  if (!hasRoom(board, model, version)) return true
  const last = lastOf(board, model, version)
  return last > 0 && last + longestOf(model) < current.end
}

function hasRoom(board: FleetBoard, { name, windows }: FleetModel, version: string): boolean {
  return windows.some((spec) => board.hasRoom({ model: name, version, window: spec.name }))
}

function specOf({ windows }: FleetModel, wanted: string | null): WindowSpec {
  const smallest = windows.reduce((least, one) => (one.sizeMs < least.sizeMs ? one : least))
  return windows.find(({ name }) => name === wanted) ?? smallest
}

const severityOrder: readonly OpenIncident['severity'][] = ['critical', 'alarm', 'warning']
/** What is told first of several that are equally severe: what it does, then what may explain it. */
const kindOrder: readonly OpenIncident['kind'][] = [
  ...(['no_data', 'performance', 'quality', 'drift', 'volume', 'estimated', 'stale_labels'] as const),
]

function severityRank({ severity }: OpenIncident): number {
  return severityOrder.indexOf(severity)
}

function worstFirst(a: OpenIncident, b: OpenIncident): number {
  return severityRank(a) - severityRank(b) || kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) || a.since - b.since
}

type Standing = Pick<FleetRow, 'status' | 'what' | 'since' | 'acknowledgedBy'>

function withIncident(board: FleetBoard, worst: OpenIncident, now: Instant): Standing {
  const { id, kind, severity, since, silence, says } = worst
  const status = kind === 'no_data' ? 'no_data' : severity === 'warning' ? 'warning' : 'alarm'
  const what = silence === null ? says : silenceTitle(silence, { change: 'firing', at: now })
  return { status, what, since: formatInstant(silence?.lastAt ?? since), acknowledgedBy: board.acknowledgedBy(id) }
}

/** The worst of the newest windows of all sizes. */
function withoutIncident(board: FleetBoard, model: FleetModel, context: RowContext): Standing {
  const { version, current } = context
  const courses = model.windows.map(({ name }) => board.course({ model: model.name, version, window: name }))
  const newest = courses.flatMap((course) => course.at(-1) ?? [])
  const [first] = newest
  const said = (status: FleetStatus, what: string, since: string | null = null): Standing => {
    return { status, what, since, acknowledgedBy: null }
  }
  if (first === undefined) {
    const isLeftOut = version !== '' && !hasRoom(board, model, version)
    return said('no_data', isLeftOut ? tooMany : whyNothing(model, version))
  }
  if (current !== null && isReplaced(board, model, context)) {
    const last = formatInstant(lastOf(board, model, version))
    return said('no_data', `no more rows, while version ${current.version} has them`, last)
  }
  const worst = newest.reduce((worse, one) => (rankOf(one) < rankOf(worse) ? one : worse), first)
  switch (worst.status) {
    case 'ok':
      return said('ok', '')
    case 'insufficient':
      return worst.samples === 0
        ? said('no_data', 'no rows in the newest window', formatInstant(worst.end))
        : said('insufficient', worst.says)
    default:
      // One window over a threshold is no incident yet: the policy waits for more.
      return said('warning', `${worst.says}, in the newest window`, formatInstant(worst.end))
  }
}

/** Of one that the board has no room for. */
const tooMany = 'more versions are watched than can be told of here; its page tells how it fares'

function rankOf({ status }: WindowDigest): number {
  return STATUS_ORDER.indexOf(status)
}

function whyNothing({ learning, source }: FleetModel, version: string): string {
  if (learning === null)
    return version === '' ? `waits for its first rows from ${source}` : 'waits for its first window to be full'
  return learning.until === null
    ? `waits for its first rows from ${source}, to learn its reference`
    : `learns its reference from rows up to ${formatInstant(learning.until)}`
}

/** The metric that an incident is about, or the first one that has values. */
function performanceOf(
  course: readonly WindowDigest[],
  spec: WindowSpec,
  wanted: string | null,
): FleetPerformance | null {
  const metric = wanted ?? course.findLast(({ performance }) => performance.length > 0)?.performance[0]?.metric
  if (metric === undefined) return null
  const find = ({ performance }: WindowDigest) => performance.find((one) => one.metric === metric)
  const measured = course.filter((one) => find(one) !== undefined)
  const shown = measured.findLast(({ isProvisional }) => !isProvisional) ?? measured.at(-1)
  if (shown === undefined) return null
  const { value, low, high, reference } = find(shown) as MetricDigest
  return {
    ...{ metric, name: metricName(metric), value: rounded(value), text: withInterval(value, low, high) },
    reference: reference === null ? null : rounded(reference),
    isProvisional: shown.isProvisional,
    end: formatInstant(shown.end),
    points: pointsOf(course, spec, (one) => find(one)?.value ?? null),
  }
}

/** One point for each slide up to the newest window, so that what is missing is a gap. */
function pointsOf(
  course: readonly WindowDigest[],
  { slideMs }: WindowSpec,
  read: (digest: WindowDigest) => number | null,
): Array<number | null> {
  const newest = course.at(-1)
  if (newest === undefined) return []
  const points: Array<number | null> = Array.from({ length: COURSE_LENGTH }, () => null)
  for (const digest of course) {
    const slot = COURSE_LENGTH - 1 - Math.round((newest.end - digest.end) / slideMs)
    const value = read(digest)
    if (slot >= 0 && value !== null) points[slot] = rounded(value)
  }
  return points
}

/** Enough digits for a picture, and few enough for a page of hundreds of models. */
function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

function sizesOf(models: readonly FleetModel[]): string[] {
  const counts = new Map<string, number>()
  for (const { windows } of models) for (const { name } of windows) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name)
}

function countsOf(rows: readonly Ranked[]): FleetView['counts'] {
  const counts = { needYou: 0, watch: 0, fine: 0, tooFew: 0, waiting: 0, earlier: 0 }
  for (const { row } of rows) counts[groupOf(row)]++
  return counts
}

function sourcesOf(board: FleetBoard, now: Instant): FleetView['sources'] {
  return [...board.incidents].flatMap(({ id, silence }) =>
    silence?.of === 'source'
      ? [
          {
            source: silence.source,
            says: silenceTitle(silence, { change: 'firing', at: now }),
            since: formatInstant(silence.lastAt),
            incident: id,
          },
        ]
      : [],
  )
}
