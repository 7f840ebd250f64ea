// One test counted: the windows in a row that hold on each rung of its ladder, and those in which it is clear.

import type { Judged } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { ladderOf } from '../reference/ladder.ts'
import type { WindowSpec } from '../windows/window.ts'
import { evidenceOf, strengthOf } from './account.ts'
import { windowsToResolve } from './episode.ts'
import type { PolicyState } from './policy-state.ts'
import { severityOf } from './severity.ts'

/** What a verdict makes of its test in `state`. */
export function count(state: PolicyState, result: WindowResult, verdict: Judged, spec: WindowSpec): void {
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
