// Answers what the rules of a model would have raised: reads the stored windows once, keeps them for the next question, and works a
// few milliseconds at a time.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Course, History, PastMonitor } from '../incidents/history.ts'
import type { Incident } from '../incidents/incident.ts'
import type { Played, Raised } from '../incidents/playback.ts'
import { firedMs, play } from '../incidents/playback.ts'
import type { SweepPoint } from '../incidents/sweep.ts'
import { floorsToTry, foundAgain, sweep } from '../incidents/sweep.ts'
import type { FloorUnit } from '../monitors/rejudge.ts'
import type { WatchSettings } from '../monitors/subject.ts'
import type { WindowKind } from '../monitors/verdict.ts'
import type { BacktestQuestion, BacktestView, RuleRow, TuningView } from '../overview/backtest.ts'
import { alarmView, BacktestRefusal, backtestVerdict, ruleRow, tuningView } from '../overview/backtest.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { OnRead, PastQuery } from './past-windows.ts'
import { inSlices, Past } from './past-windows.ts'

export interface BacktestSource {
  readonly views: Pick<
    Views,
    | 'evaluationHeads'
    | 'newestEvaluation'
    | 'evaluation'
    | 'verdictIn'
    | 'latestResults'
    | 'streams'
    | 'incidentIds'
    | 'incidentsOf'
  >
  /** undefined: there is no such model. */
  settingsOf(model: string): WatchSettings | undefined
  /** Windows that are read at most; older ones only when they are asked for, and then in so short a time. null: all. */
  readonly windowsMax: number | null
}

const kinds: readonly WindowKind[] = ['performance', 'drift', 'quality', 'volume', 'estimated']
/** Model versions whose past is kept. */
const PASTS_MAX = 2
/** Questions that may wait. */
const WAITING_MAX = 20

/** What has been worked out of a past, as long as no window joins it. */
interface Known {
  readonly windows: number
  readonly alarms: readonly Raised[]
  readonly rules: readonly RuleRow[]
  readonly sweeps: Map<string, readonly SweepPoint[]>
}

export class BacktestDesk {
  readonly #source: BacktestSource
  readonly #pasts = new Map<string, { readonly past: Past; known?: Known }>()
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(source: BacktestSource) {
    this.#source = source
  }

