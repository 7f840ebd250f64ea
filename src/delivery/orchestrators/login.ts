// How leeway shows an orchestrator who it is.

import aws4 from 'aws4'
import { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import { standardHeaders } from '../http-post.ts'
import type { ReadAnswer } from './answer.ts'
import { textAt } from './answer.ts'
import type { Auth } from './target.ts'

/** A request before it is shown who sends it. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type LoginAuth = Extract<Auth, { type: 'login' }>

/** The request that gives a token. */
export function loginRequest({ path, user, password }: LoginAuth, url: string): Outgoing {
  return {
    method: 'POST',
    url: url + path,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ username: user, password: password().reveal() }),
  }
}

/** The token in the answer to it; undefined when there is none. */
export function tokenIn({ status, json }: ReadAnswer, { token }: LoginAuth): Secret | undefined {
  const text = status >= 200 && status < 300 ? textAt(json, token) : undefined
  return text === undefined ? undefined : new Secret(text)
}

/**
 * The headers that show who sends a request.
 *
 * @param id of what is sent, for signatures
 * @param token that a login gave; null for everything else
 */
export function headersOf(
  auth: Auth,
  outgoing: Outgoing,
  { id, token, clock }: { id: string; token: Secret | null; clock: Clock },
): Record<string, string> {
  switch (auth.type) {
    case 'none':
      return {}
    case 'basic': {
      const both = `${auth.user}:${auth.password().reveal()}`
      return { authorization: `Basic ${Buffer.from(both).toString('base64')}` }
    }
    case 'header':
      return { [auth.header.toLowerCase()]: `${auth.prefix}${auth.token().reveal()}` }
    case 'login':
      return token === null ? {} : { authorization: `Bearer ${token.reveal()}` }
    case 'signature':
      return standardHeaders({ id, now: clock(), secret: auth.secret(), body: outgoing.body })
    case 'aws':
      return awsHeaders(auth, outgoing, clock)
  }
}

function awsHeaders(auth: Extract<Auth, { type: 'aws' }>, outgoing: Outgoing, clock: Clock): Record<string, string> {
  const { host, pathname, search } = new URL(outgoing.url)
  const { headers = {} } = aws4.sign(
    {
      method: outgoing.method,
      host,
      path: `${pathname}${search}`,
      service: auth.service,
      region: auth.region,
      headers: { ...outgoing.headers, date: new Date(clock()).toUTCString() },
      body: outgoing.body,
    },
    {
      accessKeyId: auth.accessKey().reveal(),
      secretAccessKey: auth.secretKey().reveal(),
      ...(auth.sessionToken !== null && { sessionToken: auth.sessionToken().reveal() }),
    },
  )
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
}
