// The outbox as tests look at it.

import type { Notification } from '../../src/delivery/notification.ts'
import type { Outbox } from '../../src/delivery/outbox.ts'

/** Keys at the heads of lanes that are due, of each channel those that became due first. */
export function keysDue(outbox: Outbox, now: number, limit = 99): string[] {
  return outbox.channels().flatMap((channel) => outbox.heads(channel, now, limit).map(({ key }) => key))
}

/** The same as they would be sent. */
export function rowsDue(outbox: Outbox, now: number): Notification[] {
  return keysDue(outbox, now).map((key) => outbox.claimed(key).notification)
}
