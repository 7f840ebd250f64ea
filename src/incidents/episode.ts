// An alarm at its threshold comes and goes. Once its end has been told, what comes back within 24 windows' length is the same episode:
// the incident goes on under its own name, and people are told again only of what they could not expect:
//   that it is at least twice what alarms, as far as the whole interval says, or has become critical
//   that a feature is part of it that was not
//   that it has lasted for those 24 windows
// Each time that it comes back, out of clearing or after its end, is a flap: the more flaps, the longer it must be clear to be over.

import type { WindowKind } from '../monitors/verdict.ts'
import type { Instant, Millis } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Incident } from './incident.ts'

/** An incident that is over, for as long as it may come back. */
export interface Episode {
  readonly incident: Incident
  /** The tests that have been part of it. */
  readonly monitors: readonly string[]
  readonly flaps: number
  /** End of the last window in which it may come back. */
  readonly until: Instant
}

const WINDOWS_TO_RESOLVE_MAX = 12
/** Windows that follow each other without a common row; by chance, none of so many is on one side of a threshold that the metric is at. */
const WINDOWS_OF_CALM = 24

/** Windows in a row that must be clear before an incident resolves: a window's worth, at most 12; twice as many for each flap. */
export function windowsToResolve(spec: WindowSpec, flaps = 0): number {
  const first = Math.min(WINDOWS_TO_RESOLVE_MAX, Math.max(1, Math.ceil(spec.sizeMs / spec.slideMs)))
  return Math.min(first * 2 ** flaps, windowsOfCalm(spec))
}

/** Windows in a row that tell flapping from something else. */
export function windowsOfCalm({ sizeMs, slideMs }: WindowSpec): number {
  return WINDOWS_OF_CALM * Math.ceil(sizeMs / slideMs)
}

/** How long after its end an incident comes back under its own name. */
export function calmOf(spec: WindowSpec): Millis {
  return windowsOfCalm(spec) * spec.slideMs
}

/** Whether tests of these names would be the same episode. A model that is bad is bad, by whichever metric. */
export function isSameCause(
  kind: WindowKind,
  { monitors }: Pick<Episode, 'monitors'>,
  found: readonly string[],
): boolean {
  return kind === 'performance' || kind === 'estimated' || found.every((monitor) => monitors.includes(monitor))
}
