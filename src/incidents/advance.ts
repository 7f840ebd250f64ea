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
import { windowsToFire } from '../reference/ladder.ts'
import type { Instant } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import {
  describe,
  evidenceIn,
  featuresOf,
  firingReason,
  isOfWholeModel,
  monitorsOf,
  presentEvidence,
} from './account.ts'
import { count } from './count.ts'
import type { Episode } from './episode.ts'
import { calmOf, isSameCause, windowsToResolve } from './episode.ts'
import type { Incident, Transition } from './incident.ts'
import type { HeldIncident, PolicyState, TestState } from './policy-state.ts'
import { forgetEnded, forgetUnwatched, remember } from './policy-state.ts'
import { relate } from './relations.ts'
import { isCritical, isStrong, severityOf } from './severity.ts'

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
