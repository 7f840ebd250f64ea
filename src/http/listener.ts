// A listening port that cannot be worn out: connections, headers, bodies and answers have limits in number, size and time.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { clientOf, isLoopback } from './address.ts'
import type { Refusal } from './refusal.ts'

export interface Limits {
  readonly connectionsMax: number
  /** From one address; from this machine itself `LOOPBACK_SHARE` times as many. */
  readonly connectionsPerAddressMax: number
  readonly headerBytesMax: number
  readonly headersTimeoutMs: number
  /** For headers and body together. */
  readonly requestTimeoutMs: number
  /** Without any byte in either direction. */
  readonly idleTimeoutMs: number
  /** For the reader of an answer to have taken it. */
  readonly answerTimeoutMs: number
  readonly bodyBytesMax: number
  /** Of answers that are on their way to one address, and to all; beyond, who asks for more is told to come later. */
  readonly answersBytesPerAddressMax: number
  readonly answersBytesMax: number
  /** Answers that go on, in all and to one address; and what of each may wait to be taken. */
  readonly streamsMax: number
  readonly streamsPerAddressMax: number
  readonly streamBufferBytesMax: number
}

export const usualLimits: Limits = {
  connectionsMax: 512,
  connectionsPerAddressMax: 64,
  headerBytesMax: 16_384,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  answerTimeoutMs: 60_000,
  bodyBytesMax: 2 ** 20,
  answersBytesPerAddressMax: 16 * 2 ** 20,
  answersBytesMax: 256 * 2 ** 20,
  streamsMax: 128,
  streamsPerAddressMax: 16,
  streamBufferBytesMax: 65_536,
}

/** This machine's own programs, proxies among them, get so many times what others get. */
export const LOOPBACK_SHARE = 4
const CONNECTIONS_SPARE = 64
const HEADERS_MAX = 100
const REQUESTS_PER_CONNECTION_MAX = 1_000
const KEEP_ALIVE_MS = 5_000
/** How long requests under way may still take when the port is closed. */
const CLOSE_MS = 2_000

export interface Listener {
  /** `http://host:port` */
  readonly address: string
  readonly isClosing: boolean
  /** Takes no more connections, lets what is under way end, then cuts what is left. */
  close(): Promise<void>
}

export interface ListenerOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly limits: Limits
  readonly refused: (reason: Refusal) => void
  /** `begin` tells a client that waits for it that the body may come. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, begin: () => void) => void
}

/** @throws Error when the port is taken */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { host, port, limits, handle } = options
  const server = createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
  })
  // Only a backstop: who has to go when there are too many is decided below.
  server.maxConnections = limits.connectionsMax + CONNECTIONS_SPARE
  server.maxHeadersCount = HEADERS_MAX
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX
  server.timeout = limits.idleTimeoutMs
  server.on('request', (request, response) => handle(request, response, () => {}))
  server.on('checkContinue', (request, response) => handle(request, response, () => response.writeContinue()))
  limitConnections(server, options)
  answerMalformed(server, options)
  await bind(server, host, port)
  const bound = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  return {
    address: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    get isClosing() {
      return closing !== undefined
    },
    close() {
      closing ??= new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
      })
      return closing
    },
  }
}

async function bind(server: Server, host: string, port: number): Promise<void> {
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
}

/** By address, so that whoever has many is turned away, and not whoever comes next. */
function limitConnections(server: Server, { limits, refused }: ListenerOptions): void {
  const open = new Map<string, Set<Socket>>()
  let all = 0
  server.on('drop', () => refused('connections'))
  server.on('connection', (socket: Socket) => {
    const client = clientOf(socket.remoteAddress)
    const mine = open.get(client) ?? new Set()
    if (mine.size >= limits.connectionsPerAddressMax * (isLoopback(client) ? LOOPBACK_SHARE : 1)) {
      refused('connections')
      socket.destroy()
      return
    }
    open.set(client, mine.add(socket))
    socket.once('close', () => {
      all--
      mine.delete(socket)
      if (mine.size === 0) open.delete(client)
    })
    if (++all > limits.connectionsMax) {
      refused('connections')
      oldestOfMost(open).destroy()
    }
  })
}

/** The oldest connection of the address that has most. */
function oldestOfMost(open: ReadonlyMap<string, ReadonlySet<Socket>>): Socket {
  let most: ReadonlySet<Socket> = new Set()
  for (const sockets of open.values()) if (sockets.size > most.size) most = sockets
  const [oldest] = most
  return oldest as Socket
}

const malformed: Readonly<Record<string, readonly [number, string, Refusal]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'malformed'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'slow'],
}

/** What is not HTTP gets a short answer without a word about it. */
function answerMalformed(server: Server, { refused }: ListenerOptions): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A client that has gone is no attack.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const [status, words, reason] = malformed[error.code ?? ''] ?? ([400, 'Bad Request', 'malformed'] as const)
    refused(reason)
    const head = `HTTP/1.1 ${status} ${words}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
    // In the middle of an answer it would be taken for a part of it.
    if ((socket as Socket).bytesWritten > 0) return void socket.destroy()
    socket.end(head, () => socket.destroy())
  })
}
