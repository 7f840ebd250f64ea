// Asks an orchestrator that is described as data, over HTTP.
//
// What matters in every answer, and in every answer that does not come, is whether a run may have begun. Nothing was started before
// there was a connection, and not when the receiver says so (4xx, but for a time-out of its own). A failure of the receiver (5xx),
// an answer that does not come or that is not understood leave it open: it is `unknown` then, and never called a failure.

import type { Outbound } from '../../outbound/outbound.ts'
import { AddressError, NoAnswer } from '../../outbound/outbound.ts'
import type {
  Found,
  JsonValue,
  Launch,
  Orchestrator,
  Run,
  RunRequest,
  RunState,
} from '../../retraining/orchestrator.ts'
import type { Secret } from '../../secret.ts'
import type { Clock } from '../../time.ts'
import { formatInstant, parseInstant } from '../../time.ts'
import { keysOf, retryAfter } from '../http-post.ts'
import { escapeJson } from '../text-safety.ts'
import type { ReadAnswer } from './answer.ts'
import { extract, holdAll, holdsOne, read, said, textAt, valueAt } from './answer.ts'
import type { Outgoing } from './login.ts'
import { headersOf, loginRequest, tokenIn } from './login.ts'
import type { HttpTarget, RequestTemplate, RunStateName, ValueFrom } from './target.ts'
import type { Values } from './template.ts'
import { fillHeader, fillJson, fillPath, fillText, TemplateError } from './template.ts'

export interface HttpOptions {
  readonly outbound: Outbound
  readonly clock: Clock
}

/** What a look that starts nothing says. */
export type Check =
  | { readonly result: 'ready'; readonly detail: string }
  | { readonly result: 'unreachable'; readonly because: string }
  | { readonly result: 'refused'; readonly because: string }

export interface HttpOrchestrator extends Orchestrator {
  /** Address, login, and whether the job is there; nothing is started. */
  check(signal: AbortSignal): Promise<Check>
}

const ANSWER_BYTES_MAX = 1024 * 1024
/** Of what is told of an incident: the worst tests come first. */
const EVIDENCE_MAX = 20
/** Runs that wait in a queue are known by what is after this. */
const QUEUED = 'queue:'
/** Statuses by which a receiver says that it has not begun, and that it may be asked again. */
const askedTooSoon = new Set([425, 429])
const TIMED_OUT_THERE = 408

/** Why there is no answer to go by. */
interface Trouble {
  /** `not sent`: nothing happened; `maybe sent`: something may have; `refused`: nothing happened, nor will it. */
  readonly what: 'not sent' | 'maybe sent' | 'refused'
  readonly because: string
  readonly retryAfterMs?: number
}

type Asked = { readonly answer: ReadAnswer } | { readonly trouble: Trouble }

