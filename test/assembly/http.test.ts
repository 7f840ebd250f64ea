import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SettingName } from '../../src/config/settings.ts'
import { ask } from '../build/http.ts'
import { smallDaemon } from '../build/small-daemon.ts'

async function opened(t: { after: (stop: () => Promise<void>) => void }, flags: Partial<Record<SettingName, string>>) {
  const small = await smallDaemon(flags)
  t.after(() => small.stop())
  return small
}

test('metrics and probes may have a port of their own; the API is not there, and metrics are not at the API', async (t) => {
  const small = await opened(t, { metricsPort: '0', metricsHost: '127.0.0.2' })
  const line = small.lines.find((one) => one.includes('a port of their own')) ?? ''
  const { hostname, port } = new URL(JSON.parse(line).address)
  assert.equal(hostname, '127.0.0.2')
  const own = async (path: string) =>
    (await fetch(`http://127.0.0.2:${port}${path}`, { headers: { connection: 'close' } })).status
  assert.deepEqual([await own('/metrics'), await own('/healthz'), await own('/api/v1/models')], [200, 200, 404])
  const main = async (path: string) => (await ask(small.port, path)).status
  assert.deepEqual([await main('/metrics'), await main('/healthz'), await main('/api/v1/models')], [404, 200, 200])
})

test('on an address that others reach, reading needs a token, probes say little, and what is open is said', async (t) => {
  const small = await opened(t, { host: '0.0.0.0' })
  assert.equal((await ask(small.port, '/api/v1/models')).status, 401)
  assert.equal((await small.as('viewer', '/api/v1/models')).status, 200)
  assert.equal((await ask(small.port, '/metrics')).status, 200)
  assert.ok(!(await ask(small.port, '/readyz?verbose')).text.includes('because'))
  assert.match((await small.as('viewer', '/readyz?verbose')).text, /because/)
  assert.ok(small.lines.some((line) => line.includes('can read /metrics')))
})

test('without tokens nothing is changed, and on an address that others reach nothing of the API is read', async (t) => {
  const here = await opened(t, { tokensFile: undefined } as never)
  const refused = await ask(here.port, '/api/v1/reload', { method: 'POST' })
  assert.deepEqual([refused.status, /LEEWAY_TOKENS_FILE/.test(refused.text)], [403, true])
  assert.equal((await ask(here.port, '/api/v1/models')).status, 200)
  const out = await opened(t, { tokensFile: undefined, host: '0.0.0.0', metricsAccess: 'token' } as never)
  for (const path of ['/api/v1/models', '/metrics']) assert.equal((await ask(out.port, path)).status, 403, path)
  assert.equal((await ask(out.port, '/healthz')).status, 200)
  assert.ok(out.lines.some((line) => line.includes('nobody can read the API')))
})
