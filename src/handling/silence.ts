// Silences: for a while nobody is told of incidents of some kind, because somebody knows why they come.

import type { Instant } from '../time.ts'
import { matchesPattern } from './pattern.ts'

/** What a silence, or a time of maintenance, is about. What is named must match; what is left out matches all. */
export interface Matchers {
  readonly model?: string
  readonly version?: string
  readonly kind?: string
  readonly severity?: string
  /** Matches an incident all of whose features it matches: what else moved is still told. */
  readonly feature?: string
}

export const matcherNames = ['model', 'version', 'kind', 'severity', 'feature'] as const satisfies ReadonlyArray<
  keyof Matchers
>

export interface NewSilence {
  /** At least one. `*` stands for any letters, `?` for one. */
  readonly matchers: Matchers
  readonly start: Instant
  readonly end: Instant
  readonly reason: string
}

export interface Silence extends NewSilence {
  readonly id: string
  readonly author: string
  readonly createdAt: Instant
  /** Who ended it before its time; `end` is then when. */
  readonly endedBy: string | null
}

/** What can be matched: an incident, or a message about one. */
export interface Matchable {
  readonly model: string
  readonly version: string
  readonly kind: string
  readonly severity: string
  readonly features: readonly string[]
}

export function isSilent(silence: Pick<Silence, 'start' | 'end'>, now: Instant): boolean {
  return silence.start <= now && now < silence.end
}

/** Whether it has begun, and ended: `waiting`, `active`, `ended`. */
export function phaseOf(silence: Pick<Silence, 'start' | 'end'>, now: Instant): 'waiting' | 'active' | 'ended' {
  if (now >= silence.end) return 'ended'
  return now < silence.start ? 'waiting' : 'active'
}

export function matches(matchers: Matchers, one: Matchable): boolean {
  return matcherNames.every((name) => {
    const pattern = matchers[name]
    if (pattern === undefined) return true
    if (name !== 'feature') return matchesPattern(pattern, one[name])
    return one.features.length > 0 && one.features.every((feature) => matchesPattern(pattern, feature))
  })
}

/** `model=credit-*, feature=income` */
export function matchersInWords(matchers: Matchers): string {
  return matcherNames.flatMap((name) => (matchers[name] === undefined ? [] : `${name}=${matchers[name]}`)).join(', ')
}
