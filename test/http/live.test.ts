import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { LiveChange } from '../../src/http/live.ts'
import { Live } from '../../src/http/live.ts'
import type { Reader, Route } from '../../src/http/route.ts'
import { ask, testServer, tokenOf } from '../build/http.ts'

/** A clock whose callbacks run when it is moved. */
function clockwork() {
  let at = 0
  const due = new Map<object, { at: number; act: () => void }>()
  return {
    steady: () => at,
    now: () => Date.UTC(2026, 10, 26) + at,
    schedule(act: () => void, afterMs: number) {
      const key = {}
      due.set(key, { at: at + afterMs, act })
      return () => void due.delete(key)
    },
    move(ms: number) {
      const until = at + ms
      for (;;) {
        const [next] = [...due].filter(([, one]) => one.at <= until).sort(([, a], [, b]) => a.at - b.at)
        if (next === undefined) break
        at = next[1].at
        due.delete(next[0])
        next[1].act()
      }
      at = until
    },
    get waiting() {
      return due.size
    },
  }
}

function listener(live: Live) {
  const told: string[] = []
  let isEnded = false
  const reader: Reader = {
    write: (text) => void told.push(text),
    end() {
      isEnded = true
    },
  }
  const leave = live.follow(reader)
  const changes = () =>
    told.flatMap((text) => /^event: change\ndata: (.*)\n\n$/.exec(text)?.[1] ?? []).map((json) => JSON.parse(json))
  return { told, changes, leave, isEnded: () => isEnded }
}

test('what changes is told at once, and then at most once a second, taken together', () => {
  const clock = clockwork()
  const live = new Live(clock)
  const { changes } = listener(live)
  live.tell({ models: ['a'] })
  clock.move(0)
  for (let i = 0; i < 50; i++) {
    live.tell({ models: ['b', 'a'], incidents: ['i1'] })
    clock.move(20)
  }
  assert.deepEqual(
    changes().map(({ at: _, ...rest }) => rest),
    [
      { models: ['a'], incidents: [], retraining: [], isReloaded: false },
      { models: ['b', 'a'], incidents: ['i1'], retraining: [], isReloaded: false },
    ],
  )
})

test('a commit without anything to see tells nothing, and a quiet stream is heard every 15 seconds', () => {
  const clock = clockwork()
  const live = new Live(clock)
  const { told } = listener(live)
  live.tell({ models: [], incidents: [], retraining: [] })
  clock.move(31_000)
  assert.deepEqual(told, [
    'event: hello\ndata: {"at":"2026-11-26T00:00:00Z"}\n\n',
    ': still here\n\n',
    ': still here\n\n',
  ])
})

test('more names than a message may have are told as any', () => {
  const clock = clockwork()
  const live = new Live(clock)
  const { changes } = listener(live)
  live.tell({ models: Array.from({ length: 600 }, (_, i) => `m${i}`), retraining: ['a'] })
  live.tell({ models: ['more'] })
  clock.move(1_000)
  assert.deepEqual([changes().length, changes()[0]?.models, changes()[0]?.retraining], [1, null, ['a']])
})

test('another configuration ends the stream once it is told: who may still read comes again', () => {
  const clock = clockwork()
  const live = new Live(clock)
  const { changes, isEnded } = listener(live)
  live.tell({ isReloaded: true })
  clock.move(0)
  assert.deepEqual([changes()[0]?.isReloaded, isEnded()], [true, true])
})

test('when the last one has left nothing is waited for any more', () => {
  const clock = clockwork()
  const live = new Live(clock)
  const one = listener(live)
  live.tell({ models: ['a'] })
  one.leave()
  assert.equal(clock.waiting, 0)
  live.tell({ models: ['a'] } satisfies LiveChange)
  assert.equal(clock.waiting, 0)
})

const streaming = (readers: Reader[], left: () => void = () => {}): Route => ({
  ...{ method: 'GET', path: '/stream', query: {}, needs: 'read' },
  handle: () => ({
    ...{ status: 200, type: 'text/event-stream' },
    follow(reader) {
      readers.push(reader)
      reader.write(': begun\n\n')
      return left
    },
  }),
})

/** Begins to read, and reads on as it comes. */
async function follow(port: number, from?: string) {
  const asking = httpRequest({
    port,
    host: '127.0.0.1',
    path: '/stream',
    agent: false,
    ...(from && { localAddress: from }),
  })
  asking.end()
  const [answer] = await once(asking, 'response')
  answer.setEncoding('utf8')
  return answer
}

