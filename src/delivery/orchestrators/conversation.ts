// One request and its answer, with a login before it where that is needed.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import type { ReadAnswer } from './answer.ts'
import { read, said } from './answer.ts'
import { fill, withoutSlash } from './filling.ts'
import type { Outgoing } from './login.ts'
import { headersOf, loginRequest, tokenIn } from './login.ts'
import type { Auth, HttpTarget, RequestTemplate } from './target.ts'
import type { Values } from './template.ts'
import { TemplateError } from './template.ts'
import type { Trouble } from './trouble.ts'
import { troubleIn, troubleOf } from './trouble.ts'

export type Asked = { readonly answer: ReadAnswer } | { readonly trouble: Trouble }

/** Sends a request as data, filled with values. Never throws. */
export type Ask = (template: RequestTemplate, values: Values, signal: AbortSignal) => Promise<Asked>

const ANSWER_BYTES_MAX = 1024 * 1024

export function conversation(target: HttpTarget, { outbound, clock }: { outbound: Outbound; clock: Clock }): Ask {
  const { auth, url, timeoutMs } = target
  /** What the last login gave. */
  let token: Secret | null = null

  async function send(outgoing: Outgoing, signal: AbortSignal): Promise<Asked> {
    try {
      const limits = { signal, timeoutMs, answerBytesMax: ANSWER_BYTES_MAX }
      return { answer: read(await outbound.post({ ...outgoing, ...limits })) }
    } catch (error) {
      return { trouble: troubleOf(error, url) }
    }
  }

  async function login(by: Extract<Auth, { type: 'login' }>, signal: AbortSignal): Promise<Trouble | null> {
    const asked = await send(loginRequest(by, withoutSlash(url)), signal)
    // A login has no effect.
    if ('trouble' in asked) return { ...asked.trouble, what: 'not sent', because: `login: ${asked.trouble.because}` }
    token = tokenIn(asked.answer, by) ?? null
    if (token !== null) return null
    return troubleIn(asked.answer, 'login', `${said(asked.answer)}; check the user, and what the password file holds`)
  }

  async function sendAsOurselves(outgoing: Outgoing, id: string, signal: AbortSignal): Promise<Asked> {
    const wasHeld = token !== null
    if (auth.type === 'login' && token === null) {
      const trouble = await login(auth, signal)
      if (trouble !== null) return { trouble }
    }
    const shown = headersOf(auth, outgoing, { id, token, clock })
    const asked = await send({ ...outgoing, headers: { ...outgoing.headers, ...shown } }, signal)
    // Tokens end, or are of before a restart (Airflow: 403): another one is asked for, once. Who is refused has started nothing.
    const isRefused = 'answer' in asked && (asked.answer.status === 401 || asked.answer.status === 403)
    const isStale = isRefused && auth.type === 'login' && wasHeld
    if (!isStale) return asked
    token = null
    return sendAsOurselves(outgoing, id, signal)
  }

  return async (template, values, signal) => {
    try {
      return await sendAsOurselves(fill(template, target, values), String(values['key']), signal)
    } catch (error) {
      if (error instanceof TemplateError) return { trouble: { what: 'refused', because: error.message } }
      // A secret that was replaced by something that is none: nothing was sent, and it may be mended.
      if (error instanceof Error)
        return { trouble: { what: 'not sent', because: `${new URL(url).host}: ${error.message}` } }
      throw error
    }
  }
}
