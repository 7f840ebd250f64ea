// What can be read and done over HTTP. Each request goes through the same gates, cheapest first: rate, address, name of the host,
// path and method, token and role, origin, body. What is refused says why, and is counted.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { jsonLine } from '../delivery/text-safety.ts'
import type { AuditEntry } from '../store/audit.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AccessRules, HostRules } from './access.ts'
import { decide, hostCheck, isCrossSite, presented } from './access.ts'
import { clientOf, isLoopback } from './address.ts'
import { audited } from './audited.ts'
import { linger, readBody } from './body.ts'
import { Buckets } from './buckets.ts'
import { compressed } from './compressed.ts'
import { headersFor } from './headers.ts'
import type { Limits, Listener } from './listener.ts'
import { LOOPBACK_SHARE, listen, usualLimits } from './listener.ts'
import type { Refusal } from './refusal.ts'
import type { Principal } from './role.ts'
import type { ActionRoute, Answer, AuditedReadRoute, Found, ReadRoute, Request, Route } from './route.ts'
import { findRoutes, HttpError, methodsOf } from './route.ts'
import { Streams } from './streams.ts'

export interface HttpServerOptions extends HostRules {
  /** 0 = any free port. */
  readonly port: number
  readonly routes: readonly Route[]
  readonly access: AccessRules
  /** Requests a second from one address; from this machine itself, and of metrics and probes, ten times as many. */
  readonly requestsPerSecond: number
  /** @throws StoreError: nothing is done then */
  readonly audit: (entry: AuditEntry) => void
  readonly metrics: Pick<Metrics, 'httpAnswered' | 'httpRefused' | 'httpStreams'>
  readonly log: Log
  /** For tests, which have less time than attackers. */
  readonly limits?: Partial<Limits>
}

export interface HttpServer {
  /** `http://host:port` */
  readonly address: string
  close(): Promise<void>
}

/** Tokens that are not known may be tried this often from one address; then none are looked at for a while. */
const TRIES = { perSecond: 0.1, burst: 10 }
/** What an answer of this size costs: one request more. */
const BYTES_PER_REQUEST = 65_536
const URL_LENGTH_MAX = 4_096
/** How the command line introduces itself. It tells people the way a deed came, and opens nothing. */
export const CLI_AGENT = 'leeway-cli'

/** @throws Error when the port is taken */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...usualLimits, ...options.limits }
  const desk = new Desk(options, limits)
  const listener: Listener = await listen({
    host: options.host,
    port: options.port,
    limits,
    refused: (reason) => desk.refused(reason),
    handle: (request, response, begin) => desk.serve(request, response, { begin, isClosing: listener.isClosing }),
  })
  return {
    address: listener.address,
    close() {
      desk.close()
      return listener.close()
    },
  }
}

/** A request that is not served, with what the counter calls it. */
class Refused extends HttpError {
  readonly reason: Refusal

  constructor(reason: Refusal, status: number, message: string, headers?: Record<string, string>) {
    super(status, message, headers)
    this.reason = reason
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly id: string
  readonly client: string
  readonly begin: () => void
}

class Desk {
  readonly #options: HttpServerOptions
  readonly #limits: Limits
  readonly #isKnownHost: (header: string | undefined) => boolean
  readonly #requests: {
    readonly usual: Buckets
    readonly generous: Buckets
    readonly tries: Buckets
    readonly denials: Buckets
  }
  /** Of answers that are on their way, by client and in all. */
  readonly #bytesTo = new Map<string, number>()
  #bytesUnderWay = 0
  /** One request of a connection after the other: each sees what those before it have cost. */
  readonly #turns = new WeakMap<Socket, Promise<void>>()
  readonly #ending = new WeakMap<Socket, Set<() => void>>()
  readonly #gone = new WeakMap<Socket, AbortSignal>()
  readonly #streams: Streams

