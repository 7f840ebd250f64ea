// What is put right in kafkajs: a test for each patch, so that another version of it is noticed.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Message } from '../../src/sources/kafka-batches.ts'
import type { ConsumerGroup, GroupGuard } from '../../src/sources/kafka-patches.ts'
import { guardGroup, patchKafkaJs } from '../../src/sources/kafka-patches.ts'
import { encodeBatch } from '../build/record-batch.ts'

const require = createRequire(import.meta.url)

interface GroupPrototype {
  joinAndSync(this: unknown): Promise<void>
  recoverFromOffsetOutOfRange(this: unknown, error: { topic: string; partition: number }): Promise<void>
  filterPartitionsByNode(this: unknown, nodeId: string, topics: unknown): Array<{ topic: string; partitions: number[] }>
}

const group = (require('kafkajs/src/consumer/consumerGroup') as { prototype: GroupPrototype }).prototype
const steps: string[] = []
const patched = ['joinAndSync', 'recoverFromOffsetOutOfRange', 'filterPartitionsByNode'] as const
const kindsBefore = patched.map((name) => typeof group[name])
group.joinAndSync = async () => void steps.push('joined')
group.filterPartitionsByNode = (_, topics) => topics as Array<{ topic: string; partitions: number[] }>
patchKafkaJs()
patchKafkaJs()

function stub(groupId: string) {
  return {
    groupId,
    topicsSubscribed: ['predictions'],
    pause: (topics: unknown) => steps.push(`paused ${JSON.stringify(topics)}`),
    resume: (topics: unknown) => steps.push(`resumed ${JSON.stringify(topics)}`),
  }
}

test('a fetch is read by us: one bad batch spoils nothing, and a gzip bomb is bounded', async () => {
  const response = require('kafkajs/src/protocol/requests/fetch/v11/response') as {
    decode(bytes: Buffer): Promise<{ responses: Array<{ partitions: Array<{ messages: Message[] }> }> }>
  }
  const batches = Buffer.concat([
    encodeBatch({ from: 7, values: ['a'], attributes: 1, compress: (bytes) => gzipSync(bytes) }),
    encodeBatch({ from: 8, values: ['b'], attributes: 7 }),
    encodeBatch({ from: 9, values: ['c'] }),
  ])
  const head = Buffer.alloc(10 + 4 + 2 + 1 + 4 + 4 + 2 + 24 + 4 + 4)
  head.writeInt32BE(1, 10)
  head.writeInt16BE(1, 14)
  head.write('t', 16)
  head.writeInt32BE(1, 17)
  head.writeInt32BE(-1, 51)
  const size = Buffer.alloc(4)
  size.writeInt32BE(batches.length)
  const { responses } = await response.decode(Buffer.concat([head, size, batches]))
  assert.deepEqual(
    responses[0]?.partitions[0]?.messages.map(({ offset, value, lost, extent }) => [
      offset,
      value?.toString() ?? (lost ? 'lost' : extent ? 'extent' : null),
    ]),
    [
      [7, 'a'],
      [8, 'lost'],
      [9, 'c'],
      [9, 'extent'],
    ],
  )
})

test('every compression of Kafka is in the registry of codecs, with a bound', async () => {
  const { lookupCodec } = require('kafkajs/src/protocol/message/compression') as {
    lookupCodec(type: number): { decompress(bytes: Buffer): Promise<Buffer>; compress(): Promise<never> }
  }
  assert.equal((await lookupCodec(1).decompress(gzipSync('text'))).toString(), 'text')
  for (const type of [2, 3, 4])
    await assert.rejects(lookupCodec(type).decompress(Buffer.of(1)), /cannot be decompressed/)
  await assert.rejects(lookupCodec(2).compress(), /snappy is read here, and never written/)
})

test('nothing is fetched between an assignment and the end of what is asked of it', async () => {
  steps.length = 0
  const gate = Promise.withResolvers<void>()
  const guard: GroupGuard = {
    joined: async () => {
      steps.push('asked')
      await gate.promise
      steps.push('answered')
    },
    notJoined: (error) => assert.fail(String(error)),
    halted: () => [{ topic: 'predictions', partitions: [1] }],
    outOfRange: async () => {},
  }
  const stop = guardGroup('guarded', guard)
  const joining = group.joinAndSync.call(stub('guarded'))
  await new Promise((resolve) => setImmediate(resolve))
  const before = [...steps]
  gate.resolve()
  await joining
  assert.deepEqual(before, ['paused [{"topic":"predictions"}]', 'joined', 'asked'])
  assert.deepEqual(steps.slice(3), [
    'answered',
    'resumed [{"topic":"predictions"}]',
    'paused [{"topic":"predictions","partitions":[1]}]',
  ])
  stop()
  steps.length = 0
  await group.joinAndSync.call(stub('guarded'))
  assert.deepEqual(steps, ['joined'])
})

test('an offset that is out of range is asked about, and never set to a default', async () => {
  const asked: unknown[] = []
  const stop = guardGroup('ranged', {
    joined: async () => {},
    notJoined: (error) => assert.fail(String(error)),
    halted: () => [],
    outOfRange: async (_: ConsumerGroup, place) => void asked.push(place),
  })
  await group.recoverFromOffsetOutOfRange.call(stub('ranged'), { topic: 'predictions', partition: 3 })
  assert.deepEqual(asked, [{ topic: 'predictions', partition: 3 }])
  stop()
})

test('each partition is the first of a request in its turn', () => {
  const topics = [
    { topic: 'a', partitions: [0, 1, 2] },
    { topic: 'b', partitions: [0, 1] },
  ]
  const firsts = new Set<string>()
  for (let i = 0; i < 12; i++) {
    const turn = group.filterPartitionsByNode.call(stub('any'), '1', topics)
    assert.deepEqual(turn.map(({ partitions }) => partitions.length).sort(), [2, 3])
    firsts.add(`${turn[0]?.topic}/${turn[0]?.partitions[0]}`)
  }
  assert.deepEqual([...firsts].sort(), ['a/0', 'a/1', 'a/2', 'b/0', 'b/1'])
})

test('what is patched was there before', () => {
  assert.deepEqual(kindsBefore, ['function', 'function', 'function'])
})
