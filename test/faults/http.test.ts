// What whoever reaches the HTTP port can do: nothing that their token does not allow, and nothing that keeps others from being
// served. Attackers come from 127.0.0.2, which has its own share of everything; the others ask from 127.0.0.1 all the while.

import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { test } from 'node:test'
import { z } from 'zod'
import type { Role } from '../../src/http/role.ts'
import { roles, suffices } from '../../src/http/role.ts'
import type { Route } from '../../src/http/route.ts'
import { ask, sendRaw, testServer, tokenOf } from '../build/http.ts'
import { proved } from './proof.ts'

const me = 'test/faults/http.test.ts'
const ATTACKER = '127.0.0.2'

/** One action for each role, so that the matrix has them all whatever the API offers. */
const actions: readonly Route[] = roles.map((role) => ({
  method: 'POST',
  path: `/api/v1/for-${role}`,
  needs: role,
  action: `for-${role}`,
  body: z.strictObject({ note: z.string().max(10).optional() }),
  target: () => 'x',
  act: () => ({ outcome: 'done', detail: '', answer: { status: 200, json: {} } }),
}))
/** An answer of 8 MiB. */
const large: Route = {
  method: 'GET',
  path: '/api/v1/large',
  query: {},
  needs: 'read',
  handle: () => ({ status: 200, type: 'text/plain', body: 'x'.repeat(8 * 2 ** 20) }),
}

/** Asks from another address, six times a second, until told to stop; every answer must be 200. @returns how many there were */
function serveOthers(port: number): { stop: () => Promise<number> } {
  let isOver = false
  const asking = (async () => {
    for (let served = 0; ; served++) {
      if (isOver && served > 0) return served
      const { status } = await ask(port, served % 2 === 0 ? '/api/v1/models' : '/metrics')
      assert.equal(status, 200)
      await new Promise((next) => setTimeout(next, 150))
    }
  })()
  asking.catch(() => {})
  return {
    stop() {
      isOver = true
      return asking
    },
  }
}

/** A connection of the attacker. */
function attack(port: number, bytes = ''): { socket: Socket; received: Buffer[]; closed: Promise<void> } {
  const socket = connect({ port, host: '127.0.0.1', localAddress: ATTACKER })
  const received: Buffer[] = []
  socket.on('data', (piece) => received.push(Buffer.from(piece)))
  socket.on('error', () => {})
  if (bytes !== '') socket.write(bytes)
  return { socket, received, closed: new Promise((resolve) => socket.once('close', () => resolve())) }
}

/** Sends one byte of a text after the other, for as long as the connection lasts. */
function dribble(socket: Socket, text: string): void {
  let at = 0
  const timer = setInterval(() => socket.write(text[at++ % text.length] as string), 100)
  socket.once('close', () => clearInterval(timer))
}

test('every route asks for the role it needs: no token, a wrong one, and one of each role', async (t) => {
  let asked = 0
  for (const read of ['open', 'token'] as const) {
    const server = await testServer({ moreRoutes: actions, read })
    t.after(() => server.close())
    let acted = 0
    const shown: ReadonlyArray<readonly [Role | null, string | undefined]> = [
      [null, undefined],
      [null, `Basic ${Buffer.from(`x:${tokenOf.approver}`).toString('base64')}`],
      [null, tokenOf.approver],
      ...roles.map((role) => [role, `Bearer ${tokenOf[role]}`] as const),
    ]
    for (const route of server.routes) {
      if (route.method !== 'GET')
        assert.ok(roles.includes(route.needs), `${route.path} changes something and needs no role`)
      const path = route.path.replace('{model}', 'credit-risk').replace('{id}', 'x').replace('{number}', '1')
      for (const [role, authorization] of shown) {
        const headers = authorization === undefined ? {} : { authorization }
        const { status, text } = await ask(server.port, path, { method: route.method, headers })
        const isAllowed = allows(route, role, read)
        if (isAllowed) assert.ok(![401, 403].includes(status), `${route.method} ${path} as ${role}: ${status} ${text}`)
        else assert.equal(status, role === null ? 401 : 403, `${route.method} ${path} as ${role}: ${text}`)
        asked++
        if ('action' in route && status < 300) acted++
      }
      assert.equal((await ask(server.port, path, { method: route.method === 'GET' ? 'DELETE' : 'PUT' })).status, 405)
    }
    const deeds = server.audit.filter(({ outcome }) => outcome === 'done').length
    assert.equal(deeds, server.audit.filter(({ outcome }) => outcome === 'asked').length)
    assert.equal(deeds, acted)
    // At least those of the test's own: viewer: 3 roles; operator: 2, twice with reload; approver: 1.
    assert.ok(acted >= 3 + 2 + 2 + 1, `${acted} deeds`)
  }
  proved({
    promise: 'security',
    fault: 'HTTP: every route with no token, a token in another form, and a token of each role',
    size: `${asked} requests`,
    outcome: 'each answered as its role allows, changes written to the audit',
    test: me,
  })
})

