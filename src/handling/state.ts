// What people have done about one incident, and what the next deed does to that.
//
//   nobody looks after it → acknowledged   somebody acknowledges it: reminders and escalation stop
//   acknowledged → nobody looks after it   it is taken back; the time until escalation begins anew
//   snoozed until T                        nothing is told of it; at T it is told again, if it still fires
// An assignee and comments change nothing about who is told.

import type { IncidentState } from '../incidents/incident.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Deed, DeedKind, Person } from './deeds.ts'

export interface HandlingState {
  readonly incident: string
  readonly acknowledgedBy: string | null
  readonly acknowledgedAt: Instant | null
  readonly assignee: string | null
  readonly snoozedUntil: Instant | null
  readonly snoozedBy: string | null
  /** Deeds so far. */
  readonly deeds: number
  /** How often it was taken back that somebody looks after it: each time others may be called in again. */
  readonly takenBack: number
  /** When the time until escalation began anew: it was taken back, or a snooze has ended. */
  readonly anewAt: Instant | null
  /** Messages so far that no transition caused: orders them after the transition they follow. */
  readonly told: number
  /** Channels that were called in, each with how often. */
  readonly escalated: Readonly<Record<string, number>>
  /** The transition with which the incident had fired last when this was written; 0: it is not known. */
  readonly fired: number
}

export function unhandled(incident: string): HandlingState {
  return {
    incident,
    acknowledgedBy: null,
    acknowledgedAt: null,
    assignee: null,
    snoozedUntil: null,
    snoozedBy: null,
    deeds: 0,
    takenBack: 0,
    anewAt: null,
    told: 0,
    escalated: {},
    fired: 0,
  }
}

/** It has resolved: should it come back, it is nobody's yet, and others may be called in again. */
export function over(state: HandlingState): HandlingState {
  const { incident, deeds, told, takenBack } = state
  return { ...unhandled(incident), deeds, told, takenBack: takenBack + 1 }
}

/**
 * What is left of it for an incident that has fired anew, should nobody have looked between its end and its return.
 *
 * @param fired the transition with which it fired last
 */
export function since(state: HandlingState, fired: number): HandlingState {
  const isAnew = state.fired > 0 && fired > state.fired
  return { ...(isAnew ? over(state) : state), fired }
}

export type Change =
  | { readonly kind: 'acknowledge' | 'unacknowledge' }
  | { readonly kind: 'assign'; readonly to: string | null }
  | { readonly kind: 'snooze'; readonly until: Instant }
  | { readonly kind: 'snooze ended' }
  | { readonly kind: 'comment'; readonly text: string }

/** What a deed comes to. `unchanged`: it was done before. */
export type Reduced =
  | { readonly is: 'done'; readonly state: HandlingState; readonly deed: Deed; readonly because: string }
  | { readonly is: 'unchanged'; readonly because: string }
  | { readonly is: 'refused'; readonly because: string }

/** A snooze is for hours or days; for longer there are silences, which carry a reason. */
const SNOOZE_MAX = 30 * 86_400_000
export const COMMENT_LENGTH_MAX = 4_000
const NAME_LENGTH_MAX = 128

/**
 * @param incident its state by evidence
 * @param by the person; `clock` for the end of a snooze
 */
export function reduce(
  state: HandlingState,
  change: Change,
  context: {
    readonly incident: IncidentState
    readonly by: Pick<Person, 'name' | 'request'> & { readonly via: Deed['via'] }
    readonly now: Instant
  },
): Reduced {
  const { incident, by, now } = context
  const done = (next: Partial<HandlingState>, because: string, detail = ''): Reduced => ({
    is: 'done',
    state: { ...state, ...next, deeds: state.deeds + 1 },
    deed: { ...deedOf(state, change.kind, now), by: by.name, via: by.via, request: by.request, detail },
    because,
  })
  if (change.kind === 'comment') {
    const text = change.text.trim()
    if (text === '' || text.length > COMMENT_LENGTH_MAX)
      return { is: 'refused', because: `a comment has 1 to ${COMMENT_LENGTH_MAX} characters` }
    return done({}, `commented by ${by.name}`, text)
  }
  if (incident === 'resolved' && change.kind !== 'snooze ended')
    return { is: 'refused', because: 'it has resolved; only comments can be added' }
  switch (change.kind) {
    case 'acknowledge':
      if (incident === 'pending') return { is: 'refused', because: 'it does not fire yet, and nobody was told of it' }
      if (state.acknowledgedBy !== null)
        return {
          is: 'unchanged',
          because: `acknowledged by ${state.acknowledgedBy} at ${formatInstant(state.acknowledgedAt as Instant)} already`,
        }
      return done({ acknowledgedBy: by.name, acknowledgedAt: now }, `acknowledged by ${by.name}`)
    case 'unacknowledge':
      if (state.acknowledgedBy === null) return { is: 'unchanged', because: 'nobody has acknowledged it' }
      return done(
        { acknowledgedBy: null, acknowledgedAt: null, takenBack: state.takenBack + 1, anewAt: now },
        `no longer acknowledged by ${state.acknowledgedBy}, says ${by.name}`,
      )
    case 'assign': {
      const to = change.to === null ? null : change.to.trim()
      if (to !== null && (to === '' || to.length > NAME_LENGTH_MAX))
        return { is: 'refused', because: `an assignee is a name of 1 to ${NAME_LENGTH_MAX} characters` }
      if (to === state.assignee)
        return { is: 'unchanged', because: to === null ? 'nobody is assigned' : `assigned to ${to} already` }
      return done(
        { assignee: to },
        to === null ? `no longer assigned, says ${by.name}` : `assigned to ${to} by ${by.name}`,
        to ?? '',
      )
    }
    case 'snooze':
      if (!(change.until > now)) return { is: 'refused', because: `${formatInstant(change.until)} has passed` }
      if (change.until > now + SNOOZE_MAX)
        return { is: 'refused', because: 'a snooze lasts at most 30 days; a silence may last longer, and has a reason' }
      if (state.snoozedUntil === change.until)
        return {
          is: 'unchanged',
          because: `snoozed until ${formatInstant(change.until)} by ${state.snoozedBy} already`,
        }
      return done(
        { snoozedUntil: change.until, snoozedBy: by.name },
        `snoozed until ${formatInstant(change.until)} by ${by.name}`,
        formatInstant(change.until),
      )
    case 'snooze ended':
      if (state.snoozedUntil === null) return { is: 'unchanged', because: 'it is not snoozed' }
      if (state.snoozedUntil > now) return { is: 'unchanged', because: 'the snooze has not ended' }
      return done({ snoozedUntil: null, snoozedBy: null, anewAt: now }, 'the snooze has ended')
    default:
      return change satisfies never
  }
}

function deedOf(
  { incident, deeds }: HandlingState,
  kind: DeedKind,
  at: Instant,
): Omit<Deed, 'by' | 'via' | 'request' | 'detail'> {
  return { incident, number: deeds + 1, at, kind }
}
