import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { modelRoutes, TooManyPages } from '../../src/http/model-routes.ts'
import { document } from '../../src/http/openapi.ts'
import type { ReadRoute, Route } from '../../src/http/route.ts'
import { ask, sendRaw, testServer, tokenOf } from '../build/http.ts'
import { incident } from '../build/messages.ts'

let server: Awaited<ReturnType<typeof testServer>>
before(async () => {
  server = await testServer()
})
after(() => server.close())

const get = async (path: string, options?: RequestInit) => {
  const answer = await fetch(server.address + path, options)
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
}

const asOperator = { authorization: `Bearer ${tokenOf.operator}` }
const pathOf = (path: string) =>
  path.replace('{model}', 'credit-risk').replace('{id}', incident().id).replace('{number}', '1')

test('every path of the API description answers', async () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    if (!('get' in operations) || path === '/api/v1/live') continue
    const { status, json } = await get(pathOf(path), { headers: asOperator })
    assert.equal(status, 200, path)
    assert.equal(typeof json(), 'object')
  }
})

test('the description has every route of the API, with its method and the role it needs', () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => {
      const [role] = security.flatMap((one: { token?: readonly string[] }) => one.token ?? [])
      return `${method} ${path} ${role}`
    }),
  )
  const served = server.routes
    .filter(({ path }) => path.startsWith('/api/'))
    .map(
      ({ method, path, needs }) =>
        `${method.toLowerCase()} ${path} ${['read', 'probe'].includes(needs) ? 'viewer' : needs}`,
    )
  assert.deepEqual(described.sort(), served.sort())
})

test('every parameter of the description is known to its path, and any other is named in the error', async () => {
  const values: Record<string, string> = {
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-02',
    limit: '5',
    order: 'newest',
    status: 'alarm',
    kind: 'drift',
    state: 'firing',
    phase: 'active',
    after: '0',
    format: 'json',
    since: '24h',
    end: '2026-01-02',
    threshold: '0.1',
    show: 'needYou',
  }
  for (const [path, operations] of Object.entries(document.paths)) {
    if (!('get' in operations)) continue
    const { get: operation } = operations
    const url = pathOf(path)
    const query = operation.parameters
      .filter((parameter) => parameter.in === 'query')
      .map(
        ({ name }) => `${name}=${(name === 'state' && url.endsWith('/retraining') ? 'running' : values[name]) ?? 'x'}`,
      )
    assert.equal((await get(`${url}?${query.join('&')}`, { headers: asOperator })).status, 200, url)
    const wrong = await get(`${url}?colour=red`, { headers: asOperator })
    assert.equal(wrong.status, 400)
    assert.match(wrong.json().error.message, /colour/)
  }
})

test('bad values say what was found and what is expected', async () => {
  for (const [query, expected] of [
    ['limit=0', /1 to 10000/],
    ['from=yesterday', /2026-11-23T08:00:00Z/],
    ['order=up', /newest, oldest/],
  ] as const) {
    const { status, json } = await get(`/api/v1/windows?${query}`)
    assert.equal(status, 400)
    assert.match(json().error.message, expected)
  }
})

test('times are ISO 8601, and the content of quarantined records is never served', async () => {
  assert.equal((await get('/api/v1/windows')).json().windows[0].end, '1970-01-01T01:00:00Z')
  const { text } = await get('/api/v1/quarantine')
  assert.match(text, /not_json/)
  assert.ok(!text.includes('secret value'))
})

test('windows that would fill the memory are refused before they are read, with what to ask for', async () => {
  const { status, text } = await get('/api/v1/windows?limit=10000&model=wide')
  assert.equal(status, 400)
  assert.match(text, /these windows have 1200 MiB, at most 32 are given at once; ask for fewer: .*limit/)
})

test('what is not there is a 404 that says what is, and each path names its methods', async () => {
  const missing = await get('/api/v2/models')
  assert.equal(missing.status, 404)
  assert.match(missing.json().error.message, /\/api\/v1\/models/)
  assert.equal((await get('/api/v1/incidents/nobody')).status, 404)
  const wrong = await get('/api/v1/models', { method: 'POST' })
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, HEAD, OPTIONS'])
  const reload = await get('/api/v1/reload')
  assert.deepEqual([reload.status, reload.headers.get('allow')], [405, 'POST, OPTIONS'])
  const options = await get('/api/v1/reload', { method: 'OPTIONS' })
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'POST, OPTIONS'])
  const head = await get('/api/v1/models', { method: 'HEAD' })
  assert.deepEqual([head.status, head.text, Number(head.headers.get('content-length')) > 100], [200, '', true])
})

test('an error gives back nothing that a browser could read as a page', async () => {
  for (const path of [
    '/<script>',
    '/api/v1/incidents/<script>',
    '/api/v1/windows?<script>=1',
    '/api/v1/windows?limit=<b>',
  ]) {
    const { text, headers } = await get(path)
    assert.ok(!/[<>&]/.test(text), `${path}: ${text}`)
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
  }
})

