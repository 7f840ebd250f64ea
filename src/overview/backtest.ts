// Which alarms the rules of a model would have raised on past data, as they are and with another threshold.

import { metricName, percent, plainNumber, span } from '../delivery/wording.ts'
import type { Course, History, PastMonitor } from '../incidents/history.ts'
import type { Raised } from '../incidents/playback.ts'
import { firedMs } from '../incidents/playback.ts'
import type { Known, SweepPoint } from '../incidents/sweep.ts'
import type { FloorUnit } from '../monitors/rejudge.ts'
import { effectIn, rejudge } from '../monitors/rejudge.ts'
import type { TestIdentity, Verdict, WindowKind } from '../monitors/verdict.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Written } from './tuning-yaml.ts'
import { tuningYaml } from './tuning-yaml.ts'

export interface BacktestQuestion {
  readonly model: string
  /** Left out: the one that was evaluated last. */
  readonly version?: string | undefined
  /** The rule that is to be tuned; left out: none. */
  readonly monitor?: string | undefined
  /** Left out: as it is. */
  readonly threshold?: number | undefined
  /** Size of the windows whose course is told; left out: the first. */
  readonly window?: string | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
}

/** The question cannot be answered: what it is about does not exist, it makes no sense, or too many ask. */
export class BacktestRefusal extends Error {
  readonly why: 'unknown' | 'question' | 'busy'

  constructor(why: BacktestRefusal['why'], message: string) {
    super(message)
    this.why = why
  }
}

/** One alarm: an incident that fired, or would have. Times are the ends of windows. */
export interface AlarmView {
  readonly id: string
  readonly kind: WindowKind
  readonly severity: Raised['severity']
  /** The first window over the threshold. */
  readonly since: string
  readonly firings: ReadonlyArray<{ readonly from: string; readonly to: string | null; readonly window: string }>
  readonly firedMs: Millis
  readonly monitors: readonly string[]
}

/** What one rule raised by itself. */
export interface RuleRow {
  readonly monitor: string
  readonly kind: WindowKind
  readonly feature: string | null
  readonly metric: string
  /** In words: `drift of income`. */
  readonly name: string
  readonly unit: FloorUnit | null
  /** From where on a difference matters, in its unit; null: it was never judged, or has none. */
  readonly threshold: number | null
  /** Why its threshold cannot be moved here; null: it can. */
  readonly because: string | null
  readonly alarms: number
  readonly firedMs: Millis
  /** When it fired last. */
  readonly last: string | null
}

export interface TuningPoint {
  readonly end: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly status: Verdict['status']
  readonly reference: number | null
  /** The value at which it alarms under the threshold that was asked for. */
  readonly limit: number | null
}

/** One rule under another threshold. */
export interface TuningView {
  readonly monitor: string
  readonly name: string
  readonly metric: string
  readonly unit: FloorUnit
  readonly current: number
  readonly threshold: number
  /** What comes of it, in words. */
  readonly verdict: string
  /** The size of the windows of `points`. */
  readonly window: string
  readonly points: readonly TuningPoint[]
  /** A point stands for so many windows, and shows the one with the largest effect. */
  readonly windowsPerPoint: number
  /** Points further apart than this have a gap between them. */
  readonly gapMs: Millis
  /** Length of the time that was looked at. */
  readonly wholeMs: Millis
  /** Which values alarm; `outside`: further from 0, on either side. */
  readonly side: 'above' | 'below' | 'outside'
  /** By the rule alone. */
  readonly was: readonly AlarmView[]
  readonly would: readonly AlarmView[]
  readonly known: Known
  readonly sweep: readonly SweepPoint[]
  /** Incidents of its kind, by all rules together: what people are told of. */
  readonly together: { readonly was: number; readonly would: readonly AlarmView[] }
  /** What is not judged again, and how that may differ. */
  readonly notes: readonly string[]
  readonly yaml: string
}

export interface BacktestView {
  readonly model: string
  readonly version: string
  readonly versions: readonly string[]
  /** Sizes of windows. */
  readonly windows: readonly string[]
  /** Ends of the first and the last window; null: there is none. */
  readonly from: string | null
  readonly to: string | null
  readonly evaluated: number
  readonly verdict: string
  /** Incidents by all rules together. */
  readonly alarms: readonly AlarmView[]
  /** Whether those are the ones that were raised; otherwise why not. */
  readonly differences: readonly string[]
  /** Those that fired the longest first. */
  readonly rules: readonly RuleRow[]
  readonly tuning: TuningView | null
}

