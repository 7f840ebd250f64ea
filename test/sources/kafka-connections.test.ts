// The connections of the Kafka client, against a server that behaves badly.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { putConnectionsRight } from '../../src/sources/kafka-connections.ts'
import { socketFactory } from '../../src/sources/kafka-socket.ts'

const require = createRequire(import.meta.url)
putConnectionsRight()

interface Connection {
  sessionLifetime: number
  authenticatedAt: [number, number] | null
  connect(): Promise<boolean>
  disconnect(): Promise<boolean>
  isAuthenticated(): boolean
  send(protocol: object): Promise<Buffer>
}

const ConnectionOfClient = require('kafkajs/src/network/connection') as new (options: object) => Connection
const Encoder = require('kafkajs/src/protocol/encoder') as new () => object
const quiet = { debug() {}, info() {}, warn() {}, error() {}, namespace: () => quiet }

/** @param onSocket plays the broker, for the first, second … connection */
async function connected(t: TestContext, onSocket: (socket: Socket, count: number) => void): Promise<Connection> {
  let count = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onSocket(socket, ++count)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const connection = new ConnectionOfClient({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    logger: quiet,
    socketFactory: socketFactory(null, () => {}),
    requestTimeout: 300,
    connectionTimeout: 2_000,
  })
  t.after(async () => {
    await connection.disconnect()
    server.close()
  })
  await connection.connect()
  return connection
}

const ask = (connection: Connection) =>
  connection.send({
    request: { apiKey: 18, apiVersion: 0, apiName: 'ApiVersions', encode: async () => new Encoder() },
    response: { decode: async (payload: Buffer) => payload, parse: async (payload: Buffer) => payload },
  })

test('a connection that is asked and says nothing is ended, not only the question', async (t) => {
  const closed = Promise.withResolvers<void>()
  const connection = await connected(t, (socket) => {
    socket.resume()
    socket.on('close', () => closed.resolve())
  })
  await assert.rejects(ask(connection), /no answer for/)
  await closed.promise
})

test('a connection lives as long as it brings bytes, however slowly', async (t) => {
  const connection = await connected(t, (socket) => {
    const answer = Buffer.from([0, 0, 0, 6, 0, 0, 0, 0, 7, 8])
    let at = 0
    const timer = setInterval(() => {
      socket.write(answer.subarray(at, at + 1))
      if (++at === answer.length) clearInterval(timer)
    }, 100)
  })
  // A second in all, with a time-out of 300 ms.
  assert.deepEqual([...(await ask(connection))], [7, 8])
})

test('half an answer that a cut left behind is not taken for the beginning of the next one', async (t) => {
  const connection = await connected(t, (socket, count) => {
    socket.once('data', () => {
      // The first dies in the middle of its answer; the second answers question 1.
      if (count === 1) socket.end(Buffer.from([0, 0, 0, 9, 0, 0]))
      else socket.write(Buffer.from([0, 0, 0, 5, 0, 0, 0, 1, 7]))
    })
  })
  await assert.rejects(ask(connection), /[Cc]losed connection/)
  await connection.connect()
  assert.deepEqual([...(await ask(connection))], [7])
})

test('a session is renewed before it ends, and never at once, however short it is', async (t) => {
  const connection = await connected(t, (socket) => socket.resume())
  const ago = (ms: number): [number, number] => {
    const [seconds, nanoseconds] = process.hrtime()
    const at = seconds * 1_000 + nanoseconds / 1e6 - ms
    return [Math.floor(at / 1_000), (at % 1_000) * 1e6]
  }
  for (const [lifeMs, ageMs, isSound] of [
    [8_000, 1_000, true],
    [8_000, 6_000, false],
    [1_000, 500, true],
    [3_600_000, 1_800_000, true],
    [3_600_000, 2_400_000, false],
    [0, 1e9, true],
  ] as const) {
    Object.assign(connection, { sessionLifetime: { toString: () => String(lifeMs), equals: () => lifeMs === 0 } })
    connection.authenticatedAt = ago(ageMs)
    assert.equal(connection.isAuthenticated(), isSound, `${ageMs} of ${lifeMs} ms`)
  }
})
