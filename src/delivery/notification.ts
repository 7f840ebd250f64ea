// One message to one channel, as it lies in the outbox.

import type { Transition } from '../incidents/incident.ts'
import type { Trigger } from '../retraining/trigger.ts'
import type { Instant } from '../time.ts'

/** What a channel turns into its own format. Plain words and numbers; channels escape. */
export interface Message {
  readonly change: Transition['change']
  readonly incidentId: string
  readonly model: string
  readonly version: string
  readonly kind: string
  readonly severity: 'warning' | 'alarm'
  /** One line: `credit-risk 7: ROC AUC 0.84 (reference 0.91)`. */
  readonly title: string
  /** Short paragraphs in plain words: what, since when, how much against which threshold, on how many rows. */
  readonly paragraphs: readonly string[]
  /** The five worst features, worst first, each with its measure in words. */
  readonly features: ReadonlyArray<{ readonly name: string; readonly detail: string }>
  /** Where to look: address in the API or UI; null when the daemon has no public address. */
  readonly link: string | null
  readonly at: Instant
}

/** What is to be delivered, before it has a row of its own. */
export type Envelope =
  | { readonly kind: 'message'; readonly channel: string; readonly message: Message }
  | { readonly kind: 'retrain'; readonly channel: string; readonly trigger: Trigger }

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
}
