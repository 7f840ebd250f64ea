// What the verdicts of one window do to the incidents of its model version.
//
// A test counts, for each rung of its ladder (`reference/ladder.ts`), the windows in a row that hold there, and those in which it
// is clear. It becomes active in a window that matters once a rung's run is long enough, and inactive when it has been clear long
// enough. An incident gathers the active tests of one kind:
//   none     → pending    a test alarms for the first time
//   none     → firing     a test alarms so severely that persistence is not awaited
//   pending  → firing     a test has alarmed long enough
//   pending  → withdrawn  no test alarms any more
//   firing   → firing     told again (update) when it becomes critical, once (`severity.ts`), and when further features join, at most
//                         once a window length
//   firing   → clearing   all its active tests are clear: shown, and not told
//   clearing → firing     one of them is not clear any more: shown, and not told
//   clearing → resolved   no test is active any more
//   resolved → pending    it comes back soon (`episode.ts`): the same incident, told (firing) when it is more than flapping
// Windows that hold too little to judge change nothing, in either direction.

import { hashHex } from '../events/id-hash.ts'
import type { Judged, WindowKind } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { ALARM_RUNG, ladderOf, windowsToFire } from '../reference/ladder.ts'
import { adjustPValues } from '../statistics/adjust-p-values.ts'
import type { Instant } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Episode } from './episode.ts'
import { calmOf, isSameCause, windowsToResolve } from './episode.ts'
import type { Evidence, Incident, Transition } from './incident.ts'
import { relate } from './relations.ts'
import { isCritical, isStrong, severityOf } from './severity.ts'

/** One test's recent past in one window size. Absent = it has nothing to say. */
export interface TestState {
  /** By rung, the windows in a row that held. */
  runs: number[]
  clears: number
  active: boolean
  /** Whether a window of the present run alarmed by itself, and whether the effect reached its floor in one. */
  alarmed: boolean
  mattered: boolean
  /** End of the first window of the present run that mattered. */
  since: Instant
  /** The newest window it alarmed in. */
  evidence: Evidence
  /** Rank among the tests of its incident: larger is worse. */
  strength: number
}

/** An incident that goes on, and what people have been told of it. */
export interface HeldIncident {
  readonly incident: Incident
  readonly toldAt: Instant
  /** Features that a message has named, once is enough. */
  readonly told: readonly string[]
  /** The tests that have been part of it while people knew of it; earlier versions left them out. */
  readonly monitors?: readonly string[]
  /** Of one that has come back and was not told: by window name, the first of the windows in a row in which the effect reached its floor. */
  readonly overSince?: Readonly<Record<string, Instant>>
}

/** Everything the alarm policy remembers of one model version. Owned and stored by the caller. */
export interface PolicyState {
  /** By window name and monitor: `1h|drift/income`. */
  readonly tests: Record<string, TestState>
  readonly incidents: Partial<Record<WindowKind, HeldIncident>>
  /** Incidents that are over and may come back; left out while there are none. */
  ended?: Partial<Record<WindowKind, readonly Episode[]>>
}

export function emptyPolicy(): PolicyState {
  return { tests: {}, incidents: {} }
}

/** The same without what was said of windows of other sizes, which nobody looks at any more. */
export function withWindows(state: PolicyState, windows: readonly WindowSpec[]): PolicyState {
  const names = new Set(windows.map(({ name }) => name))
  const tests = Object.entries(state.tests).filter(([, { evidence }]) => names.has(evidence.window))
  return { ...state, tests: Object.fromEntries(tests) }
}

interface Step {
  readonly spec: WindowSpec
  /** Event time of the decision: the watermark. */
  readonly at: Instant
  /** Left out: yes. An incident that comes back is another one otherwise; for tests, which must notice. */
  readonly isDamped?: boolean
}

/**
 * Advances the tests and incidents of the given kinds by one window, changing `state`.
 *
 * @param kinds the kinds whose verdicts are news; the others of the window have been seen before
 * @returns what happened, in order; the incidents in `state` carry the new evidence even when nothing happened
 */
export function advance(
  state: PolicyState,
  result: WindowResult,
  { kinds, ...step }: Step & { kinds: readonly WindowKind[] },
): Transition[] {
  const judged = result.verdicts.filter((verdict): verdict is Judged => verdict.status !== 'insufficient')
  const transitions: Transition[] = []
  for (const kind of kinds) {
    const verdicts = judged.filter((verdict) => verdict.kind === kind)
    forgetUnwatched(state, kind, result)
    forgetEnded(state, kind, result.end)
    const wasActive = Object.values(state.tests).some(({ active, evidence }) => active && evidence.kind === kind)
    for (const verdict of verdicts) count(state, result, verdict, step.spec)
    const transition = follow(state, kind, result, { ...step, wasActive, verdicts })
    if (transition !== undefined) transitions.push(transition)
  }
  return relate(state.incidents, transitions)
}

