// What is told to another channel because the one that it was meant for cannot be reached, or does not take it.

import type { Instant } from '../time.ts'
import type { Envelope, Notification } from './notification.ts'

/**
 * The same for the fallback, with a word of why it comes there. Its key follows from the first one: told to both channels anyway, it
 * comes once.
 *
 * @param because why it comes there; null: it ends what was told there, whether or not the channel can tell it, too
 */
export function insteadOf(
  { key, lane, order, envelope, group }: Notification,
  { to, because, now }: { to: string; because: string | null; now: Instant },
): Notification {
  const { channel } = envelope
  const hint =
    because === null
      ? `the beginning was told here, too; it was meant for ${channel}`
      : `${channel} was to tell this, and could not: ${because}`
  return {
    key: moved(key, channel, to),
    lane: moved(lane, channel, to),
    order,
    envelope: withHint({ ...envelope, channel: to }, hint),
    attempts: 0,
    dueAt: now,
    queuedAt: now,
    ...(group !== undefined && { group: { ...group, key: `${group.key}:${to}` } }),
  }
}

function moved(name: string, from: string, to: string): string {
  return name.endsWith(`:${from}`) ? `${name.slice(0, -from.length)}${to}` : `${name}:${to}`
}

function withHint(envelope: Envelope, hint: string): Envelope {
  switch (envelope.kind) {
    case 'message': {
      const { message } = envelope
      return { ...envelope, message: { ...message, paragraphs: [...message.paragraphs, hint] } }
    }
    case 'group':
      return { ...envelope, title: `${envelope.title} (${hint})` }
    case 'digest': {
      const { digest } = envelope
      return { ...envelope, digest: { ...digest, paragraphs: [...digest.paragraphs, hint] } }
    }
  }
}
