// Pauses of a Kafka session, without a broker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryObjects } from 'node:v8'
import { KafkaSession } from '../../src/sources/kafka-session.ts'

function session(): KafkaSession {
  return new KafkaSession({
    connection: { brokers: ['127.0.0.1:9'], clientId: 'leeway', ssl: false, sasl: null, log: () => {} },
    stableGroup: 'leeway-test',
    topics: ['events'],
    guard: { joined: async () => {}, halted: () => [], outOfRange: async () => {} },
    fetched: () => {},
    batch: async () => {},
    onConnectionError: () => {},
    isStuck: () => false,
  })
}

test('a session that waits again and again for weeks keeps nothing of it', async () => {
  const one = session()
  await one.during(0)
  const before = queryObjects(Promise, { format: 'count' })
  for (let i = 0; i < 50; i++) await one.during(0)
  const kept = queryObjects(Promise, { format: 'count' }) - before
  await one.close()
  assert.ok(kept < 10, `${kept} promises are kept after 50 pauses`)
})

test('closing a session ends its pauses, and there are none afterwards', async () => {
  const one = session()
  const waiting = one.during(3_600_000)
  await one.close()
  await waiting
  await one.during(3_600_000)
})
