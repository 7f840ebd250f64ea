// A signed POST (Standard Webhooks): what the webhook channel and the retraining webhook have in common.

import { createHmac } from 'node:crypto'
import type { Outbound, OutgoingAnswer } from '../outbound/outbound.ts'
import { AddressError } from '../outbound/outbound.ts'
import type { Secret } from '../secret.ts'
import { withoutSecrets } from '../secret.ts'
import type { Instant } from '../time.ts'
import type { Outcome } from './sender.ts'

export interface Post {
  readonly url: string
  /** The message's id: the same at each attempt, so that the receiver can tell a repetition. */
  readonly id: string
  readonly body: string
  /** `whsec_` and base64; null = not signed. */
  readonly secret: Secret | null
  readonly headers?: Readonly<Record<string, string>>
  readonly now: Instant
}

const TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 64 * 1024
const retriable = new Set([408, 425, 429])

/**
 * Posts JSON with the headers webhook-id, webhook-timestamp and webhook-signature (HMAC-SHA256 over `id.timestamp.body`).
 *
 * Redirects are not followed: the address in the configuration is the one that was meant. Never throws.
 */
export async function post(
  request: Post,
  { outbound, signal, timeoutMs = TIMEOUT_MS }: { outbound: Outbound; signal: AbortSignal; timeoutMs?: number },
): Promise<Outcome> {
  const { url, id, body, secret, now } = request
  const timestamp = String(Math.floor(now / 1000))
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': 'leeway',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...request.headers,
  }
  try {
    if (secret !== null) headers['webhook-signature'] = sign({ id, timestamp, body, secret })
    const options = { signal, timeoutMs, answerBytesMax: ANSWER_BYTES_MAX }
    return outcomeOf(await outbound.post({ url, headers, body, ...options }))
  } catch (error) {
    return { result: 'retry', because: `${hostOf(url)}: ${reasonOf(error)}` }
  }
}

/** The value of the header webhook-signature. @throws Error when the secret is not one */
function sign({
  id,
  timestamp,
  body,
  secret,
}: {
  id: string
  timestamp: string
  body: string
  secret: Secret
}): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** The key inside a secret `whsec_BASE64`. @throws Error that says what a secret looks like, without showing it */
export function keyOf(secret: Secret): Buffer {
  const text = secret.reveal()
  const encoded = text.startsWith('whsec_') ? text.slice('whsec_'.length) : ''
  const key = Buffer.from(encoded, 'base64')
  if (key.length < 16)
    throw new Error(
      'a webhook secret is whsec_ followed by at least 16 bytes in base64; make one with: echo "whsec_$(openssl rand -base64 32)"',
    )
  return key
}

function outcomeOf({ status, headers, text }: OutgoingAnswer): Outcome {
  // Cleaned before it is cut: half a secret is one too.
  const said = `${status}${text === '' ? '' : ` ${withoutSecrets(text).slice(0, 200).replace(/\s+/g, ' ')}`}`
  if (status >= 200 && status < 300) return { result: 'delivered', detail: said }
  if (retriable.has(status) || status >= 500) return { result: 'retry', because: said, ...retryAfter(headers) }
  if (status >= 300 && status < 400)
    return { result: 'refused', because: `${status}: it redirects, which is not followed; configure the final address` }
  return { result: 'refused', because: said }
}

function retryAfter(headers: OutgoingAnswer['headers']): { retryAfterMs?: number } {
  const value = headers['retry-after']
  if (value === undefined) return {}
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000
  return seconds > 0 ? { retryAfterMs: Math.ceil(seconds * 1000) } : {}
}

/** Paths and queries of addresses may hold secrets: errors show the host only. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the receiver'
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AddressError) return error.message
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && /CERT|SIGNATURE|ALTNAME/.test(code))
    return `${code}: mend its certificate, or trust the authority that signed it (NODE_EXTRA_CA_CERTS)`
  return code ?? error.message
}
