// What waits for a channel that takes nothing: its fallback is told after a while, and what has waited too long is given up.

import type { Clock, Millis } from '../time.ts'
import { SECOND } from '../time.ts'
import { GROUP_MAX } from './batch.ts'
import type { ChannelPolicy } from './channel-policy.ts'
import { insteadOf } from './fallback.ts'
import type { Governor } from './governor.ts'
import type { Notification } from './notification.ts'
import type { Fate, Outbox } from './outbox.ts'
import { DELIVERY_BUDGET } from './retry.ts'
import { outOfTime } from './settling.ts'

export interface CareOptions {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly steady: () => Millis
  readonly onOutcome: (about: Pick<Notification, 'key' | 'envelope'>, outcome: Fate) => void
}

/** It is looked after so often. */
export const CARE_EVERY_MS = 10 * SECOND

export class Care {
  readonly #options: CareOptions
  /** By channel, on the steady clock. */
  readonly #caredAt = new Map<string, Millis>()

  constructor(options: CareOptions) {
    this.#options = options
  }

  /** @param underWay keys of what is being sent: its sending tells what becomes of it */
  look(
    channel: string,
    {
      governor,
      fallback,
      underWay,
    }: {
      readonly governor: Governor
      readonly fallback: ChannelPolicy['fallback']
      readonly underWay: { has(key: string): boolean }
    },
  ): void {
    const { outbox, clock, onOutcome } = this.#options
    const steady = this.#options.steady()
    const caredAt = this.#caredAt.get(channel) ?? Number.NEGATIVE_INFINITY
    if (governor.state === 'closed' || steady - caredAt < CARE_EVERY_MS) return
    this.#caredAt.set(channel, steady)
    const now = clock()
    if (fallback !== null && (governor.state === 'gone' || governor.shutFor(steady) >= fallback.afterMs)) {
      const because = governor.because
      const rows = outbox.notPassedOn(channel, GROUP_MAX)
      const passed = rows.map((row) => ({
        key: row.key,
        instead: insteadOf(row, { to: fallback.channel, because, now }),
      }))
      if (passed.length > 0) outbox.passOn(passed, now)
      for (const row of rows) onOutcome(row, { result: 'passed on', because: `to ${fallback.channel}: ${because}` })
    }
    for (const key of outbox.overdue(channel, now - DELIVERY_BUDGET, GROUP_MAX)) {
      if (underWay.has(key)) continue
      const { notification } = outbox.claimed(key)
      const because = `${outOfTime}; last: ${governor.because}`
      outbox.dead(key, now, because)
      onOutcome(notification, { result: 'dead', because })
    }
  }
}
