// What is left of a client that was closed.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { createKafkaSource } from '../../src/sources/kafka.ts'

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

test('a client that is closed while it waits for an answer leaves nothing that keeps the process', {
  timeout: 30_000,
}, async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const source = createKafkaSource({
    brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
    clientId: 'test',
    ssl: false,
    sasl: null,
    log: () => {},
    name: 'silent',
    topics: ['predictions'],
    onTrouble: () => {},
  })
  const before = timers()
  const asked = once(server, 'connection')
  const running = source.run({ assigned: () => [], batch: async () => {} })
  await asked
  await source.stop()
  await running
  // kafkajs tries again, a few times within seconds, before it gives up.
  const deadline = performance.now() + 20_000
  while (timers() > before && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  const left = timers()
  for (const socket of sockets) socket.destroy()
  server.close()
  assert.equal(left, before)
})
