// Annotations against a server that keeps them as Grafana does: without a key, with numbers of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGrafanaSender } from '../../src/delivery/channels/grafana.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Outcome } from '../../src/delivery/sender.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { AT, digest, group, notification, told } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'

const token = 'glsa_canary_0a1b2c3d'
const signal = AbortSignal.timeout(30_000)
const HOUR = 3_600_000

interface Annotation {
  readonly id: number
  readonly time: number
  readonly timeEnd: number
  readonly tags: readonly string[]
  readonly text: string
  readonly dashboardUID?: string
  readonly panelId?: number
}

/** `faults`: what happens to the n-th request, after its effect or instead of it. */
async function grafana(faults: Readonly<Record<number, 'reset after the effect' | 'fail'>> = {}) {
  const annotations = new Map<number, Annotation>()
  const server = await receiver(({ method, path, headers, body }, response, nth) => {
    const answer = (status: number, says: unknown) => {
      if (faults[nth] === 'reset after the effect') response.destroy()
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(says))
    }
    if (faults[nth] === 'fail') return answer(500, { message: 'Internal Server Error' })
    if (headers.authorization !== `Bearer ${token}`) return answer(401, { message: 'Invalid API key' })
    const { pathname, searchParams } = new URL(path, 'http://x')
    const [, id] = /^\/api\/annotations(?:\/(\d+))?$/.exec(pathname) ?? []
    if (method === 'GET') {
      const wanted = searchParams.getAll('tags')
      const found = [...annotations.values()].filter(({ tags }) => wanted.every((tag) => tags.includes(tag)))
      return answer(200, found.sort((a, b) => b.timeEnd - a.timeEnd).slice(0, Number(searchParams.get('limit'))))
    }
    const written = JSON.parse(body)
    if (method === 'POST' && id === undefined) {
      if (typeof written.text !== 'string' || written.text === '' || !(written.timeEnd >= written.time))
        return answer(400, { message: 'Bad request' })
      const next = annotations.size + 1
      annotations.set(next, { ...written, id: next })
      return answer(200, { message: 'Annotation added', id: next })
    }
    const known = annotations.get(Number(id))
    // What is not there has no permissions.
    if (method !== 'PATCH' || known === undefined) return answer(403, { message: "You'll need additional permissions" })
    annotations.set(known.id, { ...known, ...written })
    return answer(200, { message: 'Annotation patched' })
  })
  const settings = {
    url: new URL(server.url).origin,
    token: () => new Secret(token),
    tags: ['production'],
    dashboard: null,
    outbound: toThisMachine,
    timeoutMs: 500,
  }
  const sender = createGrafanaSender('graph', settings)
  return {
    annotations,
    settings,
    all: () => [...annotations.values()],
    received: server.received,
    close: () => server.close(),
    async deliver(row: Notification): Promise<string | undefined> {
      const outcome = await sender.send(row, signal)
      assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
      return (outcome as Extract<Outcome, { result: 'delivered' }>).receipt
    },
    send: (row: Notification) => sender.send(row, signal),
  }
}

senderBattery(
  'Grafana',
  ({ url, timeoutMs }) =>
    createGrafanaSender('graph', {
      ...{ url, tags: [], dashboard: null, outbound: toThisMachine, timeoutMs },
      token: () => new Secret(token),
    }),
  { ...notification('graph'), thread: '42@1763647500000' },
  token,
  // One that is gone is looked for.
  { says: '{"message":"Annotation patched"}', requests: (status) => (status === 404 ? 2 : 1) },
)