  constructor(options: HttpServerOptions, limits: Limits) {
    const { requestsPerSecond } = options
    const rate = (perSecond: number) => new Buckets({ perSecond, burst: 2 * perSecond })
    this.#options = options
    this.#limits = limits
    this.#streams = new Streams({
      limits,
      refused: (reason) => this.refused(reason),
      counted: (open) => options.metrics.httpStreams(open),
    })
    this.#isKnownHost = hostCheck(options)
    this.#requests = {
      usual: rate(requestsPerSecond),
      generous: rate(10 * requestsPerSecond),
      tries: new Buckets(TRIES),
      denials: new Buckets(TRIES),
    }
  }

  refused(reason: Refusal): void {
    this.#options.metrics.httpRefused(reason)
  }

  /** Ends answers that would go on. */
  close(): void {
    this.#streams.close()
  }

  serve(
    request: IncomingMessage,
    response: ServerResponse,
    { begin, isClosing }: { begin: () => void; isClosing: boolean },
  ): void {
    const exchange = {
      request,
      id: randomBytes(8).toString('hex'),
      client: clientOf(request.socket.remoteAddress),
      begin,
    }
    const { socket } = request
    const turn = (this.#turns.get(socket) ?? Promise.resolve()).then(() =>
      socket.destroyed ? undefined : this.#serve(exchange, response, isClosing),
    )
    this.#turns.set(socket, turn)
  }

  async #serve(exchange: Exchange, response: ServerResponse, isClosing: boolean): Promise<void> {
    try {
      const answer = await this.#answer(exchange).catch((error: unknown) => this.#failed(error, exchange))
      await this.#write(exchange, response, { answer, isClosing })
    } catch (error) {
      this.#options.log.warn({ err: error, request: exchange.id }, 'an answer could not be sent')
      response.destroy()
    }
  }

  async #answer(exchange: Exchange): Promise<Answer> {
    const { request, client } = exchange
    const url = pathOf(request)
    this.#limitRate(client, url)
    if (!this.#isKnownHost(request.headers.host))
      throw new Refused(
        'host',
        403,
        'this name of a host is not served here; use the address that leeway printed, or list the name in LEEWAY_ALLOWED_HOSTS',
      )
    if ((request.url ?? '').length > URL_LENGTH_MAX)
      throw new Refused('malformed', 414, `an address has at most ${URL_LENGTH_MAX} characters`)
    if (url === undefined) throw new Refused('malformed', 400, 'the address of the request cannot be read')
    const found = findRoutes(this.#options.routes, url.pathname)
    if (request.method === 'OPTIONS')
      return { status: 204, type: 'text/plain', body: '', headers: { allow: methodsOf(found) } }
    const one = found.get((request.method === 'HEAD' ? 'GET' : request.method) as Route['method'])
    if (one === undefined)
      throw new HttpError(405, `${url.pathname} takes ${methodsOf(found)}`, { allow: methodsOf(found) })
    const { by, mayRead } = this.#admit(exchange, one.route)
    if (one.route.method === 'GET') {
      const { route, parameters } = one as Found<ReadRoute | AuditedReadRoute>
      const gone = this.#goneOf(request.socket)
      const asked = { path: url.pathname, parameters, query: checkedQuery(url, route), mayRead, by, gone }
      const read = async () => this.#withRoom(exchange, await route.handle(asked))
      return 'action' in route ? this.#readAudited(exchange, { route, asked, read }) : read()
    }
    if (by === null) throw new Error(`${one.route.path} was admitted without a token`)
    return this.#act(exchange, one as Found<ActionRoute>, by)
  }

  #withRoom({ client }: Exchange, answer: Answer): Answer {
    if ('follow' in answer && !this.#streams.hasRoom(client))
      throw new Refused('busy', 503, 'too many pages are kept up to date from this address, or in all', {
        'retry-after': '10',
      })
    return answer
  }

  #limitRate(client: string, url: URL | undefined): void {
    const { usual, generous } = this.#requests
    const path = url?.pathname ?? ''
    // A line of text is always sent: an orchestrator that hears nothing would end us.
    const isProbe = ['/healthz', '/readyz'].includes(path)
    if (!isProbe && this.#isBusy(client))
      throw new Refused('busy', 503, 'too many large answers are on their way', { 'retry-after': '5' })
    const wait = (isProbe || path === '/metrics' || isLoopback(client) ? generous : usual).take(client)
    if (wait > 0) throw new Refused('rate', 429, 'too many requests from this address', { 'retry-after': String(wait) })
  }

  #isBusy(client: string): boolean {
    const { answersBytesMax, answersBytesPerAddressMax } = this.#limits
    const share = answersBytesPerAddressMax * (isLoopback(client) ? LOOPBACK_SHARE : 1)
    return (this.#bytesTo.get(client) ?? 0) > share || this.#bytesUnderWay > answersBytesMax
  }

  #admit({ request, client, id }: Exchange, { needs, path }: Route) {
    const { access } = this.#options
    const { authorization } = request.headers
    const wait = authorization === undefined ? 0 : this.#requests.tries.wait(client)
    if (wait > 0)
      throw new Refused('rate', 429, 'too many unknown tokens came from this address', { 'retry-after': String(wait) })
    const shown = presented(authorization, access.tokens())
    const decision = decide(needs, shown, access)
    if (decision.allowed) return decision
    const { status, because, holder } = decision
    if (shown.kind === 'unknown') this.#requests.tries.take(client)
    // Counted always, and written down as often as a person would try.
    if (holder !== null && this.#requests.denials.take(client) === 0)
      this.#options.audit({
        ...{ at: Date.now(), request: id, actor: holder.name, role: holder.role, remote: client },
        ...{ action: path, target: '', outcome: 'denied', detail: because },
      })
    const challenge = `Bearer realm="leeway"${shown.kind === 'unknown' ? ', error="invalid_token"' : holder === null ? '' : ', error="insufficient_scope"'}`
    throw new Refused(status === 401 ? 'unauthenticated' : 'forbidden', status, because, {
      'www-authenticate': challenge,
    })
  }

  async #readAudited(
    { id, client }: Exchange,
    { route, asked, read }: { route: AuditedReadRoute; asked: Request; read: () => Promise<Answer> },
  ): Promise<Answer> {
    const { by } = asked
    if (by === null) throw new Error(`${route.path} was admitted without a token`)
    const { action } = route
    const deed = { request: id, actor: by.name, role: by.role, remote: client, action, target: route.target(asked) }
    const { answer } = await audited(this.#options.audit, deed, async () => ({
      ...({ outcome: 'done', detail: '' } as const),
      answer: await read(),
    }))
    return answer
  }

  async #act(
    { request, id, client, begin }: Exchange,
    { route, parameters }: Found<ActionRoute>,
    by: Principal,
  ): Promise<Answer> {
    if (isCrossSite(request.headers, this.#options.publicUrl))
      throw new Refused(
        'cross_site',
        403,
        'a page of another site may change nothing here; if this page is our own behind a proxy, LEEWAY_PUBLIC_URL names its address',
      )
    const body = await readBody(request, route.body, { bytesMax: this.#limits.bodyBytesMax, begin })
    const { action } = route
    const deed = {
      request: id,
      actor: by.name,
      role: by.role,
      remote: client,
      action,
      target: route.target({ parameters }),
    }
    // Nothing is heard from either side while it is done.
    request.socket.setTimeout(0)
    const { 'user-agent': agent, origin } = request.headers
    // Only browsers say which page asks, and here it is our own.
    const via = agent === CLI_AGENT ? 'cli' : origin === undefined ? 'api' : 'ui'
    const asked = { parameters, body, by, request: id, remote: client, via } as const
    const { answer } = await audited(this.#options.audit, deed, () => route.act(asked)).finally(() =>
      request.socket.setTimeout(this.#limits.idleTimeoutMs),
    )
    return { ...answer, headers: { ...answer.headers, 'x-request-id': id } }
  }

  #failed(error: unknown, { id }: Exchange): Answer {
    if (error instanceof HttpError) {
      if (error instanceof Refused) this.refused(error.reason)
      else if (error.status === 413 || error.status === 415) this.refused('body')
      else if (error.status === 503) this.refused('busy')
      return { status: error.status, json: { error: { message: error.message } }, headers: error.headers }
    }
    this.#options.log.error({ err: error, request: id }, 'a request failed')
    if (error instanceof StoreError && error.kind === 'full')
      return {
        status: 503,
        json: { error: { message: 'the disk is full, and nothing is done that cannot be audited' } },
      }
    const message = 'the request failed; the log says why'
    return { status: 500, json: { error: { message } }, headers: { 'x-request-id': id } }
  }

  async #write(
    { request, client }: Exchange,
    response: ServerResponse,
    { answer, isClosing }: { answer: Answer; isClosing: boolean },
  ): Promise<void> {
    await linger(request)
    if (request.socket.destroyed) return
    const isUnread = !request.complete
    this.#options.metrics.httpAnswered(request.method ?? '', answer.status)
    if ('follow' in answer) return this.#streams.serve(request, response, { answer, client })
    const text = 'json' in answer ? `${jsonText(answer)}\n` : answer.body
    this.#follow(request.socket, response, { bytes: text.length, client })
    const body = await compressed(text, request.headers['accept-encoding'])
    if (request.socket.destroyed) return
    response.writeHead(answer.status, {
      ...headersFor('json' in answer ? 'application/json; charset=utf-8' : answer.type),
      ...((isUnread || isClosing) && { connection: 'close' }),
      ...(answer.status !== 204 && { 'content-length': Buffer.byteLength(body) }),
      ...(typeof body !== 'string' && { 'content-encoding': 'gzip', vary: 'accept-encoding' }),
      ...answer.headers,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  #underWay(client: string, bytes: number): void {
    this.#bytesUnderWay += bytes
    const left = (this.#bytesTo.get(client) ?? 0) + bytes
    if (left > 0) this.#bytesTo.set(client, left)
    else this.#bytesTo.delete(client)
  }

  /** Until the answer is taken, or the reader has gone, it counts; a reader that does not take it in time is cut off. */
  #follow(socket: Socket, response: ServerResponse, { bytes, client }: { bytes: number; client: string }): void {
    const ending = this.#endingOf(socket)
    this.#underWay(client, bytes)
    const timer = setTimeout(() => {
      this.refused('slow')
      socket.destroy()
    }, this.#limits.answerTimeoutMs)
    const end = () => {
      if (!ending.delete(end)) return
      clearTimeout(timer)
      this.#underWay(client, -bytes)
    }
    ending.add(end)
    response.once('close', end)
    const { usual, generous } = this.#requests
    const bucket = isLoopback(client) ? generous : usual
    bucket.charge(client, Math.floor(bytes / BYTES_PER_REQUEST))
  }

  /** Whoever does not wait for an answer any more closes the connection. */
  #goneOf(socket: Socket): AbortSignal {
    const known = this.#gone.get(socket)
    if (known !== undefined) return known
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    this.#gone.set(socket, gone.signal)
    return gone.signal
  }

  /** Answers that wait behind others of their connection are not told that it has closed: this tells them. */
  #endingOf(socket: Socket): Set<() => void> {
    const known = this.#ending.get(socket)
    if (known !== undefined) return known
    const ending = new Set<() => void>()
    this.#ending.set(socket, ending)
    socket.once('close', () => {
      for (const end of ending) end()
    })
    return ending
  }
}

/** The path and query of a request; undefined when there is none. */
function pathOf({ url = '' }: IncomingMessage): URL | undefined {
  if (!url.startsWith('/') || url.length > URL_LENGTH_MAX) return undefined
  return new URL(`http://localhost${url}`)
}

function checkedQuery(url: URL, { path, query }: Pick<ReadRoute, 'path' | 'query'>): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  if (query === 'any') return found
  for (const [name, value] of url.searchParams) {
    const known = Object.keys(query).join(', ') || 'none'
    if (!Object.hasOwn(query, name))
      throw new HttpError(400, `${path} has no parameter ${JSON.stringify(name.slice(0, 100))}; it has: ${known}`)
    if (name in found) throw new HttpError(400, `the parameter ${name} is there twice`)
    found[name] = value
  }
  return found
}

/** What a request brought may stand in an error: no character of it means anything to a browser. */
function jsonText({ status, json }: Answer & { readonly json: unknown }): string {
  const text = jsonLine(json)
  if (status < 400) return text
  return text.replace(/[<>&]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
