// Writes records to Kafka: for `leeway produce`.

import { CompressionTypes, Partitioners } from 'kafkajs'
import type { KafkaConnection } from './kafka-client.ts'
import { connectTo } from './kafka-client.ts'

export interface OutgoingRecord {
  /** Decides the partition: records of one key stay in order. */
  readonly key: string
  readonly value: string
}

export interface Publisher {
  /** Resolves when the brokers have them. */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>
  close(): Promise<void>
}

/** @throws Error when no broker answers */
export async function createPublisher(connection: KafkaConnection): Promise<Publisher> {
  const producer = connectTo(connection, { retries: 2 }).producer({
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
        messages: records.map(({ key, value }) => ({ key, value })),
        acks: -1,
        compression: CompressionTypes.None,
      })
    },
    close: () => producer.disconnect(),
  }
}
