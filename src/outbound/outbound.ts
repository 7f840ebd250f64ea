// The way out: connections to receivers of messages and to givers of tokens are opened here, to addresses that were checked.
//
// A host is resolved once, its addresses are checked, and one of those is what is connected to: a name server that answers
// differently the next time is not asked again. Redirects are not followed, proxies of the environment are not used, certificates
// are verified whatever the environment says, and what comes back is read up to a limit.

import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request as requestPlain } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import { isIP, connect as openSocket } from 'node:net'
import type { Millis } from '../time.ts'
import type { AllowRule } from './addresses.ts'
import { describeKind, faultOfUrl, isListed, kindOfAddress, parseAllowed, plainHost } from './addresses.ts'

export interface OutboundOptions {
  /** Names, addresses and ranges beside the public addresses: `network.allow` of the configuration. */
  readonly allow: readonly string[]
  /** All addresses of a host. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>
  /** Certificates to trust instead of the usual ones (PEM). */
  readonly ca?: string
}

export interface OutgoingRequest {
  readonly url: string
  /** Left out: POST. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  readonly signal: AbortSignal
  /** For the whole of it: connecting, waiting, reading. */
  readonly timeoutMs: Millis
  readonly answerBytesMax: number
}

export interface OutgoingAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** false: it was cut off, by the receiver, by the clock or by the limit. */
  readonly isWhole: boolean
}

export interface Outbound {
  /** @throws AddressError when the address is not allowed, NoAnswer when there is none */
  post(request: OutgoingRequest): Promise<OutgoingAnswer>
  /**
   * A connection without TLS; whoever speaks over it may upgrade it.
   *
   * @param to.isEncrypted false: it will not be upgraded, so that the address must be listed; left out: as if it will
   * @throws as `post`
   */
  connect(to: { host: string; port: number; timeoutMs: Millis; isEncrypted?: boolean }): Promise<Socket>
}

/** The address is one that leeway does not connect to. Says what to add to the configuration. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
}

/** There is no answer. Keeps the reason's code. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly code: string | undefined
  /** Whether the request may have arrived: not before there was a connection. */
  readonly mayHaveArrived: boolean

  constructor(cause: Error, mayHaveArrived: boolean) {
    super(cause.message, { cause })
    this.code = (cause as NodeJS.ErrnoException).code
    this.mayHaveArrived = mayHaveArrived
  }
}

const CONNECT_TIMEOUT_MS = 5_000
const HEADER_BYTES_MAX = 16_384

export function createOutbound({ allow, resolve = allAddressesOf, ca }: OutboundOptions): Outbound {
  const rules = allow.map((text) => {
    const rule = parseAllowed(text)
    if (rule === undefined) throw new AddressError(`${JSON.stringify(text)} is no name, address or range`)
    return rule
  })
  // Agents of our own: the global ones may have been given a proxy by the environment.
  const agents = { plain: new Agent({ keepAlive: false }), secure: new SecureAgent({ keepAlive: false }) }
  return {
    post: async (request) => {
      const url = checkedUrl(request.url)
      const guard = { rules, resolve, mustBeListed: url.protocol === 'http:' }
      return new Promise((fulfil, reject) => {
        const { method = 'POST', headers } = request
        const options = { method, headers, ...guarded(plainHost(url.hostname), guard) }
        const limit = AbortSignal.timeout(request.timeoutMs)
        const all = {
          ...options,
          signal: AbortSignal.any([request.signal, limit]),
          maxHeaderSize: HEADER_BYTES_MAX,
        }
        const sent =
          url.protocol === 'https:'
            ? requestSecure(url, { ...all, agent: agents.secure, rejectUnauthorized: true, ...(ca && { ca }) })
            : requestPlain(url, { ...all, agent: agents.plain })
        const connectMs = Math.min(CONNECT_TIMEOUT_MS, request.timeoutMs)
        const connecting = setTimeout(() => sent.destroy(new Error(`no connection within ${connectMs} ms`)), connectMs)
        let isConnected = false
        sent.on('socket', (socket) =>
          socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
            isConnected = true
            clearTimeout(connecting)
          }),
        )
        let isAnswered = false
        sent.on('error', (error) => {
          clearTimeout(connecting)
          // What was answered before it broke off stands.
          if (isAnswered) return
          if (error instanceof AddressError) return reject(error)
          const reason = limit.aborted ? new Error(`no answer within ${request.timeoutMs} ms`) : error
          reject(new NoAnswer(reason, isConnected))
        })
        // Ended without an answer and without an error: it would change to another protocol.
        sent.on('close', () => {
          clearTimeout(connecting)
          if (!isAnswered) reject(new NoAnswer(new Error('the connection ended, and there was no answer'), isConnected))
        })
        sent.on('response', (response) => {
          isAnswered = true
          const status = response.statusCode ?? 0
          readAtMost(response, request.answerBytesMax).then(
            (read) => fulfil({ status, headers: response.headers, ...read }),
            reject,
          )
        })
        sent.end(request.body)
      })
    },
    connect: ({ host, port, timeoutMs, isEncrypted = true }) =>
      new Promise((fulfil, reject) => {
        const name = plainHost(host)
        const socket = openSocket({
          ...guarded(name, { rules, resolve, mustBeListed: !isEncrypted }),
          host: name,
          port,
          autoSelectFamily: true,
          timeout: timeoutMs,
        })
        socket.once('timeout', () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)))
        socket.once('error', reject)
        socket.once('connect', () => {
          socket.setTimeout(0)
          socket.removeAllListeners('timeout')
          fulfil(socket)
        })
      }),
  }
}