export function alarmView({ id, kind, severity, since, firings, monitors }: Raised, until: Instant): AlarmView {
  return {
    ...{ id, kind, severity, monitors },
    since: formatInstant(since),
    firings: firings.map(({ from, to, window }) => ({
      from: formatInstant(from),
      to: to === null ? null : formatInstant(to),
      window,
    })),
    firedMs: firedMs([{ id, kind, severity, since, firings, monitors }], until),
  }
}

/** A rule as people say it. */
function ruleName({ monitor, kind, feature, metric }: TestIdentity): string {
  switch (kind) {
    case 'drift':
      if (feature === null) return metricName(metric)
      return monitor.startsWith('prediction-drift/') ? `drift of the output ${feature}` : `drift of ${feature}`
    case 'quality':
      return `${metricName(metric)} of ${feature ?? ''}`
    case 'volume':
      return 'rows in a window'
    case 'performance':
      return metricName(metric)
    case 'estimated':
      return `estimated ${metricName(metric)}`
  }
}

/** A threshold as people say it. */
export function thresholdText(unit: FloorUnit, threshold: number): string {
  switch (unit) {
    case 'distance':
      return `a distance of ${plainNumber(threshold)}`
    case 'drop':
      return `a drop of ${plainNumber(threshold)}`
    case 'rise':
      return `a rise of ${plainNumber(threshold)}`
    case 'share of rows':
      return `a rise by ${percent(threshold)} of the rows`
    case 'share of the usual rows':
      return `a fall by ${percent(threshold)} of the usual rows`
  }
}

export function ruleRow({ identity, unit, floor }: PastMonitor, raised: readonly Raised[], until: Instant): RuleRow {
  const last = raised.flatMap(({ firings }) => firings.map(({ from }) => from)).sort((a, b) => b - a)[0]
  return {
    ...identity,
    name: ruleName(identity),
    unit: 'unit' in unit ? unit.unit : null,
    threshold: floor,
    because: 'because' in unit ? unit.because : floor === null ? 'no window had enough rows to judge it' : null,
    alarms: raised.length,
    firedMs: firedMs(raised, until),
    last: last === undefined ? null : formatInstant(last),
  }
}

export interface TuningFacts {
  readonly history: History
  readonly rule: PastMonitor
  readonly unit: FloorUnit
  readonly course: Course
  readonly window: string
  readonly current: number
  readonly threshold: number
  readonly was: readonly Raised[]
  readonly would: readonly Raised[]
  readonly known: Known
  readonly sweep: readonly SweepPoint[]
  readonly together: { readonly was: readonly Raised[]; readonly would: readonly Raised[] }
  /** Verdicts that do not tell what they would have been. */
  readonly untold: number
  readonly tolerance: number | null
  /** What every metric that may alarm is held against, judged here or not. */
  readonly alarms: Written['alarms']
}

export function tuningView(facts: TuningFacts): TuningView {
  const { history, rule, unit, window, current, threshold, was, would, known, sweep, together } = facts
  const { monitor, metric } = rule.identity
  const until = history.until ?? 0
  const { points, windowsPerPoint } = courseOf(facts)
  const slideMs = history.windows.find(({ spec }) => spec.name === window)?.spec.slideMs ?? 0
  return {
    ...{ monitor, metric, unit, window, current, threshold, points, windowsPerPoint, known, sweep },
    // A point shows one of its windows, wherever among them it lies.
    gapMs: slideMs * windowsPerPoint * 2.5,
    wholeMs: until - (history.from ?? until),
    side: metric === 'bias' ? 'outside' : unit === 'drop' || unit === 'share of the usual rows' ? 'below' : 'above',
    name: ruleName(rule.identity),
    verdict: tuningVerdict(facts),
    was: was.map((one) => alarmView(one, until)),
    would: would.map((one) => alarmView(one, until)),
    together: { was: together.was.length, would: together.would.map((one) => alarmView(one, until)) },
    notes: notesOf(facts),
    yaml: tuningYaml(writtenOf(facts)),
  }
}

/** Points that a chart can show. */
const POINTS_MAX = 400

