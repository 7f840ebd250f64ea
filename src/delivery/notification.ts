// One message to one channel, as it lies in the outbox.

import type { Severity, Transition } from '../incidents/incident.ts'
import type { Instant, Millis } from '../time.ts'

/**
 * Why people are told: what happened to the incident by itself; `reminder`: it still fires; `escalation`: nobody has acknowledged
 * it; `handled`: somebody did something about it (acknowledged, assigned, snoozed, commented); `retraining`: news of a run.
 */
export type Occasion = Transition['change'] | 'reminder' | 'escalation' | 'handled' | 'retraining'

/** What people have done about an incident. */
export interface HandlingView {
  readonly acknowledgedBy: string | null
  readonly assignee: string | null
  readonly snoozedUntil: Instant | null
}

/** A retraining request as a message shows it. */
export interface RetrainingView {
  readonly request: string
  /** `awaiting approval`, `running`, `succeeded`, … */
  readonly state: string
  /** Whether somebody is to say yes or no now; channels that have buttons show them. */
  readonly awaitsApproval: boolean
}

/** What a channel turns into its own format. Plain words and numbers; channels escape. */
export interface Message {
  readonly change: Occasion
  /** What it is about: an incident, or a retraining request that no incident asked for. Messages with the same id are one thread. */
  readonly incidentId: string
  readonly model: string
  readonly version: string
  readonly kind: string
  readonly severity: Severity
  /** One line: `credit-risk 7: ROC AUC 0.84 (reference 0.91)`. */
  readonly title: string
  /** Short paragraphs in plain words: what, since when, how much against which threshold, on how many rows. */
  readonly paragraphs: readonly string[]
  /** The five worst features, worst first, each with its measure in words. */
  readonly features: ReadonlyArray<{ readonly name: string; readonly detail: string }>
  /** Where to look: address in the API or UI; null when the daemon has no public address. */
  readonly link: string | null
  readonly at: Instant
  readonly handling?: HandlingView
  readonly retraining?: RetrainingView
  /** The occasions of the messages that it tells together because they had waited, oldest first; left out: it tells of one. */
  readonly combines?: readonly Occasion[]
}

/** How a model fares, told regularly although nothing may be wrong. */
export interface Digest {
  /** One line: `credit-risk: all is well, week of 2026-11-16`. */
  readonly title: string
  readonly model: string
  readonly from: Instant
  readonly to: Instant
  /** Short paragraphs in plain words. */
  readonly paragraphs: readonly string[]
  /** What was measured, each with its value in words. */
  readonly figures: ReadonlyArray<{ readonly name: string; readonly value: string }>
  readonly link: string | null
}

/** What is to be delivered, before it has a row of its own. */
export type Envelope =
  | { readonly kind: 'message'; readonly channel: string; readonly message: Message }
  /** Many incidents at once, oldest first. */
  | { readonly kind: 'group'; readonly channel: string; readonly title: string; readonly messages: readonly Message[] }
  | { readonly kind: 'digest'; readonly channel: string; readonly digest: Digest }

/** How messages of a route are gathered. */
export interface Grouping {
  /** Rows of a channel with the same key are a group. */
  readonly key: string
  /** So many incidents of a group may be told each by itself; when more are due at once, they are told in one message. */
  readonly above: number
  /** At least so long between two messages about the same group. */
  readonly intervalMs: Millis
}

/** One row of the outbox. `key` is the idempotency key that every attempt carries. */
export interface Notification {
  readonly key: string
  /** Rows of one lane (an incident on one channel) are sent in the order of `order`. */
  readonly lane: string
  readonly order: number
  readonly envelope: Envelope
  readonly attempts: number
  /** Wall-clock time before which it is not tried (again). */
  readonly dueAt: Instant
  /** Wall-clock time at which it entered the outbox. */
  readonly queuedAt: Instant
  /** With which others it may be told in one message; left out: with none, but in a storm. */
  readonly group?: Grouping
  /** What the channel gave back as `receipt` for earlier messages of this incident, the last one that it gave: Slack's time stamp, say. */
  readonly thread?: string
}