interface Guard {
  readonly rules: readonly AllowRule[]
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>
  /** Without TLS, everybody on the way could read along: only where the configuration says so. */
  readonly mustBeListed: boolean
}

/** @throws AddressError when the host is an address that is not allowed; a name is judged when it is resolved */
function guarded(host: string, { rules, resolve, mustBeListed }: Guard): { lookup: LookupFunction } {
  // Whoever connects to an address as it stands asks no `lookup`.
  if (isIP(host) !== 0) refuse(host, [host], rules, mustBeListed)
  return {
    lookup: (name, { all, family }: LookupOptions, done) => {
      resolve(name).then(
        (found) => {
          const wanted = found.filter((one) => !family || family === one.family || family === `IPv${one.family}`)
          const allowed = wanted.filter(({ address }) => isAllowed(name, address, rules, mustBeListed))
          const [first] = allowed
          if (first === undefined) return done(refusalOf(name, wanted, rules, mustBeListed), [])
          return all ? done(null, allowed) : done(null, first.address, first.family)
        },
        (error: Error) => done(error, []),
      )
    },
  }
}

function isAllowed(host: string, address: string, rules: readonly AllowRule[], mustBeListed: boolean): boolean {
  if (isIP(address) === 0) return false
  return isListed(host, address, rules) || (!mustBeListed && kindOfAddress(address) === 'public')
}

function refuse(host: string, addresses: readonly string[], rules: readonly AllowRule[], mustBeListed: boolean): void {
  const refused = whyRefused({ host, addresses, rules, isEncrypted: !mustBeListed })
  if (refused !== undefined) throw new AddressError(refused)
}

function refusalOf(
  host: string,
  found: readonly LookupAddress[],
  rules: readonly AllowRule[],
  mustBeListed: boolean,
): Error {
  const addresses = found.map(({ address }) => address)
  const refused = whyRefused({ host, addresses, rules, isEncrypted: !mustBeListed })
  return refused === undefined ? new Error(`${host} has no address`) : new AddressError(refused)
}

/**
 * Why a host may not be connected to, with the line of configuration that allows it; undefined when it may.
 *
 * @param addresses what it resolves to
 */
export function whyRefused({
  host,
  addresses,
  rules,
  isEncrypted,
}: {
  host: string
  addresses: readonly string[]
  rules: readonly AllowRule[]
  isEncrypted: boolean
}): string | undefined {
  if (addresses.some((address) => isAllowed(host, address, rules, !isEncrypted))) return undefined
  const [address] = addresses
  if (address === undefined) return undefined
  const kind = kindOfAddress(address)
  const what = host === address ? host : `${host} is ${address},`
  // A name opens addresses of this machine and of private networks only.
  const entry = kind === 'metadata' || kind === 'special' ? address : host
  const cure = `network: {allow: [${entry.includes(':') ? JSON.stringify(entry) : entry}]}`
  if (kind === 'public')
    return `${what} ${describeKind(kind)}, and http:// is not encrypted: use https://, or allow it by writing ${cure}`
  return `${what} ${host === address ? 'is ' : ''}${describeKind(kind)}, to which leeway connects only when told to: if that is meant, write ${cure}`
}

async function allAddressesOf(host: string): Promise<readonly LookupAddress[]> {
  return lookup(host, { all: true })
}

function checkedUrl(text: string): URL {
  const fault = faultOfUrl(text)
  if (fault !== undefined) throw new AddressError(`the address is not usable: expected one that ${fault}`)
  return new URL(text)
}

async function readAtMost(response: IncomingMessage, bytesMax: number): Promise<{ text: string; isWhole: boolean }> {
  const pieces: Buffer[] = []
  let bytes = 0
  let isWhole = false
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece)
      bytes += piece.length
      if (bytes > bytesMax) break
    }
    isWhole = bytes <= bytesMax && response.complete
  } catch {
    // Cut off: what it began to say stands.
  }
  return { text: Buffer.concat(pieces).subarray(0, bytesMax).toString('utf8'), isWhole }
}
