// Buttons in Slack as the document asks for them: one connection for each app, replaced by a reload.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SlackSockets } from '../../src/assembly/slack-sockets.ts'
import { readDocument } from '../../src/config/load.ts'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import type { Effect, Person } from '../../src/handling/deeds.ts'
import { Secret } from '../../src/secret.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { notification } from '../build/messages.ts'
import { toThisMachine } from '../build/receivers.ts'
import { slackServer } from '../build/slack.ts'
import { documentText } from '../config/document.ts'

function document(folder: string, channels: Readonly<Record<string, string>>, appFile = (_: string) => 'app') {
  const lines = Object.entries(channels).map(
    ([name, people]) =>
      `\n  ${name}: {type: slack, tokenFile: bot, channel: "#ml-alerts", appTokenFile: ${appFile(name)}, people: {${people}}}`,
  )
  const text = documentText({ channels: lines.join(''), routes: `\n  - {to: [${Object.keys(channels).join(', ')}]}` })
  return readDocument(`${text}\nnetwork: {allow: [127.0.0.1]}\n`, join(folder, 'leeway.yaml'))
}

test('two channels of one app share a connection, each with its own people; a reload brings others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-slack-'))
  for (const [file, token] of [
    ['bot', 'xoxb-canary-token'],
    ['app', 'xapp-canary-token'],
    ['app-of-two', 'xapp-canary-token'],
  ] as const)
    writeFileSync(join(folder, file), token, { mode: 0o600 })
  const server = await slackServer()
  t.after(() => server.close())
  const done: string[] = []
  const note = (id: string, by: Person): Effect => {
    done.push(`${by.name} ${id}`)
    return { outcome: 'done', detail: `by ${by.name}` }
  }
  const sockets = new SlackSockets({
    isWanted: true,
    deeds: {
      handling: { acknowledge: note, unacknowledge: note, snooze: (id, _until, by) => note(id, by) },
      retraining: { approve: note, refuse: (id, _because, by) => note(id, by) },
    },
    onFailure: (error) => assert.fail(String(error)),
    log: createLog('silent'),
    slack: { apiUrl: server.apiUrl, waitsMs: { first: 5, most: 20 } },
  })
  const ann = 'U111: {name: ann, role: operator}'
  t.after(() => sockets.stop())
  sockets.prepare(document(folder, { one: ann, two: 'U222: {name: ben, role: operator}' }))()
  await server.until(() => server.sockets.size === 1)
  const sender = (name: string) =>
    createSlackSender(name, {
      token: () => new Secret('xoxb-canary-token'),
      outbound: toThisMachine,
      channel: '#ml-alerts',
      apiUrl: server.apiUrl,
      hasButtons: true,
    })
  for (const name of ['one', 'two']) await sender(name).send(notification(name), AbortSignal.timeout(5_000))
  const [one, two] = server.messages as [(typeof server.messages)[number], (typeof server.messages)[number]]
  server.press(one, 'acknowledge', { user: 'U111', id: 'e1' })
  server.press(two, 'acknowledge', { user: 'U111', id: 'e2', at: '1700000200.000100' })
  await server.until(() => server.whispers.length === 2)
  assert.equal(done.length, 1)
  assert.match(server.whispers.map((form) => form.get('text')).join(), /does not know you \(U111\)/)

  const [before] = server.sockets
  sockets.prepare(document(folder, { one: ann, two: ann }))()
  await server.until(() => server.sockets.size === 1 && !server.sockets.has(before as never))
  server.press(two, 'acknowledge', { user: 'U111', id: 'e3', at: '1700000300.000100' })
  await server.until(() => server.whispers.length === 3)
  assert.equal(done.length, 2)

  // The same app by another file.
  const [earlier] = server.sockets
  sockets.prepare(document(folder, { one: ann, two: ann }, (name) => (name === 'two' ? 'app-of-two' : 'app')))()
  await server.until(() => server.sockets.size > 0 && !server.sockets.has(earlier as never))
  assert.equal(server.calls.filter((method) => method === 'apps.connections.open').length, 3)
  await sockets.stop()
  await server.until(() => server.sockets.size === 0)
  rmSync(folder, { recursive: true })
})
