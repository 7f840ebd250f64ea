// Buttons in Slack, over Slack's own Socket Mode client: who may press them, what they do, and that it happens once.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import type { ButtonDeeds, SlackPeople } from '../../src/delivery/channels/slack/buttons.ts'
import { press, readPress } from '../../src/delivery/channels/slack/buttons.ts'
import type { SocketOptions } from '../../src/delivery/channels/slack/socket.ts'
import { listenToSlack } from '../../src/delivery/channels/slack/socket.ts'
import type { Effect, Person } from '../../src/handling/deeds.ts'
import { createOutbound } from '../../src/outbound/outbound.ts'
import { Secret } from '../../src/secret.ts'
import { message, notification } from '../build/messages.ts'
import { toThisMachine } from '../build/receivers.ts'
import type { SlackOptions } from '../build/slack.ts'
import { slackServer } from '../build/slack.ts'

const bot = new Secret('xoxb-canary-token')
const app = new Secret('xapp-canary-token')
const people: SlackPeople = new Map([
  ['U1', { name: 'ann', role: 'approver' }],
  ['U2', { name: 'ben', role: 'operator' }],
  ['U3', { name: 'cat', role: 'viewer' }],
])

/** Deeds that are written down instead of done. */
function desk() {
  const done: Array<readonly [deed: string, subject: string, by: string, detail?: unknown]> = []
  const note = (deed: string, subject: string, by: Person, detail?: unknown): Effect => {
    done.push(detail === undefined ? [deed, subject, by.name] : [deed, subject, by.name, detail])
    return { outcome: 'done', detail: `${deed} by ${by.name}` }
  }
  const deeds: ButtonDeeds = {
    handling: {
      acknowledge: (id, by) => note('acknowledge', id, by),
      unacknowledge: (id, by) => note('unacknowledge', id, by),
      snooze: (id, until, by) => note('snooze', id, by, until),
    },
    retraining: {
      approve: (id, by) => note('approve', id, by, by.request),
      refuse: (id, because, by) => note('refuse', id, by, because),
    },
  }
  return { done, deeds }
}

async function listening(change: Partial<SocketOptions> = {}, options: SlackOptions = {}) {
  const server = await slackServer(options)
  const { done, deeds } = desk()
  const troubles: Array<string | null> = []
  const failures: unknown[] = []
  const wakers = new Set<() => void>()
  const socket = listenToSlack({
    appToken: () => app,
    botToken: (channel) => (channel === 'ml-team' ? () => bot : undefined),
    outbound: toThisMachine,
    apiUrl: server.apiUrl,
    onPress: (one) => press(one, one.channel === 'ml-team' ? people : undefined, deeds),
    onTrouble: (because) => {
      troubles.push(because)
      for (const wake of wakers) wake()
    },
    onFailure: (error) => failures.push(error),
    waitsMs: { first: 5, most: 20 },
    timeoutMs: 2_000,
    ...change,
  })
  return {
    server,
    done,
    troubles,
    failures,
    socket,
    /** The next news of the connection: null when it stands. */
    trouble: () =>
      new Promise<string | null>((resolve) => {
        const wake = () => {
          wakers.delete(wake)
          resolve(troubles.at(-1) ?? null)
        }
        wakers.add(wake)
      }),
    async posted(buttons: Partial<ReturnType<typeof message>> = {}) {
      const sender = createSlackSender('ml-team', {
        token: () => bot,
        outbound: toThisMachine,
        channel: '#ml-alerts',
        apiUrl: server.apiUrl,
        hasButtons: true,
      })
      const row = notification('slack')
      const envelope = { kind: 'message' as const, channel: 'slack', message: { ...message(), ...buttons } }
      await sender.send({ ...row, envelope }, AbortSignal.timeout(5_000))
      const posted = server.messages.at(-1)
      assert.ok(posted !== undefined)
      return posted
    },
    async [Symbol.asyncDispose]() {
      await socket.stop()
      await server.close()
    },
  }
}

test('a press is done by who pressed, said to have arrived, and answered to them alone', async () => {
  await using it = await listening()
  await it.server.until(() => it.server.sockets.size === 1)
  const posted = await it.posted()
  it.server.press(posted, 'acknowledge', { user: 'U2' })
  await it.server.until(() => it.server.acks.length === 1 && it.server.whispers.length === 1)
  assert.deepEqual(it.done, [['acknowledge', message().incidentId, 'ben']])
  const [whisper] = it.server.whispers
  assert.deepEqual(
    ['user', 'channel', 'text', 'thread_ts'].map((name) => whisper?.get(name)),
    ['U2', 'C01', '✓ acknowledge by ben', posted.ts],
  )
})

test('a press that Slack tells twice is one deed, and both are said to have arrived', async () => {
  await using it = await listening()
  await it.server.until(() => it.server.sockets.size === 1)
  const posted = await it.posted()
  for (const id of ['e1', 'e2']) it.server.press(posted, 'snooze', { id, chosen: 2 })
  await it.server.until(() => it.server.acks.length === 2)
  const pressedAt = 1_700_000_100_000
  assert.deepEqual(it.done, [['snooze', message().incidentId, 'ann', pressedAt + 24 * 3_600_000]])
})

