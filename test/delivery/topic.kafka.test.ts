// The channel `kafka` against a real broker: what lies on the topic is what any reader of CloudEvents takes.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createKafkaSender } from '../../src/delivery/channels/kafka.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Outcome } from '../../src/delivery/sender.ts'
import { digest, group, notification, told } from '../build/messages.ts'
import { createTopics, freePort } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'

const run = promisify(execFile)
const address = kafkaAddress ?? ''
const options = { skip: skipWithoutKafka, timeout: 60_000 }
let topics = 0

async function newTopic(partitions = 3): Promise<string> {
  const topic = `told-${process.pid}-${Date.now()}-${topics++}`
  await createTopics(address, [{ topic, partitions }])
  return topic
}

function senderOf(topic: string, brokers: readonly string[] = [address]) {
  const connection = { brokers, clientId: 'test', ssl: false as const, sasl: null, log: () => {} }
  return createKafkaSender('topic', { connection, topic, source: '/leeway/test' })
}

const send = (sender: ReturnType<typeof senderOf>, row: Notification, timeoutMs = 20_000): Promise<Outcome> =>
  sender.send(row, AbortSignal.timeout(timeoutMs))

interface Read {
  readonly partition: number
  readonly key: string
  readonly contentType: string
  readonly event: Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }
}

/** The first records of a topic, in the order of their partitions. */
async function readAll(topic: string, count: number): Promise<Read[]> {
  const { stdout } = await run(process.execPath, ['test/kafka/read-topic.ts', address, topic, String(count)], {
    timeout: 30_000,
    maxBuffer: 2 ** 26,
  })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Read)
}

test(
  'a message is a CloudEvent whose id is the key of the message, in the order of its incident',
  options,
  async () => {
    const topic = await newTopic()
    const sender = senderOf(topic)
    const changes = ['firing', 'update', 'handled', 'resolved'] as const
    for (const [i, change] of changes.entries())
      for (const incident of ['a', 'b', 'c']) {
        const row = { ...told('topic', { change, incidentId: incident }), key: `${incident}:${i}:topic` }
        assert.equal((await send(sender, row)).result, 'delivered')
      }
    // After a kill a message is sent again.
    const again = { ...told('topic', { change: 'resolved', incidentId: 'a' }), key: 'a:3:topic' }
    assert.equal((await send(sender, again)).result, 'delivered')
    await sender.close()
    const read = await readAll(topic, 13)
    for (const incident of ['a', 'b', 'c']) {
      const own = read.filter(({ key }) => key === incident)
      assert.equal(new Set(own.map(({ partition }) => partition)).size, 1)
      const types = own.slice(0, 4).map(({ event }) => event.type)
      assert.deepEqual(
        types,
        changes.map((change) => `leeway.incident.${change}`),
      )
    }
    const repeated = read.filter(({ event }) => event.id === 'a:3:topic')
    assert.equal(repeated.length, 2)
    assert.deepEqual(repeated[0]?.event, repeated[1]?.event)
    const { contentType, event } = read.find(({ event: { id } }) => id === 'a:0:topic') as Read
    assert.equal(contentType, 'application/cloudevents+json; charset=UTF-8')
    const { data, ...attributes } = event
    assert.deepEqual(attributes, {
      specversion: '1.0',
      id: 'a:0:topic',
      source: '/leeway/test',
      type: 'leeway.incident.firing',
      subject: 'a',
      time: '2026-11-20T14:05:00Z',
      datacontenttype: 'application/json',
    })
    assert.deepEqual((data as { model: string }).model, 'credit-risk')
  },
)

test('of a group every incident is an event of its own; a digest is one', options, async () => {
  const topic = await newTopic()
  const sender = senderOf(topic)
  for (const row of [group('topic', 3_000), digest('topic')])
    assert.equal((await send(sender, row)).result, 'delivered')
  await sender.close()
  const read = await readAll(topic, 3_001)
  assert.equal(new Set(read.map(({ event }) => event.id)).size, 3_001)
  const [week] = read.filter(({ event }) => event.type === 'leeway.digest')
  assert.equal(week?.key, 'credit-risk')
})

test('a topic that is not there is said to be missing, and what waits arrives when it is', options, async () => {
  const topic = `told-later-${process.pid}-${Date.now()}`
  const sender = senderOf(topic)
  assert.match(
    JSON.stringify(await send(sender, notification('topic'))),
    /retry.*there is no topic told-later.*create it/,
  )
  await createTopics(address, [{ topic, partitions: 1 }])
  assert.equal((await send(sender, notification('topic'))).result, 'delivered')
  await sender.close()
  assert.equal((await readAll(topic, 1)).length, 1)
})

test('what a broker does not take for its size is refused, and what comes after it arrives', options, async () => {
  const topic = await newTopic(1)
  const sender = senderOf(topic)
  const outcome = await send(sender, told('topic', { paragraphs: ['x'.repeat(3_000_000)] }))
  assert.equal(outcome.result, 'refused', JSON.stringify(outcome).slice(0, 500))
  assert.equal((await send(sender, notification('topic'))).result, 'delivered')
  await sender.close()
})

test(
  'nothing is connected to before the first message, and a broker that is away is tried again',
  options,
  async () => {
    const port = await freePort()
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.destroy()
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const idle = senderOf('any', [`127.0.0.1:${port}`])
    await idle.close()
    assert.equal(connections, 0)
    server.close()
    const sender = senderOf('any', [`127.0.0.1:${port}`])
    const outcome = await send(sender, notification('topic'))
    assert.match(JSON.stringify(outcome), new RegExp(`retry.*127.0.0.1:${port}.*"isNotTaken":true`))
    await sender.close()
  },
)

test('a broker that hangs holds up neither a message beyond its time nor a stop', options, async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sender = senderOf('any', [`127.0.0.1:${(server.address() as AddressInfo).port}`])
  const began = performance.now()
  assert.equal((await send(sender, notification('topic'), 300)).result, 'retry')
  const underWay = send(sender, notification('topic'))
  await sender.close()
  assert.ok(performance.now() - began < 3_000, 'a stop waits for a broker')
  assert.equal((await underWay).result, 'retry')
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