/** @throws Error when the secret of a signature is none */
export function createHttpOrchestrator(
  name: string,
  target: HttpTarget,
  { outbound, clock }: HttpOptions,
): HttpOrchestrator {
  const { calls, auth, launch, find, queue, poll, check } = target
  const base = target.url
  if (auth.type === 'signature') keysOf(auth.secret())
  let token: Secret | null = null

  /** One request, with a login before it where there is none. */
  async function ask(template: RequestTemplate, values: Values, signal: AbortSignal): Promise<Asked> {
    let outgoing: Outgoing
    try {
      outgoing = fill(template, { base, target, values })
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      return { trouble: { what: 'refused', because: error.message } }
    }
    for (let isFirst = true; ; isFirst = false) {
      const wasHeld = token !== null
      if (auth.type === 'login' && token === null) {
        const trouble = await login(auth, signal)
        if (trouble !== null) return { trouble }
      }
      const id = String(values['key'] ?? name)
      let headers: Readonly<Record<string, string>>
      try {
        headers = headersOf(auth, outgoing, { id, token, clock })
      } catch (error) {
        return { trouble: { what: 'refused', because: error instanceof Error ? error.message : String(error) } }
      }
      const asked = await send({ ...outgoing, headers: { ...outgoing.headers, ...headers } }, signal)
      // Tokens end: another one is asked for, once. Who is refused has started nothing.
      const isStale = 'answer' in asked && asked.answer.status === 401 && auth.type === 'login' && wasHeld && isFirst
      if (!isStale) return asked
      token = null
    }
  }

  async function login(
    by: Extract<HttpTarget['auth'], { type: 'login' }>,
    signal: AbortSignal,
  ): Promise<Trouble | null> {
    const asked = await send(loginRequest(by, withoutSlash(base)), signal)
    if ('trouble' in asked) return { ...asked.trouble, what: 'not sent', because: `login: ${asked.trouble.because}` }
    const { answer } = asked
    const held = tokenIn(answer, by)
    if (held !== undefined) {
      token = held
      return null
    }
    if (mayPass(answer.status))
      return { what: 'not sent', because: `login: ${said(answer)}`, ...retryAfter(answer.headers) }
    return {
      what: 'refused',
      because: `login: ${said(answer)}; check the user, and what the password file holds`,
    }
  }

  async function send(outgoing: Outgoing, signal: AbortSignal): Promise<Asked> {
    try {
      const limits = { signal, timeoutMs: target.timeoutMs, answerBytesMax: ANSWER_BYTES_MAX }
      return { answer: read(await outbound.post({ ...outgoing, ...limits })) }
    } catch (error) {
      return { trouble: troubleOf(error, base) }
    }
  }

  /** Fills `before`. */
  async function prepare(request: RunRequest, signal: AbortSignal): Promise<{ values: Values } | { trouble: Trouble }> {
    let values = valuesOf(request, target)
    const before: Record<string, JsonValue> = {}
    for (const step of target.before) {
      const asked = await ask(step.request, values, signal)
      if ('trouble' in asked) return { trouble: { ...asked.trouble, what: beforeLaunch(asked.trouble.what) } }
      const { answer } = asked
      const value = answer.status === 200 ? textAt(answer.json, step.value) : undefined
      if (value === undefined) {
        const because = `${step.name}: ${explain(answer, calls)}`
        return {
          trouble: { what: mayPass(answer.status) ? 'not sent' : 'refused', because, ...retryAfter(answer.headers) },
        }
      }
      before[step.name] = value
      values = { ...values, before: { ...before } }
    }
    return { values }
  }

  async function lookFor(values: Values, signal: AbortSignal): Promise<Found> {
    if (find === null) return { result: 'unknown', because: `${calls} cannot be asked for a run by its key` }
    const asked = await ask(find.request, values, signal)
    if ('trouble' in asked) return { result: 'unknown', because: asked.trouble.because }
    const { answer } = asked
    if (find.none.includes(answer.status)) return { result: 'none' }
    // Protocol buffers leave out what is empty.
    const items = find.items === null ? [answer.json] : (valueAt(answer.json, find.items) ?? [])
    if (answer.status !== 200 || !Array.isArray(items) || answer.json === undefined)
      return { result: 'unknown', because: explain(answer, calls), ...retryAfter(answer.headers) }
    const ours: unknown = items.find((item) => holdAll(find.where, item, values))
    if (ours === undefined) return { result: 'none' }
    const run = runOf(find, { ...answer, json: ours }, values)
    return run === null
      ? { result: 'unknown', because: `${calls} has a run with our key, but its id is not where it should be` }
      : { result: 'found', run }
  }

  async function start(request: RunRequest, signal: AbortSignal): Promise<Launch> {
    const prepared = await prepare(request, signal)
    if ('trouble' in prepared) return launchOf(prepared.trouble)
    const { values } = prepared
    if (find !== null && !target.isIdempotent) {
      const found = await lookFor(values, signal)
      if (found.result === 'found') return { result: 'already', run: found.run, detail: 'there is a run with our key' }
      if (found.result === 'unknown') return { ...found, result: 'retry' }
    }
    const asked = await ask(launch.request, values, signal)
    if ('trouble' in asked) return launchOf(asked.trouble)
    return understand(asked.answer, values, signal)
  }

  async function understand(answer: ReadAnswer, values: Values, signal: AbortSignal): Promise<Launch> {
    const { status, json, headers } = answer
    const words = said(answer, launch.because)
    if (holdsOne(launch.later, json, values)) return { result: 'retry', because: words, ...retryAfter(headers) }
    if (launch.already.includes(status)) return already(answer, values, signal)
    if (launch.accepted.includes(status)) {
      if (holdsOne(launch.unsure, json, values)) return { result: 'unknown', because: words }
      // Cut off, or a page of something in between: whoever answered so may have passed the request on.
      const isStrange =
        answer.text !== '' && json === undefined && (launch.id?.from === 'body' || hasSome(launch.where))
      if (isStrange || !answer.isWhole)
        return { result: 'unknown', because: `what answered does not speak as ${calls} does: ${words}` }
      if (holdAll(launch.where, json, values))
        return { result: 'started', run: launched(answer, values), detail: words }
      return { result: 'refused', because: words }
    }
    if (askedTooSoon.has(status)) return { result: 'retry', because: words, ...retryAfter(headers) }
    if (status < 300 || status >= 500 || status === TIMED_OUT_THERE)
      return { result: 'unknown', because: words, ...retryAfter(headers) }
    return { result: 'refused', because: explain(answer, calls, launch.because) }
  }

  /** It says that it has our key: true when it can show the run. */
  async function already(answer: ReadAnswer, values: Values, signal: AbortSignal): Promise<Launch> {
    const detail = said(answer, launch.because)
    if (find === null)
      return holdAll(launch.where, answer.json, values)
        ? { result: 'already', run: launched(answer, values), detail }
        : { result: 'refused', because: `${detail}; yet it does not say that it is the run with our key` }
    const found = await lookFor(values, signal)
    switch (found.result) {
      case 'found':
        return { result: 'already', run: found.run, detail }
      case 'none':
        return { result: 'refused', because: `${detail}; yet it has no run with our key` }
      case 'unknown':
        return { ...found, because: `${detail}; whether that run is ours: ${found.because}` }
    }
  }

  function launched(answer: ReadAnswer, values: Values): Run | null {
    const run = runOf(launch, answer, values)
    return run === null || queue === null ? run : { ...run, id: `${QUEUED}${run.id}` }
  }

  /** Where a run's id is, its link may be. */
  function runOf(
    { id, link }: { readonly id: ValueFrom | null; readonly link: string | null },
    answer: ReadAnswer,
    values: Values,
  ): Run | null {
    const found = id === null ? undefined : extract(id, answer, values)
    return found === undefined ? null : { id: found, link: linkOf(link, found, answer.json, values) }
  }

  function linkOf(template: string | null, id: string, json: unknown, values: Values): string | null {
    if (template === null) return null
    const all: Values = { ...values, run: { id }, answer: (json ?? null) as JsonValue }
    // An address that the receiver tells is taken as it is, everything else is a part of one.
    const isWhole = /^\{\{answer\.[\w.-]+\}\}$/.test(template)
    const text = isWhole ? fillText(template, all) : template.replace('{{url}}', withoutSlash(base))
    try {
      const address = new URL(isWhole ? text : fillPath(text, all))
      return ['http:', 'https:'].includes(address.protocol) ? address.href : null
    } catch {
      return null
    }
  }

  async function look(run: Run, request: RunRequest, signal: AbortSignal): Promise<RunState> {
    if (poll === null) return { state: 'unanswered', because: `${calls} cannot be asked how a run stands` }
    const values = valuesOf(request, target)
    if (run.id.startsWith(QUEUED) && queue !== null) {
      const id = run.id.slice(QUEUED.length)
      const asked = await ask(queue.request, { ...values, run: { id } }, signal)
      if ('trouble' in asked) return { state: 'unanswered', because: asked.trouble.because }
      const { answer } = asked
      if (answer.status !== 200) return unanswered(answer)
      if (holdsOne(queue.cancelled, answer.json, values))
        return { state: 'cancelled', detail: 'taken out of the queue', output: {} }
      const started = textAt(answer.json, queue.id)
      if (started === undefined) return { state: 'queued', detail: 'waits in the queue' }
      const left: Run = { id: started, link: linkOf(queue.link, started, answer.json, values) }
      const now = await stateOf(left, values, signal)
      return 'because' in now ? { state: 'queued', detail: now.because, run: left } : { ...now, run: left }
    }
    return stateOf(run, values, signal)
  }

  async function stateOf(run: Run, values: Values, signal: AbortSignal): Promise<RunState> {
    if (poll === null) return { state: 'unanswered', because: `${calls} cannot be asked how a run stands` }
    const all: Values = { ...values, run: { id: run.id, link: run.link } }
    const asked = await ask(poll.request, all, signal)
    if ('trouble' in asked) return { state: 'unanswered', because: asked.trouble.because }
    const { answer } = asked
    const { json } = answer
    if (holdsOne(poll.lost, json, all)) return { state: 'lost', because: said(answer, launch.because) }
    if (answer.status !== 200 || json === undefined) return unanswered(answer)
    const texts = poll.state.map((path) => textAt(json, path) ?? '')
    const meaning = new Map(poll.states.map(([name, state]) => [fillText(name, all), state]))
    const found = texts.find((text) => text !== '' && meaning.has(text)) ?? texts.findLast((text) => text !== '') ?? ''
    const state = meaning.get(found) ?? (found === '' ? null : poll.otherwise)
    if (state !== null) return runState(state, found, json)
    const because =
      found === ''
        ? `no state in what ${calls} says: ${said(answer)}`
        : `${calls} says ${JSON.stringify(found.slice(0, 100))}, which is none of the states that leeway knows`
    return { state: 'unanswered', because }
  }

  function runState(state: RunStateName, found: string, json: unknown): RunState {
    const why = poll?.detail.map((path) => textAt(json, path)).find((text) => text !== undefined)
    const detail = why === undefined ? found : `${found}: ${why}`
    const startedAt = instantAt(json, poll?.startedAt ?? null)
    const begun = startedAt !== undefined ? { startedAt } : {}
    if (state === 'queued' || state === 'running') return { state, detail, ...begun }
    const endedAt = instantAt(json, poll?.endedAt ?? null)
    const output = Object.entries(poll?.output ?? {}).flatMap(([name, path]) => {
      const value = textAt(json, path)
      return value === undefined ? [] : [[name, value] as const]
    })
    return { state, detail, ...begun, ...(endedAt !== undefined && { endedAt }), output: Object.fromEntries(output) }
  }

  function unanswered(answer: ReadAnswer): RunState {
    const because = explain(answer, calls)
    return answer.status === 404 || answer.status === 410
      ? { state: 'lost', because }
      : { state: 'unanswered', because, ...retryAfter(answer.headers) }
  }

  async function tryOut(signal: AbortSignal): Promise<Check> {
    const request = { ...nobodysRequest, at: clock() }
    const prepared = await prepare(request, signal)
    if ('trouble' in prepared) return checkOf(prepared.trouble)
    if (check === null) return reach(signal)
    const asked = await ask(check.request, prepared.values, signal)
    if ('trouble' in asked) return checkOf(asked.trouble)
    const { answer } = asked
    if (answer.status >= 500) return { result: 'unreachable', because: explain(answer, calls) }
    if (answer.status !== 200 || answer.json === undefined)
      return { result: 'refused', because: explain(answer, calls, launch.because) }
    if (!holdAll(check.where, answer.json, prepared.values))
      return { result: 'refused', because: check.otherwise ?? said(answer, launch.because) }
    return { result: 'ready', detail: 'address, login and job are right' }
  }

  /** All that can be told without a request that has an effect. */
  async function reach(signal: AbortSignal): Promise<Check> {
    if (target.before.length > 0) return { result: 'ready', detail: 'address, login and job are right' }
    const { hostname, port, protocol } = new URL(base)
    try {
      signal.throwIfAborted()
      const at = Number(port) || (protocol === 'https:' ? 443 : 80)
      const socket = await outbound.connect({ host: hostname, port: at, timeoutMs: target.timeoutMs })
      socket.destroy()
      return {
        result: 'ready',
        detail: `it can be reached; ${calls} can be asked for nothing more without starting a run`,
      }
    } catch (error) {
      return checkOf(troubleOf(error, base))
    }
  }

  return {
    name,
    isIdempotent: target.isIdempotent,
    pollEveryMs: poll?.everyMs ?? Number.POSITIVE_INFINITY,
    launch: start,
    ...(find !== null && {
      find: async (request: RunRequest, signal: AbortSignal): Promise<Found> => {
        const prepared = await prepare(request, signal)
        return 'trouble' in prepared
          ? { result: 'unknown', because: prepared.trouble.because }
          : lookFor(prepared.values, signal)
      },
    }),
    ...(poll !== null && { poll: look }),
    check: tryOut,
    async close() {},
  }
}

