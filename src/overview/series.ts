// What each test said over the columns of a chart, in few letters and digits.

import { metricName } from '../delivery/wording.ts'
import { CONCEPT_DRIFT } from '../monitors/concept-drift.ts'
import type { Judged, Verdict } from '../monitors/verdict.ts'
import { directionOf } from '../reference/performance.ts'
import type { TestColumns, WindowColumns } from './window-columns.ts'

type Status = Verdict['status']

/** A value for each column; null where there is none. */
type Values = ReadonlyArray<number | null>

/** A metric of the model's performance: realised where labels have come, and estimated beside it. */
export interface MetricSeries {
  readonly metric: string
  /** As people say it. */
  readonly name: string
  /** Whether it may alarm. */
  readonly isJudged: boolean
  readonly alarms: 'above' | 'below' | 'outside' | null
  /** The newest window in which it has a value. */
  readonly now: MetricNow | null
  /** Those of the newest windows, and by column where a reference has been replaced on the way. */
  readonly reference: number | null
  readonly threshold: number | null
  readonly references: Values | null
  readonly thresholds: Values | null
  /** A letter a column: o ok, w warning, a alarm, i insufficient, space none. */
  readonly statuses: string
  readonly values: Values
  readonly lows: Values
  readonly highs: Values
  readonly estimated: {
    readonly statuses: string
    readonly values: Values
    readonly lows: Values
    readonly highs: Values
    readonly now: MetricNow | null
  } | null
}

export interface MetricNow {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  readonly status: Status
  /** Of its column. */
  readonly column: number
  /** Why it was not judged. */
  readonly reason: string | null
}

/** One test of the inputs, or of the outputs. */
export interface TestSeries {
  readonly monitor: string
  readonly about: 'feature' | 'output' | 'together' | 'quality'
  /** Of a feature or an output. */
  readonly feature: string | null
  /** As it is named in a row. */
  readonly name: string
  readonly metric: string
  readonly metricName: string
  readonly threshold: number | null
  readonly status: Status
  readonly value: number | null
  readonly reference: number | null
  readonly pValue: number | null
  readonly isCalibrated: boolean
  /** Why it could not be judged. */
  readonly reason: string | null
  /** Columns in which it alarmed. */
  readonly alarms: number
  readonly statuses: string
  readonly values: Values
}

const letters: Readonly<Record<Status, string>> = { ok: 'o', warning: 'w', alarm: 'a', insufficient: 'i' }

/** Enough digits for a picture and its table. */
export function rounded(value: number): number
export function rounded(value: number | null): number | null
export function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5))
}

function lettersOf(cells: TestColumns['cells']): string {
  return cells.map((verdict) => (verdict === undefined ? ' ' : letters[verdict.status])).join('')
}

const isJudged = (verdict: Verdict | undefined): verdict is Judged =>
  verdict !== undefined && verdict.status !== 'insufficient'

/** In the order of the configuration, which is that of the verdicts. */
export function metricSeries({ tests }: Pick<WindowColumns, 'tests'>): MetricSeries[] {
  const byMonitor = new Map(tests.map((test) => [test.monitor, test]))
  const names = tests
    .filter(({ monitor }) => monitor.startsWith('performance/') && monitor !== CONCEPT_DRIFT)
    .map(({ monitor }) => monitor.slice('performance/'.length))
  return names.map((metric) => {
    const { cells } = byMonitor.get(`performance/${metric}`) as TestColumns
    const estimates = byMonitor.get(`estimated/${metric}`)?.cells
    const judged = [...cells, ...(estimates ?? [])].filter(isJudged)
    const last = cells.findLast(isJudged) ?? estimates?.findLast(isJudged)
    const newest = cells.findLast((verdict) => verdict?.reference != null)
    const references = valuesOf(cells, ({ reference }) => reference)
    const thresholds = valuesOf(cells, (verdict) => (isJudged(verdict) ? verdict.threshold : null))
    const limits = [...new Set(judged.map(({ threshold }) => threshold))]
    return {
      ...{ metric, name: metricName(metric) },
      isJudged: last !== undefined && last.threshold !== null,
      alarms: sideOf(metric, last?.threshold ?? null),
      now: nowOf(cells),
      reference: rounded(newest?.reference ?? last?.reference ?? null),
      threshold: rounded(last?.threshold ?? null),
      references: isOne(references) ? null : references,
      thresholds: limits.length <= 1 ? null : thresholds,
      statuses: lettersOf(cells),
      values: valuesOf(cells, ({ value }) => value),
      lows: valuesOf(cells, ({ low }) => low),
      highs: valuesOf(cells, ({ high }) => high),
      estimated:
        estimates === undefined
          ? null
          : {
              statuses: lettersOf(estimates),
              values: valuesOf(estimates, ({ value }) => value),
              lows: valuesOf(estimates, ({ low }) => low),
              highs: valuesOf(estimates, ({ high }) => high),
              now: nowOf(estimates),
            },
    }
  })
}

