// Messages to a Slack channel by an incoming webhook. It can post, and nothing else: no threads, no changes, no pictures, no buttons.

import type { Outbound } from '../../../outbound/outbound.ts'
import { AddressError } from '../../../outbound/outbound.ts'
import type { Secret } from '../../../secret.ts'
import { cleaned } from '../../../secret.ts'
import type { Envelope } from '../../notification.ts'
import type { Outcome, Sender } from '../../sender.ts'
import type { SlackContent } from './blocks.ts'
import { digestOf, groupOf, parentOf } from './blocks.ts'

export interface SlackWebhookSettings {
  /** The address of the moment, which is a secret: whoever knows it may post. */
  readonly url: () => Secret
  readonly outbound: Outbound
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 64 * 1024

export function createSlackWebhookSender(name: string, settings: SlackWebhookSettings): Sender {
  return {
    name,
    async send({ envelope }, signal) {
      return cleaned(await post(settings, contentOf(envelope), signal))
    },
    async close() {},
  }
}

function contentOf(envelope: Envelope): SlackContent {
  switch (envelope.kind) {
    case 'message':
      return parentOf(envelope.message, null)
    case 'group':
      return groupOf(envelope.title, envelope.messages)
    case 'digest':
      return digestOf(envelope.digest)
  }
}

async function post(
  { url, outbound, timeoutMs = TIMEOUT_MS }: SlackWebhookSettings,
  content: SlackContent,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const answer = await outbound.post({
      url: url().reveal(),
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'leeway' },
      body: JSON.stringify({ ...content, mrkdwn: false, unfurl_links: false, unfurl_media: false }),
      signal,
      timeoutMs,
      answerBytesMax: ANSWER_BYTES_MAX,
    })
    return outcomeOf(answer.status, answer.text, answer.headers['retry-after'])
  } catch (error) {
    if (error instanceof AddressError) return { result: 'retry', because: error.message }
    const { code, message } = error as { code?: string; message?: string }
    return { result: 'retry', because: `Slack cannot be reached: ${code ?? message}` }
  }
}

/** What Slack says of an address or channel that is not there any more. */
const cures: Readonly<Record<string, string>> = {
  no_service: 'the webhook was removed; make a new one',
  no_service_id: 'the webhook was removed; make a new one',
  no_team: 'the workspace is gone',
  invalid_token: 'the webhook was removed; make a new one',
  action_prohibited: 'an administrator of the workspace forbids it',
  posting_to_general_channel_denied: 'an administrator of the workspace forbids it',
  channel_is_archived: 'name another channel',
  channel_not_found: 'name another channel',
}

const passing: ReadonlySet<number> = new Set([408, 425])

function outcomeOf(status: number, text: string, retryAfter: string | undefined): Outcome {
  const said = /^[a-z_]{1,60}$/.test(text.trim()) ? text.trim() : ''
  const because = `Slack answers ${status} ${said}`.trim()
  if (status === 429)
    return { result: 'retry', because: 'Slack limits the rate', retryAfterMs: (Number(retryAfter) || 1) * 1000 }
  if (passing.has(status) || status >= 500) return { result: 'retry', because }
  if (status >= 300)
    return { result: 'refused', because: cures[said] === undefined ? because : `${because}: ${cures[said]}` }
  if (said === 'ok') return { result: 'delivered', detail: 'ok' }
  return { result: 'retry', because: 'what answered does not speak as Slack does' }
}