test('names that every object has are no parameters, and a parameter is there once', async () => {
  for (const query of ['constructor=1', '__proto__=1', 'limit=1&limit=2'])
    assert.equal((await get(`/api/v1/windows?${query}`)).status, 400, query)
})

test('readiness names what it waits for; liveness does not wait', async () => {
  const { health } = server
  health.expect('source production', 'no partitions are assigned yet')
  assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status], [200, 503])
  assert.match((await get('/readyz')).text, /source production: no partitions/)
  assert.equal((await get('/readyz?verbose')).json().checks[0].ok, false)
  health.set('source production', true, 'reading')
  assert.equal((await get('/readyz')).status, 200)
})

test('a page under another name cannot read a server on this machine', async () => {
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', 'a b', '[::1'])
    assert.equal((await ask(server.port, '/api/v1/models', { headers: { host } })).status, 403, host)
  for (const host of [`localhost:${server.port}`, '127.0.0.1', '[::1]:1', 'LOCALHOST'])
    assert.equal((await ask(server.port, '/api/v1/models', { headers: { host } })).status, 200, host)
})

test('answers are not cached, not guessed at, not framed, and run nothing', async () => {
  const { headers } = await get('/api/v1/models')
  assert.equal(
    headers.get('content-security-policy'),
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  )
  for (const [name, value] of [
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
  ] as const)
    assert.equal(headers.get(name), value)
})

test('an address that is too long counts as a request like any other, and the name of the host is looked at first', async (t) => {
  const strict = await testServer({ requestsPerSecond: 0.1 })
  t.after(() => strict.close())
  const long = `/${'a'.repeat(5_000)}`
  assert.equal((await ask(strict.port, long, { headers: { host: 'evil.example' } })).status, 403)
  const first = await ask(strict.port, long)
  const second = await ask(strict.port, long)
  assert.deepEqual([first.status, second.status], [414, 429])
})

test('who asks for something that takes long is not cut off as idle', async (t) => {
  const done = Promise.withResolvers<void>()
  const patient = await testServer({
    limits: { idleTimeoutMs: 200 },
    async reload() {
      await done.promise
      return { outcome: 'done', detail: 'done', told: { models: 1 } }
    },
  })
  t.after(() => patient.close())
  const headers = { authorization: `Bearer ${tokenOf.operator}` }
  const asked = ask(patient.port, '/api/v1/reload', { method: 'POST', headers })
  // Somebody who is idle, and began later, is cut off meanwhile.
  await sendRaw(patient.port, 'GET /healthz HTTP/1.1\r\n')
  done.resolve()
  assert.deepEqual((await asked).status, 200)
})

test('answers that nobody reads make others wait, and never the probes of an orchestrator', async (t) => {
  const body = 'x'.repeat(32 * 2 ** 20)
  const large: Route = {
    ...{ method: 'GET', path: '/large', query: {}, needs: 'read' },
    handle: () => ({ status: 200, type: 'text/plain', body }),
  }
  const crowded = await testServer({ moreRoutes: [large], limits: { answersBytesMax: 1_000 } })
  t.after(() => crowded.close())
  const reader = connect(crowded.port, '127.0.0.1', () =>
    reader.write('GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  )
  t.after(() => reader.destroy())
  await once(reader, 'readable')
  const statuses = await Promise.all(
    ['/api/v1/models', '/healthz', '/readyz'].map(async (path) => (await ask(crowded.port, path)).status),
  )
  assert.deepEqual(statuses, [503, 200, 200])
})

test('a request whose client has gone is told so', async (t) => {
  let told: AbortSignal | undefined
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const route: ReadRoute = {
    ...{ method: 'GET', path: '/api/v1/slow', query: {}, needs: 'open' },
    async handle({ gone }) {
      told = gone
      gone?.addEventListener('abort', () => ended.resolve())
      begun.resolve()
      await ended.promise
      return { status: 200, json: {} }
    },
  }
  const { port, close } = await testServer({ moreRoutes: [route] })
  t.after(close)
  const leaving = new AbortController()
  const asking = fetch(`http://127.0.0.1:${port}/api/v1/slow`, { signal: leaving.signal }).catch(() => 'left')
  await begun.promise
  assert.equal(told?.aborted, false)
  leaving.abort()
  assert.equal(await asking, 'left')
  await ended.promise
})

test('pages of models that are too many to be made are refused for a while, and counted as such', async (t) => {
  const pages = { overview: () => Promise.reject(new TooManyPages('32 wait')), feature: async () => undefined }
  const [overview] = modelRoutes(pages)
  const slow = { ...(overview as ReadRoute), path: '/api/v1/full/{model}' }
  const { port, refused, close } = await testServer({ moreRoutes: [slow] })
  t.after(close)
  const { status, headers, text } = await ask(port, '/api/v1/full/m')
  assert.deepEqual([status, headers['retry-after'], refused], [503, '5', ['busy']])
  assert.match(text, /32 wait/)
})