test('an incident is one region, from the moment at which it fires to its end', async () => {
  const { deliver, all, close } = await grafana()
  const thread = await deliver(told('graph', { link: 'https://leeway.example.org/i/1' }))
  assert.equal(thread, `1@${AT}`)
  await deliver(told('graph', { change: 'update', title: 'worse', at: AT + HOUR }, thread))
  assert.deepEqual([all()[0]?.time, all()[0]?.timeEnd], [AT, AT + HOUR])
  for (const change of ['reminder', 'escalation', 'handled'] as const)
    assert.equal(await deliver(told('graph', { change, title: 'nothing to draw' }, thread)), thread)
  await deliver(told('graph', { change: 'resolved', title: 'back to normal', at: AT + 5 * HOUR }, thread))
  await close()
  assert.equal(all().length, 1)
  const [{ time, timeEnd, tags, text }] = all() as [Annotation]
  assert.deepEqual([time, timeEnd], [AT, AT + 5 * HOUR])
  assert.deepEqual(tags, ['leeway', 'incident:a41c9d3300000001', 'production', 'credit-risk', 'performance', 'alarm'])
  assert.match(text, /^<b>back to normal<\/b>/)
})

test('an annotation that was made without an answer is found again: there is one', async () => {
  const { deliver, send, all, close } = await grafana({ 2: 'reset after the effect', 4: 'reset after the effect' })
  assert.equal((await send(notification('graph'))).result, 'retry')
  assert.equal((await send(notification('graph'))).result, 'retry')
  assert.equal(await deliver(notification('graph')), `1@${AT}`)
  // Nor does a receipt that was lost make another one.
  await deliver(told('graph', { change: 'resolved', at: AT + HOUR }))
  await close()
  assert.deepEqual(
    all().map(({ id, time, timeEnd }) => ({ id, time, timeEnd })),
    [{ id: 1, time: AT, timeEnd: AT + HOUR }],
  )
})

test('an annotation that somebody deleted is made again, once, with its beginning', async () => {
  const { deliver, annotations, all, close } = await grafana()
  const thread = await deliver(notification('graph'))
  annotations.clear()
  annotations.set(7, { id: 7, time: 1, timeEnd: 2, tags: [], text: 'of somebody else' })
  await deliver(told('graph', { change: 'update', at: AT + HOUR }, thread))
  await deliver(told('graph', { change: 'resolved', at: AT + 2 * HOUR }, thread))
  await close()
  assert.deepEqual(
    all().map(({ id, time, timeEnd }) => ({ id, time, timeEnd })),
    [
      { id: 7, time: 1, timeEnd: 2 },
      { id: 2, time: AT, timeEnd: AT + 2 * HOUR },
    ],
  )
})

test('news of retraining, groups and digests are annotations of their own, once each', async () => {
  const { deliver, all, close } = await grafana()
  const retraining = { request: 'r', state: 'succeeded', awaitsApproval: false }
  for (const row of [
    told('graph', { change: 'retraining', title: 'run 7 succeeded', retraining }),
    group('graph', 100),
    digest('graph'),
  ])
    for (let i = 0; i < 2; i++) await deliver(row)
  await close()
  const [run, many, week] = all() as [Annotation, Annotation, Annotation]
  assert.equal(all().length, 3)
  assert.ok(run.tags.includes('retraining') && run.time === run.timeEnd)
  assert.match(many.text, /100 incidents of credit-risk.*incident 0.*and 60 more/s)
  assert.deepEqual([week.time, week.timeEnd], [AT - 7 * 24 * HOUR, AT])
})

test('on one dashboard, when that is asked for', async () => {
  const { settings, all, close } = await grafana()
  const sender = createGrafanaSender('graph', { ...settings, dashboard: { uid: 'abc', panel: 3 } })
  assert.equal((await sender.send(notification('graph'), signal)).result, 'delivered')
  await close()
  assert.deepEqual([all()[0]?.dashboardUID, all()[0]?.panelId], ['abc', 3])
})

test('a wrong token is refused, in the words of Grafana and without the token; a page of a gateway is not Grafana', async () => {
  const { settings, close } = await grafana()
  const wrong = createGrafanaSender('graph', { ...settings, token: () => new Secret('glsa_wrong_canary') })
  const outcome = await wrong.send(notification('graph'), signal)
  await close()
  assert.match(JSON.stringify(outcome), /refused.*401.*Invalid API key/)
  const gateway = await receiver((_, response) => void response.end('<html>sign in</html>'))
  const sender = createGrafanaSender('graph', { ...settings, url: new URL(gateway.url).origin })
  assert.equal((await sender.send(notification('graph'), signal)).result, 'retry')
  await gateway.close()
})
