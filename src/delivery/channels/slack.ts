// Messages to a Slack channel, by a bot token.

import type { WebClientOptions } from '@slack/web-api'
import { ErrorCode, WebClient } from '@slack/web-api'
import type { Message } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { safeLine } from '../text-safety.ts'

export interface SlackSettings {
  readonly token: string
  /** `#ml-alerts` or a channel id. */
  readonly channel: string
  /** Another address than Slack's own, for tests; ends in /api/. */
  readonly apiUrl?: string
  readonly timeoutMs?: number
}

type Logger = NonNullable<WebClientOptions['logger']>

/** The client's own log is not ours: what went wrong is in the outcome. */
const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => 'error' as ReturnType<Logger['getLevel']>,
  setName() {},
}

export function createSlackSender(name: string, { token, channel, apiUrl, timeoutMs = 15_000 }: SlackSettings): Sender {
  const client = new WebClient(token, {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    logger: silent,
    // The outbox retries: the client must not, or its waits would hide from the outbox.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
  })
  return {
    name,
    async send({ envelope }) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'Slack takes messages only' }
      const { message } = envelope
      try {
        const { ts } = await client.chat.postMessage({
          channel,
          text: escapeText(safeLine(message.title)),
          blocks: blocksOf(message),
          unfurl_links: false,
        })
        return { result: 'delivered', detail: `ts ${ts}` }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    async close() {},
  }
}

/** Slack's own three: with them no text can become a link, a mention or a command. */
function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

const marks: Readonly<Record<string, string>> = { firing: '▲', update: '▲', resolved: '✓' }

/** Header 150 characters, section 3,000: Slack's limits. */
function blocksOf(message: Message) {
  const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } })
  const header = {
    type: 'header' as const,
    text: { type: 'plain_text' as const, text: safeLine(`${marks[message.change] ?? ''} ${message.title}`, 150) },
  }
  const body = message.paragraphs.map((paragraph) => escapeText(safeLine(paragraph, 900))).join('\n')
  const features = message.features
    .map(({ name, detail }) => `• *${escapeText(safeLine(name, 80))}* ${escapeText(safeLine(detail, 160))}`)
    .join('\n')
  const link = message.link === null ? [] : [section(`<${message.link}|Open the incident>`)]
  return [
    header,
    section(body.slice(0, 3_000)),
    ...(features === '' ? [] : [section(features.slice(0, 3_000))]),
    ...link,
  ]
}

/** Errors that another attempt cannot mend. */
function outcomeOf(error: unknown): Outcome {
  const { code, retryAfter, statusCode, data, message } = error as {
    code?: string
    retryAfter?: number
    statusCode?: number
    data?: { error?: string }
    message?: string
  }
  if (code === ErrorCode.RateLimitedError)
    return { result: 'retry', because: 'Slack limits the rate', retryAfterMs: (retryAfter ?? 1) * 1000 }
  if (code === ErrorCode.PlatformError) {
    const said = data?.error ?? 'an error'
    const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited']
    return passing.includes(said)
      ? { result: 'retry', because: `Slack says ${said}` }
      : { result: 'refused', because: `Slack says ${said}` }
  }
  if (code === ErrorCode.HTTPError && statusCode !== undefined && statusCode < 500 && statusCode !== 429)
    return { result: 'refused', because: `Slack answers ${statusCode}` }
  return {
    result: 'retry',
    because: `Slack cannot be reached: ${code === ErrorCode.HTTPError ? `HTTP ${statusCode}` : message}`,
  }
}
