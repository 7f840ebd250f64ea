// The Kafka source against a real broker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKafkaSource } from '../../src/sources/kafka.ts'
import { createPublisher } from '../../src/sources/publish.ts'
import type { Batch } from '../../src/sources/source.ts'
import { sourceBattery } from '../batteries/source.battery.ts'
import { adminOf, createTopics, freePort, produce } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'

const address = kafkaAddress ?? ''
const connection = { brokers: [address], clientId: 'test', ssl: false as const, sasl: null, log: () => {} }
let topics = 0

async function newTopic(partitions: number): Promise<string> {
  const topic = `source-${process.pid}-${Date.now()}-${topics++}`
  await createTopics(address, [{ topic, partitions }])
  return topic
}

const sourceOf = (topic: string, onTrouble: (message: string | null) => void = () => {}) =>
  createKafkaSource({ ...connection, name: 'test', topics: [topic], onTrouble })
const filled = new Map<number, string>()

sourceBattery(
  'Kafka',
  {
    // Sources of equal length read the same topic, as a daemon does that starts again.
    make: async (count) => {
      let topic = filled.get(count)
      if (topic === undefined) {
        topic = await newTopic(3)
        filled.set(count, topic)
        await produce(
          address,
          topic,
          Array.from({ length: count }, (_, i) => ({ partition: i % 3, value: JSON.stringify({ n: i }) })),
        )
      }
      return sourceOf(topic)
    },
    numberOf: (value) => (JSON.parse(Buffer.from(value as Uint8Array).toString()) as { n: number }).n,
    ends: false,
  },
  skipWithoutKafka,
)

test('a partition without records is told to be at its end', { skip: skipWithoutKafka, timeout: 60_000 }, async () => {
  const source = sourceOf(await newTopic(2))
  const told = Promise.withResolvers<Batch>()
  const running = source.run({
    assigned: (partitions) => partitions.map(() => undefined),
    batch: async (batch) => told.resolve(batch),
  })
  const batch = await told.promise
  assert.deepEqual([batch.records.length, batch.nextOffset, batch.endOffset], [0, 0, 0])
  await source.stop()
  await running
})

test('a topic that does not exist ends the run with its name and what there is', {
  skip: skipWithoutKafka,
  timeout: 60_000,
}, async () => {
  const source = sourceOf('no-such-topic')
  await assert.rejects(source.run({ assigned: () => [], batch: async () => {} }), /no topic no-such-topic; create it/)
  await source.stop()
})

test('a start after a kill needs no session time-out: each start has a group of its own', {
  skip: skipWithoutKafka,
  timeout: 60_000,
}, async () => {
  const topic = await newTopic(1)
  await produce(address, topic, [{ partition: 0, value: '{}' }])
  // The first is never stopped while the second reads, as if it had been killed.
  const [dead, alive] = [sourceOf(topic), sourceOf(topic)]
  const runs: Array<Promise<void>> = []
  const firstBatch = async (source: typeof dead) => {
    const first = Promise.withResolvers<void>()
    const batch = async ({ records }: Batch) => (records.length > 0 ? first.resolve() : undefined)
    runs.push(source.run({ assigned: (partitions) => partitions.map(() => undefined), batch }))
    await first.promise
  }
  await firstBatch(dead)
  await firstBatch(alive)
  await Promise.all([dead.stop(), alive.stop(), ...runs])
})

test('lag tools see the position under a group of a stable name', {
  skip: skipWithoutKafka,
  timeout: 60_000,
}, async () => {
  const topic = await newTopic(1)
  await produce(address, topic, [
    { partition: 0, value: '{}' },
    { partition: 0, value: '{}' },
  ])
  const source = createKafkaSource({ ...connection, name: topic, topics: [topic], onTrouble: () => {} })
  const read = Promise.withResolvers<void>()
  const running = source.run({
    assigned: (partitions) => partitions.map(() => undefined),
    batch: async ({ nextOffset }) => (nextOffset === 2 ? read.resolve() : undefined),
  })
  await read.promise
  await source.committed([{ topic, partition: 0, nextOffset: 2 }])
  await source.stop()
  await running
  const admin = adminOf(address)
  await admin.connect()
  const [offsets] = await admin.fetchOffsets({ groupId: `leeway-${topic}`, topics: [topic] })
  await admin.disconnect()
  assert.equal(offsets?.partitions[0]?.offset, '2')
})

test('records of one key are published in order to one partition', {
  skip: skipWithoutKafka,
  timeout: 60_000,
}, async () => {
  const topic = await newTopic(3)
  const publisher = await createPublisher(connection)
  await publisher.send(
    topic,
    Array.from({ length: 30 }, (_, i) => ({ key: `k${i % 3}`, value: String(i) })),
  )
  await publisher.close()
  const source = sourceOf(topic)
  const seen = new Map<string, number[]>()
  const done = Promise.withResolvers<void>()
  let count = 0
  const running = source.run({
    assigned: (partitions) => partitions.map(() => undefined),
    batch: async ({ partition, records }) => {
      for (const { value } of records) {
        const number = Number(Buffer.from(value as Uint8Array).toString())
        seen.set(`k${number % 3}`, [...(seen.get(`k${number % 3}`) ?? []), number])
        assert.ok(partition >= 0)
        if (++count === 30) done.resolve()
      }
    },
  })
  await done.promise
  await source.stop()
  await running
  for (const numbers of seen.values())
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    )
})

test('without a broker the publisher says where it looked', { timeout: 60_000 }, async () => {
  const port = await freePort()
  await assert.rejects(
    createPublisher({ ...connection, brokers: [`127.0.0.1:${port}`] }),
    new RegExp(`no broker answers at 127.0.0.1:${port}`),
  )
})
