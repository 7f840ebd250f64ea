// JSON over HTTP, plain or signed (Standard Webhooks): what all channels that speak HTTP have in common.

import { createHmac } from 'node:crypto'
import type { Outbound, OutgoingAnswer, OutgoingRequest } from '../outbound/outbound.ts'
import { AddressError } from '../outbound/outbound.ts'
import { Secret, withoutSecrets } from '../secret.ts'
import type { Instant } from '../time.ts'
import type { Outcome } from './sender.ts'

export interface Call {
  readonly url: string
  /** Left out: POST. */
  readonly method?: OutgoingRequest['method']
  readonly headers?: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

export interface Limits {
  readonly outbound: Outbound
  readonly signal: AbortSignal
  readonly timeoutMs?: number | undefined
}

export interface Post extends Omit<Call, 'method'> {
  /** The message's id: the same at each attempt, so that the receiver can tell a repetition. */
  readonly id: string
  /** One or several of `whsec_` and base64, as `keysOf` takes them; null = not signed. */
  readonly secret: Secret | null
  readonly now: Instant
}

const TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 64 * 1024
const retriable = new Set([408, 425, 429])
/** Answers of a receiver that has not even begun. */
const busy = new Set([425, 429, 503])
/** Errors before anything could be sent. */
const unconnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
])

/**
 * Sends JSON once, and says what the answer means.
 *
 * Redirects are not followed: the address in the configuration is the one that was meant. Never throws.
 *
 * @param understand what a success (2xx) means; left out, that it arrived
 */
export async function call(
  { url, method = 'POST', headers, body }: Call,
  { outbound, signal, timeoutMs = TIMEOUT_MS }: Limits,
  understand: (answer: OutgoingAnswer) => Outcome = delivered,
): Promise<Outcome> {
  try {
    const answer = await outbound.post({
      ...{ url, method, body, signal, timeoutMs },
      headers: { 'content-type': 'application/json', 'user-agent': 'leeway', ...headers },
      answerBytesMax: ANSWER_BYTES_MAX,
    })
    return isSuccess(answer) ? understand(answer) : failureOf(answer)
  } catch (error) {
    return {
      result: 'retry',
      because: `${hostOf(url)}: ${reasonOf(error)}`,
      ...(isUnconnected(error) && { isNotTaken: true }),
    }
  }
}

/** Posts JSON with the headers of `standardHeaders`. Never throws. */
export async function post({ id, secret, now, headers, ...request }: Post, limits: Limits): Promise<Outcome> {
  try {
    const standard = standardHeaders({ id, now, secret, body: request.body })
    return await call({ ...request, headers: { ...standard, ...headers } }, limits)
  } catch (error) {
    // Nothing can be signed.
    return { result: 'retry', because: `${hostOf(request.url)}: ${reasonOf(error)}`, isNotTaken: true }
  }
}

/**
 * The headers webhook-id, webhook-timestamp and webhook-signature (HMAC-SHA256 over `id.timestamp.body`) of Standard Webhooks.
 *
 * @throws Error when the secret is not one
 */
export function standardHeaders({
  id,
  now,
  secret,
  body,
}: Pick<Post, 'id' | 'now' | 'secret' | 'body'>): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const signature = secret === null ? {} : { 'webhook-signature': sign({ id, timestamp, body, keys: keysOf(secret) }) }
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, ...signature }
}

/** The value of the header webhook-signature: one signature for each key, so that a receiver may know any of them. */
function sign(what: { id: string; timestamp: string; body: string; keys: readonly Buffer[] }): string {
  const signed = `${what.id}.${what.timestamp}.${what.body}`
  return what.keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ')
}

/**
 * The keys inside one or several secrets `whsec_BASE64`, each on a line of its own: while a secret is replaced, the new and the old
 * one are both there.
 *
 * @throws Error that says what a secret looks like, without showing it
 */
export function keysOf(secrets: Secret): Buffer[] {
  return secrets
    .reveal()
    .split(/\s+/)
    .map((line) => {
      // What repeats one of several is cleaned of that one.
      const text = new Secret(line).reveal()
      const key = Buffer.from(text.startsWith('whsec_') ? text.slice('whsec_'.length) : '', 'base64')
      if (key.length < 16)
        throw new Error(
          'a webhook secret is whsec_ followed by at least 16 bytes in base64, one on each line while it is replaced; make one with: echo "whsec_$(openssl rand -base64 32)"',
        )
      return key
    })
}

function isSuccess({ status }: OutgoingAnswer): boolean {
  return status >= 200 && status < 300
}

function delivered(answer: OutgoingAnswer): Outcome {
  return { result: 'delivered', detail: saidBy(answer) }
}

/** What a receiver said, short. */
export function saidBy({ status, text }: OutgoingAnswer): string {
  // Cleaned before it is cut: half a secret is one too.
  return `${status}${text === '' ? '' : ` ${withoutSecrets(text).slice(0, 200).replace(/\s+/g, ' ')}`}`
}

function failureOf(answer: OutgoingAnswer): Outcome {
  const { status, headers } = answer
  const said = saidBy(answer)
  if (retriable.has(status) || status >= 500)
    return { result: 'retry', because: said, ...retryAfter(headers), ...(busy.has(status) && { isNotTaken: true }) }
  if (status >= 300 && status < 400)
    return { result: 'refused', because: `${status}: it redirects, which is not followed; configure the final address` }
  if (status === 410)
    return {
      result: 'refused',
      because: '410: it is gone for good; remove this channel, or configure its new address',
      isGone: true,
    }
  return { result: 'refused', because: said }
}

/** The wait that an answer asks for. */
export function retryAfter(headers: OutgoingAnswer['headers']): { retryAfterMs?: number } {
  const value = headers['retry-after']
  if (value === undefined) return {}
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000
  return seconds > 0 ? { retryAfterMs: Math.ceil(seconds * 1000) } : {}
}

/** Paths and queries of addresses may hold secrets: errors show the host only. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the receiver'
}

function isUnconnected(error: unknown): boolean {
  if (error instanceof AddressError) return true
  return error instanceof Error && unconnected.has((error as NodeJS.ErrnoException).code ?? '')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AddressError) return error.message
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && /CERT|SIGNATURE|ALTNAME/.test(code))
    return `${code}: mend its certificate, or trust the authority that signed it (NODE_EXTRA_CA_CERTS)`
  return code ?? error.message
}

/** The JSON object that a receiver answered with; undefined when it is something else, such as the page of a gateway. */
export function objectIn(answer: OutgoingAnswer): Readonly<Record<string, unknown>> | undefined {
  const value = jsonIn(answer)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/** The same for a list. */
export function listIn(answer: OutgoingAnswer): readonly unknown[] | undefined {
  const value = jsonIn(answer)
  return Array.isArray(value) ? value : undefined
}

function jsonIn({ text, isWhole }: OutgoingAnswer): unknown {
  try {
    return isWhole ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
