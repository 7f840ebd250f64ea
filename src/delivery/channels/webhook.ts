// Messages as JSON to any receiver, signed by the Standard Webhooks scheme.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import { formatInstant } from '../../time.ts'
import type { ProgramEvent } from '../event-json.ts'
import { eventOfDigest, eventOfMessage } from '../event-json.ts'
import { fitted } from '../fit.ts'
import { keysOf, post } from '../http-post.ts'
import type { Envelope } from '../notification.ts'
import type { Sender } from '../sender.ts'
import { jsonLine, safeLine } from '../text-safety.ts'

export interface WebhookSettings {
  readonly url: string
  /** The secrets of the moment, one on each line: they may be replaced. */
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
  keysOf(secret())
  return {
    name,
    async send({ key, envelope }, signal) {
      const body = bodyOf(envelope)
      return post({ url, id: key, body, secret: secret(), now: clock() }, { outbound, signal, timeoutMs })
    },
    async close() {},
  }
}

/** Receivers need take no more (Standard Webhooks). */
const BYTES_MAX = 20_000

/** What there is no room for is left out and counted: `data.omitted`. */
function bodyOf(envelope: Envelope): string {
  switch (envelope.kind) {
    case 'message': {
      const { features, paragraphs } = envelope.message
      const event = eventOfMessage(envelope.message)
      return fitted(features.length, BYTES_MAX, (kept) => {
        const short =
          kept === 0 && features.length > 0 ? { paragraphs: paragraphs.map((one) => safeLine(one, 1_000)) } : {}
        return written(event, {
          ...short,
          features: features.slice(0, kept),
          ...omitted('features', features.length - kept),
        })
      })
    }
    case 'group': {
      const { title, messages } = envelope
      const events = messages.map(eventOfMessage)
      const at = Math.max(...messages.map((message) => message.at))
      return fitted(events.length, BYTES_MAX, (kept) => {
        const incidents = events
          .slice(0, kept)
          .map((event) => ({ change: event.type.split('.').at(-1), ...event.data }))
        const data = { title, incidents, ...omitted('incidents', events.length - kept) }
        return written({ type: 'leeway.incident.group', at, data })
      })
    }
    case 'digest': {
      const { figures } = envelope.digest
      const event = eventOfDigest(envelope.digest)
      return fitted(figures.length, BYTES_MAX, (kept) =>
        written(event, { figures: figures.slice(0, kept), ...omitted('figures', figures.length - kept) }),
      )
    }
  }
}

function omitted(what: string, count: number): object {
  return count === 0 ? {} : { omitted: { [what]: count } }
}

function written({ type, at, data }: Pick<ProgramEvent, 'type' | 'at' | 'data'>, instead: object = {}): string {
  return jsonLine({ type, timestamp: formatInstant(at), data: { ...data, ...instead } })
}
