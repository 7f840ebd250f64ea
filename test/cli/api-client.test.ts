import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { ApiError, apiClient, DaemonUnreachable } from '../../src/cli/api-client.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import type { ActionRequest, ActionRoute } from '../../src/http/route.ts'
import { testServer, tokenOf } from '../build/http.ts'
import { receiver } from '../build/receivers.ts'

const asked: ActionRequest[] = []
const route: ActionRoute = {
  method: 'POST',
  path: '/api/v1/try',
  needs: 'operator',
  action: 'try',
  body: z.strictObject({ what: z.string() }),
  target: () => '',
  act(request) {
    asked.push(request)
    return { outcome: 'done', detail: 'tried', isAudited: true, answer: { status: 200, json: { tried: true } } }
  },
}
const server = await testServer({ moreRoutes: [route], read: 'token' })
after(() => server.close())
process.env['LEEWAY_API_TOKEN'] = tokenOf.operator
const client = apiClient({ address: server.address })

test('a command asks with its token, and the daemon knows which way it came', async () => {
  assert.ok('models' in ((await client.get('/api/v1/models')) as object))
  assert.deepEqual(await client.post('/api/v1/try', { what: 'this' }), { tried: true })
  const [{ via, remote, body, request } = assert.fail()] = asked
  assert.deepEqual([via, remote, body], ['cli', '127.0.0.1', { what: 'this' }])
  assert.deepEqual(
    server.audit.filter((row) => row.request === request).map(({ outcome }) => outcome),
    ['asked'],
    'a deed that has its row has no second one',
  )
})

test('what the daemon refuses is said in its own words', async () => {
  const refused = (message: RegExp) => (error: unknown) => error instanceof ApiError && message.test(error.message)
  await assert.rejects(client.get('/api/v1/incidents/none'), refused(/there is no incident none/))
  await assert.rejects(client.get('/api/v1/incidents', { limit: 'x' }), refused(/limit: "x" is not a whole number/))
})

test('nothing that answers is a dependency out of reach, and says what to do', async () => {
  const nothing = await receiver(() => {})
  await nothing.close()
  await assert.rejects(
    apiClient({ address: new URL(nothing.url).origin }).get('/api/v1/models'),
    (error: unknown) => error instanceof DaemonUnreachable && /--address/.test(error.message),
  )
})

test('another program at the address is not taken for leeway, and a redirect takes the token nowhere', async () => {
  const elsewhere = await receiver((_, response) => response.end('{}'))
  const other = await receiver((_, response) => response.writeHead(302, { location: elsewhere.url }).end())
  await assert.rejects(
    apiClient({ address: new URL(other.url).origin }).get('/x'),
    /answers 302, and not as leeway does/,
  )
  assert.equal(elsewhere.received.length, 0)
  await Promise.all([elsewhere.close(), other.close()])
})

test('a wrong address is told with its place', () => {
  assert.throws(
    () => apiClient({ address: 'localhost' }),
    (error: unknown) => error instanceof ConfigError && /--address/.test(error.message),
  )
})
