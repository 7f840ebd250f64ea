// How we log in to brokers. Passwords and tokens are read when a connection needs them, so that changed ones are used without a restart,
// and they stay in this file: no message holds one.

import type { Mechanism, SASLOptions } from 'kafkajs'
import type { Outbound } from '../outbound/outbound.ts'
import { AddressError } from '../outbound/outbound.ts'
import type { Millis } from '../time.ts'

export type Login =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      /** @throws Error that says where it should be */
      readonly password: () => string
    }
  | {
      readonly mechanism: 'oauthbearer'
      readonly token: () => Promise<string>
      /** Sent with the token; some services tell clusters apart by them. */
      readonly extensions: Readonly<Record<string, string>>
    }

/** As the client wants it. */
export function saslOf(login: Login): SASLOptions | Mechanism {
  if (login.mechanism !== 'oauthbearer') {
    const { mechanism, username, password } = login
    return {
      mechanism,
      username,
      get password() {
        return password()
      },
    } as SASLOptions
  }
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const refusal = await saslAuthenticate({
          request: { encode: async () => framed(await bearerMessage(login)) },
          response: { decode: async (bytes) => bytes, parse: async (bytes) => refusalIn(bytes) },
        })
        if (typeof refusal === 'string') throw new LoginError(`SASL OAUTHBEARER authentication failed: ${refusal}`)
      },
    }),
  }
}

type TokenLogin = Extract<Login, { mechanism: 'oauthbearer' }>

/** RFC 7628, 3.1. */
async function bearerMessage({ token, extensions }: TokenLogin): Promise<Buffer> {
  const pairs = { auth: `Bearer ${await token()}`, ...extensions }
  const text = Object.entries(pairs).map(([key, value]) => `${key}=${value}\u0001`)
  return Buffer.from(`n,,\u0001${text.join('')}\u0001`)
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** kafkajs does not look at the answer, takes a refusal for a success, and is cut off in the middle of what follows. */
function refusalIn(answer: Buffer): string | null {
  const text = answer.subarray(4).toString('utf8')
  if (text.trim() === '') return null
  const { status } = parsed(text)
  return typeof status === 'string' && /^[\w.-]{1,60}$/.test(status) ? status : 'refused'
}

/** There is nothing to log in with. */
class LoginError extends Error {}

export interface TokenRequest {
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: () => string
  readonly scope: string | null
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number
  readonly keep: (token: string) => Token
  readonly outbound: Pick<Outbound, 'post'>
}

/** A token that is shown to nobody but whom it is for. */
interface Token {
  reveal(): string
}

const TOKEN_TIMEOUT_MS = 10_000
const TOKEN_ANSWER_BYTES_MAX = 64 * 1024
/** A token is asked for anew when this share of its life is over, so that one that is used lives for a while. */
const USED_SHARE = 0.8
const TOKEN_LIFE_MS: Millis = 5 * 60_000

/** Asks an authorization server for tokens (OAuth 2.0 client credentials), and keeps each for most of its life. */
export function tokenFromEndpoint({
  endpoint,
  clientId,
  clientSecret,
  scope,
  now,
  keep,
  outbound,
}: TokenRequest): () => Promise<Token> {
  let held: { readonly token: Token; readonly until: number } | undefined
  let asking: Promise<Token> | undefined
  async function ask(): Promise<Token> {
    const askedAt = now()
    const credentials = [clientId, clientSecret()].map(encodeURIComponent).join(':')
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== null && { scope }) })
    const { status, text, isWhole } = await outbound
      .post({
        url: endpoint,
        headers: {
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: String(body),
        signal: new AbortController().signal,
        timeoutMs: TOKEN_TIMEOUT_MS,
        answerBytesMax: TOKEN_ANSWER_BYTES_MAX,
      })
      .catch((error: Error) => {
        const because = error instanceof AddressError ? error.message : `${endpoint} does not answer: ${error.message}`
        throw new LoginError(`sasl.tokenEndpoint: ${because}`)
      })
    if (!isWhole)
      throw new LoginError(`sasl.tokenEndpoint: the answer of ${endpoint} was cut off, or is too long to be a token`)
    // What an authorization server says of a refusal is for people; a token is never in it.
    if (status < 200 || status > 299)
      throw new LoginError(
        `sasl.tokenEndpoint: ${endpoint} refuses a token with status ${status}${refusalOf(text)}; check sasl.clientId, the content of sasl.clientSecretFile and sasl.scope`,
      )
    const { access_token: value, expires_in: lifeS } = parsed(text)
    if (typeof value !== 'string' || value === '')
      throw new LoginError(
        `sasl.tokenEndpoint: the answer of ${endpoint} has no access_token; is it the right address?`,
      )
    const lifeMs = typeof lifeS === 'number' && lifeS > 0 ? lifeS * 1_000 : TOKEN_LIFE_MS
    held = { token: keep(value), until: askedAt + lifeMs * USED_SHARE }
    return held.token
  }
  return () => {
    if (held !== undefined && now() < held.until) return Promise.resolve(held.token)
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** `invalid_client` and the like. */
function refusalOf(text: string): string {
  const { error } = parsed(text)
  return typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? ` (${error})` : ''
}
