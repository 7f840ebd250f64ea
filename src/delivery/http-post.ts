// A signed POST (Standard Webhooks): what the webhook channel and the retraining webhook have in common.

import { createHmac } from 'node:crypto'
import type { Instant } from '../time.ts'
import type { Outcome } from './sender.ts'

export interface Post {
  readonly url: string
  /** The message's id: the same at each attempt, so that the receiver can tell a repetition. */
  readonly id: string
  readonly body: string
  /** `whsec_` and base64; null = not signed. */
  readonly secret: string | null
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
export async function post(request: Post, signal: AbortSignal, timeoutMs = TIMEOUT_MS): Promise<Outcome> {
  const { url, id, body, secret, now } = request
  const timestamp = String(Math.floor(now / 1000))
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': 'leeway',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...request.headers,
  }
  if (secret !== null) headers['webhook-signature'] = sign({ id, timestamp, body, secret })
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limit })
    const text = await readAtMost(answer, ANSWER_BYTES_MAX)
    return outcomeOf(answer, text)
  } catch (error) {
    return { result: 'retry', because: `${hostOf(url)}: ${reasonOf(error, timeoutMs)}` }
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
  secret: string
}): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

/** The key inside a secret `whsec_BASE64`. @throws Error that says what a secret looks like, without showing it */
export function keyOf(secret: string): Buffer {
  const encoded = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : ''
  const key = Buffer.from(encoded, 'base64')
  if (key.length < 16)
    throw new Error(
      'a webhook secret is whsec_ followed by at least 16 bytes in base64; make one with: echo "whsec_$(openssl rand -base64 32)"',
    )
  return key
}

function outcomeOf(answer: Response, text: string): Outcome {
  const said = `${answer.status}${text === '' ? '' : ` ${text.slice(0, 200).replace(/\s+/g, ' ')}`}`
  if (answer.ok) return { result: 'delivered', detail: said }
  if (retriable.has(answer.status) || answer.status >= 500)
    return { result: 'retry', because: said, ...retryAfter(answer) }
  if (answer.status >= 300 && answer.status < 400)
    return {
      result: 'refused',
      because: `${answer.status}: it redirects, which is not followed; configure the final address`,
    }
  return { result: 'refused', because: said }
}

function retryAfter(answer: Response): { retryAfterMs?: number } {
  const value = answer.headers.get('retry-after')
  if (value === null) return {}
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.parse(answer.headers.get('date') ?? '')) / 1000
  return seconds > 0 ? { retryAfterMs: Math.ceil(seconds * 1000) } : {}
}

async function readAtMost(answer: Response, bytesMax: number): Promise<string> {
  if (answer.body === null) return ''
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of answer.body) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= bytesMax) break
  }
  return Buffer.concat(pieces).subarray(0, bytesMax).toString('utf8')
}

/** Paths and queries of addresses may hold secrets: errors show the host only. */
function hostOf(url: string): string {
  return new URL(url).host
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}