/** Every monitor says something of every window; one that does not is no longer configured. */
function forgetUnwatched(state: PolicyState, kind: WindowKind, { window, verdicts }: WindowResult): void {
  for (const [key, { evidence }] of Object.entries(state.tests)) {
    if (evidence.kind !== kind || evidence.window !== window) continue
    if (!verdicts.some(({ monitor }) => monitor === evidence.monitor)) delete state.tests[key]
  }
}

function count(state: PolicyState, result: WindowResult, verdict: Judged, spec: WindowSpec): void {
  const key = `${result.window}|${verdict.monitor}`
  const test = state.tests[key]
  if (verdict.holds.some((held) => held)) {
    const runs = verdict.holds.map((held, rung) => (held ? (test?.runs[rung] ?? 0) + 1 : 0))
    const lasts = ladderOf(spec).some(({ windows }, rung) => (runs[rung] as number) >= windows)
    const isGoingOn = test?.runs.some((run) => run > 0) === true
    state.tests[key] = {
      runs,
      clears: verdict.clear ? (test?.clears ?? 0) + 1 : 0,
      active: test?.active === true || (lasts && verdict.matters),
      alarmed: (isGoingOn && test.alarmed) || verdict.status === 'alarm' || warns(verdict),
      mattered: (isGoingOn && test.mattered) || verdict.matters,
      since: test !== undefined && (test.active || (isGoingOn && test.mattered)) ? test.since : result.end,
      evidence: evidenceOf(result, verdict),
      strength: strengthOf(verdict),
    }
  } else if (test !== undefined) {
    test.runs = test.runs.map(() => 0)
    test.clears = verdict.clear ? test.clears + 1 : 0
  }
  const now = state.tests[key]
  if (now === undefined) return
  const isOver = now.active
    ? now.clears >= windowsToResolve(spec, state.incidents[verdict.kind]?.incident.reopened)
    : now.runs.every((run) => run === 0)
  if (isOver) delete state.tests[key]
}

/** Estimates may only warn: their warnings open incidents of that severity. */
function warns({ kind, status }: Judged): boolean {
  return severityOf(kind) === 'warning' && status === 'warning'
}

/** One window as the incident of one kind sees it. */
interface Seen extends Step {
  readonly result: WindowResult
  /** Worst first: all tests of the kind, and those of them that are active. */
  readonly tests: readonly TestState[]
  readonly active: readonly TestState[]
  readonly wasActive: boolean
  /** What this window says of the kind. */
  readonly verdicts: readonly Judged[]
  /** Whether this window shows one of the active tests to be so. */
  readonly isCritical: boolean
  readonly isStrong: boolean
}

function follow(
  state: PolicyState,
  kind: WindowKind,
  result: WindowResult,
  { verdicts, ...step }: Step & { wasActive: boolean; verdicts: readonly Judged[] },
): Transition | undefined {
  const tests = Object.values(state.tests)
    .filter(({ evidence }) => evidence.kind === kind)
    .sort((a, b) => b.strength - a.strength || (a.evidence.monitor < b.evidence.monitor ? -1 : 1))
  const active = tests.filter((test) => test.active)
  const shows = (isSo: (verdict: Judged) => boolean) => {
    const monitors = new Set(verdicts.filter(isSo).map(({ monitor }) => monitor))
    return active.some(({ evidence }) => evidence.window === result.window && monitors.has(evidence.monitor))
  }
  const seen: Seen = {
    ...step,
    verdicts,
    result,
    tests,
    active,
    isCritical: shows(isCritical),
    isStrong: shows(isStrong),
  }
  const held = state.incidents[kind]
  if (held === undefined) return begin(state, kind, seen)
  return held.incident.state === 'pending' ? ripen(state, kind, held, seen) : goOn(state, kind, held, seen)
}