function courseOf({ history, course, window, threshold }: TuningFacts): Pick<TuningView, 'points' | 'windowsPerPoint'> {
  const all = [...course].flatMap(([index, verdict]) => {
    const past = history.windows[index]
    return past === undefined || past.spec.name !== window ? [] : [{ end: past.end, verdict }]
  })
  all.sort((a, b) => a.end - b.end)
  const windowsPerPoint = Math.max(1, Math.ceil(all.length / POINTS_MAX))
  const points: TuningPoint[] = []
  for (let i = 0; i < all.length; i += windowsPerPoint) {
    const shown = all.slice(i, i + windowsPerPoint)
    const worst = shown.reduce((best, one) => (sizeOf(one.verdict) > sizeOf(best.verdict) ? one : best))
    points.push(pointOf(worst.end, worst.verdict, threshold))
  }
  return { points, windowsPerPoint }
}

function sizeOf(verdict: Verdict): number {
  return verdict.status === 'insufficient' ? -1 : effectIn(verdict)
}

function pointOf(end: Instant, verdict: Verdict, threshold: number): TuningPoint {
  const judged = verdict.status === 'insufficient' ? null : rejudge(verdict, threshold)
  const { value, low, high, reference } = verdict
  const shown = { end: formatInstant(end), value, low, high, reference }
  return judged === null
    ? { ...shown, status: 'insufficient', limit: null }
    : { ...shown, status: judged.status, limit: judged.threshold }
}

function tuningVerdict({ rule, unit, current, threshold, was, would, known, history }: TuningFacts): string {
  const until = history.until ?? 0
  const name = ruleName(rule.identity)
  if (threshold === current)
    return `With ${thresholdText(unit, current)}, as it is, ${name} raised ${alarmsText(was, until)}.`
  const all = known.found + known.missed
  const missed = known.missed === 0 || known.found === 0 ? '' : ` ${known.missed} of the ${all} would have been missed.`
  const later =
    known.laterMs === null || known.laterMs === 0
      ? ''
      : ` What was found would have been found ${span(Math.abs(known.laterMs))} ${known.laterMs > 0 ? 'later' : 'sooner'}.`
  const begin = `With ${thresholdText(unit, threshold)} instead of ${plainThreshold(unit, current)}, ${name} would have raised`
  if (JSON.stringify(was) === JSON.stringify(would)) return `${begin} the same: ${alarmsText(was, until)}.`
  return `${begin} ${alarmsText(would, until)}, instead of ${alarmsText(was, until)}.${missed}${later}`
}

function plainThreshold(unit: FloorUnit, threshold: number): string {
  return unit.startsWith('share') ? percent(threshold) : plainNumber(threshold)
}

function alarmsText(raised: readonly Raised[], until: Instant): string {
  if (raised.length === 0) return 'no alarm'
  const fired = firedMs(raised, until)
  return `${raised.length} ${raised.length === 1 ? 'alarm' : 'alarms'}${fired > 0 ? ` that lasted ${span(fired)}` : ''}`
}

function incidentsText(raised: readonly Raised[]): string {
  if (raised.length === 0) return 'no incident'
  const open = raised.filter(({ firings }) => firings.some(({ to }) => to === null)).length
  const goOn =
    open === 0
      ? ''
      : open === raised.length
        ? '; none of them is over'
        : `; ${open} of them ${open === 1 ? 'is' : 'are'} not over`
  return `${raised.length} ${raised.length === 1 ? 'incident' : 'incidents'}${goOn}`
}

function notesOf({ untold, rule }: TuningFacts): string[] {
  const { kind } = rule.identity
  const notes: string[] = []
  if (untold > 0)
    notes.push(
      `${untold} verdicts are of an earlier version, which did not keep its evidence: they are left out where the threshold is lower than theirs`,
    )
  if (kind === 'performance')
    notes.push(
      'Times are the ends of windows; their labels came later. Estimates of this metric have the same threshold, and are a rule of their own here.',
    )
  if (kind === 'estimated')
    notes.push(
      'Whether estimates can be believed is told from labels by the same threshold; that is not judged again here. leeway backtest --set replays the rows, and does.',
    )
  return notes
}

function writtenOf({ history, rule, threshold, tolerance, alarms, unit }: TuningFacts): Written {
  return { model: history.model, rule: rule.identity, floor: threshold, unit, alarms, tolerance }
}

export function backtestVerdict(history: History, alarms: readonly Raised[]): string {
  const { from, until } = history
  if (from === undefined || until === undefined) return `${history.model} has no evaluated windows yet.`
  return `In ${span(Math.max(0, until - from))} of ${history.model} the rules raised ${incidentsText(alarms)}.`
}