  /** @throws BacktestRefusal */
  async view(question: BacktestQuestion, onRead?: OnRead): Promise<BacktestView> {
    if (this.#waiting >= WAITING_MAX)
      throw new BacktestRefusal('busy', 'too many backtests are waiting; ask again in a moment')
    this.#waiting++
    // One after another: each would make the others slower, and they share what is read.
    const mine = this.#turn.catch(() => {}).then(() => this.#view(question, onRead))
    this.#turn = mine
    return mine.finally(() => this.#waiting--)
  }

  async #view(question: BacktestQuestion, onRead: OnRead | undefined): Promise<BacktestView> {
    const { model } = question
    const settings = this.#source.settingsOf(model)
    if (settings === undefined) throw new BacktestRefusal('unknown', `there is no model ${model}`)
    const versions = this.#versionsOf(model)
    const version = question.version ?? versions[0] ?? ''
    if (question.version !== undefined && !versions.includes(question.version))
      throw new BacktestRefusal(
        'unknown',
        `there is no version ${question.version} of ${model}; there is: ${versions.join(', ') || 'none'}`,
      )
    const held = this.#pastOf(this.#rangeOf({ ...question, version }, settings))
    await held.past.refresh(onRead, question.monitor === undefined ? [] : [question.monitor])
    const { history } = held.past
    const { alarms, rules, sweeps } = await this.#knownOf(held)
    const until = history.until
    const tuning =
      question.monitor === undefined
        ? null
        : await this.#tuning(held.past, { ...question, monitor: question.monitor }, { settings, sweeps })
    return {
      ...{ model, version, versions, rules, tuning },
      windows: settings.windows.map(({ name }) => name),
      from: history.from === undefined ? null : formatInstant(history.from),
      to: until === undefined ? null : formatInstant(until),
      evaluated: history.windows.filter(({ news }) => news.includes('drift')).length,
      verdict: backtestVerdict(history, alarms),
      alarms: alarms.map((one) => alarmView(one, until ?? 0)),
      differences: await this.#differences(history, alarms),
    }
  }

  /** The one that was evaluated last comes first. */
  #versionsOf(model: string): string[] {
    const newest = new Map<string, Instant>()
    for (const stream of this.#source.views.streams()) if (stream.model === model) newest.set(stream.version, 0)
    for (const result of this.#source.views.latestResults())
      if (result.model === model) newest.set(result.version, Math.max(newest.get(result.version) ?? 0, result.end))
    return [...newest].sort((a, b) => b[1] - a[1]).map(([version]) => version)
  }

  #rangeOf(question: BacktestQuestion & { version: string }, { windows }: WatchSettings): PastQuery {
    const { model, version } = question
    const specs = windows
    const to = question.to ?? Number.MAX_SAFE_INTEGER
    const { windowsMax } = this.#source
    if (windowsMax === null) return { model, version, specs, from: question.from ?? 0, to }
    const perMs = specs.reduce((sum, { slideMs }) => sum + 1 / slideMs, 0)
    const newest = this.#source.views
      .latestResults()
      .reduce((last, one) => (one.model === model && one.version === version ? Math.max(last, one.end) : last), 0)
    const least = Math.max(0, Math.min(newest, to) - windowsMax / perMs)
    if (question.from !== undefined && question.from < least)
      throw new BacktestRefusal(
        'question',
        `from: between ${formatInstant(question.from)} and ${formatInstant(Math.min(newest, to))} lie more than ${windowsMax} windows; ask for less, from ${formatInstant(Math.ceil(least))} on, or run leeway backtest --state, which reads all`,
      )
    // The beginning stays for a while, so that what was read serves the next question.
    const step = (windowsMax / perMs) * BEGINNING_STEP
    return { model, version, specs, from: question.from ?? Math.floor(Math.ceil(least / step) * step), to }
  }

  #pastOf(query: PastQuery): { readonly past: Past; known?: Known } {
    const key = JSON.stringify([query.model, query.version, query.from, query.to, query.specs])
    const held = this.#pasts.get(key) ?? { past: new Past(this.#source.views, query) }
    // The one that was asked for last is forgotten last.
    this.#pasts.delete(key)
    this.#pasts.set(key, held)
    for (const [oldest] of this.#pasts) if (this.#pasts.size > PASTS_MAX) this.#pasts.delete(oldest)
    return held
  }

  async #knownOf(held: { readonly past: Past; known?: Known }): Promise<Known> {
    const { history } = held.past
    const windows = history.windows.length
    if (held.known?.windows === windows) return held.known
    const alarms: Raised[] = []
    for (const kind of kinds) alarms.push(...(await inSlices(play(history, { kind }))).incidents)
    const rules: RuleRow[] = []
    for (const monitor of history.monitors.values()) {
      const { kind, monitor: only } = monitor.identity
      const { incidents } = await inSlices(play(history, { kind, only }))
      rules.push(ruleRow(monitor, incidents, history.until ?? 0))
    }
    rules.sort((a, b) => b.firedMs - a.firedMs || b.alarms - a.alarms || (a.monitor < b.monitor ? -1 : 1))
    alarms.sort((a, b) => a.since - b.since)
    held.known = { windows, alarms, rules, sweeps: new Map() }
    return held.known
  }