test('a stream is heard as it is told, is counted, is idle for longer than others may be, and ends when the port closes', async (t) => {
  const readers: Reader[] = []
  const left = Promise.withResolvers<void>()
  const server = await testServer({ moreRoutes: [streaming(readers, left.resolve)], limits: { idleTimeoutMs: 100 } })
  t.after(() => server.close())
  const answer = await follow(server.port)
  assert.deepEqual((await once(answer, 'data'))[0], ': begun\n\n')
  // Somebody who is idle, and began later, is cut off meanwhile.
  const idle = connect(server.port, '127.0.0.1', () => idle.write('GET /healthz HTTP/1.1\r\n'))
  await once(idle, 'close')
  readers[0]?.write('event: change\ndata: {}\n\n')
  assert.match((await once(answer, 'data'))[0], /change/)
  assert.deepEqual([answer.headers['content-type'], server.streams], ['text/event-stream', [1]])
  answer.resume()
  await Promise.all([once(answer, 'end'), server.close(), left.promise])
  assert.deepEqual(server.streams, [1, 0])
})

test('a reader that leaves is forgotten, and what is told afterwards harms nobody', async (t) => {
  const readers: Reader[] = []
  const left = Promise.withResolvers<void>()
  const server = await testServer({ moreRoutes: [streaming(readers, left.resolve)] })
  t.after(() => server.close())
  const answer = await follow(server.port)
  answer.destroy()
  await left.promise
  readers[0]?.write('to nobody')
  assert.deepEqual(server.streams, [1, 0])
})

test('a reader that does not keep up is cut off before much of it lies here', async (t) => {
  const readers: Reader[] = []
  const left = Promise.withResolvers<void>()
  const server = await testServer({ moreRoutes: [streaming(readers, left.resolve)] })
  t.after(() => server.close())
  const answer = await follow(server.port)
  answer.on('error', () => {})
  answer.pause()
  let written = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const more = () => {
    if (server.refused.includes('slow')) return resolve()
    readers[0]?.write('x'.repeat(16_384))
    written += 16_384
    setImmediate(more)
  }
  more()
  await Promise.all([promise, left.promise])
  assert.ok(written < 32 * 2 ** 20, `${written} bytes`)
})

test('streams are bounded for each address and in all, and take nothing from other requests', async (t) => {
  const server = await testServer({
    moreRoutes: [streaming([])],
    limits: { streamsMax: 3, streamsPerAddressMax: 2, answersBytesMax: 1_000 },
  })
  t.after(() => server.close())
  const open = [await follow(server.port), await follow(server.port), await follow(server.port)]
  const refused = await ask(server.port, '/stream')
  assert.deepEqual([refused.status, refused.headers['retry-after'], server.refused], [503, '10', ['busy']])
  assert.equal((await ask(server.port, '/api/v1/models')).status, 200)
  open[0]?.destroy()
  while (server.streams.at(-1) !== 2) await new Promise(setImmediate)
  const again = await follow(server.port)
  for (const answer of [...open, again]) answer.destroy()
})

test('who may not read hears nothing', async (t) => {
  const server = await testServer({ moreRoutes: [streaming([])], read: 'token' })
  t.after(() => server.close())
  assert.equal((await ask(server.port, '/api/v1/live')).status, 401)
  const headers = { authorization: `Bearer ${tokenOf.viewer}` }
  const { status, text } = await ask(server.port, '/api/v1/live', { headers })
  assert.deepEqual([status, text], [200, 'event: hello\ndata: {}\n\n'])
  assert.equal((await ask(server.port, '/api/v1/live', { method: 'HEAD', headers })).status, 200)
})

test('answers come compressed to those who take that, and mean the same', async (t) => {
  const body = 'many models, '.repeat(1_000)
  const server = await testServer({
    moreRoutes: [
      {
        ...{ method: 'GET', path: '/long', query: {}, needs: 'read' },
        handle: () => ({ status: 200, json: { body } }),
      },
    ],
  })
  t.after(() => server.close())
  const plain = await fetch(`${server.address}/long`, { headers: { 'accept-encoding': 'gzip;q=0, identity' } })
  assert.deepEqual([plain.headers.get('content-encoding'), (await plain.json()).body === body], [null, true])
  const asking = httpRequest({
    port: server.port,
    path: '/long',
    agent: false,
    headers: { 'accept-encoding': 'br, gzip' },
  })
  asking.end()
  const [answer] = await once(asking, 'response')
  const bytes = Buffer.concat(await answer.toArray())
  assert.deepEqual([answer.headers['content-encoding'], answer.headers.vary], ['gzip', 'accept-encoding'])
  assert.ok(bytes.length < body.length / 10 && Number(answer.headers['content-length']) === bytes.length)
  assert.equal(JSON.parse(gunzipSync(bytes).toString()).body, body)
})
