// What the alarm policy remembers of one model version, and what it forgets.

import type { WindowKind } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Episode } from './episode.ts'
import type { Evidence, Incident } from './incident.ts'

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

/** Every monitor says something of every window; one that does not is no longer configured. */
export function forgetUnwatched(state: PolicyState, kind: WindowKind, { window, verdicts }: WindowResult): void {
  for (const [key, { evidence }] of Object.entries(state.tests)) {
    if (evidence.kind !== kind || evidence.window !== window) continue
    if (!verdicts.some(({ monitor }) => monitor === evidence.monitor)) delete state.tests[key]
  }
}

/** What has been over for long is over. */
export function forgetEnded(state: PolicyState, kind: WindowKind, end: Instant): void {
  const episodes = state.ended?.[kind]
  if (episodes?.some(({ until }) => end > until))
    remember(
      state,
      kind,
      episodes.filter(({ until }) => end <= until),
    )
}

/** Features may flap by turns; so many of them are remembered. */
const EPISODES_MAX = 50

/** Episodes of a kind that may come back, the newest last. */
export function remember(state: PolicyState, kind: WindowKind, episodes: readonly Episode[]): void {
  const { [kind]: _, ...rest } = state.ended ?? {}
  const ended = episodes.length === 0 ? rest : { ...rest, [kind]: episodes.slice(-EPISODES_MAX) }
  if (Object.keys(ended).length > 0) state.ended = ended
  else delete state.ended
}