function allows({ needs }: Route, role: Role | null, read: 'open' | 'token'): boolean {
  if (needs === 'open' || needs === 'probe' || needs === 'metrics') return true
  if (needs === 'read') return read === 'open' || role !== null
  return role !== null && suffices(role, needs)
}

test('who tries tokens is soon not looked at any more, and others are', async () => {
  const server = await testServer()
  const others = serveOthers(server.port)
  const seen: number[] = []
  for (let i = 0; i < 200; i++) {
    const headers = { authorization: `Bearer guess-${i}-${'x'.repeat(i * 3)}` }
    const { status, headers: answer } = await ask(server.port, '/api/v1/reload', {
      method: 'POST',
      headers,
      from: ATTACKER,
    })
    seen.push(status)
    if (status === 401) assert.match(String(answer['www-authenticate']), /^Bearer .*invalid_token/)
    else assert.ok(Number(answer['retry-after']) > 0)
  }
  assert.ok(seen.filter((status) => status === 401).length <= 15 && seen.every((status) => [401, 429].includes(status)))
  const operator = { authorization: `Bearer ${tokenOf.operator}` }
  assert.equal((await ask(server.port, '/api/v1/reload', { method: 'POST', headers: operator })).status, 200)
  assert.equal(server.refused.filter((reason) => ['unauthenticated', 'rate'].includes(reason)).length, 200)
  assert.ok((await others.stop()) > 0)
  await server.close()
  proved({
    promise: 'security',
    fault: 'HTTP: tokens tried one after the other',
    size: '200 tries',
    outcome: 'none let in, all counted, at most 15 looked at; the operator meanwhile served',
    test: me,
  })
})

