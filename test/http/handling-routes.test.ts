import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Effect, Handling, Person } from '../../src/handling/deeds.ts'
import type { Role } from '../../src/http/role.ts'
import { ask, NOW, testServer, tokenOf } from '../build/http.ts'

const did: Array<readonly [string, ...unknown[]]> = []
let answer: Effect = { outcome: 'done', detail: 'as asked' }
const note = (name: string, ...rest: unknown[]) => {
  did.push([name, ...rest.filter((one) => typeof one !== 'object' || one === null || !('request' in one))])
  return answer
}
const handling: Handling = {
  acknowledge: (...given) => note('acknowledge', ...given),
  unacknowledge: (...given) => note('unacknowledge', ...given),
  assign: (...given) => note('assign', ...given),
  snooze: (...given) => note('snooze', ...given),
  comment: (...given) => note('comment', ...given),
  addSilence: (silence, by: Person) => ({ ...note('addSilence', silence, by), id: 's1' }),
  endSilence: (...given) => note('endSilence', ...given),
  acceptAsNormal: async (...given) => note('accept', ...given),
}
const server = await testServer({ handling })
after(() => server.close())

function post(path: string, body: object, role: Role | null = 'operator') {
  return ask(server.port, path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(role !== null && { authorization: `Bearer ${tokenOf[role]}` }),
    },
    body: JSON.stringify(body),
  })
}

const deeds = [
  ['/api/v1/incidents/i1/acknowledge', {}, ['acknowledge', 'i1']],
  ['/api/v1/incidents/i1/unacknowledge', {}, ['unacknowledge', 'i1']],
  ['/api/v1/incidents/i1/assign', { to: 'ben' }, ['assign', 'i1', 'ben']],
  ['/api/v1/incidents/i1/snooze', { until: '2026-11-27T08:00:00Z' }, ['snooze', 'i1', NOW + 86_400_000]],
  ['/api/v1/incidents/i1/comments', { text: 'seen' }, ['comment', 'i1', 'seen']],
  [
    '/api/v1/silences',
    { matchers: { model: 'credit-*' }, end: '2026-11-27T08:00:00Z', reason: 'a campaign' },
    ['addSilence', { matchers: { model: 'credit-*' }, start: NOW, end: NOW + 86_400_000, reason: 'a campaign' }],
  ],
  ['/api/v1/silences/s1/end', {}, ['endSilence', 's1']],
] as const

test('an operator and an approver do every deed; a viewer and a stranger none', async () => {
  for (const [path, body, wanted] of deeds) {
    for (const role of ['operator', 'approver'] as const) {
      did.length = 0
      assert.equal((await post(path, body, role)).status, 200, path)
      assert.deepEqual(did, [wanted], path)
    }
    did.length = 0
    assert.equal((await post(path, body, 'viewer')).status, 403, path)
    assert.equal((await post(path, body, null)).status, 401, path)
    assert.deepEqual(did, [], path)
  }
})

test('what is refused says why, and what was done before is no error', async () => {
  answer = { outcome: 'refused', detail: 'it has resolved' }
  const { status, text } = await post('/api/v1/incidents/i1/acknowledge', {})
  assert.deepEqual([status, JSON.parse(text)], [409, { error: { message: 'it has resolved' } }])
  answer = { outcome: 'done', detail: 'acknowledged by anna already' }
  assert.equal((await post('/api/v1/incidents/i1/acknowledge', {})).status, 200)
})

test('a body that is not understood is refused with what is expected', async () => {
  did.length = 0
  for (const [path, body, said] of [
    ['/api/v1/incidents/i1/snooze', { until: 'tomorrow' }, /until: a time such as/],
    ['/api/v1/silences', { matchers: {}, end: '2026-11-27T08:00:00Z', reason: 'x' }, /at least one of model/],
    ['/api/v1/silences', { matchers: { color: 'red' }, end: '2026-11-27T08:00:00Z', reason: 'x' }, /color/],
    ['/api/v1/incidents/i1/acknowledge', { more: 1 }, /more/],
  ] as const) {
    const { status, text } = await post(path, body)
    assert.equal(status, 400, path)
    assert.match(text, said)
  }
  assert.deepEqual(did, [])
})

test('what a page of our own does is known as done there; what another page asks is not done', async () => {
  const vias: string[] = []
  const noting = await testServer({
    handling: {
      ...handling,
      acknowledge: (_, { via }) => {
        vias.push(via)
        return { outcome: 'done', detail: 'done' }
      },
    },
  })
  after(() => noting.close())
  const from = async (headers: Record<string, string>) =>
    (
      await ask(noting.port, '/api/v1/incidents/i1/acknowledge', {
        method: 'POST',
        headers: { authorization: `Bearer ${tokenOf.operator}`, ...headers },
      })
    ).status
  const own = `127.0.0.1:${noting.port}`
  assert.deepEqual(
    [
      await from({}),
      await from({ 'user-agent': 'leeway-cli' }),
      await from({ origin: `http://${own}` }),
      await from({ origin: 'https://ml.example.org', 'sec-fetch-site': 'same-origin' }),
      await from({ origin: 'http://ml.example.org', 'x-forwarded-host': 'ml.example.org' }),
      await from({ origin: 'http://ml.example.org' }),
      await from({ origin: 'http://ml.example.org', 'sec-fetch-site': 'cross-site' }),
    ],
    [200, 200, 200, 200, 200, 403, 403],
  )
  assert.deepEqual(vias, ['api', 'cli', 'ui', 'ui', 'ui'])
})

test('whoever asks is told whose token they have, and that they need one', async () => {
  const me = async (role: Role | null) => {
    const headers = role === null ? {} : { authorization: `Bearer ${tokenOf[role]}` }
    return JSON.parse((await ask(locked.port, '/api/v1/me', { headers })).text)
  }
  const locked = await testServer({ read: 'token' })
  after(() => locked.close())
  assert.deepEqual(await me(null), { name: null, role: null, mayRead: false, hasTokens: true })
  assert.deepEqual(await me('operator'), { name: 'the operator', role: 'operator', mayRead: true, hasTokens: true })
  const { status } = await ask(locked.port, '/api/v1/me', { headers: { authorization: 'Bearer unknown' } })
  assert.equal(status, 401)
})
