// What can be read over HTTP: metrics, probes and a read-only API.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Health } from '../telemetry/health.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ApiSource } from './api.ts'
import { apiRoutes } from './api.ts'
import { document } from './openapi.ts'
import type { Answer, Route } from './route.ts'
import { findRoute, HttpError } from './route.ts'

export interface HttpServerOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Address under which people reach this daemon; null when only this machine does. */
  readonly publicUrl: string | null
  readonly metrics: Metrics
  readonly health: Health
  readonly api: ApiSource
  readonly log: Log
}

export interface HttpServer {
  /** `http://host:port` */
  readonly address: string
  close(): Promise<void>
}

/** @throws Error when the port is taken */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, log } = options
  const routes = allRoutes(options)
  const isAllowed = hostCheck(options)
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 30_000, headersTimeout: 10_000 },
    (request, response) => {
      respond(request, routes, isAllowed)
        .catch((error: unknown) => failed(error, log))
        .then((answer) => write(request, response, answer))
        .catch((error: unknown) => log.warn({ err: error }, 'an answer could not be sent'))
    },
  )
  server.maxConnections = 512
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `port ${port} on ${host} is taken by another process; choose one with --port or LEEWAY_PORT (0 = any free one)`,
              { cause: error },
            )
          : error,
      ),
    )
    server.listen(port, host, resolve)
  })
  const bound = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  return {
    address: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closing
    },
  }
}

function allRoutes({ metrics, health, api }: HttpServerOptions): readonly Route[] {
  const checks = () => ({ ready: health.ready, checks: health.checks })
  return [
    {
      path: '/metrics',
      query: {},
      handle: async () => ({ status: 200, type: metrics.contentType, body: await metrics.page() }),
    },
    { path: '/healthz', query: {}, handle: () => ({ status: 200, type: 'text/plain', body: 'ok\n' }) },
    {
      path: '/readyz',
      query: { verbose: 'flag' },
      handle: ({ query }) => {
        const status = health.ready ? 200 : 503
        if (query['verbose'] !== undefined) return { status, json: checks() }
        const waiting = health.checks.filter(({ ok }) => !ok).map(({ name, because }) => `${name}: ${because}\n`)
        return { status, type: 'text/plain', body: health.ready ? 'ready\n' : `not ready\n${waiting.join('')}` }
      },
    },
    ...apiRoutes(api),
    { path: '/api/v1/openapi.json', query: {}, handle: () => ({ status: 200, json: document }) },
  ]
}

/**
 * A page in a browser could reach a server on this machine under a name of its own (DNS rebinding): on a loopback address only
 * loopback names, and the public one, are answered.
 */
function hostCheck({ host, publicUrl }: HttpServerOptions): (header: string | undefined) => boolean {
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) return () => true
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]'])
  if (publicUrl !== null) allowed.add(new URL(publicUrl).hostname)
  return (header) => header !== undefined && allowed.has(header.replace(/:\d+$/, '').toLowerCase())
}

async function respond(
  request: IncomingMessage,
  routes: readonly Route[],
  isAllowed: (host: string | undefined) => boolean,
): Promise<Answer> {
  if (!isAllowed(request.headers.host))
    throw new HttpError(
      403,
      `the host ${request.headers.host} is not served here; use the address that leeway printed, or set LEEWAY_PUBLIC_URL`,
    )
  const url = new URL(request.url ?? '/', 'http://localhost')
  const { route, parameters } = findRoute(routes, url.pathname)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new HttpError(405, `${request.method} is not available; this API is read with GET`, { allow: 'GET, HEAD' })
  return route.handle({ parameters, query: checkedQuery(url, route) })
}

function checkedQuery(url: URL, { path, query }: Route): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of url.searchParams) {
    if (!(name in query))
      throw new HttpError(
        400,
        `${path} has no parameter ${JSON.stringify(name)}; it has: ${Object.keys(query).join(', ') || 'none'}`,
      )
    found[name] = value
  }
  return found
}

function failed(error: unknown, log: Log): Answer {
  if (error instanceof HttpError)
    return { status: error.status, json: { error: { message: error.message } }, headers: error.headers }
  log.error({ err: error }, 'a request failed')
  return { status: 500, json: { error: { message: 'the request failed; the log says why' } } }
}

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const body = 'json' in answer ? `${JSON.stringify(answer.json)}\n` : answer.body
  response.writeHead(answer.status, {
    'content-type': 'json' in answer ? 'application/json; charset=utf-8' : answer.type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
