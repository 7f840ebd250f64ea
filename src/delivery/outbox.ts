// The durable queue of what must still be sent, and the loop that drains it.

import type { Instant } from '../time.ts'
import type { Notification } from './notification.ts'

/** What the drain asks of storage. Every change is on disk (synchronous=FULL) when the call returns. */
export interface Outbox {
  /** Due rows at the head of their lanes, oldest first, at most `limit`. */
  due(now: Instant, limit: number): readonly Notification[]
  delivered(key: string, at: Instant, detail: string): void
  /** Tried in vain; try again at `dueAt`. */
  postponed(key: string, dueAt: Instant, because: string): void
  /** Given up: a dead letter, kept for a person to look at. */
  dead(key: string, at: Instant, because: string): void
  /** When the next row becomes due; undefined when nothing waits. */
  nextDueAt(): Instant | undefined
}