function begin(state: PolicyState, kind: WindowKind, seen: Seen): Transition | undefined {
  const { tests, active, result, spec, at } = seen
  const alarmed = tests.filter((test) => test.alarmed || test.active)
  if (alarmed.length === 0) return undefined
  const episodes = state.ended?.[kind] ?? []
  const episode = episodes.findLast((one) => isSameCause(kind, one, monitorsOf(alarmed)))
  if (episode !== undefined) {
    remember(
      state,
      kind,
      episodes.filter((one) => one !== episode),
    )
    return reopen(state, kind, episode, alarmed, seen)
  }
  const opened = open(kind, result, alarmed, at)
  if (active.length > 0) return fire(state, kind, opened, seen)
  return enter(state, kind, opened, 'pending', at, {
    because: `first window over the threshold; ${windowsToFire(spec)} in a row are needed`,
  })
}

/** It is over no more: the same incident, which is told when it turns out to be more than flapping. */
function reopen(
  state: PolicyState,
  kind: WindowKind,
  { incident, monitors }: Episode,
  alarmed: readonly TestState[],
  seen: Seen,
): Transition {
  const { spec, at } = seen
  const times = (incident.reopened ?? 0) + 1
  const back: Incident = { ...incident, reopened: times, features: featuresOf(alarmed), evidence: evidenceIn(alarmed) }
  const held = { incident: back, toldAt: at, told: [], monitors, ...overSince({}, seen) }
  state.incidents[kind] = held
  if (isNews(held, seen)) return fire(state, kind, back, seen)
  const calm = formatDuration(calmOf(spec))
  return enter(state, kind, back, 'pending', at, {
    because: `over the threshold again soon after its end, time ${times}: the same episode, told when it gets much worse or lasts for ${calm}`,
  })
}

function ripen(state: PolicyState, kind: WindowKind, held: HeldIncident, seen: Seen): Transition | undefined {
  const { incident } = held
  const { tests, active, result, at } = seen
  if (!tests.some((test) => test.alarmed || test.active)) {
    const because = 'back under the threshold before it lasted'
    return leave(state, kind, incident, 'withdrawn', { ...seen, at, because })
  }
  if (incident.reopened === undefined) return active.length > 0 ? fire(state, kind, incident, seen) : undefined
  const back = { ...held, ...overSince(held.overSince ?? {}, seen) }
  state.incidents[kind] = active.length > 0 ? { ...back, incident: describe(incident, active, result) } : back
  return isNews(back, seen) ? fire(state, kind, incident, seen) : undefined
}

/** Since when every window of this size has shown an effect that matters. */
function overSince(
  { ...since }: Record<string, Instant>,
  { verdicts, result: { window, end } }: Seen,
): Pick<HeldIncident, 'overSince'> {
  if (verdicts.some(({ matters, holds }) => matters && holds.some((held) => held))) since[window] ??= end
  else if (verdicts.length > 0) delete since[window]
  return { overSince: since }
}

/** Whether what has come back is more than people could expect. */
function isNews(
  { incident, monitors = [], overSince }: HeldIncident,
  { active, spec, result, isCritical, isStrong }: Seen,
): boolean {
  if (active.length === 0) return false
  const isNew = !isSameCause(active[0]?.evidence.kind as WindowKind, { monitors }, monitorsOf(active))
  const since = overSince?.[result.window] ?? Number.POSITIVE_INFINITY
  const lasts = result.end - since + spec.slideMs >= calmOf(spec)
  return isNew || lasts || isStrong || (isCritical && incident.severity === 'alarm')
}

function fire(state: PolicyState, kind: WindowKind, incident: Incident, seen: Seen): Transition {
  const { active, result, spec, at, isCritical } = seen
  const described = describe(incident, active, result)
  const severity = isCritical ? 'critical' : incident.severity
  const reason = firingReason(active, result, spec)
  const again = incident.reopened === undefined ? '' : 'again, for the same had ended and come back: '
  return enter(state, kind, { ...described, severity }, 'firing', at, { because: `${again}${reason}`, active })
}

/** It fires, or is clearing: it has been told. */
function goOn(state: PolicyState, kind: WindowKind, held: HeldIncident, seen: Seen): Transition | undefined {
  const { incident } = held
  const { active, result, spec, at } = seen
  if (active.length === 0) {
    const windows = windowsToResolve(spec, incident.reopened)
    return leave(state, kind, { ...incident, evidence: presentEvidence(incident, result) }, 'resolved', {
      ...seen,
      because: seen.wasActive
        ? `clear for ${windows} windows of ${formatDuration(spec.sizeMs)}`
        : 'what it was about is no longer watched',
    })
  }
  const becomesCritical = seen.isCritical && incident.severity === 'alarm'
  const now = becomesCritical ? ({ ...incident, severity: 'critical' } as const) : incident
  const described = clearingOr(describe(now, active, result), active, result.end)
  // An earlier version told it as an alarm, however bad it was.
  const isKnown = held.monitors === undefined
  if (becomesCritical && !isKnown) {
    const because = `it is critical now: ${criticalBecause[kind] ?? 'it got much worse'}`
    return { ...enter(state, kind, described, 'update', at, { because, active }), escalates: true }
  }
  const joined = described.features.filter((feature) => !held.told.includes(feature))
  if (!isOfWholeModel(kind) && joined.length > 0 && at - held.toldAt >= spec.sizeMs)
    return enter(state, kind, described, 'update', at, { because: `also: ${joined.slice(0, 5).join(', ')}`, active })
  state.incidents[kind] = { ...held, incident: described, ...seenBy(held, active) }
  return undefined
}

