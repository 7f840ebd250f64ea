// A feature of a model version as its page shows it: how it lies in one window beside the reference, and how it came to that.

import { evidenceText } from '../delivery/wording.ts'
import type { Subject } from '../monitors/subject.ts'
import { subjectAt } from '../monitors/subject.ts'
import type { Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { ChangedPair } from '../reference/second-moments.ts'
import { correlationsOf } from '../reference/second-moments.ts'
import type { UnseenName } from '../summaries/unseen-names.ts'
import { NAMES_OF_COLUMN_MAX } from '../summaries/unseen-names.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Panes } from '../windows/pane.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { ColumnStatistics } from './column-statistics.ts'
import { columnStatistics } from './column-statistics.ts'
import type { DriftParts, ScoreBins } from './drift-parts.ts'
import { driftParts, scoreBins } from './drift-parts.ts'
import { judgedBy, subjectOf } from './judged-by.ts'
import type { IncidentShown, ModelQuery, ModelSource, ModelStatus, WindowShown } from './model.ts'
import {
  incidentShown,
  incidentsOf,
  NoSuchPart,
  rangeOf,
  versionOf,
  versionsOf,
  windowOf,
  windowShown,
} from './model.ts'
import { sumInTurns } from './pane-sums.ts'
import type { TestSeries } from './series.ts'
import { oneTest, rounded } from './series.ts'
import { readColumns } from './window-columns.ts'

export interface FeatureQuery extends ModelQuery {
  /** End of the window that is looked at; null: the newest. */
  readonly end: Instant | null
}

/** A test of the feature over time, with its interval. */
export interface TestCourse extends TestSeries {
  readonly lows: ReadonlyArray<number | null>
  readonly highs: ReadonlyArray<number | null>
  /** Other distances of the same comparison, in the window that is looked at. */
  readonly methods: Readonly<Record<string, number>>
  /** What it said in the window that is looked at, in words; null: nothing. */
  readonly says: { readonly status: Verdict['status']; readonly text: string } | null
}

export interface FeatureView {
  readonly model: string
  readonly version: string
  readonly versions: readonly string[]
  readonly window: string
  readonly windows: readonly string[]
  readonly feature: string
  readonly kind: 'numeric' | 'categorical' | 'embedding'
  readonly role: 'feature' | 'prediction'
  readonly said: { readonly status: ModelStatus; readonly text: string }
  /** The window that is looked at; null while there is none. */
  readonly at: WindowShown | null
  /** What it was judged by; another one may be in force by now. */
  readonly reference: { readonly source: string; readonly isEarlier: boolean } | null
  /** Why its rows cannot be shown beside the reference; null: they are. */
  readonly because: string | null
  readonly distribution: DriftParts | null
  /** Of numbers: on equal parts of their range. */
  readonly shape: ScoreBins | null
  readonly statistics: ColumnStatistics | null
  /** Of the range that is asked for. */
  readonly ends: readonly string[]
  readonly columnMs: number
  /** Windows that a column stands for. */
  readonly windowsPerColumn: number
  readonly rows: ReadonlyArray<number | null>
  /** Drift first, then data quality. */
  readonly tests: readonly TestCourse[]
  /** Values that the reference has never seen, by name; null where that does not apply. */
  readonly unseen: {
    /** Most frequent first; counts are of all the time between first and last. */
    readonly names: ReadonlyArray<{
      readonly name: string
      readonly count: number
      readonly first: string
      readonly last: string
    }>
    /** Names of one period are kept up to this many: there may be more. */
    readonly isFull: boolean
  } | null
  /** With other features, the largest change first; null where it is not watched. */
  readonly correlations: readonly ChangedPair[] | null
  readonly incidents: readonly IncidentShown[]
}

const CORRELATIONS_MAX = 10
const NAMES_MAX = 40

export async function featureView(source: ModelSource, feature: string, query: FeatureQuery): Promise<FeatureView> {
  const { model, views } = source
  const { windows } = model.options.settings
  const versions = versionsOf(source)
  const version = versionOf(versions, query.version, model.name)
  const stream = model.streams.get(version)
  const subject = stream?.subject
  const column = subject?.columns.find(({ cells }) => cells.column.name === feature)
  if (subject === undefined || stream === undefined || column === undefined)
    throw new NoSuchPart(whyNoFeature(source, feature, subject))
  const about = incidentsOf(source, version).filter(
    (one) => one.features.includes(feature) || one.evidence.some((evidence) => evidence.feature === feature),
  )
  const spec = windowOf(source, { wanted: query.window, incidents: about })
  const sequence = { model: model.name, version, window: spec.name }
  const [newest] = views.results({ ...sequence, order: 'newest', limit: 1 })
  const [looked] =
    query.end === null || newest === undefined
      ? [newest]
      : views.results({ ...sequence, to: query.end + 1, order: 'newest', limit: 1 })
  const head = {
    ...{ model: model.name, version, versions: versions.map((one) => one.version), feature },
    ...{ window: spec.name, windows: windows.map(({ name }) => name) },
    ...{ kind: column.cells.kind, role: column.cells.column.role },
    incidents: about.map(incidentShown(source.now)),
  }
  if (newest === undefined || looked === undefined)
    return {
      ...head,
      said: { status: 'no_data', text: 'no window has been evaluated yet' },
      ...{
        at: null,
        reference: null,
        because: 'no window has been evaluated yet',
        distribution: null,
        shape: null,
        statistics: null,
      },
      ...{
        ends: [],
        columnMs: spec.slideMs,
        windowsPerColumn: 1,
        rows: [],
        tests: [],
        unseen: null,
        correlations: null,
      },
    }
  const range = rangeOf(source, { version, spec, newest, query })
  const columns = await readColumns(views, { model: model.name, version, spec }, range)
  const tests = columns.tests
    .filter(({ cells }) => cells.some((verdict) => verdict?.feature === feature))
    .map((test): TestCourse => {
      const series = oneTest(test, test.monitor.startsWith('quality/') ? 'quality' : 'feature')
      const now = looked.verdicts.find(({ monitor }) => monitor === test.monitor)
      const isOfMetric = (verdict: Verdict | undefined) => verdict?.metric === series.metric
      return {
        ...series,
        lows: test.cells.map((verdict) => (isOfMetric(verdict) ? rounded(verdict?.low ?? null) : null)),
        highs: test.cells.map((verdict) => (isOfMetric(verdict) ? rounded(verdict?.high ?? null) : null)),
        methods: now === undefined || now.status === 'insufficient' ? {} : methodsOf(now.methods),
        says: now === undefined ? null : saysOf(now, looked),
      }
    })
    .sort((a, b) => Number(a.about === 'quality') - Number(b.about === 'quality'))
  const shown = await shownAt(stream.inputs, spec, looked)
  const judges = judgedBy(model, version, looked.start)
  const held = subjectAt(subjectOf(stream, judges), looked.start, looked.end)
  const heldColumn = held.columns.find(({ cells }) => cells.column.name === feature) ?? column
  const shape = shown.inputs === undefined ? undefined : scoreBins(heldColumn, shown.inputs)
  return {
    ...head,
    said: saidOf(tests),
    at: windowShown(looked),
    reference: { source: judges.reference.source, isEarlier: judges.isEarlier },
    because: shown.because,
    distribution: (shown.inputs && driftParts(heldColumn, shown.inputs)) ?? null,
    shape: shape ?? null,
    statistics: (shown.inputs && columnStatistics(heldColumn, held.baseline.inputs, shown.inputs)) ?? null,
    ends: columns.ends.map(formatInstant),
    columnMs: columns.windowsPerColumn * spec.slideMs,
    windowsPerColumn: columns.windowsPerColumn,
    rows: columns.windows.map((window) => window?.samples ?? null),
    tests,
    unseen: column.cells.kind === 'categorical' ? unseenShown(stream.unseen.of(feature, looked)) : null,
    correlations: correlationsShown(held, feature, shown.inputs),
  }
}

function whyNoFeature({ model }: ModelSource, feature: string, subject: Subject | undefined): string {
  if (subject === undefined) return `${model.name} has no reference yet, and so no features`
  const ignored = subject.reference.ignored.find(({ name }) => name === feature)
  if (ignored !== undefined) return `${feature} is not watched: ${ignored.because}`
  const names = subject.columns.map(({ cells }) => cells.column.name)
  const shown = names.slice(0, 50).join(', ')
  return `${model.name} has no feature ${feature}; it has: ${shown}${names.length > 50 ? ' …' : ''}`
}

function methodsOf(methods: Readonly<Record<string, number>> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(methods).map(([name, value]) => [name, rounded(value)]))
}

