// Why there is no answer to go by, and what an answer that is none says to whoever reads it at night.

import { AddressError, NoAnswer } from '../../outbound/outbound.ts'
import type { Launch } from '../../retraining/orchestrator.ts'
import { retryAfter } from '../http-post.ts'
import type { ReadAnswer } from './answer.ts'
import { said } from './answer.ts'

export interface Trouble {
  /** `not sent`: nothing happened; `maybe sent`: something may have; `refused`: nothing happened, nor will it. */
  readonly what: 'not sent' | 'maybe sent' | 'refused'
  readonly because: string
  readonly retryAfterMs?: number
}

/** Statuses by which a receiver says that it has not begun, and that it may be asked again. */
const askedTooSoon = new Set([425, 429])
const TIMED_OUT_THERE = 408

/** Whether it says that it has done nothing, and may be asked again. */
export function isTooSoon(status: number): boolean {
  return askedTooSoon.has(status)
}

/** Whether it may have done something without saying so. */
export function isOpen(status: number): boolean {
  return status < 300 || status >= 500 || status === TIMED_OUT_THERE
}

/** Paths and queries of addresses may hold secrets: only the host of `url` is told. */
export function troubleOf(error: unknown, url: string): Trouble {
  const host = URL.canParse(url) ? new URL(url).host : 'the receiver'
  if (error instanceof AddressError) return { what: 'not sent', because: error.message }
  if (!(error instanceof NoAnswer)) return { what: 'maybe sent', because: `${host}: ${String(error)}` }
  const { code } = error
  const isTls = code !== undefined && /CERT|SIGNATURE|ALTNAME/.test(code)
  const cure = isTls ? ': mend its certificate, or trust the authority that signed it (NODE_EXTRA_CA_CERTS)' : ''
  return {
    what: error.mayHaveArrived ? 'maybe sent' : 'not sent',
    because: `${host}: ${code ?? error.message}${cure}`,
  }
}

/** An answer to a question that has no effect, which is not the one that was wanted. */
export function troubleIn(answer: ReadAnswer, about: string, because: string): Trouble {
  const { status, headers } = answer
  const mayPass = isTooSoon(status) || status >= 500 || status === TIMED_OUT_THERE
  return { what: mayPass ? 'not sent' : 'refused', because: `${about}: ${because}`, ...retryAfter(headers) }
}

export function launchOf({ what, ...trouble }: Trouble): Launch {
  switch (what) {
    case 'not sent':
      return { result: 'retry', ...trouble }
    case 'maybe sent':
      return { result: 'unknown', ...trouble }
    case 'refused':
      return { result: 'refused', because: trouble.because }
  }
}

const cures: Readonly<Record<number, string>> = {
  401: 'it does not know who asks: check the login, token or secret',
  403: 'who asks may not do that: check the keys or the token, and give that user the right to start and read runs',
  404: 'is the address right, and is there such a job?',
}

/** @param because where the answer says why */
export function explain(answer: ReadAnswer, calls: string, because: readonly string[] = []): string {
  const { status, isWhole, json } = answer
  if (status >= 300 && status < 400)
    return `${status}: it redirects, which is not followed; configure the final address`
  const words = said(answer, because)
  const cure = cures[status]
  if (cure !== undefined) return `${words}; ${cure}`
  return status < 300 && (!isWhole || json === undefined) ? strange(calls, words) : words
}

/** What answered is something else than it should be: the page of a gateway, half an answer. */
export function strange(calls: string, words: string): string {
  return `what answered does not speak as ${calls} does: ${words}`
}