const criticalBecause: Partial<Record<WindowKind, string>> = {
  performance: 'at least twice what may be lost is lost',
  drift: 'the distribution is another one',
  quality: 'at least a fifth of the rows are bad',
}

/** Firing, or clearing when all of its tests are clear of late. */
function clearingOr({ clearingSince, ...incident }: Incident, active: readonly TestState[], end: Instant): Incident {
  if (!active.every(({ clears }) => clears > 0)) return { ...incident, state: 'firing' }
  return { ...incident, state: 'clearing', clearingSince: clearingSince ?? end }
}

function open(kind: WindowKind, result: WindowResult, tests: readonly TestState[], at: Instant): Incident {
  const { model, version, window, end } = result
  const since = Math.min(...tests.map((test) => test.since))
  return {
    // A test that lasts may open an incident after one with the same beginning has ended: that window tells them apart.
    id: hashHex(JSON.stringify([model, version, kind, since, window, end])),
    model,
    version,
    kind,
    severity: severityOf(kind),
    state: 'pending',
    since,
    at,
    features: featuresOf(tests),
    evidence: evidenceIn(tests),
    sequence: 0,
  }
}

/** The incident with what is known now. A model that got worse names the features that moved in the same window. */
function describe(incident: Incident, active: readonly TestState[], result: WindowResult): Incident {
  const features = isOfWholeModel(incident.kind) ? movedFeatures(result) : featuresOf(active)
  return { ...incident, features, evidence: evidenceIn(active) }
}

/** Its features are no part of it, but may explain it. */
function isOfWholeModel(kind: Incident['kind']): boolean {
  return kind === 'performance' || kind === 'volume'
}

function featuresOf(tests: readonly TestState[]): string[] {
  return [...new Set(tests.flatMap(({ evidence }) => evidence.feature ?? []))]
}

function evidenceIn(tests: readonly TestState[]): Evidence[] {
  return tests.map(({ evidence }) => evidence)
}

function monitorsOf(tests: readonly TestState[]): string[] {
  return tests.map(({ evidence }) => evidence.monitor)
}

/** Features may flap by turns; so many of them are remembered. */
const EPISODES_MAX = 50

/** Of the features that are said to have moved, the share that may be so by chance alone. */
const FALSE_DISCOVERIES = 0.05

/**
 * Features whose distribution moved in this window, worst first: those that alarm or warn, and that stand among all features of
 * the window although so many were looked at. Where a tool's own rule gives no p-value, its word is taken.
 */
function movedFeatures(result: WindowResult): string[] {
  const judged = result.verdicts.filter(
    (verdict): verdict is Judged => verdict.monitor.startsWith('drift/') && verdict.status !== 'insufficient',
  )
  const adjusted = adjustPValues(
    Float64Array.from(judged, ({ pValue }) => Math.min(1, pValue ?? 1)),
    'benjamini-hochberg',
  )
  return judged
    .filter(
      ({ status, pValue }, i) => status !== 'ok' && (pValue === null || (adjusted[i] as number) <= FALSE_DISCOVERIES),
    )
    .sort((a, b) => strengthOf(b) - strengthOf(a))
    .flatMap(({ feature }) => feature ?? [])
}

/** @param news.active the tests that people are told of; left out: they are told nothing */
function enter(
  state: PolicyState,
  kind: WindowKind,
  incident: Incident,
  change: 'pending' | 'firing' | 'update',
  at: Instant,
  { because, active = [] }: { because: string; active?: readonly TestState[] },
): Transition {
  const { clearingSince, ...rest } = incident
  const entered: Incident = {
    ...rest,
    ...(change === 'update' ? clearingSince !== undefined && { clearingSince } : { state: change, at }),
    sequence: incident.sequence + 1,
  }
  const before = state.incidents[kind]
  const told = [...new Set([...(before?.told ?? []), ...incident.features])]
  state.incidents[kind] = {
    incident: entered,
    toldAt: at,
    told: change === 'pending' ? [] : told,
    ...seenBy(before, active),
    ...(change === 'pending' && before?.overSince !== undefined && { overSince: before.overSince }),
  }
  return { incident: entered, change, because, at }
}

