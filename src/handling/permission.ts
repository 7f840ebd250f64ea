// Whether a message may be told now: asked at the last moment before it is sent, for much may have happened since it was queued.

import type { Instant } from '../time.ts'
import type { Matchable, Silence } from './silence.ts'
import { isSilent, matchersInWords, matches } from './silence.ts'
import type { HandlingState } from './state.ts'

export type Permission =
  | { readonly is: 'told' }
  /** It is recorded as such, and counted. */
  | { readonly is: 'suppressed'; readonly because: string }
  | { readonly is: 'later'; readonly until: Instant; readonly because: string }

/** What of a message decides. */
export interface Tellable {
  /** Its occasion: `firing`, `resolved`, `reminder`, `handled`, … */
  readonly change: string
  readonly incidentId: string
  readonly model: string
  readonly version: string
  readonly kind: string
  readonly severity: string
  readonly features: ReadonlyArray<{ readonly name: string }>
}

/** Asked for each message, on the channel it is to go to. `order`: its place among those of its incident. */
export type MayTell = (message: Tellable, now: Instant, channel: string, order: number) => Permission

/** What is known when it is asked. */
export interface Circumstances {
  readonly state: HandlingState | undefined
  /** All features of the incident, where it is known; a message names only the worst. */
  readonly features: readonly string[] | undefined
  readonly silences: readonly Silence[]
  /** Names of the maintenance that goes on for it. */
  readonly maintenance: readonly string[]
  /** The incident that makes it follow from something else, in words. */
  readonly inhibitedBy: string | null
  /** Whether this channel was told that it fires, the last time before this message. */
  readonly isKnown: boolean
}

const told: Permission = { is: 'told' }

/** News of a run are asked for by whoever retrains; what people do is told to those who know of the incident. */
export function permissionOf(message: Tellable, circumstances: Circumstances, now: Instant): Permission {
  const { state, isKnown } = circumstances
  const { change } = message
  if (change === 'retraining') return told
  // Whoever knows of an incident hears how it ends and who looks after it, whatever is silenced.
  if (change === 'resolved' || change === 'handled' || change === 'withdrawn')
    return isKnown ? told : { is: 'suppressed', because: 'nobody was told on this channel that it fires' }
  const because = whyQuiet(message, circumstances, now)
  if (because !== null) return { is: 'suppressed', because }
  if ((change === 'reminder' || change === 'escalation') && state?.acknowledgedBy != null)
    return { is: 'suppressed', because: `acknowledged by ${state.acknowledgedBy}` }
  return told
}

/** Why nobody is to be told of an incident now; null when people are. */
export function whyQuiet(
  about: Omit<Tellable, 'change' | 'incidentId'>,
  { state, features, silences, maintenance, inhibitedBy }: Circumstances,
  now: Instant,
): string | null {
  const matchable: Matchable = { ...about, features: features ?? about.features.map(({ name }) => name) }
  if (state?.snoozedUntil != null && state.snoozedUntil > now) return `snoozed by ${state.snoozedBy}`
  const silence = silences.find((one) => isSilent(one, now) && matches(one.matchers, matchable))
  if (silence !== undefined)
    return `silence ${silence.id} of ${silence.author} (${matchersInWords(silence.matchers)}): ${silence.reason}`
  if (maintenance.length > 0) return `maintenance: ${maintenance.join(', ')}`
  return inhibitedBy
}
