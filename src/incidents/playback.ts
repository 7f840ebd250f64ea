// The alarm policy played over past windows: which incidents would have fired, since when and until when.

import { counts } from '../monitors/policy.ts'
import { effectIn, rejudge } from '../monitors/rejudge.ts'
import type { Verdict, WindowKind } from '../monitors/verdict.ts'
import type { Instant, Millis } from '../time.ts'
import { advance } from './advance.ts'
import type { Course, History, PastWindow } from './history.ts'
import type { Severity, Transition } from './incident.ts'
import type { PolicyState } from './policy-state.ts'
import { emptyPolicy } from './policy-state.ts'

/** A time in which an incident fired. */
export interface Firing {
  /** End of the window in which people would have been told. */
  readonly from: Instant
  /** End of the window that ended it; null: none has. */
  readonly to: Instant | null
  /** The size of the window that fired. */
  readonly window: string
}

/** One incident that fired. */
export interface Raised {
  readonly id: string
  readonly kind: WindowKind
  readonly severity: Severity
  /** End of the first window over the threshold. */
  readonly since: Instant
  /** More than one where it came back soon after its end. */
  readonly firings: readonly Firing[]
  /** The rules that were part of it. */
  readonly monitors: readonly string[]
}

/** One rule under another floor. */
export interface Tuned {
  readonly monitor: string
  readonly floor: number
  readonly course: Course
}

/** What a playback is about. */
export interface Question {
  readonly kind: WindowKind
  /** Only this rule, as if it were the only one of its kind; left out: all of the kind. */
  readonly only?: string | undefined
  /** Left out: every rule as it was. */
  readonly tuned?: readonly Tuned[] | undefined
}

export interface Played {
  readonly incidents: readonly Raised[]
  /** Verdicts of tuned rules that do not tell what they would have been. */
  readonly untold: number
}

/** How many windows are played between two chances of whoever drives it to do other things. */
const WINDOWS_AT_ONCE = 64

/** @returns what fired, in the order in which it fired; yields now and then */
export function* play(history: History, { kind, only, tuned = [] }: Question): Generator<undefined, Played> {
  const monitors = history.monitorsOf(kind).filter(({ identity }) => only === undefined || identity.monitor === only)
  const rules = tuned.map((one) => new Rule(one))
  const others = monitors.filter(({ identity }) => !tuned.some(({ monitor }) => identity.monitor === monitor))
  const state = emptyPolicy()
  const raised = new Map<string, Raised>()
  for (const [index, window] of history.windows.entries()) {
    if (index % WINDOWS_AT_ONCE === WINDOWS_AT_ONCE - 1) yield
    if (!window.news.includes(kind)) continue
    // Nothing goes on and nothing begins: the policy would not change.
    const mayHold = () => others.some((one) => one.holds(index)) || rules.some((one) => one.mayHold(index))
    if (isIdle(state) && !mayHold()) continue
    const verdicts = [...others, ...rules].flatMap((one) => one.verdict(index) ?? [])
    for (const transition of step(state, history, window, { kind, verdicts })) note(raised, transition, window)
  }
  return { incidents: [...raised.values()], untold: rules.reduce((sum, { untold }) => sum + untold, 0) }
}

function isIdle({ tests, incidents }: PolicyState): boolean {
  for (const _ in tests) return false
  for (const _ in incidents) return false
  return true
}

function step(
  state: PolicyState,
  { model, version }: History,
  { spec, start, end, samples, labelled }: PastWindow,
  { kind, verdicts }: { kind: WindowKind; verdicts: readonly Verdict[] },
): Transition[] {
  const result = { model, version, segment: '', window: spec.name, start, end, revision: 0, samples, labelled }
  // The moment of the decision, which no window tells, matters for updates alone.
  return advance(state, { ...result, provisional: false, verdicts }, { spec, kinds: [kind], at: end })
}

function note(raised: Map<string, Raised>, { change, incident }: Transition, { spec, end }: PastWindow): void {
  const { id, kind, severity, since, evidence } = incident
  const before = raised.get(id)
  const firings = before?.firings ?? []
  const last = firings[firings.length - 1]
  const monitors = [...new Set([...(before?.monitors ?? []), ...evidence.map(({ monitor }) => monitor)])].sort()
  if (change === 'firing') {
    const fired = [...firings, { from: end, to: null, window: spec.name }]
    raised.set(id, { id, kind: kind as WindowKind, severity, since, firings: fired, monitors })
  } else if (before !== undefined && last !== undefined) {
    const ended = change === 'resolved' && last.to === null ? [...firings.slice(0, -1), { ...last, to: end }] : firings
    raised.set(id, { ...before, severity, firings: ended, monitors: change === 'update' ? monitors : before.monitors })
  }
}

/** The verdicts of one rule, under its floor. */
class Rule {
  readonly #course: Course
  readonly #floor: number
  untold = 0

  constructor({ course, floor }: Tuned) {
    this.#course = course
    this.#floor = floor
  }

  mayHold(window: number): boolean {
    const verdict = this.#course.get(window)
    return verdict !== undefined && verdict.status !== 'insufficient' && counts(effectIn(verdict) / this.#floor)
  }

  verdict(window: number): Verdict | undefined {
    const verdict = this.#course.get(window)
    if (verdict === undefined || verdict.status === 'insufficient') return verdict
    const judged = rejudge(verdict, this.#floor)
    if (judged !== null) return judged
    this.untold++
    const { monitor, kind, feature, metric, calibrated } = verdict
    const reason = 'an earlier version of leeway judged it, and did not keep its evidence'
    return {
      monitor,
      kind,
      feature,
      metric,
      calibrated,
      status: 'insufficient',
      value: null,
      reference: null,
      low: null,
      high: null,
      reason,
    }
  }
}

/** How long incidents fired, those that fire still counted to the end of the history. */
export function firedMs(incidents: readonly Raised[], until: Instant): Millis {
  return incidents.reduce(
    (sum, { firings }) => firings.reduce((inner, { from, to }) => inner + Math.max(0, (to ?? until) - from), sum),
    0,
  )
}
