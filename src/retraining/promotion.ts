// What success may bring: a model version that is compared with itself from then on.

import type { Instant } from '../time.ts'

/** Asks for a reference of a version's own, made of its production. */
export interface Promotion {
  /** The same for the same deed: however often it is asked for, also after a restart, it is done once. */
  readonly key: string
  readonly model: string
  /** As events name it; '' where they name none. */
  readonly version: string
  /** Event times of the rows that it is made of; null: from the first, and to the newest, of which panes are kept. */
  readonly from: Instant | null
  readonly to: Instant | null
  /** Whether it is of no use without a performance of its own: it is asked for again until labels are there. */
  readonly needsLabels: boolean
  /** Who wants it, for the audit: a person, or `retraining`. */
  readonly by: { readonly name: string; readonly role: string; readonly remote: string }
  /** Why, for people: `run 17 has succeeded`. */
  readonly note: string
}

export type Promoted =
  /** It is in force, now or since it was asked for before. */
  | { readonly outcome: 'done'; readonly detail: string; readonly reference: string }
  /** There are not enough rows or labels yet: to be asked for again later. */
  | { readonly outcome: 'waiting'; readonly detail: string }
  /** It cannot be: there is no such model, say. To ask again is of no use. */
  | { readonly outcome: 'refused'; readonly detail: string }

/** Done when it returns, with its row in the audit. Windows that are evaluated from then on are judged by it. */
export type PromoteReference = (promotion: Promotion) => Promoted
