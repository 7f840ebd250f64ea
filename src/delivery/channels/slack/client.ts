// Slack's own client on our way out, and what its answers mean to the outbox.

import type { WebClientOptions } from '@slack/web-api'
import { ErrorCode, WebClient } from '@slack/web-api'
import type { Outbound } from '../../../outbound/outbound.ts'
import { AddressError } from '../../../outbound/outbound.ts'
import type { Secret } from '../../../secret.ts'
import type { Outcome } from '../../sender.ts'

export interface SlackAccess {
  /** The token of the moment: it may be replaced. */
  readonly token: () => Secret
  readonly outbound: Outbound
  /** Another address than Slack's own, for tests; ends in /api/. */
  readonly apiUrl?: string | undefined
  readonly timeoutMs?: number | undefined
}

type Logger = NonNullable<WebClientOptions['logger']>

/** The client's own log is not ours: what went wrong is in the outcome. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => 'error' as ReturnType<Logger['getLevel']>,
  setName() {},
}

const TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 1024 * 1024

/** Settings of a client that neither retries nor waits by itself: the outbox does, where it is seen. */
export function clientOptions(
  { apiUrl, outbound, timeoutMs = TIMEOUT_MS }: Omit<SlackAccess, 'token'>,
  signal?: AbortSignal,
) {
  return {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    fetch: fetchThrough(outbound, timeoutMs, signal),
  } satisfies WebClientOptions
}

/** @param signal calls off what it is doing */
export function webClient(access: SlackAccess, signal?: AbortSignal): WebClient {
  return new WebClient(access.token().reveal(), { ...clientOptions(access, signal), logger: silentLogger })
}

/** What the client calls in place of `fetch`: the same way out as every other request takes. */
function fetchThrough(
  outbound: Outbound,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): NonNullable<WebClientOptions['fetch']> {
  return async (url, init) => {
    const request = await encoded(init?.body)
    const { status, headers, text, isWhole } = await outbound.post({
      url: String(url),
      headers: { ...(init?.headers as Record<string, string>), ...request.headers },
      body: request.body,
      signal: AbortSignal.any([init?.signal, signal].filter((one) => one instanceof AbortSignal)),
      timeoutMs,
      answerBytesMax: ANSWER_BYTES_MAX,
    })
    if (!isWhole) throw new Error('its answer was cut off')
    const plain = Object.entries(headers).filter((header): header is [string, string] => typeof header[1] === 'string')
    return new Response(text === '' ? null : text, { status, headers: plain })
  }
}

/** Files are sent as forms, whose boundary stands in a header. */
async function encoded(body: unknown): Promise<{ body: string | Uint8Array; headers: Record<string, string> }> {
  if (!(body instanceof FormData)) return { body: String(body ?? ''), headers: {} }
  const form = new Response(body)
  const type = form.headers.get('content-type') ?? ''
  return { body: new Uint8Array(await form.arrayBuffer()), headers: { 'content-type': type } }
}

/** Something between us and Slack may answer in its place, with success and nothing in it. */
export const notSlack: Outcome = { result: 'retry', because: 'what answered does not speak as Slack does' }

/** Statuses below 500 that pass by themselves. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429])

/** Success that the client takes for an error comes from something in between. A redirect is not followed. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 300 && statusCode < 500 && !passingStatuses.has(statusCode)
}

/** Errors of Slack's that pass by themselves. */
const passing: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'team_added_to_org',
  'request_timeout',
  'ratelimited',
  'rate_limited',
])

/** What only a person can mend, and how. */
const cures: Readonly<Record<string, string>> = {
  invalid_auth: 'the token is not, or no longer, one of a bot',
  not_authed: 'the token is empty',
  token_revoked: 'install the app again, and replace the token',
  account_inactive: 'install the app again, and replace the token',
  channel_not_found: 'name a channel that exists and, if it is private, invite the bot: /invite @leeway',
  not_in_channel: 'invite the bot into the channel: /invite @leeway',
  is_archived: 'the channel is archived; name another one',
  missing_scope: 'the app lacks a scope; docs/slack.md lists them',
}

/** The error that Slack's API answered with, such as `channel_not_found`. */
export function slackErrorOf(error: unknown): string | undefined {
  const { code, data } = error as { code?: string; data?: { error?: string } }
  const said = code === ErrorCode.PlatformError ? data?.error : undefined
  // A page of some gateway, or nothing: it was not Slack that answered.
  return said !== undefined && /^[a-z0-9_]+$/.test(said) ? said : undefined
}

/** What became of a call that failed: whether another attempt may mend it. */
export function outcomeOfFailure(error: unknown): Exclude<Outcome, { result: 'delivered' }> {
  const { code, retryAfter, statusCode, message, original } = error as {
    code?: string
    retryAfter?: number
    statusCode?: number
    message?: string
    original?: unknown
  }
  if (code === ErrorCode.RateLimitedError)
    return { result: 'retry', because: 'Slack limits the rate', retryAfterMs: (retryAfter ?? 1) * 1000 }
  if (code === ErrorCode.PlatformError) {
    const said = slackErrorOf(error)
    if (said === undefined) return { result: 'retry', because: 'what answered does not speak as Slack does' }
    if (passing.has(said)) return { result: 'retry', because: `Slack says ${said}` }
    const cure = cures[said]
    return { result: 'refused', because: `Slack says ${said}${cure === undefined ? '' : `: ${cure}`}` }
  }
  if (code === ErrorCode.HTTPError && statusCode !== undefined && isRefusal(statusCode))
    return { result: 'refused', because: `Slack answers ${statusCode}` }
  const refusal = [error, original].find((one) => one instanceof AddressError)
  if (refusal !== undefined) return { result: 'retry', because: refusal.message }
  return {
    result: 'retry',
    because: `Slack cannot be reached: ${code === ErrorCode.HTTPError ? `HTTP ${statusCode}` : message}`,
  }
}
