import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { document } from '../../src/http/openapi.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { startHttpServer } from '../../src/http/server.ts'
import type { Views } from '../../src/store/views.ts'
import { Health } from '../../src/telemetry/health.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { incident } from '../build/messages.ts'
import { filledMetrics, windowResult } from '../build/metrics.ts'

const views: Views = {
  streams: () => [],
  positions: () => [],
  counters: () => [],
  deliveries: () => [],
  triggers: () => [],
  oldestQueuedAt: () => undefined,
  results: () => [windowResult()],
  latestResults: () => [windowResult()],
  incidents: () => [incident()],
  incident: (id) => (id === incident().id ? { incident: incident(), transitions: [], deliveries: [] } : undefined),
  quarantine: () => [
    {
      source: 's',
      topic: 't',
      partition: 0,
      offset: 1,
      reason: 'not_json',
      detail: 'at 1',
      sample: new TextEncoder().encode('secret value'),
      at: 0,
      range: null,
    },
  ],
}
const health = new Health()
let server: HttpServer
before(async () => {
  const reference = { id: 'r', source: 'file', rows: 1, labelled: 1, from: '', to: '' }
  const models = () => [
    {
      name: 'credit-risk',
      task: 'binary',
      source: 'production',
      windows: ['1h'],
      versions: ['7'],
      estimates: [],
      reference,
    },
  ]
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    metrics: filledMetrics(),
    health,
    api: { views, models },
    log: createLog('silent'),
  })
})
after(() => server.close())

const get = async (path: string, options?: RequestInit) => {
  const answer = await fetch(server.address + path, options)
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
}

test('every path of the API description answers', async () => {
  for (const path of Object.keys(document.paths)) {
    const { status, json } = await get(path.replace('{model}', 'credit-risk').replace('{id}', incident().id))
    assert.equal(status, 200, path)
    assert.equal(typeof json(), 'object')
  }
})

test('every parameter of the description is known to its path, and any other is named in the error', async () => {
  const values: Record<string, string> = {
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-02',
    limit: '5',
    order: 'oldest',
    status: 'alarm',
    kind: 'drift',
    state: 'firing',
  }
  for (const [path, { get: operation }] of Object.entries(document.paths)) {
    const url = path.replace('{model}', 'credit-risk').replace('{id}', incident().id)
    const query = operation.parameters
      .filter((parameter) => parameter.in === 'query')
      .map(({ name }) => `${name}=${values[name] ?? 'x'}`)
    assert.equal((await get(`${url}?${query.join('&')}`)).status, 200, url)
    const wrong = await get(`${url}?colour=red`)
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

test('what is not there is a 404 that says what is, and nothing can be changed', async () => {
  const missing = await get('/api/v2/models')
  assert.equal(missing.status, 404)
  assert.match(missing.json().error.message, /\/api\/v1\/models/)
  assert.equal((await get('/api/v1/incidents/nobody')).status, 404)
  assert.equal((await get('/api/v1/models', { method: 'POST' })).status, 405)
})

test('readiness names what it waits for; liveness does not wait', async () => {
  health.expect('source production', 'no partitions are assigned yet')
  assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status], [200, 503])
  assert.match((await get('/readyz')).text, /source production: no partitions/)
  assert.equal((await get('/readyz?verbose')).json().checks[0].ok, false)
  health.set('source production', true, 'reading')
  assert.equal((await get('/readyz')).status, 200)
})

test('a page under another name cannot read a server on this machine', async () => {
  const { port } = new URL(server.address)
  const status = await new Promise<number | undefined>((resolve) =>
    request({ port, host: '127.0.0.1', path: '/api/v1/models', headers: { host: 'evil.example' } }, (answer) =>
      resolve(answer.resume().statusCode),
    ).end(),
  )
  assert.equal(status, 403)
})

test('answers are not cached, not guessed at, and run nothing', async () => {
  const { headers } = await get('/api/v1/models')
  assert.deepEqual(
    [headers.get('cache-control'), headers.get('x-content-type-options'), headers.get('content-security-policy')],
    ['no-store', 'nosniff', "default-src 'none'"],
  )
})
