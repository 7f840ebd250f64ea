// The port of every channel and orchestrator.

import type { Notification } from './notification.ts'

/** What became of one attempt. `retry` carries the wait the receiver asked for, if it did. */
export type Outcome =
  /** `receipt`: by what the channel finds this message again, for those that follow about the same incident. */
  | { readonly result: 'delivered'; readonly detail?: string; readonly receipt?: string }
  /**
   * `isNotTaken`: the receiver surely did not act on it (nothing was connected, or it said that it is busy), so that the message may
   * say more when it is tried again. Left out, it may have arrived: it is repeated as it was, under the same key.
   */
  | {
      readonly result: 'retry'
      readonly because: string
      readonly retryAfterMs?: number
      readonly isNotTaken?: boolean
    }
  /** `isGone`: the endpoint is no more (410); nothing is sent to it until the configuration is reloaded. */
  | { readonly result: 'refused'; readonly because: string; readonly isGone?: boolean }
  /** The receiver may or may not have acted; only for receivers that cannot recognise a repetition. */
  | { readonly result: 'unknown'; readonly because: string }

export interface Sender {
  readonly name: string
  /** Never throws: every failure is an outcome. Secrets never appear in `because`. */
  send(notification: Notification, signal: AbortSignal): Promise<Outcome>
  /** It is in use from now on: what it does by itself begins. Never called of one that is closed without having been used. */
  start?(): void
  close(): Promise<void>
}
