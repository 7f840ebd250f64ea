// kafkajs, made fit for a daemon that runs for months: its log goes where ours goes, and its connections are put right.

import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Kafka, logLevel } from 'kafkajs'
import type { Millis } from '../time.ts'
import { putConnectionsRight } from './kafka-connections.ts'
import type { Login } from './kafka-login.ts'
import { saslOf } from './kafka-login.ts'
import { patchKafkaJs } from './kafka-patches.ts'
import { socketFactory } from './kafka-socket.ts'

/** Where log lines go. */
export type ClientLog = (level: 'error' | 'warn' | 'info' | 'debug', message: string) => void

export interface KafkaConnection {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Asked for every connection, so that renewed certificates are used. */
  readonly ssl: (() => ConnectionOptions) | false
  readonly sasl: Login | null
  readonly log: ClientLog
  /** A connection that is asked and brings nothing for this long is dead. */
  readonly requestTimeoutMs?: Millis
  readonly connectTimeoutMs?: Millis
}

const REQUEST_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
const READ_COMMITTED = 1

export interface ClientOptions {
  /** How often a request is tried again. */
  readonly retries: number
  /** Told of each connection that ended with an error. */
  readonly onConnectionError?: (broker: string, error: Error) => void
  /** Told of each connection that is made. */
  readonly onSocket?: (socket: Socket) => void
}

export function connectTo(connection: KafkaConnection, options: ClientOptions): Kafka {
  putConnectionsRight()
  patchKafkaJs()
  const { brokers, clientId, ssl, sasl, log } = connection
  const open = socketFactory(ssl === false ? null : ssl, options.onConnectionError ?? (() => {}))
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    ...(sasl !== null && { sasl: saslOf(sasl) }),
    socketFactory: (request) => {
      const socket = open(request)
      options.onSocket?.(socket)
      return socket
    },
    connectionTimeout: connection.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    requestTimeout: connection.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries: options.retries },
    logLevel: logLevel.WARN,
    // Whatever matters of it comes to us as an error too, and is told once, in our words.
    logCreator:
      () =>
      ({ log: entry }) => {
        const { message, error } = entry as { message: string; error?: string }
        log('debug', error === undefined ? message : `${message}: ${error}`)
      },
  })
  askForWhatCanBeRead(kafka)
  return kafka
}

/**
 * An admin of kafkajs says that a partition ends where its last record lies. A consumer does not get the records of a transaction that
 * is open; asked as a consumer would, the broker says where it ends for us.
 */
function askForWhatCanBeRead(kafka: Kafka): void {
  const client = kafka as unknown as Record<symbol, (options: object) => unknown>
  const key = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  const create = key === undefined ? undefined : client[key]
  if (key === undefined || create === undefined)
    throw new Error('this is not the version of kafkajs that is known here')
  client[key] = (options) => create({ isolationLevel: READ_COMMITTED, ...options })
}
