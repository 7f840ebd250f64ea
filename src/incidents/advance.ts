// What the verdicts of one window do to the incidents of its model version.
//
// A test counts, for each rung of its ladder (`reference/ladder.ts`), the windows in a row that hold there, and those in which it
// is clear. It becomes active in a window that matters once a rung's run is long enough, and inactive when it has been clear long
// enough. An incident gathers the active tests of one kind:
//   none    → pending    a test alarms for the first time
//   none    → firing     a test alarms so severely that persistence is not awaited
//   pending → firing     a test has alarmed long enough
//   pending → withdrawn  no test alarms any more
//   firing  → firing     told again (update) when further features join, at most once a window length
//   firing  → resolved   no test is active any more
// Windows that hold too little to judge change nothing, in either direction.

import { hashHex } from '../events/id-hash.ts'
import type { Judged, MonitorKind } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { ALARM_RUNG, ladderOf, windowsToFire } from '../reference/ladder.ts'
import { adjustPValues } from '../statistics/adjust-p-values.ts'
import type { Instant } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Evidence, Incident, Severity, Transition } from './incident.ts'

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
}

/** Everything the alarm policy remembers of one model version. Owned and stored by the caller. */
export interface PolicyState {
  /** By window name and monitor: `1h|drift/income`. */
  readonly tests: Record<string, TestState>
  readonly incidents: Partial<Record<MonitorKind, HeldIncident>>
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

/** Windows in a row that must be clear before an incident resolves: a window's worth, at most 12. */
export function windowsToResolve({ sizeMs, slideMs }: WindowSpec): number {
  return Math.min(12, Math.max(1, Math.ceil(sizeMs / slideMs)))
}

/**
 * Advances the tests and incidents of the given kinds by one window, changing `state`.
 *
 * @param kinds the kinds whose verdicts are news; the others of the window have been seen before
 * @param at event time of the decision: the watermark
 * @returns what happened, in order; the incidents in `state` carry the new evidence even when nothing happened
 */
export function advance(
  state: PolicyState,
  result: WindowResult,
  options: { spec: WindowSpec; kinds: readonly MonitorKind[]; at: Instant },
): Transition[] {
  const judged = result.verdicts.filter((verdict): verdict is Judged => verdict.status !== 'insufficient')
  const transitions: Transition[] = []
  for (const kind of options.kinds) {
    forgetUnwatched(state, kind, result)
    const wasActive = Object.values(state.tests).some(({ active, evidence }) => active && evidence.kind === kind)
    for (const verdict of judged) if (verdict.kind === kind) count(state, result, verdict, options.spec)
    const transition = follow(state, kind, result, { ...options, wasActive })
    if (transition !== undefined) transitions.push(transition)
  }
  return transitions
}

/** Every monitor says something of every window; one that does not is no longer configured. */
function forgetUnwatched(state: PolicyState, kind: MonitorKind, { window, verdicts }: WindowResult): void {
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
  const isOver = now.active ? now.clears >= windowsToResolve(spec) : now.runs.every((run) => run === 0)
  if (isOver) delete state.tests[key]
}

/** Estimates may only warn: their warnings open incidents of that severity. */
function warns({ kind, status }: Judged): boolean {
  return severityOf(kind) === 'warning' && status === 'warning'
}

function severityOf(kind: MonitorKind): Severity {
  return kind === 'estimated' ? 'warning' : 'alarm'
}

function follow(
  state: PolicyState,
  kind: MonitorKind,
  result: WindowResult,
  { spec, at, wasActive }: { spec: WindowSpec; at: Instant; wasActive: boolean },
): Transition | undefined {
  const tests = Object.values(state.tests)
    .filter(({ evidence }) => evidence.kind === kind)
    .sort((a, b) => b.strength - a.strength || (a.evidence.monitor < b.evidence.monitor ? -1 : 1))
  const active = tests.filter((test) => test.active)
  const held = state.incidents[kind]
  if (held === undefined) {
    const alarmed = tests.filter((test) => test.alarmed || test.active)
    if (alarmed.length === 0) return undefined
    const opened = open(kind, result, alarmed, at)
    return active.length > 0
      ? enter(state, describe(opened, active, result), 'firing', at, firingReason(active, result, spec))
      : enter(
          state,
          opened,
          'pending',
          at,
          `first window over the threshold; ${windowsToFire(spec)} in a row are needed`,
        )
  }
  const { incident } = held
  if (incident.state === 'pending') {
    if (active.length > 0)
      return enter(state, describe(incident, active, result), 'firing', at, firingReason(active, result, spec))
    if (!tests.some(({ alarmed }) => alarmed))
      return leave(state, incident, 'withdrawn', at, 'back under the threshold before it lasted')
    return undefined
  }
  if (active.length === 0) {
    return leave(
      state,
      { ...incident, evidence: presentEvidence(incident, result) },
      'resolved',
      at,
      wasActive
        ? `clear for ${windowsToResolve(spec)} windows of ${formatDuration(spec.sizeMs)}`
        : 'what it was about is no longer watched',
    )
  }
  const described = describe(incident, active, result)
  const joined = described.features.filter((feature) => !held.told.includes(feature))
  if (!isOfWholeModel(kind) && joined.length > 0 && at - held.toldAt >= spec.sizeMs) {
    return enter(state, { ...described, state: 'firing' }, 'update', at, `also: ${joined.slice(0, 5).join(', ')}`)
  }
  state.incidents[kind] = { ...held, incident: described }
  return undefined
}

function open(kind: MonitorKind, result: WindowResult, tests: readonly TestState[], at: Instant): Incident {
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
    evidence: tests.map(({ evidence }) => evidence),
    sequence: 0,
  }
}

/** The incident with what is known now. A model that got worse names the features that moved in the same window. */
function describe(incident: Incident, active: readonly TestState[], result: WindowResult): Incident {
  const features = isOfWholeModel(incident.kind) ? movedFeatures(result) : featuresOf(active)
  return { ...incident, features, evidence: active.map(({ evidence }) => evidence) }
}

/** Its features are no part of it, but may explain it. */
function isOfWholeModel(kind: MonitorKind): boolean {
  return kind === 'performance' || kind === 'volume'
}

function featuresOf(tests: readonly TestState[]): string[] {
  return [...new Set(tests.flatMap(({ evidence }) => evidence.feature ?? []))]
}

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

function enter(
  state: PolicyState,
  incident: Incident,
  change: 'pending' | 'firing' | 'update',
  at: Instant,
  because: string,
): Transition {
  const entered: Incident = {
    ...incident,
    state: change === 'pending' ? 'pending' : 'firing',
    at: change === 'update' ? incident.at : at,
    sequence: incident.sequence + 1,
  }
  const told = [...new Set([...(state.incidents[incident.kind]?.told ?? []), ...incident.features])]
  state.incidents[incident.kind] = { incident: entered, toldAt: at, told: change === 'pending' ? [] : told }
  return { incident: entered, change, because, at }
}

function leave(
  state: PolicyState,
  incident: Incident,
  change: 'resolved' | 'withdrawn',
  at: Instant,
  because: string,
): Transition {
  delete state.incidents[incident.kind]
  const left: Incident = { ...incident, state: 'resolved', at, sequence: incident.sequence + 1 }
  return { incident: left, change, because, at }
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
