// The connections of kafkajs 2.2.4, put right from outside: they spin, wait for ever on a dead line, mix up answers after a cut, and log in
// again too often.

import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

const require = createRequire(import.meta.url)
const CHECK_EVERY_MS = 250

/** What ends a connection that was asked and said nothing. */
export class SilentConnection extends Error {
  readonly code = 'ETIMEDOUT'
}

interface SocketRequest {
  readonly requestTimeout: number
}

interface RequestQueue {
  readonly inflight: Map<number, SocketRequest>
  readonly pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  requestTimeoutIntervalId: NodeJS.Timeout | undefined
  readonly enforceRequestTimeout: boolean
  /** Ours: when the other side was last heard. */
  heardAt?: number
  /** Ours: when each request was first seen to wait. */
  waitingSince?: WeakMap<SocketRequest, number>
  /** Ours: ends the connection. */
  onSilence?: (waitedMs: number) => void
  isConnected(): boolean
  destroy(): void
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
}

interface Connection {
  readonly broker: string
  readonly requestQueue: RequestQueue
  socket: Socket | undefined
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  authHandlers: unknown
  /** As of `process.hrtime`; null before it has logged in. */
  authenticatedAt: [number, number] | null
  /** Milliseconds; 0 = without end. */
  readonly sessionLifetime: { toString(): string }
  isConnected(): boolean
  connect(): Promise<boolean>
  disconnect(): Promise<boolean>
  processData(data: Buffer): void
}

let isRight = false

/** Doing it twice is harmless. */
export function putConnectionsRight(): void {
  if (isRight) return
  isRight = true
  const queue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype
  const connection = (require('kafkajs/src/network/connection') as { prototype: Connection }).prototype
  checkOnlyWhatWaits(queue)
  endSilentConnections(queue, connection)
  beginAfresh(connection)
  closeAtOnce(connection)
  logInAgainInTime(connection)
}

/**
 * kafkajs re-arms a timer without end, about 870 times a second per connection, with a negative time-out (of which Node 24
 * and later warn). A check is needed only while requests wait, and then in the future: requests that wait for others to be
 * answered are looked at when those are.
 */
function checkOnlyWhatWaits(prototype: RequestQueue): void {
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue) {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      Math.max(10, this.throttledUntil - Date.now()),
    )
  }
}

/**
 * kafkajs gives up a request that is not answered in time, keeps its connection, and asks there again: a dead line costs a time-out for
 * every request until the system gives it up, a quarter of an hour later. A slow line, on the other hand, never brings a large answer, for
 * it is asked for again and again. So: a connection lives as long as it brings bytes, and ends when it is asked and brings none. The wall
 * clock has no say in it.
 */
function endSilentConnections(queue: RequestQueue, connection: Connection): void {
  queue.scheduleRequestTimeoutCheck = function scheduleRequestTimeoutCheck(this: RequestQueue) {
    if (!this.enforceRequestTimeout) return
    this.destroy()
    this.waitingSince = new WeakMap()
    this.heardAt = performance.now()
    this.requestTimeoutIntervalId = setInterval(() => lookForSilence(this), CHECK_EVERY_MS)
  }
  const { processData } = connection
  connection.processData = function (this: Connection, data: Buffer) {
    this.requestQueue.heardAt = performance.now()
    processData.call(this, data)
  }
}

function lookForSilence(queue: RequestQueue): void {
  const now = performance.now()
  const { waitingSince, heardAt = now } = queue
  for (const request of queue.inflight.values()) {
    const since = waitingSince?.get(request)
    if (since === undefined) {
      waitingSince?.set(request, now)
      continue
    }
    const waitedMs = now - Math.max(since, heardAt)
    if (waitedMs <= request.requestTimeout) continue
    queue.onSilence?.(waitedMs)
    break
  }
  if (!queue.isConnected()) queue.destroy()
}

/** kafkajs keeps the half of an answer that a cut left behind, and takes the first bytes of the next connection for its rest. */
function beginAfresh(prototype: Connection): void {
  const { connect } = prototype
  prototype.connect = function (this: Connection) {
    if (!this.isConnected()) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = 4
      this.authHandlers = null
      this.requestQueue.onSilence = (waitedMs) =>
        this.socket?.destroy(new SilentConnection(`no answer for ${Math.round(waitedMs / 1_000)} s`))
    }
    return connect.call(this)
  }
}

/** kafkajs says goodbye and forgets the socket; on a dead line it stays for a quarter of an hour, and each new try adds one. */
function closeAtOnce(prototype: Connection): void {
  const { disconnect } = prototype
  prototype.disconnect = async function (this: Connection) {
    const { socket } = this
    const done = await disconnect.call(this)
    socket?.destroy()
    return done
  }
}

/** A session is renewed when this share of its life is over; the next request may come seconds later. */
const SESSION_SHARE = 0.6
/** A broker refuses to renew one that is younger. */
const SESSION_AGE_MS_MIN = 1_100

/** kafkajs logs in again ten seconds before a session ends: one that lives no longer than that is renewed at every request, and refused. */
function logInAgainInTime(prototype: Connection): void {
  const key = Object.getOwnPropertySymbols(prototype).find(
    ({ description }) => description === 'private:Connection:shouldReauthenticate',
  )
  if (key === undefined) throw new Error('this is not the version of kafkajs that is known here')
  Object.defineProperty(prototype, key, {
    value(this: Connection): boolean {
      const lifeMs = Number(this.sessionLifetime.toString())
      if (lifeMs === 0) return false
      if (this.authenticatedAt === null) return true
      const [seconds, nanoseconds] = process.hrtime(this.authenticatedAt)
      return seconds * 1_000 + nanoseconds / 1e6 >= Math.max(SESSION_AGE_MS_MIN, lifeMs * SESSION_SHARE)
    },
  })
}
