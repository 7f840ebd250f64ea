// The port to the durable queue of what must still be sent.
//
// A row's life: queued → delivered | dead | suppressed | superseded. A queued row is sent as part of a batch: it is claimed, with the
// batch's key and content on disk before anything is sent, and so comes again as it was whenever the process dies. An attempt that
// surely did not arrive dissolves the batch; what may have arrived is repeated until it is delivered or given up.

import type { Instant } from '../time.ts'
import type { Envelope, Grouping, Notification } from './notification.ts'

/** A row at the head of its lane, without what it says. */
export interface Head {
  readonly key: string
  readonly lane: string
  /** The key of the batch that it is claimed for; null: none. */
  readonly batch: string | null
  readonly kind: Envelope['kind']
  readonly group: Grouping | null
}

/** A row that no batch has claimed. */
export interface Row extends Notification {
  /** It was put off on purpose, and its lane went on. */
  readonly isDeferred: boolean
}

/** What is about to be sent in one message. */
export interface Batch {
  readonly key: string
  /** null: what its only row says. */
  readonly envelope: Envelope | null
  /** Keys of its rows, oldest first. */
  readonly rows: readonly string[]
}

/** What is decided of rows in one transaction. */
export interface Claim {
  readonly batch: Batch | null
  readonly suppressed: ReadonlyArray<{ readonly key: string; readonly because: string }>
  readonly deferred: ReadonlyArray<{ readonly key: string; readonly until: Instant; readonly because: string }>
}

/** What became of a row, for logs and metrics, beside the outcomes of attempts. */
export type Fate = { readonly result: 'dead' | 'suppressed' | 'deferred' | 'passed on'; readonly because: string }

/** A claimed batch as it is sent, and the lanes that wait for it. */
export interface Claimed {
  readonly notification: Notification
  readonly lanes: readonly string[]
  readonly rows: number
}

/** What the drain asks of storage. Every change is on disk (synchronous=FULL) when the call returns. `key`: of a batch, or of a row. */
export interface Outbox {
  /** Channels for which something waits. */
  channels(): readonly string[]
  /** Heads of lanes at a channel that are due, in the order in which they became so, at most `limit`. */
  heads(channel: string, now: Instant, limit: number): readonly Head[]
  /** When the next head of a lane at a channel becomes due; undefined when nothing waits. */
  nextDueAt(channel: string): Instant | undefined
  /** The rows of a lane that no batch has claimed, oldest first. */
  rowsOf(lane: string): readonly Row[]
  /** Whether a message of the lane was delivered. */
  wasTold(lane: string): boolean
  /** Whether a message of the lane is still to be delivered, claimed or not. */
  waits(lane: string): boolean
  claim(claim: Claim, now: Instant): void
  claimed(batch: string): Claimed
  /** @param receipt by what the channel finds its message about this incident again */
  delivered(key: string, at: Instant, detail: string, receipt?: { incident: string; text: string }): void
  /** Tried in vain; try again at `dueAt`. `isDissolved`: it surely did not arrive, and may be told together with what comes. */
  postponed(key: string, dueAt: Instant, because: string, isDissolved?: boolean): void
  /**
   * Given up: a dead letter, kept for a person to look at.
   *
   * @param instead enters the outbox in its place, for another channel, unless all of it was passed on already
   */
  dead(key: string, at: Instant, because: string, instead?: Notification): void
  /** Rows of a channel that its fallback was not given yet, oldest first. */
  notPassedOn(channel: string, limit: number): readonly Notification[]
  /** What its fallback is told enters the outbox beside them. */
  passOn(rows: ReadonlyArray<{ readonly key: string; readonly instead: Notification }>, at: Instant): void
  /** Keys of the batches, and of the rows that no batch has claimed, of a channel that have waited since before then. */
  overdue(channel: string, queuedBefore: Instant, limit: number): readonly string[]
}
