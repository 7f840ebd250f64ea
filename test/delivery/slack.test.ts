// Slack's own client against a server that behaves as Slack does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSlackSender } from '../../src/delivery/channels/slack.ts'
import { Secret } from '../../src/secret.ts'
import { notification } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'

const token = 'xoxb-canary-token'
const secret = new Secret(token)
const signal = AbortSignal.timeout(30_000)

async function send(answer: Parameters<typeof receiver>[0], row = notification('slack')) {
  const target = await receiver(answer)
  const slack = createSlackSender('slack', {
    token: () => secret,
    outbound: toThisMachine,
    channel: '#ml-alerts',
    apiUrl: `${new URL(target.url).origin}/api/`,
    timeoutMs: 500,
  })
  const outcome = await slack.send(row, signal)
  await target.close()
  assert.ok(!JSON.stringify(outcome).includes(token), 'the token is told')
  return { outcome, request: target.received[0], attempts: target.received.length }
}

const says =
  (body: object, status = 200, headers: Record<string, string> = {}) =>
  (_: unknown, response: import('node:http').ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

test('a message is posted with text for notifications and blocks for reading', async () => {
  const { outcome, request } = await send(says({ ok: true, ts: '1.2', channel: 'C1' }))
  assert.equal(outcome.result, 'delivered')
  assert.equal(request?.path, '/api/chat.postMessage')
  assert.equal(request?.headers.authorization, `Bearer ${token}`)
  const form = new URLSearchParams(request?.body)
  assert.equal(form.get('channel'), '#ml-alerts')
  assert.match(form.get('text') ?? '', /ROC AUC 0\.908/)
  const blocks = JSON.parse(form.get('blocks') ?? '[]')
  assert.equal(blocks[0].type, 'header')
  assert.match(JSON.stringify(blocks), /4,210 labelled of 5,210 rows/)
})

test('what came with events cannot mention, link or command', async () => {
  const row = notification('slack')
  if (row.envelope.kind !== 'message') throw new Error('not a message')
  const message = {
    ...row.envelope.message,
    title: '<!channel> & <https://evil.example|click>',
    features: [{ name: '<@U1>', detail: 'x' }],
  }
  const { request } = await send(says({ ok: true, ts: '1' }), { ...row, envelope: { ...row.envelope, message } })
  const form = new URLSearchParams(request?.body)
  assert.equal(form.get('text'), '&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;')
  assert.ok(!/<@U1>/.test(form.get('blocks') ?? ''))
})

test('a rate limit is left to the outbox, with the wait that Slack asks for', async () => {
  const { outcome, attempts } = await send(says({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': '30' }))
  assert.deepEqual(outcome, { result: 'retry', because: 'Slack limits the rate', retryAfterMs: 30_000 })
  assert.equal(attempts, 1)
})

test('what only a person can mend is refused, what may pass is tried again', async () => {
  for (const error of ['channel_not_found', 'invalid_auth', 'not_in_channel'])
    assert.equal((await send(says({ ok: false, error }))).outcome.result, 'refused')
  assert.equal((await send(says({ ok: false, error: 'internal_error' }))).outcome.result, 'retry')
  assert.equal((await send(says({}, 503))).outcome.result, 'retry')
  const page = (_: unknown, response: import('node:http').ServerResponse) => void response.end('<html>sign in</html>')
  assert.equal((await send(page)).outcome.result, 'retry', 'a page of some gateway is no refusal of Slack')
  const nothing = (_: unknown, response: import('node:http').ServerResponse) => void response.writeHead(204).end()
  assert.equal((await send(nothing)).outcome.result, 'retry')
  assert.equal((await send((_, response) => response.destroy())).outcome.result, 'retry')
  assert.equal((await send(() => {})).outcome.result, 'retry')
})