test('a page of another site changes nothing, even with a token, and a body must be what it says', async () => {
  const server = await testServer({ moreRoutes: actions })
  const post = (headers: Record<string, string>, body?: string | Buffer) =>
    ask(server.port, '/api/v1/for-viewer', {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf.viewer}`, ...headers },
      ...(body !== undefined && { body }),
    })
  const json = { 'content-type': 'application/json' }
  const here = `http://127.0.0.1:${server.port}`
  const wrong: ReadonlyArray<readonly [number, Record<string, string>, (string | Buffer)?]> = [
    [403, { origin: 'https://evil.example' }],
    [403, { origin: 'null' }],
    [403, { origin: `http://127.0.0.1.evil.example:${server.port}` }],
    [403, { origin: `https://127.0.0.1:${server.port}`.replace(String(server.port), '1') }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [403, { 'sec-fetch-site': 'same-site', origin: here }],
    [415, { 'content-type': 'text/plain' }, '{}'],
    [415, { 'content-type': 'application/x-www-form-urlencoded' }, 'note=x'],
    [415, { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
    [415, {}, '{}'],
    [415, { ...json, 'content-encoding': 'gzip' }, Buffer.from([0x1f, 0x8b])],
    [400, json, '{'],
    [400, json, Buffer.from([0x7b, 0xff, 0x7d])],
    [400, json, '[]'],
    [400, json, 'null'],
    [400, json, '{"note":1}'],
    [400, json, '{"note":"more than ten letters"}'],
    [400, json, '{"other":"x"}'],
    [400, json, '{"__proto__":{"note":"x"}}'],
    [400, json, '['.repeat(500_000)],
    [400, json, `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    [413, json, 'x'.repeat(2 ** 20 + 1)],
    [413, { ...json, 'transfer-encoding': 'chunked' }, 'x'.repeat(3 * 2 ** 20)],
  ]
  for (const [expected, headers, body] of wrong) {
    const { status, text } = await post(headers, body)
    assert.equal(status, expected, `${JSON.stringify(headers)} ${String(body).slice(0, 40)}: ${text}`)
    assert.ok(!text.includes('    at '), text)
  }
  assert.equal(server.audit.length, 0)
  for (const headers of [{ origin: here, 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}])
    assert.equal((await post({ ...json, ...headers }, '{"note":"fine"}')).status, 200)
  await server.close()
  proved({
    promise: 'security',
    fault: 'HTTP: changes asked for by pages of other sites, and bodies of a wrong kind or size',
    size: `${wrong.length} forms`,
    outcome: 'all refused, nothing done',
    test: me,
  })
})

/** What is not HTTP, or only nearly. */
function malformedRequests(): Array<string | Buffer> {
  const host = 'host: 127.0.0.1\r\n'
  const get = (rest: string) => `GET /api/v1/models HTTP/1.1\r\n${rest}`
  const post = (rest: string) => `POST /api/v1/reload HTTP/1.1\r\n${host}${rest}`
  return [
    '\r\n\r\n\r\nnonsense\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /api/v1/models\r\n\r\n',
    `G\0T / HTTP/1.1\r\n${host}\r\n`,
    `BREW / HTTP/1.1\r\n${host}\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    Buffer.from('16030100c8010000c40303', 'hex'),
    Buffer.from('0000000cfe534d42', 'hex'),
    Buffer.alloc(70_000, 0x41),
    get('\r\n'),
    get('host: a\r\nhost: b\r\n\r\n'),
    get(`${host}bad header\r\n\r\n`),
    get(`${host}: x\r\n\r\n`),
    get(`${host}a b: x\r\n\r\n`),
    get(`${host}x: \0\r\n\r\n`),
    get(`${host}x: a\rb\r\n\r\n`),
    get(`${host}x: a\r\n folded: b\r\n\r\n`),
    get(`${host}${'x: y\r\n'.repeat(5_000)}\r\n`),
    get(`${host}x: ${'y'.repeat(20_000)}\r\n\r\n`),
    get(`${host}x${'y'.repeat(20_000)}: z\r\n\r\n`),
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`,
    `GET /${'a'.repeat(8_000)} HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET //evil.example/api/v1/models HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET http://[ HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET http://evil.example/api/v1/models HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET \\\\evil\\share HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET /api/v1/models/%ff%fe HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET /api/v1/models/%00 HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET /api/v1/../../etc/passwd HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `OPTIONS * HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n`,
    `TRACE / HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
    post('content-length: -1\r\n\r\n'),
    post('content-length: 1e3\r\n\r\n'),
    post('content-length: 99999999999999999999\r\n\r\n'),
    post('content-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
    post('content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
    post('transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n'),
    post('transfer-encoding: x\r\n\r\n'),
    post(`authorization: Bearer ${tokenOf.operator}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`),
    post(`authorization: Bearer ${tokenOf.operator}\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n`),
    post(
      `authorization: Bearer ${tokenOf.operator}\r\ntransfer-encoding: chunked\r\n\r\n2;${'x'.repeat(40_000)}\r\n{}\r\n0\r\n\r\n`,
    ),
    post(`expect: 100-continue\r\ncontent-length: 99999999\r\nauthorization: Bearer ${tokenOf.operator}\r\n\r\n`),
    post('expect: something-else\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}'),
    get('host: evil.example\r\nconnection: close\r\n\r\n'),
    get('host: 127.0.0.1@evil.example\r\nconnection: close\r\n\r\n'),
    get('host: 127.0.0.1\t.evil.example\r\nconnection: close\r\n\r\n'),
  ]
}

test('what is not quite HTTP is turned away without a word about us, and the next is served', async () => {
  const server = await testServer({ limits: { headersTimeoutMs: 1_000, requestTimeoutMs: 2_000 } })
  const others = serveOthers(server.port)
  const forms = malformedRequests()
  for (const bytes of forms) {
    const answer = await sendRaw(server.port, bytes)
    const shown = JSON.stringify(String(bytes).slice(0, 100))
    const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))
    assert.ok(
      statuses.every((status) => status === 100 || (status >= 400 && status !== 500)),
      `${shown}: ${answer}`,
    )
    assert.ok(
      !/node:|\.ts|evil|passwd</.test(answer.replaceAll(/"message":"[^"]*there is/g, '')),
      `${shown}: ${answer}`,
    )
  }
  assert.ok(!server.answered.includes(500))
  assert.equal(server.audit.length, 0)
  assert.ok((await others.stop()) > 0)
  await server.close()
  proved({
    promise: 'security',
    fault: 'HTTP: malformed, ambiguous and smuggled requests',
    size: `${forms.length} forms`,
    outcome: 'all refused, nothing done, others served meanwhile',
    test: me,
  })
})

test('slow headers and slow bodies are cut off in time, and others are served meanwhile', {
  timeout: 60_000,
}, async () => {
  const server = await testServer({
    limits: { headersTimeoutMs: 2_000, requestTimeoutMs: 4_000, idleTimeoutMs: 3_000 },
  })
  const others = serveOthers(server.port)
  const head =
    'POST /api/v1/reload HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n'
  const token = `authorization: Bearer ${tokenOf.operator}\r\n`
  const attackers = [
    ...Array.from({ length: 60 }, () => attack(server.port)),
    ...Array.from({ length: 60 }, () => {
      const one = attack(server.port, 'GET /api/v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n')
      dribble(one.socket, 'x-a: b\r\n')
      return one
    }),
    ...Array.from({ length: 60 }, () => {
      const one = attack(server.port, `${head}${token}\r\n`)
      dribble(one.socket, '{"a":"bbbbbbbbbbbbbbb')
      return one
    }),
  ]
  await Promise.all(attackers.map(({ closed }) => closed))
  for (const { received } of attackers) assert.ok(!Buffer.concat(received).toString().includes(' 200 '))
  assert.equal(server.audit.length, 0)
  assert.ok((await others.stop()) > 0)
  await server.close()
  proved({
    promise: 'security',
    fault: 'HTTP: silent connections, headers and bodies a byte at a time',
    size: `${attackers.length} connections at once`,
    outcome: 'all cut off within their time, nothing done, others served meanwhile',
    test: me,
  })
})

test('an answer that is read too slowly is cut off, and what waits for slow readers is bounded', {
  timeout: 60_000,
}, async () => {
  const answers = 8
  const server = await testServer({ moreRoutes: [large], limits: { answerTimeoutMs: 2_000 } })
  const others = serveOthers(server.port)
  const readers = Array.from({ length: 5 }, () => {
    const one = attack(server.port, 'GET /api/v1/large HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'.repeat(answers))
    one.socket.pause()
    // A little at a time, so that it is not idle.
    const timer = setInterval(() => one.socket.read(1_000), 100)
    one.socket.once('close', () => clearInterval(timer))
    return one
  })
  const count = (reason: string) => server.refused.filter((one) => one === reason).length
  // Four times 16 MiB may wait for an address of this machine, and one answer more; what is asked for beyond is told to come later.
  while (count('slow') === 0 || count('busy') < readers.length * answers - 9)
    await new Promise((next) => setTimeout(next, 50))
  assert.ok((await others.stop()) > 0)
  for (const { socket } of readers) socket.resume()
  await Promise.all(readers.map(({ closed }) => closed))
  const bytes = readers.flatMap(({ received }) => received).reduce((sum, piece) => sum + piece.length, 0)
  assert.ok(bytes < 9 * 8 * 2 ** 20, `${bytes} bytes were sent`)
  // Nothing is left of them: the same address is served again.
  assert.equal((await ask(server.port, '/api/v1/large', { from: ATTACKER })).status, 200)
  await server.close()
  proved({
    promise: 'security',
    fault: 'HTTP: large answers that nobody reads, many on each connection',
    size: `${readers.length * answers} answers of 8 MiB`,
    outcome: 'readers cut off, at most 72 MiB of answers waiting, others served meanwhile',
    test: me,
  })
})

test('a thousand connections from one machine, and floods of requests, take nothing from others', {
  timeout: 60_000,
}, async () => {
  const server = await testServer({ requestsPerSecond: 2 })
  const crowd = Array.from({ length: 1_000 }, () => attack(server.port))
  await Promise.all(
    crowd.map(({ socket, closed }) => Promise.race([new Promise((next) => socket.once('connect', next)), closed])),
  )
  const others = serveOthers(server.port)
  const dropped = () => server.refused.filter((reason) => reason === 'connections').length
  while (dropped() < 1_000 - 256) await new Promise((next) => setTimeout(next, 20))
  assert.equal(dropped(), 1_000 - 256)
  // From four more addresses, until there is no room: the ones that have most make room for the ones that come.
  const more = Array.from({ length: 800 }, (_, i) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: `127.0.0.${3 + (i % 4)}` })
    return socket.on('error', () => {})
  })
  while (dropped() < 1_000 - 256 + 256 + 800 - 512) await new Promise((next) => setTimeout(next, 20))
  assert.ok((await others.stop()) > 0)
  for (const { socket } of crowd) socket.destroy()
  for (const socket of more) socket.destroy()
  const again = serveOthers(server.port)
  const statuses: number[] = []
  const flood = async () => {
    for (let i = 0; i < 100; i++) statuses.push((await ask(server.port, '/api/v1/models', { from: ATTACKER })).status)
  }
  await Promise.all(Array.from({ length: 20 }, flood))
  const limited = statuses.filter((status) => status === 429).length
  assert.ok(
    limited > 500 && statuses.every((status) => [200, 429].includes(status)),
    `${limited} of ${statuses.length}`,
  )
  assert.ok((await again.stop()) > 0)
  await server.close()
  proved({
    promise: 'security',
    fault: 'HTTP: 1,800 connections from five addresses, and 2,000 requests at once from one',
    size: '3,800 connections and requests',
    outcome: 'turned away beyond their share, counted, others served meanwhile',
    test: me,
  })
})
