// Events on a topic of Kafka, as CloudEvents 1.0: what the channel and the retraining target have in common.

import { withoutSecrets } from '../secret.ts'
import type { KafkaConnection } from '../sources/kafka-client.ts'
import { explainFailure } from '../sources/kafka-failure.ts'
import type { OutgoingRecord, Publisher } from '../sources/publish.ts'
import { createPublisher } from '../sources/publish.ts'
import { formatInstant } from '../time.ts'
import type { ProgramEvent } from './event-json.ts'
import type { Outcome } from './sender.ts'
import { jsonLine } from './text-safety.ts'

export interface TopicSettings {
  /** Asked at the first message: whoever sends nothing connects to nothing. */
  readonly connection: KafkaConnection
  readonly topic: string
}

/** How long a stop waits for connections to be said goodbye to. */
const GOODBYE_MS = 1_000

interface Connected {
  readonly publisher: Promise<Publisher>
  readonly abort: AbortController
}

export interface TopicWriter {
  /** Resolves when the brokers have the records, or with what keeps them from it. Never throws. */
  write(records: readonly OutgoingRecord[], signal: AbortSignal): Promise<Outcome>
  /** The same without a record: whether the brokers can be written to. */
  reach(signal: AbortSignal): Promise<Outcome>
  close(): Promise<void>
}

export function createTopicWriter(settings: TopicSettings): TopicWriter {
  const { connection, topic } = settings
  let connected: Connected | undefined

  function connect(): Connected {
    const abort = new AbortController()
    connected = { publisher: createPublisher(connection, abort.signal), abort }
    return connected
  }

  /** The next message connects anew. */
  function drop({ abort }: Connected): void {
    if (connected?.abort === abort) connected = undefined
    abort.abort()
  }

  return {
    async write(records, signal) {
      const using = connected ?? connect()
      let isConnected = false
      const sending = using.publisher.then(async (publisher) => {
        isConnected = true
        for (const some of batches(records)) await publisher.send(topic, some)
      })
      try {
        await Promise.race([sending, calledOff(signal)])
        return { result: 'delivered', detail: `${records.length} on ${topic}` }
      } catch (error) {
        // What it had begun comes to nothing, and nobody waits for it.
        sending.catch(() => {})
        drop(using)
        const outcome = outcomeOf(error, settings)
        return outcome.result === 'retry' && !isConnected ? { ...outcome, isNotTaken: true } : outcome
      }
    },
    async reach(signal) {
      const using = connected ?? connect()
      try {
        await Promise.race([using.publisher, calledOff(signal)])
        return { result: 'delivered' }
      } catch (error) {
        drop(using)
        return outcomeOf(error, settings)
      }
    },
    async close() {
      if (connected === undefined) return
      const closing = connected
      const goodbye = closing.publisher.then((publisher) => publisher.close())
      await Promise.race([goodbye.catch(() => {}), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref())])
      drop(closing)
    },
  }
}

/** A broker takes a batch of a mebibyte; records of a group may go to the same partition. */
const BATCH_BYTES_MAX = 500_000

function* batches(records: readonly OutgoingRecord[]): Iterable<readonly OutgoingRecord[]> {
  let some: OutgoingRecord[] = []
  let bytes = 0
  for (const record of records) {
    const size = Buffer.byteLength(record.value)
    if (some.length > 0 && bytes + size > BATCH_BYTES_MAX) {
      yield some
      some = []
      bytes = 0
    }
    some.push(record)
    bytes += size
  }
  if (some.length > 0) yield some
}

function calledOff(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new Error('no answer in time'))
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
  })
}

function outcomeOf(error: unknown, { connection, topic }: TopicSettings): Outcome {
  const type = typeOf(error)
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION')
    return { result: 'retry', because: `there is no topic ${topic}; create it, for leeway does not` }
  if (type === 'TOPIC_AUTHORIZATION_FAILED')
    return { result: 'retry', because: `this user may not write to ${topic}; allow it WRITE and DESCRIBE` }
  const { brokers, ssl, sasl } = connection
  const login =
    sasl === null ? null : { mechanism: sasl.mechanism, username: 'username' in sasl ? sasl.username : null }
  const { message } = explainFailure(error, { brokers, isTls: ssl !== false, login, group: '' })
  const because = withoutSecrets(message)
  return { result: type === 'MESSAGE_TOO_LARGE' ? 'refused' : 'retry', because }
}

/** What the protocol calls an error, which the client wraps in others of its own. */
function typeOf(error: unknown): string | undefined {
  const seen = new Set<unknown>()
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one)
    if ('type' in one && typeof one.type === 'string') return one.type
  }
  return undefined
}

/** Structured mode: the whole event is the record's value. */
export function recordOf(id: string, source: string, { type, subject, at, data }: ProgramEvent): OutgoingRecord {
  const event = { specversion: '1.0', id, source, type, subject, time: formatInstant(at) }
  return {
    key: subject,
    value: jsonLine({ ...event, datacontenttype: 'application/json', data }),
    headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
  }
}
