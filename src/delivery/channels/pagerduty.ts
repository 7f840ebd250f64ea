// Messages as events of PagerDuty (Events API v2): one alert per incident, which it opens, acknowledges and closes as we do.
//
// The incident's id is the alert's key, so that whatever arrives twice changes nothing.

import { createHash } from 'node:crypto'
import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import { formatInstant } from '../../time.ts'
import type { Limits } from '../http-post.ts'
import { call, objectIn, saidBy } from '../http-post.ts'
import { nameOf } from '../message.ts'
import type { Message } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { jsonLine, safeLine } from '../text-safety.ts'

/** How bad PagerDuty takes something to be. */
export type PagerDutySeverity = 'critical' | 'error' | 'warning' | 'info'

export interface PagerDutySettings {
  /** `https://events.pagerduty.com`, or that of another region, without a slash at its end. */
  readonly url: string
  /** The integration key of the moment: it may be replaced. */
  readonly routingKey: () => Secret
  readonly severities: Readonly<Record<Message['severity'], PagerDutySeverity>>
  readonly outbound: Outbound
  readonly timeoutMs?: number
}

/** PagerDuty's limits, in characters. */
const KEY_MAX = 255
const SUMMARY_MAX = 1_024
/** Groups whose first messages have been sent, that are remembered. */
const GROUPS_MAX = 1_000

export function createPagerDutySender(name: string, settings: PagerDutySettings): Sender {
  const { outbound, timeoutMs } = settings
  /** By the key of a group: how many of its messages PagerDuty has. */
  const sent = new Map<string, number>()

  /** One by one, and after a failure from there on: PagerDuty takes some hundred events a minute. */
  async function sendGroup(key: string, messages: readonly Message[], limits: Limits): Promise<Outcome> {
    for (let i = sent.get(key) ?? 0; i < messages.length; i++) {
      const outcome = await sendMessage(messages[i] as Message, settings, limits)
      if (outcome.result === 'delivered') continue
      sent.set(key, i)
      const [oldest = key] = sent.keys()
      if (sent.size > GROUPS_MAX) sent.delete(oldest)
      const because = `${i} of ${messages.length} events sent; ${outcome.because}`
      // Of a group that has begun, something was taken.
      return outcome.result === 'retry' && i > 0 ? { ...outcome, because, isNotTaken: false } : { ...outcome, because }
    }
    sent.delete(key)
    return { result: 'delivered', detail: `${messages.length} events` }
  }

  return {
    name,
    async send({ key, envelope }, signal) {
      const limits = { outbound, signal, timeoutMs }
      switch (envelope.kind) {
        case 'message':
          return sendMessage(envelope.message, settings, limits)
        case 'group':
          return sendGroup(key, envelope.messages, limits)
        case 'digest':
          return { result: 'refused', because: 'PagerDuty takes alerts and changes only' }
      }
    },
    async close() {},
  }
}

async function sendMessage(message: Message, settings: PagerDutySettings, limits: Limits): Promise<Outcome> {
  const { url, routingKey, severities } = settings
  const routing_key = routingKey().reveal()
  const post = (path: string, body: object) =>
    call({ url: `${url}${path}`, body: jsonLine({ routing_key, ...body }) }, limits, understand)
  const dedup_key = keyOf(message)
  switch (message.change) {
    case 'retraining':
      return post('/v2/change/enqueue', changeOf(message))
    case 'resolved':
    case 'withdrawn': {
      // PagerDuty passes over the end of what it never heard of.
      const isNew = message.combines?.includes('firing') === true
      const begun = isNew
        ? await post('/v2/enqueue', { event_action: 'trigger', dedup_key, ...alertOf(message, severities) })
        : undefined
      if (begun !== undefined && begun.result !== 'delivered') return begun
      const ended = await post('/v2/enqueue', { event_action: 'resolve', dedup_key })
      return isNew && ended.result === 'retry' ? { ...ended, isNotTaken: false } : ended
    }
    case 'handled':
      if (message.handling?.acknowledgedBy == null)
        return { result: 'delivered', detail: 'nothing to send: PagerDuty is told of acknowledgements only' }
      return post('/v2/enqueue', { event_action: 'acknowledge', dedup_key })
    default: {
      const begun = await post('/v2/enqueue', { event_action: 'trigger', dedup_key, ...alertOf(message, severities) })
      // It tells the acknowledgement with it, which had waited.
      const isAcknowledged = message.combines?.includes('handled') === true && message.handling?.acknowledgedBy != null
      if (!isAcknowledged || begun.result !== 'delivered') return begun
      const told = await post('/v2/enqueue', { event_action: 'acknowledge', dedup_key })
      return told.result === 'retry' ? { ...told, isNotTaken: false } : told
    }
  }
}

function keyOf({ incidentId }: Message): string {
  const key = `leeway/${incidentId}`
  return key.length <= KEY_MAX ? key : `leeway/${createHash('sha256').update(incidentId).digest('hex')}`
}

function alertOf(message: Message, severities: PagerDutySettings['severities']): object {
  const { title, severity, at, model, version, kind, link } = message
  return {
    payload: {
      summary: safeLine(title, SUMMARY_MAX),
      source: safeLine(nameOf({ model, version })),
      severity: severities[severity],
      timestamp: formatInstant(at),
      component: safeLine(model),
      class: safeLine(kind),
      custom_details: detailsOf(message),
    },
    client: 'leeway',
    ...(link !== null && { client_url: link }),
    ...linksOf(message),
  }
}

function changeOf(message: Message): object {
  const { title, at, model, version } = message
  const source = safeLine(nameOf({ model, version }))
  const payload = { summary: safeLine(title, SUMMARY_MAX), source, timestamp: formatInstant(at) }
  return { payload: { ...payload, custom_details: detailsOf(message) }, ...linksOf(message) }
}

function detailsOf({ incidentId, model, version, paragraphs, features, handling, retraining }: Message): object {
  return {
    incident: incidentId,
    model: safeLine(model),
    ...(version !== '' && { version: safeLine(version) }),
    details: paragraphs.map((paragraph) => safeLine(paragraph, 2_000)),
    ...(features.length > 0 && { features: features.map(({ name, detail }) => safeLine(`${name}: ${detail}`, 400)) }),
    ...(handling?.assignee != null && { assigned_to: safeLine(handling.assignee) }),
    ...(retraining !== undefined && {
      retraining: { request: retraining.request, state: safeLine(retraining.state) },
    }),
  }
}

function linksOf({ link }: Message): object {
  return link === null ? {} : { links: [{ href: link, text: 'Open in Leeway' }] }
}

/** Something between us and PagerDuty may answer in its place. */
function understand(answer: Parameters<typeof saidBy>[0]): Outcome {
  if (objectIn(answer)?.['status'] === 'success') return { result: 'delivered', detail: saidBy(answer) }
  return { result: 'retry', because: `what answered does not speak as PagerDuty does: ${saidBy(answer)}` }
}
