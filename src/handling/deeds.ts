// What people do about incidents, as whoever offers it (HTTP, the command line, a button) sees it.

import type { Instant } from '../time.ts'
import type { NewSilence } from './silence.ts'

/** Who does something, and by which way. */
export interface Person {
  /** Name of a token, or of a user of Slack. */
  readonly name: string
  readonly role: 'viewer' | 'operator' | 'approver'
  readonly via: 'api' | 'cli' | 'slack' | 'ui'
  /** Address or channel it came from; '' where there is none. */
  readonly remote: string
  /** Of the request, in the audit; the same request asked twice is one deed. */
  readonly request: string
}

/** What came of a deed. */
export interface Effect {
  readonly outcome: 'done' | 'refused'
  /** In words: what was done, that it had been done before, or why not. */
  readonly detail: string
  /** Its row of the audit was written in the transaction that did it. */
  readonly isAudited?: true
}

/**
 * What can be done about incidents. Each deed is on the disk, with its row of the audit and its messages, when it returns; doing
 * one again changes nothing, and says so.
 */
export interface Handling {
  /** Somebody looks after it: no more reminders, nobody is called in. */
  acknowledge(incidentId: string, by: Person): Effect
  unacknowledge(incidentId: string, by: Person): Effect
  /** @param to whom; null: nobody any more */
  assign(incidentId: string, to: string | null, by: Person): Effect
  /** Nobody is told of it until then; whoever knows of it is told afterwards that it still fires. */
  snooze(incidentId: string, until: Instant, by: Person): Effect
  comment(incidentId: string, text: string, by: Person): Effect
  addSilence(silence: NewSilence, by: Person): Effect & { readonly id: string | null }
  endSilence(id: string, by: Person): Effect
  /** What the model does now is what it is compared with from here on. Role approver. */
  acceptAsNormal(incidentId: string, by: Person, note: string): Promise<Effect>
}

/** One deed, as it is kept. */
export interface Deed {
  readonly incident: string
  /** Counts the deeds of the incident, from 1. */
  readonly number: number
  readonly at: Instant
  readonly kind: DeedKind
  readonly by: string
  readonly via: Person['via'] | 'clock'
  /** The assignee, when the snooze ends, the text of the comment; '' where there is nothing to say. */
  readonly detail: string
  /** Of the request that asked for it; the same request asked again is no second deed. */
  readonly request: string
}

export type DeedKind = 'acknowledge' | 'unacknowledge' | 'assign' | 'snooze' | 'snooze ended' | 'comment'