const nobodysRequest: Omit<RunRequest, 'at'> = {
  key: 'leeway-check',
  model: 'check',
  version: '1',
  cause: 'test',
  reason: 'a look at the connection',
  incident: null,
  features: [],
  evidence: [],
  reference: null,
  links: {},
  parameters: {},
}

/** @throws TemplateError */
function fill(
  { method, path, query, headers, body }: RequestTemplate,
  { base, target, values }: { base: string; target: HttpTarget; values: Values },
): Outgoing {
  // Secrets go into headers and bodies; addresses are logged by whoever is on the way.
  const open = Object.fromEntries(Object.entries(target.secrets).map(([name, secret]) => [name, secret().reveal()]))
  const all: Values = { ...values, secrets: open }
  const search = new URLSearchParams(
    Object.entries(query).map(([name, one]) => {
      const filled = fillJson(one, values)
      return [name, typeof filled === 'string' ? filled : JSON.stringify(filled)]
    }),
  )
  const written = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), fillHeader(text, all)])
  const content =
    body === null
      ? ''
      : body.as === 'json'
        ? escapeJson(JSON.stringify(fillJson(body.value, all)))
        : formOf(body.value, all)
  const type = body === null ? {} : { 'content-type': body.as === 'json' ? 'application/json' : FORM }
  return {
    method,
    url: `${path === '' ? base : withoutSlash(base)}${fillPath(path, values)}${search.size === 0 ? '' : `?${search}`}`,
    headers: { accept: 'application/json', 'user-agent': 'leeway', ...type, ...Object.fromEntries(written) },
    body: content,
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

const FORM = 'application/x-www-form-urlencoded'

function formOf(value: string | Readonly<Record<string, string>>, values: Values): string {
  const filled = fillJson(value, values)
  const fields = typeof filled === 'object' && filled !== null ? Object.entries(filled) : []
  return String(
    new URLSearchParams(fields.map(([name, one]) => [name, typeof one === 'string' ? one : JSON.stringify(one)])),
  )
}

/** What placeholders stand for. */
function valuesOf(request: RunRequest, { settings, parameters }: HttpTarget): Values {
  const { key, model, version, cause, reason, features, reference, links } = request
  const at = formatInstant(request.at)
  const incident =
    request.incident === null ? null : { ...request.incident, since: formatInstant(request.incident.since) }
  const evidence = request.evidence
    .slice(0, EVIDENCE_MAX)
    .map((one) => ({ ...one, end: formatInstant(one.end) }) as unknown as JsonValue)
  const whole = { id: key, model, version, cause, reason, at, incident, features, evidence, reference, links }
  const asked = { ...whole, parameters: request.parameters }
  const values: Values = { ...asked, key, request: asked, settings }
  const filled = fillJson(parameters, values)
  // Of whoever asked: over those of the configuration.
  const all = typeof filled === 'object' && filled !== null ? { ...filled, ...request.parameters } : filled
  return { ...values, parameters: all as JsonValue }
}

function hasSome(conditions: HttpTarget['launch']['where']): boolean {
  return Object.keys(conditions).length > 0
}

/** Statuses after which the same request may be answered otherwise. */
function mayPass(status: number): boolean {
  return askedTooSoon.has(status) || status === TIMED_OUT_THERE || status >= 500
}

const cures: Readonly<Record<number, string>> = {
  401: 'it does not know who asks: check the login, token or secret',
  403: 'it knows who asks, who may not do that: give that user the right to start and read runs',
  404: 'is the address right, and is there such a job?',
}

function explain(answer: ReadAnswer, calls: string, because: readonly string[] = []): string {
  const { status, isWhole, json } = answer
  if (status >= 300 && status < 400)
    return `${status}: it redirects, which is not followed; configure the final address`
  const words = said(answer, because)
  const cure = cures[status]
  if (cure !== undefined) return `${words}; ${cure}`
  if (status < 300 && (!isWhole || json === undefined)) return `what answered does not speak as ${calls} does: ${words}`
  return words
}

function beforeLaunch(what: Trouble['what']): Trouble['what'] {
  return what === 'maybe sent' ? 'not sent' : what
}

function launchOf({ what, ...trouble }: Trouble): Launch {
  switch (what) {
    case 'not sent':
      return { result: 'retry', ...trouble }
    case 'maybe sent':
      return { result: 'unknown', ...trouble }
    case 'refused':
      return { result: 'refused', because: trouble.because }
  }
}

function checkOf({ what, because }: Trouble): Check {
  return { result: what === 'refused' ? 'refused' : 'unreachable', because }
}

/** Paths and queries of addresses may hold secrets: errors show the host only. */
function troubleOf(error: unknown, url: string): Trouble {
  const host = URL.canParse(url) ? new URL(url).host : 'the receiver'
  if (error instanceof AddressError) return { what: 'not sent', because: error.message }
  if (!(error instanceof NoAnswer)) return { what: 'maybe sent', because: `${host}: ${String(error)}` }
  const what = error.mayHaveArrived ? 'maybe sent' : 'not sent'
  const { code } = error
  const isTls = code !== undefined && /CERT|SIGNATURE|ALTNAME/.test(code)
  const cure = isTls ? ': mend its certificate, or trust the authority that signed it (NODE_EXTRA_CA_CERTS)' : ''
  return { what, because: `${host}: ${code ?? error.message}${cure}` }
}

function instantAt(json: unknown, path: string | null): number | undefined {
  return path === null ? undefined : parseInstant(valueAt(json, path))
}
