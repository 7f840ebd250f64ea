// Messages to a Slack channel, by a bot token.

import type { WebClientOptions } from '@slack/web-api'
import { ErrorCode, WebClient } from '@slack/web-api'
import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import { cleaned } from '../../secret.ts'
import type { Message } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { slackText } from '../text-safety.ts'

export interface SlackSettings {
  /** The token of the moment: it may be replaced. */
  readonly token: () => Secret
  readonly outbound: Outbound
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

export function createSlackSender(name: string, settings: SlackSettings): Sender {
  const { token, channel, apiUrl, outbound, timeoutMs = 15_000 } = settings
  const client = () =>
    new WebClient(token().reveal(), {
      ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
      logger: silent,
      // The outbox retries: the client must not, or its waits would hide from the outbox.
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      fetch: fetchThrough(outbound, timeoutMs),
    })
  return {
    name,
    async send({ envelope }) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'Slack takes messages only' }
      const { message } = envelope
      try {
        const { ok, ts } = await client().chat.postMessage({
          channel,
          text: slackText(message.title),
          blocks: blocksOf(message),
          mrkdwn: false,
          parse: 'none',
          link_names: false,
          unfurl_links: false,
          unfurl_media: false,
        })
        // Something between us and Slack may answer in its place, with success and nothing in it.
        return ok && ts !== undefined ? { result: 'delivered', detail: `ts ${ts}` } : notSlack
      } catch (error) {
        return cleaned(outcomeOf(error))
      }
    },
    async close() {},
  }
}

const ANSWER_BYTES_MAX = 1024 * 1024

/** What the client calls in place of `fetch`: the same way out as every other request takes. */
function fetchThrough(outbound: Outbound, timeoutMs: number): NonNullable<WebClientOptions['fetch']> {
  return async (url, init) => {
    const { status, headers, text, isWhole } = await outbound.post({
      url: String(url),
      headers: init?.headers as Record<string, string>,
      body: String(init?.body ?? ''),
      signal: init?.signal ?? new AbortController().signal,
      timeoutMs,
      answerBytesMax: ANSWER_BYTES_MAX,
    })
    if (!isWhole) throw new Error('its answer was cut off')
    const plain = Object.entries(headers).filter((header): header is [string, string] => typeof header[1] === 'string')
    return new Response(text === '' ? null : text, { status, headers: plain })
  }
}

const marks: Readonly<Record<string, string>> = { firing: '▲', update: '▲', resolved: '✓' }

/**
 * Header 150 characters, section 3,000: Slack's limits. What came with events stands in plain text, where nothing is a format, an
 * emoji or a link; the one link is ours.
 */
function blocksOf({ change, title, paragraphs, features, link }: Message) {
  const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: false })
  const lines = [
    paragraphs.map((paragraph) => slackText(paragraph, 900)).join('\n'),
    features.map(({ name, detail }) => `• ${slackText(name, 80)}: ${slackText(detail, 160)}`).join('\n'),
  ]
  const open =
    link === null
      ? []
      : [
          {
            type: 'section' as const,
            text: { type: 'mrkdwn' as const, text: `<${slackText(link, 2_000)}|Open the incident>`, verbatim: true },
          },
        ]
  return [
    { type: 'header' as const, text: plain(slackText(`${marks[change] ?? ''} ${title}`, 150)) },
    ...lines
      .filter((text) => text !== '')
      .map((text) => ({ type: 'section' as const, text: plain(text.slice(0, 3_000)) })),
    ...open,
  ]
}

const notSlack: Outcome = { result: 'retry', because: 'what answered does not speak as Slack does' }

/** Success that the client takes for an error comes from something in between. A redirect is not followed. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 300 && statusCode < 500 && statusCode !== 429
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
    const said = data?.error
    // A page of some gateway, or nothing: it was not Slack that answered.
    if (said === undefined || !/^[a-z0-9_]+$/.test(said)) return notSlack
    const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited']
    return passing.includes(said)
      ? { result: 'retry', because: `Slack says ${said}` }
      : { result: 'refused', because: `Slack says ${said}` }
  }
  if (code === ErrorCode.HTTPError && statusCode !== undefined && isRefusal(statusCode))
    return { result: 'refused', because: `Slack answers ${statusCode}` }
  return {
    result: 'retry',
    because: `Slack cannot be reached: ${code === ErrorCode.HTTPError ? `HTTP ${statusCode}` : message}`,
  }
}
