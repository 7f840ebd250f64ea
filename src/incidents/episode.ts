// An alarm at its threshold comes and goes. Once its end has been told, what comes back soon (`calmOf`) is the same episode: the
// incident goes on under its own name, and people are told again only of what they could not expect:
//   that it is at least twice what alarms, as far as the whole interval says, or has become critical
//   that a feature is part of it that was not
//   that it has lasted for as long as what counts as soon
// The more often it has come back, the longer it must be clear to be over.

import type { WindowKind } from '../monitors/verdict.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import type { Incident } from './incident.ts'

/** An incident that is over, for as long as it may come back. */
export interface Episode {
  readonly incident: Incident
  /** The tests that have been part of it. */
  readonly monitors: readonly string[]
  /** End of the last window in which it may come back. */
  readonly until: Instant
}

const WINDOWS_TO_RESOLVE_MAX = 12
/** At most so many times as long as the first time. */
const HOLD_MAX = 8
/** Windows that follow each other without a common row; by chance, not so many are on one side of a threshold that the metric is at. */
const WINDOWS_OF_CALM = 24
/** What is told once a month is no nuisance, however large the windows are. */
const CALM_MAX: Millis = 30 * DAY

/** Windows in a row that must be clear before an incident resolves: a window's worth, at most 12; twice as many each time it has come back. */
export function windowsToResolve(spec: WindowSpec, reopened = 0): number {
  const first = Math.min(WINDOWS_TO_RESOLVE_MAX, Math.max(1, Math.ceil(spec.sizeMs / spec.slideMs)))
  return first * Math.min(2 ** reopened, HOLD_MAX)
}

/** How long after its end an incident comes back under its own name: 24 windows, at most 30 days. */
export function calmOf({ sizeMs }: WindowSpec): Millis {
  return Math.min(WINDOWS_OF_CALM * sizeMs, CALM_MAX)
}

/** Whether tests of these names would be the same episode. A model that is bad is bad, by whichever metric. */
export function isSameCause(
  kind: WindowKind,
  { monitors }: Pick<Episode, 'monitors'>,
  found: readonly string[],
): boolean {
  return kind === 'performance' || kind === 'estimated' || found.every((monitor) => monitors.includes(monitor))
}