/** What is remembered of the tests of an incident that people know of. */
function seenBy(held: HeldIncident | undefined, active: readonly TestState[]) {
  const monitors = [...new Set([...(held?.monitors ?? []), ...monitorsOf(active)])].sort()
  return monitors.length > 0 && { monitors }
}

function leave(
  state: PolicyState,
  kind: WindowKind,
  { clearingSince: _, ...incident }: Incident,
  change: 'resolved' | 'withdrawn',
  { at, because, spec, result, wasActive, isDamped = true }: Seen & { because: string },
): Transition {
  const held = state.incidents[kind]
  delete state.incidents[kind]
  const left: Incident = { ...incident, state: 'resolved', at, sequence: incident.sequence + 1 }
  const wasTold = change === 'resolved' || incident.reopened !== undefined
  if (isDamped && wasTold && (wasActive || change === 'withdrawn')) {
    const { monitors = left.evidence.map(({ monitor }) => monitor) } = held ?? {}
    const until = result.end + calmOf(spec)
    remember(state, kind, [...(state.ended?.[kind] ?? []), { incident: left, monitors, until }])
  }
  return { incident: left, change, because, at }
}

/** What has been over for long is over. */
function forgetEnded(state: PolicyState, kind: WindowKind, end: Instant): void {
  const episodes = state.ended?.[kind]
  if (episodes?.some(({ until }) => end > until))
    remember(
      state,
      kind,
      episodes.filter(({ until }) => end <= until),
    )
}

/** Episodes of a kind that may come back, the newest last. */
function remember(state: PolicyState, kind: WindowKind, episodes: readonly Episode[]): void {
  const { [kind]: _, ...rest } = state.ended ?? {}
  const ended = episodes.length === 0 ? rest : { ...rest, [kind]: episodes.slice(-EPISODES_MAX) }
  if (Object.keys(ended).length > 0) state.ended = ended
  else delete state.ended
}

/** What the tests of an incident say in the window that ends it. */
function presentEvidence(incident: Incident, result: WindowResult): Evidence[] {
  return incident.evidence.map((evidence) => {
    const now = result.verdicts.find(({ monitor, status }) => monitor === evidence.monitor && status !== 'insufficient')
    return now === undefined || evidence.window !== result.window ? evidence : evidenceOf(result, now as Judged)
  })
}

/** Concept drift: its evidence adds up by itself and needs no windows in a row. */
function isAddedUp({ evidence }: TestState): boolean {
  return evidence.errors !== undefined
}

/** Which rung fired: the first whose run is long enough in one of the active tests. */
function firingReason(active: readonly TestState[], { end }: WindowResult, spec: WindowSpec): string {
  for (const [rung, { windows, severe }] of ladderOf(spec).entries()) {
    const lasting = active.filter(({ runs }) => (runs[rung] as number) >= windows)
    if (lasting.length === 0) continue
    if (severe) return lasting.some(isAddedUp) ? 'added up from pane to pane' : 'far over the threshold'
    const since = Math.min(...lasting.map((test) => test.since))
    const count = Math.round((end - since) / spec.slideMs) + 1
    const over = `over the threshold for ${count} ${count === 1 ? 'window' : 'windows in a row'}`
    return rung === ALARM_RUNG ? over : `${over}, and more than chance makes last for ${windows}`
  }
  return 'over the threshold'
}

function evidenceOf(result: WindowResult, verdict: Judged): Evidence {
  const { monitor, kind, feature, metric, value, threshold, reference, low, high, pValue, calibrated } = verdict
  return {
    monitor,
    kind,
    feature,
    metric,
    window: result.window,
    end: result.end,
    value,
    threshold,
    reference,
    low,
    high,
    pValue,
    samples: result.samples,
    labelled: result.labelled,
    calibrated,
    ...(verdict.pair !== undefined && { pair: verdict.pair }),
    ...(verdict.errors !== undefined && { errors: verdict.errors }),
  }
}

/** Orders tests of one kind: PSI where there is one (it compares across columns), otherwise the effect against its threshold. */
function strengthOf(verdict: Judged): number {
  return (
    verdict.methods?.['psi'] ??
    (verdict.threshold ? Math.abs(verdict.effect / verdict.threshold) : Math.abs(verdict.effect))
  )
}