  async #tuning(
    past: Past,
    { monitor, threshold, window }: BacktestQuestion & { monitor: string },
    { settings, sweeps }: { settings: WatchSettings; sweeps: Known['sweeps'] },
  ): Promise<TuningView> {
    const { history } = past
    const { rule, unit, current } = tunable(history, monitor)
    const floor = threshold ?? current
    const [course = new Map()] = await past.courses([monitor])
    const { kind } = rule.identity
    const was = await inSlices(play(history, { kind, only: monitor }))
    const tuned = threshold === undefined ? [] : [{ monitor, floor, course }]
    const would = threshold === undefined ? was : await inSlices(play(history, { kind, only: monitor, tuned }))
    const all = await inSlices(play(history, { kind }))
    const together = threshold === undefined ? all : await inSlices(play(history, { kind, tuned }))
    const names = settings.windows.map(({ name }) => name)
    if (window !== undefined && !names.includes(window))
      throw new BacktestRefusal('question', `window: there is no window ${window}; there is: ${names.join(', ')}`)
    const until = history.until ?? 0
    const known = foundAgain(was.incidents, would.incidents, until)
    const asked = { floor, alarms: would.incidents.length, firedMs: firedMs(would.incidents, until), known }
    const sweep = await sweptOf(sweeps, { history, rule, unit, current, course, was })
    return tuningView({
      ...{ history, rule, unit, course, current, known },
      threshold: floor,
      window: window ?? names[0] ?? '',
      was: was.incidents,
      would: would.incidents,
      sweep: [...sweep.filter((point) => point.floor !== floor), asked].sort((a, b) => a.floor - b.floor),
      together: { was: all.incidents, would: together.incidents },
      untold: would.untold,
      tolerance: toleranceOf(settings),
      alarms: settings.alarms,
    })
  }

  /** Where what the windows say is not what was raised. */
  async #differences(history: History, alarms: readonly Raised[]): Promise<string[]> {
    const { model, version, until } = history
    const from = history.windows[0]?.end
    if (from === undefined || until === undefined) return []
    const { views } = this.#source
    const played = new Set(alarms.map(({ id }) => id))
    const raised = views.incidentIds({ model, version, from, to: until, hasFired: true, limit: INCIDENTS_MAX })
    const found = new Set(raised)
    const missing: Incident[] = []
    const unplayed = raised.filter((id) => !played.has(id))
    for (let i = 0; i < unplayed.length; i += INCIDENTS_AT_ONCE) {
      const some = views.incidentsOf(unplayed.slice(i, i + INCIDENTS_AT_ONCE))
      missing.push(...some.filter(({ kind }) => (kinds as readonly string[]).includes(kind)))
      await nextTurn()
    }
    const others = raised.length < INCIDENTS_MAX ? alarms.filter(({ id }) => !found.has(id)) : []
    return [
      ...missing.map(
        ({ kind, since, id }) =>
          `the ${kind} incident ${id.slice(0, 8)} of ${formatInstant(since)} was raised, and these windows alone do not raise it`,
      ),
      ...others.map(
        ({ kind, since, id }) =>
          `these windows alone raise a ${kind} incident (${id.slice(0, 8)} of ${formatInstant(since)}) that was not: something before them, or a person, kept or ended one`,
      ),
    ]
  }
}

/** Incidents that are held against what was played, and those of them that are read before others have their turn. */
const INCIDENTS_MAX = 10_000
const INCIDENTS_AT_ONCE = 100
/** By so much of the longest time that is read the beginning moves at once. */
const BEGINNING_STEP = 1 / 20

/** The rule, where its threshold can be moved. @throws BacktestRefusal that says why not */
function tunable(history: History, monitor: string): { rule: PastMonitor; unit: FloorUnit; current: number } {
  const rule = history.monitors.get(monitor)
  if (rule === undefined)
    throw new BacktestRefusal(
      'unknown',
      `there is no rule ${monitor} in these windows; there is: ${[...history.monitors.keys()].slice(0, 20).join(', ') || 'none'}`,
    )
  if ('because' in rule.unit) throw new BacktestRefusal('question', `${monitor}: ${rule.unit.because}`)
  if (rule.floor === null) throw new BacktestRefusal('question', `${monitor}: no window had enough rows to judge it`)
  return { rule, unit: rule.unit.unit, current: Number(rule.floor.toPrecision(6)) }
}

async function sweptOf(
  sweeps: Known['sweeps'],
  {
    history,
    rule,
    unit,
    current,
    course,
    was,
  }: { history: History; rule: PastMonitor; unit: FloorUnit; current: number; course: Course; was: Played },
): Promise<readonly SweepPoint[]> {
  const { monitor, kind } = rule.identity
  const before = sweeps.get(monitor)
  if (before !== undefined) return before
  const most = unit.startsWith('share') ? 1 : Number.POSITIVE_INFINITY
  const floors = floorsToTry(course, { current, most })
  const points = await inSlices(sweep(history, { monitor, kind, course, floors, known: was.incidents }))
  sweeps.set(monitor, points)
  return points
}

function toleranceOf({ conceptDrift }: WatchSettings): number | null {
  return conceptDrift === undefined || conceptDrift.detector === 'none' ? null : conceptDrift.tolerance
}
