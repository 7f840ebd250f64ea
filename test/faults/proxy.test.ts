// The bad network itself: what the fault tests rest on does what it says.

import assert from 'node:assert/strict'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { after, test } from 'node:test'
import { TcpProxy } from './proxy.ts'

const sockets = new Set<Socket>()
const proxies: TcpProxy[] = []
const server = createServer((socket) => {
  sockets.add(socket)
  socket.on('error', () => {})
  socket.pipe(socket)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const target = (server.address() as AddressInfo).port
/** Closed at the end, whatever fails before. */
async function startProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.start({ target })
  proxies.push(proxy)
  return proxy
}

after(async () => {
  for (const proxy of proxies) await proxy.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})

interface Client {
  readonly socket: Socket
  readonly ended: Promise<string>
  received(): Buffer
  until(bytes: number): Promise<void>
}

function open(proxy: TcpProxy): Client {
  const socket = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true })
  const chunks: Buffer[] = []
  const waiting: Array<{ bytes: number; resolve: () => void }> = []
  const size = () => chunks.reduce((sum, { length }) => sum + length, 0)
  socket.on('data', (data: Buffer) => {
    chunks.push(data)
    for (const one of waiting) if (size() >= one.bytes) one.resolve()
  })
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    socket.on('close', () => resolve('closed'))
  })
  return {
    socket,
    ended,
    received: () => Buffer.concat(chunks),
    until: (bytes) => new Promise((resolve) => (size() >= bytes ? resolve() : waiting.push({ bytes, resolve }))),
  }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('in fair weather every byte passes in its order, and in pieces of one byte too', async () => {
  const proxy = await startProxy()
  const client = open(proxy)
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
  client.socket.write(sent)
  await client.until(sent.length)
  assert.ok(client.received().equals(sent))
  proxy.set({ sliceBytes: 1, latencyMs: 2, jitterMs: 2 })
  client.socket.write(sent.subarray(0, 2_000))
  await client.until(sent.length + 2_000)
  assert.ok(client.received().subarray(sent.length).equals(sent.subarray(0, 2_000)))
})

test('a black hole keeps connections open and silent, takes new ones, and gives everything back when it closes', async () => {
  const proxy = await startProxy()
  const client = open(proxy)
  client.socket.write('a')
  await client.until(1)
  proxy.set({ blackHole: true })
  client.socket.write('b')
  const late = open(proxy)
  await new Promise((resolve) => late.socket.once('connect', resolve))
  late.socket.write('c')
  await turns(50)
  assert.equal(client.received().toString(), 'a')
  assert.equal(client.socket.readyState, 'open')
  proxy.clear()
  await Promise.all([client.until(2), late.until(1)])
  assert.deepEqual([client.received().toString(), late.received().toString()], ['ab', 'c'])
})

test('a connection is cut after the bytes that were said, by a reset', async () => {
  const proxy = await startProxy()
  proxy.set({ cutAfterBytes: 1_000 })
  const client = open(proxy)
  client.socket.write(Buffer.alloc(5_000))
  assert.equal(await client.ended, 'ECONNRESET')
  assert.ok(client.received().length <= 1_000)
  assert.equal(proxy.open, 0)
})

test('a one-way drop swallows one direction and leaves the connection', async () => {
  const proxy = await startProxy()
  const client = open(proxy)
  proxy.set({ dropDown: true })
  client.socket.write('lost')
  await turns(50)
  proxy.set({ dropDown: false })
  client.socket.write('kept')
  await client.until(4)
  // What was on its way when the drop ended may pass or not; what was written after it does.
  assert.ok(client.received().toString().endsWith('kept'))
})

test('a reset ends every connection; refused means that nobody listens', async () => {
  const proxy = await startProxy()
  const client = open(proxy)
  client.socket.write('a')
  await client.until(1)
  assert.equal(proxy.reset(), 1)
  assert.equal(await client.ended, 'ECONNRESET')
  await proxy.refuse()
  assert.equal(await open(proxy).ended, 'ECONNREFUSED')
  await proxy.accept()
  const again = open(proxy)
  again.socket.write('b')
  await again.until(1)
})

test('a slow line carries as many bytes a second as it is said to', async () => {
  const proxy = await startProxy()
  proxy.set({ bytesPerSecond: 20_000 })
  const client = open(proxy)
  const startedAt = performance.now()
  client.socket.write(Buffer.alloc(10_000))
  await client.until(10_000)
  assert.ok(performance.now() - startedAt > 300, 'faster than the line')
})
