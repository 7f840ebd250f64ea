// The port of every channel and orchestrator.

import type { Notification } from './notification.ts'

/** What became of one attempt. `retry` carries the wait the receiver asked for, if it did. */
export type Outcome =
  /** `receipt`: by what the channel finds this message again, for those that follow about the same incident. */
  | { readonly result: 'delivered'; readonly detail?: string; readonly receipt?: string }
  | { readonly result: 'retry'; readonly because: string; readonly retryAfterMs?: number }
  | { readonly result: 'refused'; readonly because: string }
  /** The receiver may or may not have acted; only for receivers that cannot recognise a repetition. */
  | { readonly result: 'unknown'; readonly because: string }

export interface Sender {
  readonly name: string
  /** Never throws: every failure is an outcome. Secrets never appear in `because`. */
  send(notification: Notification, signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}
