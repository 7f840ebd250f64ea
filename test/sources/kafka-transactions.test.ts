// Which records of an answer belong to transactions that were aborted.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import type { Message } from '../../src/sources/kafka-batches.ts'
import { patchKafkaJs } from '../../src/sources/kafka-patches.ts'

const require = createRequire(import.meta.url)

interface Broker {
  prototype: { fetch(this: unknown, request: object): Promise<unknown> }
}

const { prototype } = require('kafkajs/src/broker') as Broker
const Batch = require('kafkajs/src/consumer/batch') as new (
  topic: string,
  fetched: string,
  partition: object,
) => { messages: Message[] }
let answer: object
prototype.fetch = async () => ({ responses: [{ topicName: 'predictions', partitions: [answer] }] })
patchKafkaJs()

const message = (offset: number, producerId: string, rest: Partial<Message> = {}): Message => ({
  offset,
  timestamp: 0,
  key: null,
  value: Buffer.from('x'),
  isControlRecord: false,
  batchContext: { producerId, inTransaction: true },
  lost: null,
  extent: null,
  ...rest,
})
const marker = (offset: number, producerId: string, type: 0 | 1) =>
  message(offset, producerId, { isControlRecord: true, key: Buffer.from([0, 0, 0, type]) })

/** The offsets that a consumer of kafkajs gives out. */
async function givenOut(
  messages: readonly Message[],
  abortedTransactions: Array<{ producerId: string; firstOffset: string }>,
): Promise<number[]> {
  answer = { partition: 0, highWatermark: '100', messages, abortedTransactions }
  const { responses } = (await prototype.fetch({})) as { responses: Array<{ partitions: object[] }> }
  return new Batch('predictions', '0', responses[0]?.partitions[0] as object).messages.map(({ offset }) => offset)
}

test('of several aborted transactions that began before the answer none is let in', async () => {
  const messages = [
    message(50, 'b'),
    message(51, 'c'),
    message(52, 'a'),
    message(53, 'd'),
    marker(54, 'c', 0),
    message(55, 'c'),
    marker(56, 'b', 0),
  ]
  const aborted = ['a', 'b', 'c'].map((producerId, i) => ({ producerId, firstOffset: String(10 + i) }))
  assert.deepEqual(await givenOut(messages, aborted), [53, 55])
})

test('a record whose key is the number 0 is no end of a transaction', async () => {
  const messages = [message(10, 'a', { key: Buffer.alloc(4) }), message(11, 'a'), marker(12, 'a', 0), message(13, 'a')]
  assert.deepEqual(await givenOut(messages, [{ producerId: 'a', firstOffset: '10' }]), [13])
})

test('a producer that aborts twice is believed in between, and one that is in no transaction always', async () => {
  const messages = [
    message(10, 'a'),
    marker(11, 'a', 0),
    message(12, 'a'),
    marker(13, 'a', 1),
    message(14, 'a'),
    message(15, 'a', { batchContext: { producerId: 'a', inTransaction: false } }),
    marker(16, 'a', 0),
  ]
  const aborted = ['14', '10'].map((firstOffset) => ({ producerId: 'a', firstOffset }))
  assert.deepEqual(await givenOut(messages, aborted), [12, 15])
})
