// Writes records to Kafka: for `leeway produce`, and for whoever wants to be told on a topic.

import type { Socket } from 'node:net'
import { CompressionTypes, Partitioners } from 'kafkajs'
import type { KafkaConnection } from './kafka-client.ts'
import { connectTo } from './kafka-client.ts'

export interface OutgoingRecord {
  /** Decides the partition: records of one key stay in order. */
  readonly key: string
  readonly value: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Publisher {
  /** Resolves when the brokers have them. */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>
  close(): Promise<void>
}

/** What its connections end with when it is called off: kafkajs does not notice the end of one that has no error. */
class CalledOff extends Error {
  constructor() {
    super('called off')
  }
}

/**
 * @param signal ends it at once, whatever it is doing
 * @throws Error when no broker answers
 */
export async function createPublisher(connection: KafkaConnection, signal?: AbortSignal): Promise<Publisher> {
  const onSocket = (socket: Socket) => {
    const end = () => socket.destroy(new CalledOff())
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end, { once: true })
    socket.once('close', () => signal?.removeEventListener('abort', end))
  }
  const producer = connectTo(connection, { retries: 2, onSocket }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  })
  try {
    await producer.connect()
  } catch (error) {
    throw new Error(
      `no broker answers at ${connection.brokers.join(', ')}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    )
  }
  return {
    async send(topic, records) {
      await producer.send({
        topic,
        messages: records.map(({ key, value, headers }) => ({
          key,
          value,
          ...(headers && { headers: { ...headers } }),
        })),
        acks: -1,
        compression: CompressionTypes.None,
      })
    },
    close: () => producer.disconnect(),
  }
}
