// What follows from the answer of a receiver: it is delivered, tried again later, or given up, and that is on disk before the next of
// its lane is sent.

import type { Clock, Instant, Millis } from '../time.ts'
import { HOUR } from '../time.ts'
import type { ChannelPolicy } from './channel-policy.ts'
import { insteadOf } from './fallback.ts'
import type { Envelope, Notification } from './notification.ts'
import type { Fate, Outbox } from './outbox.ts'
import { backoffMs, DELIVERY_BUDGET } from './retry.ts'
import type { Outcome } from './sender.ts'

export interface SettlingOptions {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly random: () => number
  /** Calls `wake` after a while; returns how to call it off. Injected, so that tests need not wait. */
  readonly schedule: (wake: () => void, after: Millis) => () => void
  /** Told of what is given up. */
  readonly onOutcome: (about: Pick<Notification, 'key' | 'envelope'>, outcome: Fate) => void
  /** Whether what failed can be tried again as it is: the disk is full. */
  readonly mayPass: (error: unknown) => boolean
  /** Told when a mark is tried again, and null when one worked again. */
  readonly onTrouble: (message: string | null) => void
}

/** Of what a receiver says, with a place in the state and in every line about it. */
const SAID_MAX = 500
/** Between two tries of a mark while the disk is full, at first and at most. */
export const MARK_AGAIN_MS = { first: 250, most: 2_000 }
export const outOfTime = `not delivered within ${DELIVERY_BUDGET / HOUR} hours`

export class Settling {
  readonly #options: SettlingOptions
  #isStopped = false

  constructor(options: SettlingOptions) {
    this.#options = options
  }

  /** Nothing is tried again any more. */
  stop(): void {
    this.#isStopped = true
  }

  async settle(
    row: Notification,
    outcome: Outcome,
    { fallback }: Pick<ChannelPolicy, 'fallback'>,
    now: Instant,
  ): Promise<void> {
    const { outbox, random } = this.#options
    const giveUp = (because: string) => this.giveUp(row, because, { fallback })
    switch (outcome.result) {
      case 'delivered':
        return this.#mark(() => outbox.delivered(row.key, now, outcome.detail ?? '', receiptOf(row.envelope, outcome)))
      case 'refused':
        return giveUp(outcome.because)
      case 'unknown':
        return giveUp(`unknown whether it arrived: ${outcome.because}; ask the receiver before sending it again`)
      case 'retry': {
        const dueAt = now + backoffMs(row.attempts + 1, random(), outcome.retryAfterMs)
        if (dueAt - row.queuedAt > DELIVERY_BUDGET) return giveUp(`${outOfTime}; last: ${outcome.because}`)
        return this.#mark(() => outbox.postponed(row.key, dueAt, outcome.because, outcome.isNotTaken === true))
      }
    }
  }

  /** It becomes a dead letter, and its fallback is told instead. */
  async giveUp(row: Notification, because: string, { fallback }: Pick<ChannelPolicy, 'fallback'>): Promise<void> {
    const { outbox, clock, onOutcome } = this.#options
    const now = clock()
    const instead = fallback === null ? undefined : insteadOf(row, { to: fallback.channel, because, now })
    await this.#mark(() => outbox.dead(row.key, now, because, instead))
    onOutcome(row, { result: 'dead', because })
    if (instead !== undefined) onOutcome(row, { result: 'passed on', because: `to ${fallback?.channel}` })
  }

  /**
   * Marks what became of a message. While the disk is full it is tried again, and the message is not sent again meanwhile: its lane
   * waits. Stopped before there was room, the message stays queued, and the next start sends it under the same key.
   */
  async #mark(write: () => void): Promise<void> {
    const { schedule, mayPass, onTrouble } = this.#options
    for (let waitMs = 0; ; waitMs = Math.min(MARK_AGAIN_MS.most, waitMs * 2 || MARK_AGAIN_MS.first)) {
      if (waitMs > 0) await new Promise<void>((resolve) => schedule(resolve, waitMs))
      try {
        write()
        if (waitMs > 0) onTrouble(null)
        return
      } catch (error) {
        if (this.#isStopped || !mayPass(error)) throw error
        onTrouble(error instanceof Error ? error.message : String(error))
      }
    }
  }
}

function receiptOf(envelope: Envelope, { receipt }: { readonly receipt?: string }) {
  if (envelope.kind !== 'message' || receipt === undefined) return undefined
  return { incident: envelope.message.incidentId, text: receipt }
}

/** An attempt that surely did not arrive says nothing of those before it. */
export function repeatable(outcome: Outcome): Outcome {
  return outcome.result === 'retry' ? { ...outcome, isNotTaken: false } : outcome
}

/** With no more of what the receiver said than there is room for. */
export function bounded(outcome: Outcome): Outcome {
  if (outcome.result !== 'delivered') return { ...outcome, because: upTo(outcome.because) }
  return outcome.detail === undefined ? outcome : { ...outcome, detail: upTo(outcome.detail) }
}

function upTo(text: string): string {
  return text.length <= SAID_MAX ? text : `${text.slice(0, SAID_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
