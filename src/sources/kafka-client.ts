// kafkajs, made fit for a daemon that runs for months: its log goes where ours goes, and its busy timer is put right.

import { createRequire } from 'node:module'
import type { SASLOptions } from 'kafkajs'
import { Kafka, logLevel } from 'kafkajs'
import { patchKafkaJs } from './kafka-patches.ts'

/** Where the client's own log lines go. */
export type ClientLog = (level: 'error' | 'warn' | 'info' | 'debug', message: string) => void

export interface KafkaConnection {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl: boolean
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  } | null
  readonly log: ClientLog
}

const levels = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
  [logLevel.NOTHING]: 'debug',
} as const

/** @param retries how often a request is tried again; a daemon is patient, a command is not */
export function connectTo({ brokers, clientId, ssl, sasl, log }: KafkaConnection, retries = 8): Kafka {
  putTimerRight()
  patchKafkaJs()
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ssl,
    ...(sasl !== null && { sasl: { ...sasl } as SASLOptions }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ level, log: entry }) => {
        const { message, error } = entry as { message: string; error?: string }
        log(levels[level as keyof typeof levels], error === undefined ? message : `${message}: ${error}`)
      },
  })
}

interface RequestQueue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
}

let isRight = false

/**
 * kafkajs 2.2.4 re-arms a timer without end, about 870 times a second per connection, with a negative time-out (of which Node 24
 * and later warn). A check is needed only while requests wait, and then in the future: requests that wait for others to be
 * answered are looked at when those are.
 */
function putTimerRight(): void {
  if (isRight) return
  isRight = true
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue & { scheduleCheckPendingRequests(): void }
  }
  queue.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue) {
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
