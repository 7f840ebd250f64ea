// An alarm at its threshold comes and goes. Once its end has been told, what comes back soon is the same episode: the incident goes
// on under its own name, and people are told again only of what they could not expect. Three things make that so:
//
//   it is remembered for `calmOf` after its end, which is as long as two windows, or 24 of them
//   what comes back meanwhile is told when it has lasted for as long without a break, when it is twice as strong as it ever was, when
//   it has become critical, or when a feature is part of it that was not
//   the more often it has come back, the longer it must be clear before it is over

import type { WindowKind } from '../monitors/verdict.ts'
import type { Instant, Millis } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Incident } from './incident.ts'

/** An incident that is over, for as long as it may come back. */
export interface Episode {
  readonly incident: Incident
  /** The tests that have been part of it. */
  readonly monitors: readonly string[]
  /** How strong the strongest was while people knew of it. */
  readonly worst: number
  /** End of the last window in which it may come back. */
  readonly until: Instant
}

const WINDOWS_TO_RESOLVE_MAX = 12
const CALM_WINDOWS = 24
/** So many times as strong as ever before is news. */
const STRONGER = 2

/** Windows in a row that must be clear before an incident resolves: a window's worth, at most 12; twice as many each time it has come back. */
export function windowsToResolve(spec: WindowSpec, reopened = 0): number {
  const { sizeMs, slideMs } = spec
  const first = Math.min(WINDOWS_TO_RESOLVE_MAX, Math.max(1, Math.ceil(sizeMs / slideMs)))
  return Math.min(windowsOfCalm(spec), first * 2 ** Math.min(reopened, CALM_WINDOWS))
}

/** How long after its end an incident comes back under its own name. */
export function calmOf(spec: WindowSpec): Millis {
  return windowsOfCalm(spec) * spec.slideMs
}

/** Windows in a row over which what has come back must last before it is told by itself. */
export function windowsOfCalm({ sizeMs, slideMs }: WindowSpec): number {
  return Math.max(CALM_WINDOWS, Math.ceil((2 * sizeMs) / slideMs))
}

/** Whether tests of these names would be the same episode. A model that is bad is bad, by whichever metric. */
export function isSameCause(
  kind: WindowKind,
  { monitors }: Pick<Episode, 'monitors'>,
  found: readonly string[],
): boolean {
  return kind === 'performance' || kind === 'estimated' || found.every((monitor) => monitors.includes(monitor))
}

export function isMuchStronger(strength: number, worst: number): boolean {
  return strength >= STRONGER * worst
}