function saysOf(verdict: Verdict, { window, end, samples, labelled }: WindowResult): TestCourse['says'] {
  if (verdict.status === 'insufficient') return { status: verdict.status, text: verdict.reason }
  const { status, ...rest } = verdict
  return { status, text: evidenceText({ ...rest, window, end, samples, labelled }) }
}

const gravity: readonly Verdict['status'][] = ['insufficient', 'ok', 'warning', 'alarm']

/** The worst of its tests, in the window that is looked at. */
function saidOf(tests: readonly TestCourse[]): FeatureView['said'] {
  const said = tests.flatMap(({ says }) => says ?? [])
  const worst = said.reduce<(typeof said)[number] | undefined>(
    (most, one) => (most === undefined || gravity.indexOf(one.status) > gravity.indexOf(most.status) ? one : most),
    undefined,
  )
  if (worst === undefined) return { status: 'no_data', text: 'nothing was said of it in this window' }
  if (worst.status !== 'ok') return worst
  return { status: 'ok', text: `As in the reference: ${said[0]?.text ?? ''}` }
}

/** Of a window whose first rows were forgotten, half the truth is no picture. */
async function shownAt(
  panes: Panes,
  { sizeMs }: WindowSpec,
  { end }: WindowResult,
): Promise<{ readonly inputs: Float64Array | undefined; readonly because: string | null }> {
  const start = end - sizeMs
  if (start < panes.droppedBefore)
    return {
      inputs: undefined,
      because: `the rows of this window are not kept any more; windows that begin at ${formatInstant(panes.droppedBefore)} or later are`,
    }
  if (panes.firstIn(start, end) === undefined)
    return { inputs: undefined, because: 'this window has no rows, or they are not kept any more' }
  return { inputs: await sumInTurns(panes, start, end), because: null }
}

function unseenShown(names: readonly UnseenName[]): FeatureView['unseen'] {
  return {
    names: names
      .slice(0, NAMES_MAX)
      .map(({ first, last, ...rest }) => ({ ...rest, first: formatInstant(first), last: formatInstant(last) })),
    isFull: names.length >= NAMES_OF_COLUMN_MAX,
  }
}

function correlationsShown(
  { joint, baseline }: Subject,
  feature: string,
  inputs: Float64Array | undefined,
): FeatureView['correlations'] {
  if (joint === null || inputs === undefined) return null
  const pairs = correlationsOf(joint, { reference: baseline.inputs, current: inputs, feature })
  return pairs.slice(0, CORRELATIONS_MAX).map(({ features, reference, current }) => ({
    features,
    reference: rounded(reference),
    current: rounded(current),
  }))
}