function isOne(values: Values): boolean {
  return new Set(values.filter((value) => value !== null)).size <= 1
}

function sideOf(metric: string, threshold: number | null): MetricSeries['alarms'] {
  if (threshold === null) return null
  return ({ higher: 'below', lower: 'above', zero: 'outside' } as const)[directionOf(metric)]
}

function valuesOf(cells: TestColumns['cells'], read: (verdict: Verdict) => number | null): Array<number | null> {
  return cells.map((verdict) => (verdict === undefined ? null : rounded(read(verdict))))
}

function nowOf(cells: TestColumns['cells']): MetricNow | null {
  const column = cells.findLastIndex((verdict) => verdict !== undefined && verdict.value !== null)
  const verdict = cells[column]
  if (verdict === undefined || verdict.value === null) return null
  const { value, low, high, status } = verdict
  return { value, low, high, status, column, reason: verdict.status === 'insufficient' ? verdict.reason : null }
}

/** Tests of features and outputs; of data quality those that ever warned. Worst first. */
export function testSeries({ tests }: Pick<WindowColumns, 'tests'>): TestSeries[] {
  return tests
    .flatMap((test) => {
      const about = aboutOf(test)
      if (about === undefined) return []
      if (
        about === 'quality' &&
        !test.cells.some((verdict) => verdict?.status === 'alarm' || verdict?.status === 'warning')
      )
        return []
      return [oneTest(test, about)]
    })
    .sort(worstFirst)
}

function aboutOf({ monitor, cells }: TestColumns): TestSeries['about'] | undefined {
  if (monitor.startsWith('drift/')) return 'feature'
  if (monitor.startsWith('prediction-drift/')) return 'output'
  const kind = cells.find((verdict) => verdict !== undefined)?.kind
  if (kind === 'quality') return 'quality'
  return kind === 'drift' ? 'together' : undefined
}

export function oneTest({ monitor, cells }: TestColumns, about: TestSeries['about']): TestSeries {
  const newest = cells.at(-1) ?? (cells.findLast((verdict) => verdict !== undefined) as Verdict)
  // Of distances the one that went furthest over its threshold: the row is about one of them.
  const furthest = cells.filter(isJudged).reduce<Judged | undefined>((most, one) => {
    return most === undefined || timesThreshold(one) > timesThreshold(most) ? one : most
  }, undefined)
  const { metric } = furthest ?? newest
  const valueIn = (verdict: Verdict): number | null =>
    verdict.metric === metric || verdict.status === 'insufficient'
      ? verdict.value
      : (verdict.methods?.[metric] ?? verdict.value)
  return {
    ...{ monitor, about, feature: newest.feature, metric, metricName: metricName(metric) },
    name: nameOf(about, newest),
    threshold: rounded(furthest?.threshold ?? null),
    status: newest.status,
    value: rounded(valueIn(newest)),
    reference: rounded(newest.reference),
    pValue: isJudged(newest) ? newest.pValue : null,
    isCalibrated: newest.calibrated,
    reason: newest.status === 'insufficient' ? newest.reason : null,
    alarms: cells.reduce((count, verdict) => count + (verdict?.status === 'alarm' ? 1 : 0), 0),
    statuses: lettersOf(cells),
    values: valuesOf(cells, valueIn),
  }
}

const togetherNames: Readonly<Record<string, string>> = {
  hotelling: 'means',
  correlation: 'correlations',
  reconstruction: 'directions',
}

function nameOf(about: TestSeries['about'], { feature, metric }: Verdict): string {
  switch (about) {
    case 'feature':
      return feature ?? ''
    case 'output':
      return `${feature ?? ''} (output)`
    case 'quality':
      return `${feature ?? ''}: ${metricName(metric)}`
    case 'together':
      return `together: ${togetherNames[metric] ?? metric}`
  }
}

/** Of a p-value, and where there is no threshold, nothing is known. */
function timesThreshold({ value, threshold, pValue }: Judged): number {
  return threshold === null || threshold === 0 || value === pValue ? 0 : Math.abs(value) / threshold
}

const gravity: readonly Status[] = ['ok', 'insufficient', 'warning', 'alarm']

function worstFirst(a: TestSeries, b: TestSeries): number {
  const over = ({ value, threshold }: TestSeries) => (value === null || !threshold ? 0 : value / threshold)
  return (
    gravity.indexOf(b.status) - gravity.indexOf(a.status) ||
    b.alarms - a.alarms ||
    over(b) - over(a) ||
    (a.name < b.name ? -1 : 1)
  )
}
