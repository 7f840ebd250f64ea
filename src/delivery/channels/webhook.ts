// Messages as JSON to any receiver, signed by the Standard Webhooks scheme.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import { formatInstant } from '../../time.ts'
import { keyOf, post } from '../http-post.ts'
import type { Message } from '../notification.ts'
import type { Sender } from '../sender.ts'
import { jsonLine } from '../text-safety.ts'

export interface WebhookSettings {
  readonly url: string
  /** The secret of the moment: it may be replaced. */
  readonly secret: () => Secret
  readonly outbound: Outbound
  readonly clock: Clock
  readonly timeoutMs?: number
}

/** @throws Error when the secret is not one */
export function createWebhookSender(
  name: string,
  { url, secret, outbound, clock, timeoutMs }: WebhookSettings,
): Sender {
  keyOf(secret())
  return {
    name,
    async send({ key, envelope }, signal) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'this channel takes messages only' }
      const body = webhookBody(envelope.message)
      const limits = { outbound, signal, ...(timeoutMs !== undefined && { timeoutMs }) }
      return post({ url, id: key, body, secret: secret(), now: clock() }, limits)
    },
    async close() {},
  }
}

/** `{type: 'leeway.incident.firing' | 'leeway.incident.update' | 'leeway.incident.resolved', timestamp, data: the message}` */
function webhookBody({ change, at, ...rest }: Message): string {
  return jsonLine({
    type: `leeway.incident.${change}`,
    timestamp: formatInstant(at),
    data: { ...rest, at: formatInstant(at) },
  })
}
