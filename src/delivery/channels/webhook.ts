// Messages as JSON to any receiver, signed by the Standard Webhooks scheme.

import type { Clock } from '../../time.ts'
import { formatInstant } from '../../time.ts'
import { keyOf, post } from '../http-post.ts'
import type { Message } from '../notification.ts'
import type { Sender } from '../sender.ts'

export interface WebhookSettings {
  readonly url: string
  readonly secret: string
  readonly clock: Clock
  readonly timeoutMs?: number
}

/** @throws Error when the secret is not one */
export function createWebhookSender(name: string, { url, secret, clock, timeoutMs }: WebhookSettings): Sender {
  keyOf(secret)
  return {
    name,
    async send({ key, envelope }, signal) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'this channel takes messages only' }
      return post({ url, id: key, body: webhookBody(envelope.message), secret, now: clock() }, signal, timeoutMs)
    },
    async close() {},
  }
}

/** `{type: 'leeway.incident.firing' | 'leeway.incident.update' | 'leeway.incident.resolved', timestamp, data: the message}` */
function webhookBody({ change, at, ...rest }: Message): string {
  return JSON.stringify({
    type: `leeway.incident.${change}`,
    timestamp: formatInstant(at),
    data: { ...rest, at: formatInstant(at) },
  })
}
