// The windows of a report as charts take them.

import { metricName } from '../delivery/wording.ts'
import type { Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Millis } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { FeatureSummary } from './window-counts.ts'

export interface ReportPoint {
  /** When the window ends. */
  readonly end: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly status: Verdict['status']
  readonly isProvisional: boolean
  readonly rows: number
  readonly reference: number | null
  readonly threshold: number | null
}

/** A value over time, with what it is held against. */
export interface ReportCourse {
  readonly name: string
  readonly form: 'number' | 'share' | 'count'
  readonly points: readonly ReportPoint[]
  readonly estimates: ReadonlyArray<Pick<ReportPoint, 'end' | 'value' | 'low' | 'high'>>
  readonly gapMs: Millis
  readonly reference: number | null
  readonly threshold: number | null
  readonly alarms: 'above' | 'below' | 'outside' | null
  readonly fromZero: boolean
}

export interface ReportHeatMap {
  /** Worst first; `statuses` has a letter for each window: o ok, w warning, a alarm, i insufficient, a space for none. */
  readonly rows: ReadonlyArray<{
    readonly name: string
    readonly metric: string
    readonly threshold: number | null
    readonly statuses: string
    readonly values: ReadonlyArray<number | null>
  }>
  readonly ends: readonly string[]
  readonly windowsPerColumn: number
}

/** Features that the heat map shows. */
const ROWS_MAX = 30

/** What one test said, window by window; undefined when it never had a value. */
export function courseOf(
  windows: readonly WindowResult[],
  { monitor, estimate, gapMs, name }: { monitor: string; estimate?: string; gapMs: Millis; name?: string },
): ReportCourse | undefined {
  const found = windows.map((window) => ({ window, verdict: verdictOf(window, monitor) }))
  const estimated =
    estimate === undefined ? [] : windows.map((window) => ({ window, verdict: verdictOf(window, estimate) }))
  const newest = found.findLast(({ verdict }) => verdict !== undefined && verdict.value !== null)?.verdict
  if (newest === undefined) return undefined
  const judged = found.findLast(({ verdict }) => verdict !== undefined && verdict.status !== 'insufficient')?.verdict
  return {
    name: name ?? nameOf(newest),
    form: newest.kind === 'quality' ? 'share' : newest.kind === 'volume' ? 'count' : 'number',
    points: found.map(({ window, verdict }) => pointOf(window, verdict)),
    estimates: estimated.map(({ window: { end }, verdict }) => ({
      end: formatInstant(end),
      value: verdict?.value ?? null,
      low: verdict?.low ?? null,
      high: verdict?.high ?? null,
    })),
    gapMs,
    reference: newest.reference,
    threshold: thresholdOf(judged),
    alarms: judged === undefined ? null : sideOf(judged),
    fromZero: newest.kind !== 'performance' && newest.kind !== 'estimated',
  }
}

function nameOf({ kind, feature, metric }: Verdict): string {
  return feature === null || kind === 'performance' ? metricName(metric) : `${feature}: ${metricName(metric)}`
}

function verdictOf({ verdicts }: WindowResult, monitor: string): Verdict | undefined {
  return verdicts.find((one) => one.monitor === monitor)
}

function thresholdOf(verdict: Verdict | undefined): number | null {
  return verdict === undefined || verdict.status === 'insufficient' ? null : verdict.threshold
}

function pointOf({ end, samples, provisional }: WindowResult, verdict: Verdict | undefined): ReportPoint {
  return {
    end: formatInstant(end),
    value: verdict?.value ?? null,
    low: verdict?.low ?? null,
    high: verdict?.high ?? null,
    status: verdict?.status ?? 'insufficient',
    isProvisional: verdict?.kind === 'performance' && provisional,
    rows: samples,
    reference: verdict?.reference ?? null,
    threshold: thresholdOf(verdict),
  }
}

function sideOf(verdict: Verdict): ReportCourse['alarms'] {
  const threshold = thresholdOf(verdict)
  if (threshold === null) return null
  if (verdict.metric === 'bias') return 'outside'
  return threshold >= (verdict.reference ?? 0) ? 'above' : 'below'
}

/** Rows of each window, and the share of them that is labelled. */
export function volumeCourses(
  windows: readonly WindowResult[],
  { gapMs, minCoverage }: { gapMs: Millis; minCoverage: number },
): { readonly rows: ReportCourse | undefined; readonly labels: ReportCourse } {
  const plain = (end: number, value: number | null, rows: number): ReportPoint => ({
    ...{ end: formatInstant(end), value, low: null, high: null, rows, reference: null, threshold: null },
    ...{ status: 'ok', isProvisional: false },
  })
  return {
    rows: courseOf(windows, { monitor: 'volume', gapMs, name: 'rows of a window' }),
    labels: {
      ...{ name: 'labelled', form: 'share', estimates: [], gapMs, fromZero: true, alarms: null, threshold: null },
      reference: minCoverage,
      points: windows.map(({ end, samples, labelled }) => ({
        ...plain(end, samples === 0 ? null : labelled / samples, samples),
        reference: minCoverage,
      })),
    },
  }
}

const letters = { ok: 'o', warning: 'w', alarm: 'a', insufficient: 'i' } as const
const gravity: readonly Verdict['status'][] = ['insufficient', 'ok', 'warning', 'alarm']

/** The drift of features by windows; where there are more windows than columns, each column holds the worst of its own. */
export class DriftColumns {
  readonly #cells = new Map<string, Array<Verdict | undefined>>()
  readonly #ends: number[] = []

  /** @param column counted from the last one back */
  add({ end, verdicts }: Pick<WindowResult, 'end' | 'verdicts'>, column: number): void {
    this.#ends[column] = Math.max(this.#ends[column] ?? 0, end)
    for (const verdict of verdicts) {
      if (!verdict.monitor.startsWith('drift/')) continue
      const name = verdict.feature ?? ''
      const row = this.#cells.get(name) ?? []
      this.#cells.set(name, row)
      const known = row[column]
      if (known === undefined || isWorse(verdict, known)) row[column] = verdict
    }
  }

  map(features: readonly FeatureSummary[], windowsPerColumn: number): ReportHeatMap {
    const columns = [...this.#ends.keys()].reverse().filter((i) => this.#ends[i] !== undefined)
    return {
      rows: features.slice(0, ROWS_MAX).map(({ name }) => {
        const row = this.#cells.get(name) ?? []
        const newest = row.find((verdict) => verdict !== undefined)
        return {
          name,
          metric: newest === undefined ? '' : metricName(newest.metric),
          threshold: thresholdOf(newest),
          statuses: columns.map((i) => letterOf(row[i])).join(''),
          values: columns.map((i) => row[i]?.value ?? null),
        }
      }),
      ends: columns.map((i) => formatInstant(this.#ends[i] as number)),
      windowsPerColumn,
    }
  }
}

function letterOf(verdict: Verdict | undefined): string {
  return verdict === undefined ? ' ' : letters[verdict.status]
}

function isWorse(verdict: Verdict, than: Verdict): boolean {
  const more = gravity.indexOf(verdict.status) - gravity.indexOf(than.status)
  return more > 0 || (more === 0 && (verdict.value ?? 0) > (than.value ?? 0))
}