test('who is not known, or may not, is told so, and nothing is done', async () => {
  await using it = await listening()
  await it.server.until(() => it.server.sockets.size === 1)
  const posted = await it.posted({ retraining: { request: 'r1', state: 'awaiting approval', awaitsApproval: true } })
  it.server.press(posted, 'approve', { user: 'U2', id: 'e1' })
  it.server.press(posted, 'acknowledge', { user: 'U3', id: 'e2' })
  it.server.press(posted, 'acknowledge', { user: 'U9', id: 'e3' })
  await it.server.until(() => it.server.whispers.length === 3)
  assert.deepEqual(it.done, [])
  const said = it.server.whispers.map((form) => form.get('text')).sort()
  assert.match(
    said.join('\n'),
    /leeway does not know you \(U9\)[^\n]*\n[^\n]*needs the role approver[^\n]*\n[^\n]*needs the role operator/,
  )
  it.server.press(posted, 'approve', { user: 'U1', id: 'e4' })
  it.server.press(posted, 'refuse', { user: 'U1', id: 'e5', at: '1700000200.000100' })
  await it.server.until(() => it.server.whispers.length === 5)
  assert.deepEqual(it.done, [
    ['approve', 'r1', 'ann', 'slack-U1-1700000100.000100'],
    ['refuse', 'r1', 'ann', 'refused in Slack'],
  ])
})

test('a connection that breaks, is closed or is refused is opened again', async () => {
  const trouble = (method: string, nth: number) =>
    method === 'apps.connections.open' && nth > 1 && nth < 4 ? { status: 503 } : undefined
  await using it = await listening({}, { trouble })
  await it.server.until(() => it.server.sockets.size === 1)
  for (const socket of it.server.sockets) socket.destroy()
  await it.server.until(() => it.server.sockets.size === 0)
  await it.server.until(() => it.server.sockets.size === 1)
  assert.equal(it.server.calls.filter((method) => method === 'apps.connections.open').length, 4)
  assert.match(it.troubles.find((one) => one !== null) ?? '', /503/)
  for (const socket of it.server.sockets)
    socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
  await it.server.until(() => it.server.sockets.size === 0)
  await it.server.until(() => it.server.sockets.size === 1)
  const posted = await it.posted()
  it.server.press(posted, 'acknowledge')
  await it.server.until(() => it.server.acks.length === 1)
  assert.equal(it.done.length, 1)
})

test('a token that is refused is told without being shown, and tried again', async () => {
  await using it = await listening({ appToken: () => new Secret('xapp-wrong-token') })
  const because = await it.trouble()
  assert.match(because ?? '', /invalid_auth/)
  assert.ok(!JSON.stringify([it.troubles, it.failures]).includes('xapp-wrong'))
})

test('an address that is not allowed is not connected to, though Slack itself names it', async () => {
  const connections: unknown[] = []
  const inside = createServer((socket) => {
    connections.push(socket)
    socket.destroy()
  })
  inside.listen(0, '127.0.0.1')
  await once(inside, 'listening')
  const { port } = inside.address() as { port: number }
  for (const socketUrl of [`ws://internal.example:${port}/link`, `wss://internal.example:${port}/link`]) {
    const outbound = createOutbound({
      allow: ['127.0.0.1'],
      resolve: async (host) => [{ address: host === 'internal.example' ? '10.0.0.1' : '127.0.0.1', family: 4 }],
    })
    await using it = await listening({ outbound }, { socketUrl: () => socketUrl })
    assert.match((await it.trouble()) ?? '', /internal\.example is 10\.0\.0\.1, an address of a private network/)
  }
  assert.equal(connections.length, 0)
  inside.close()
})

test('stopping does not wait for a server that hangs', async () => {
  const it = await listening({ timeoutMs: 60_000 }, { trouble: () => 'hang' })
  const began = performance.now()
  await it.socket.stop()
  assert.ok(performance.now() - began < 2_000)
  await it.server.close()
})

test('an interaction that is none of ours is no press', () => {
  const action = { action_id: 'leeway/approve', value: '{"channel":"a","subject":"r"}', action_ts: '1.0' }
  const sound = { type: 'block_actions', user: { id: 'U1' }, actions: [action] }
  assert.equal(readPress(sound)?.deed, 'approve')
  for (const payload of [
    undefined,
    { ...sound, type: 'view_submission' },
    { ...sound, user: undefined },
    { ...sound, actions: [] },
    { ...sound, actions: [{ ...action, action_id: 'other/approve' }] },
    { ...sound, actions: [{ ...action, action_id: 'leeway/constructor' }] },
    { ...sound, actions: [{ ...action, value: 'r1' }] },
    { ...sound, actions: [{ ...action, value: '{"channel":"a"}' }] },
  ])
    assert.equal(readPress(payload), undefined, JSON.stringify(payload))
})

test('a connection whose TLS says nothing is given up, and its socket closed', async () => {
  const mute = createServer()
  mute.listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo
  const closed = once(mute, 'connection').then(([socket]) => {
    socket.resume().on('error', () => {})
    return once(socket, 'close')
  })
  await using it = await listening({ connectMs: 50 }, { socketUrl: () => `wss://localhost:${port}/link` })
  const because = await it.trouble()
  assert.match(because ?? '', /no connection within 0\.05 s/)
  await closed
  mute.close()
})
