// From what the API says of a model to what charts take.

import type { IncidentShown, ModelOverview, RetrainingShown } from '../overview/model.ts'
import type { MetricSeries, TestSeries } from '../overview/series.ts'
import { addressOf } from './address.ts'
import type { CourseData, CoursePoint, IncidentMark, RetrainingMark } from './charts/course-data.ts'
import type { DelayData } from './charts/delay.ts'
import type { HeatMapData } from './charts/heat-map.ts'
import type { StatusName } from './status.ts'

const statuses: Readonly<Record<string, StatusName>> = { o: 'ok', w: 'warning', a: 'alarm', i: 'insufficient' }

export function statusOf(letter: string | undefined): StatusName {
  return statuses[letter ?? ''] ?? 'insufficient'
}

/** Neighbours that are further apart than a column and a half have a gap between them. */
export function gapOf(columnMs: number): number {
  return 1.5 * columnMs
}

type Columns = Pick<ModelOverview, 'ends' | 'rows' | 'labelled' | 'provisional' | 'incidents' | 'retrainings' | 'range'>

/** A metric's course with its estimate, and what went on meanwhile. */
export function metricCourse(overview: Columns, metric: MetricSeries): CourseData {
  const { ends, rows, labelled, provisional, range } = overview
  const { estimated } = metric
  return {
    name: metric.name,
    form: 'number',
    points: ends.map(
      (end, i): CoursePoint => ({
        end,
        value: metric.values[i] ?? null,
        low: metric.lows[i] ?? null,
        high: metric.highs[i] ?? null,
        status: statusOf(metric.statuses[i]),
        isProvisional: provisional[i] === 'p',
        ...(rows[i] != null && { rows: labelled[i] ?? 0 }),
        ...(metric.references !== null && { reference: metric.references[i] ?? null }),
        ...(metric.thresholds !== null && { threshold: metric.thresholds[i] ?? null }),
      }),
    ),
    ...(estimated !== null && {
      estimates: ends.map((end, i) => ({
        end,
        value: estimated.values[i] ?? null,
        low: estimated.lows[i] ?? null,
        high: estimated.highs[i] ?? null,
      })),
    }),
    windowsPerPoint: range?.windowsPerColumn ?? 1,
    gapMs: gapOf(range?.columnMs ?? 0),
    reference: metric.reference,
    threshold: metric.threshold,
    alarms: metric.alarms,
    incidents: overview.incidents.map(incidentMark),
    retrainings: overview.retrainings.map(retrainingMark),
  }
}

const kindWords: Readonly<Record<IncidentShown['kind'], string>> = {
  drift: 'drift',
  performance: 'performance',
  estimated: 'estimated performance',
  quality: 'data quality',
  volume: 'volume',
  no_data: 'no data',
  stale_labels: 'stale labels',
}

export function incidentWords({ kind }: Pick<IncidentShown, 'kind'>): string {
  return `${kindWords[kind]} incident`
}

export function incidentMark(incident: IncidentShown): IncidentMark {
  return { from: incident.from, to: incident.to, label: incidentWords(incident) }
}

function retrainingMark({ at, state }: RetrainingShown): RetrainingMark {
  return { at, label: `retraining ${state}` }
}

/** A value for each column, without intervals: rows of a window, the share of them that is labelled. */
export function plainCourse(
  { ends, range }: Pick<ModelOverview, 'ends' | 'range'>,
  {
    name,
    form,
    values,
    reference = null,
  }: { name: string; form: CourseData['form']; values: ReadonlyArray<number | null>; reference?: number | null },
): CourseData {
  return {
    ...{ name, form, reference, threshold: null, alarms: null, fromZero: true, gapMs: gapOf(range?.columnMs ?? 0) },
    points: ends.map((end, i) => ({ end, value: values[i] ?? null, low: null, high: null, status: 'ok' })),
  }
}

/** Where a test is looked at: the page of its feature. */
export function placeOf(
  model: string,
  { feature, about }: Pick<TestSeries, 'feature' | 'about'>,
  query: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return feature === null || about === 'together' ? undefined : addressOf(['models', model, 'features', feature], query)
}

export function heatMapOf(
  overview: Pick<ModelOverview, 'model' | 'ends' | 'range'>,
  tests: readonly TestSeries[],
  query: Readonly<Record<string, string | undefined>>,
): HeatMapData {
  return {
    ends: overview.ends,
    windowsPerColumn: overview.range?.windowsPerColumn ?? 1,
    rows: tests.map((test) => {
      const href = placeOf(overview.model, test, query)
      return {
        ...{ name: test.name, metric: test.metricName, threshold: test.threshold },
        ...{ statuses: test.statuses, values: test.values, ...(href !== undefined && { href }) },
        form: test.about === 'quality' ? 'share' : 'number',
      }
    }),
  }
}

const unitWords: Readonly<Record<string, string>> = { m: 'min', h: 'h', d: 'd' }

/** Ranges from the first to the last in which a label came. */
export function delayOf({ delays }: Pick<ModelOverview, 'delays'>): DelayData {
  if (delays === null) return { bins: [] }
  const last = delays.bins.findLastIndex(({ count }) => count > 0)
  const first = delays.bins.findIndex(({ count }) => count > 0)
  // The range before the first says where that begins.
  const shown = delays.bins.slice(Math.max(0, Math.min(first - 1, last - 2)), Math.max(last + 1, 3))
  return {
    bins: shown.map(({ within, count }) => ({
      label: within === null ? 'later' : `${Number.parseInt(within, 10)} ${unitWords[within.slice(-1)] ?? ''}`,
      count,
    })),
  }
}
