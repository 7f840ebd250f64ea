// Slack's own client against a server that behaves as Slack does.

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import type { Illustration } from '../../src/delivery/charts/illustrate.ts'
import type { Message, Notification } from '../../src/delivery/notification.ts'
import { Secret } from '../../src/secret.ts'
import { message, notification } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'
import type { SlackOptions } from '../build/slack.ts'
import { actionsOf, blocksOf, slackServer } from '../build/slack.ts'

const token = 'xoxb-canary-token'
const secret = new Secret(token)
const signal = AbortSignal.timeout(60_000)

const chart: Illustration = {
  name: 'course',
  title: 'ROC AUC',
  alternative: 'ROC AUC fell.',
  table: { columns: ['window', 'value'], rows: [['14:05', '0.842']] },
  svg: '',
  width: 480,
  height: 300,
  png: Uint8Array.of(137, 80, 78, 71),
}

type Change = Partial<Parameters<typeof createSlackSender>[1]>

function sender(apiUrl: string, change: Change = {}) {
  return createSlackSender('ml-team', {
    token: () => secret,
    outbound: toThisMachine,
    channel: '#ml-alerts',
    apiUrl,
    timeoutMs: 500,
    ...change,
  })
}

/** A Slack for one test, closed at its end; sends, and insists that no token is told. */
async function slack(options: SlackOptions = {}, change: Change = {}) {
  const server = await slackServer(options)
  const bot = sender(server.apiUrl, change)
  return {
    server,
    async send(row: Notification) {
      const outcome = await bot.send(row, signal)
      assert.ok(!JSON.stringify(outcome).includes(token), 'the token is told')
      return outcome
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

function about(change: Partial<Message>, thread?: string): Notification {
  return {
    ...notification('slack'),
    envelope: { kind: 'message', channel: 'slack', message: { ...message(), ...change } },
    ...(thread !== undefined && { thread }),
  }
}

const wordsOf = (form: URLSearchParams | undefined) => (form === undefined ? '' : JSON.stringify(blocksOf(form)))

test('a message is posted with text for notifications and blocks for reading', async () => {
  await using it = await slack()
  const outcome = await it.send(notification('slack'))
  assert.deepEqual(outcome, { result: 'delivered', detail: 'ts 1700000000.000001', receipt: 'C01/1700000000.000001' })
  const [parent] = it.server.messages
  assert.match(parent?.form.get('text') ?? '', /^▲ credit-risk 7: ROC AUC 0\.908/)
  assert.match(wordsOf(parent?.form), /reference 0\.908/)
  assert.match(parent?.form.get('attachments') ?? '', /#D55E00/)
  assert.deepEqual(JSON.parse(parent?.form.get('metadata') ?? '{}').event_payload, { key: notification('slack').key })
})

test('what follows changes the parent in place, and is told in its thread; the end is told to the whole channel', async () => {
  await using it = await slack()
  await it.send(about({}))
  const thread = 'C01/1700000000.000001'
  const handling = { acknowledgedBy: 'ann', assignee: 'ben', snoozedUntil: null }
  await it.send(about({ change: 'handled', title: 'credit-risk 7: acknowledged by ann', handling }, thread))
  const [parent, reply] = it.server.messages
  assert.equal(parent?.edits.length, 1)
  assert.match(wordsOf(parent?.form), /Acknowledged by\\nann.*Assigned to\\nben/)
  assert.match(parent?.form.get('attachments') ?? '', /#0072B2/)
  assert.deepEqual([reply?.thread, reply?.isBroadcast], [parent?.ts, false])
  assert.equal(
    (await it.send(about({ change: 'resolved', title: 'credit-risk 7: performance is back to normal' }, thread)))
      .result,
    'delivered',
  )
  assert.match(parent?.form.get('attachments') ?? '', /#009E73/)
  assert.match(parent?.form.get('text') ?? '', /^✓ /)
  const last = it.server.messages.at(-1)
  assert.deepEqual([last?.thread, last?.isBroadcast], [parent?.ts, true])
})

test('the parent shows how the incident stands now, whatever the message that is late says', async () => {
  const resolved = { ...message(), change: 'resolved' as const, title: 'back to normal' }
  await using it = await slack({}, { standing: () => resolved })
  await it.send(about({ change: 'retraining' }))
  assert.match(it.server.messages[0]?.form.get('text') ?? '', /^✓ back to normal/)
})

test('a parent that was removed is replaced, and one that cannot be changed keeps its thread', async () => {
  await using it = await slack()
  const outcome = await it.send(about({ change: 'update' }, 'C01/1600000000.000009'))
  assert.equal(outcome.result === 'delivered' && outcome.receipt, 'C01/1700000000.000001')
  await using old = await slack({
    trouble: (method) => (method === 'chat.update' ? { error: 'edit_window_closed' } : undefined),
  })
  await old.send(about({}))
  assert.equal((await old.send(about({ change: 'update' }, 'C01/1700000000.000001'))).result, 'delivered')
  assert.equal(old.server.messages.at(-1)?.thread, '1700000000.000001')
})

test('an incident whose message lies where nothing can be written any more begins anew in the channel of now', async () => {
  for (const error of ['channel_not_found', 'not_in_channel', 'is_inactive', 'is_archived']) {
    await using it = await slack({ trouble: (method) => (method === 'chat.update' ? { error } : undefined) })
    const outcome = await it.send(about({ change: 'update' }, 'C99/1600000000.000009'))
    assert.equal(outcome.result === 'delivered' && outcome.receipt, 'C01/1700000000.000001', error)
    assert.equal(it.server.messages[0]?.thread, null)
  }
})

test('what is called off ends at once', async () => {
  const server = await slackServer({ trouble: () => 'hang' })
  const bot = sender(server.apiUrl, { timeoutMs: 60_000 })
  const calling = new AbortController()
  const sending = bot.send(notification('slack'), calling.signal)
  while (server.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  calling.abort()
  assert.equal((await sending).result, 'retry')
  await server.close()
})

test('a reply that fails is tried again with the change of its parent, which does no harm twice', async () => {
  const trouble = (method: string, nth: number) =>
    method === 'chat.postMessage' && nth === 2 ? { status: 429, retryAfter: 7 } : undefined
  await using it = await slack({ trouble })
  await it.send(about({}))
  const row = about({ change: 'update' }, 'C01/1700000000.000001')
  assert.deepEqual(await it.send(row), { result: 'retry', because: 'Slack limits the rate', retryAfterMs: 7_000 })
  assert.equal((await it.send(row)).result, 'delivered')
  assert.equal(it.server.messages.length, 2)
})

test('charts are added to the thread as pictures and as numbers', async () => {
  await using it = await slack({}, { illustrate: async () => [chart, { ...chart, name: 'distribution' }] })
  assert.equal((await it.send(about({}))).result, 'delivered')
  const files = [...it.server.files.values()]
  assert.deepEqual(
    files.map(({ name, bytes, thread }) => [name, [...bytes], thread]),
    ['course.png', 'distribution.png'].map((name) => [name, [137, 80, 78, 71], '1700000000.000001']),
  )
  const [, numbers] = it.server.messages
  assert.equal(numbers?.thread, '1700000000.000001')
  assert.match(wordsOf(numbers?.form), /rich_text_preformatted.*14:05 {3}0\.842/)
})

test('a picture that cannot be added costs no message', async () => {
  const trouble = (method: string) => (method === 'files.getUploadURLExternal' ? { error: 'missing_scope' } : undefined)
  await using it = await slack({ trouble }, { illustrate: async () => [chart] })
  const outcome = await it.send(about({}))
  assert.equal(outcome.result, 'delivered')
  assert.match(
    outcome.result === 'delivered' ? (outcome.detail ?? '') : '',
    /charts could not be added: .*missing_scope/,
  )
  assert.match(wordsOf(it.server.messages[1]?.form), /0\.842/)
})

test('a group names its incidents, a digest its figures', async () => {
  await using it = await slack()
  const messages = Array.from({ length: 40 }, (_, i) => ({ ...message(), title: `model-${i}: drifting` }))
  const group = { kind: 'group' as const, channel: 'slack', title: '40 incidents began within 5 minutes', messages }
  assert.equal((await it.send({ ...notification('slack'), envelope: group })).result, 'delivered')
  const words = wordsOf(it.server.messages[0]?.form)
  assert.match(words, /model-24: drifting/)
  assert.match(words, /and 15 more/)
  const digest = {
    title: 'credit-risk: all is well',
    model: 'credit-risk',
    from: 0,
    to: 1,
    paragraphs: ['Nothing fired in 168 windows.'],
    figures: [{ name: 'ROC AUC', value: '0.91 (0.90–0.92)' }],
    link: 'https://leeway.example/ui',
  }
  await it.send({ ...notification('slack'), envelope: { kind: 'digest', channel: 'slack', digest } })
  assert.match(wordsOf(it.server.messages[1]?.form), /ROC AUC {2}0\.91 \(0\.90–0\.92\).*Open the model/)
})

test('the longest message that can be written is within the limits of Slack', async () => {
  await using it = await slack({}, { hasButtons: true })
  const long = '&<>'.repeat(2_000)
  const longest = {
    title: long,
    paragraphs: Array.from({ length: 30 }, () => long),
    features: Array.from({ length: 60 }, () => ({ name: long, detail: long })),
    link: `https://leeway.example/${'x'.repeat(1_900)}`,
    handling: { acknowledgedBy: long, assignee: long, snoozedUntil: 1 },
    retraining: { request: 'r', state: long, awaitsApproval: true },
  }
  for (const thread of [undefined, 'C01/1700000000.000001']) {
    const outcome = await it.send(about({ ...longest, change: 'update' }, thread))
    assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
  }
})

test('buttons are shown where presses are listened to, and as the incident stands', async () => {
  await using mute = await slack()
  await mute.send(about({}))
  assert.deepEqual(actionsOf(mute.server.messages[0]?.form as URLSearchParams), [])
  await using it = await slack({}, { hasButtons: true })
  const names = async (change: Partial<Message>) => {
    await it.send(about(change))
    return actionsOf(it.server.messages.at(-1)?.form as URLSearchParams).map(({ action_id }) => action_id)
  }
  assert.deepEqual(await names({}), ['leeway/acknowledge', 'leeway/snooze'])
  assert.deepEqual(await names({ handling: { acknowledgedBy: 'ann', assignee: null, snoozedUntil: null } }), [
    'leeway/unacknowledge',
    'leeway/snooze',
  ])
  assert.deepEqual(await names({ change: 'resolved' }), [])
  assert.deepEqual(await names({ retraining: { request: 'r1', state: 'awaiting approval', awaitsApproval: true } }), [
    'leeway/acknowledge',
    'leeway/snooze',
    'leeway/approve',
    'leeway/refuse',
  ])
})

test('what came with events cannot mention, link or command', async () => {
  await using it = await slack()
  const evil = '<!channel> & <https://evil.example|click>'
  await it.send(about({ title: evil, features: [{ name: '<@U1>', detail: 'x' }] }))
  const form = it.server.messages[0]?.form
  assert.equal(form?.get('text'), '▲ &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;')
  assert.ok(!/<@U1>/.test(form?.get('attachments') ?? ''))
})

test('a rate limit is left to the outbox, with the wait that Slack asks for', async () => {
  await using it = await slack({ trouble: () => ({ status: 429, retryAfter: 30 }) })
  assert.deepEqual(await it.send(notification('slack')), {
    result: 'retry',
    because: 'Slack limits the rate',
    retryAfterMs: 30_000,
  })
  assert.equal(it.server.calls.length, 1)
})

test('what only a person can mend is refused, what may pass is tried again', async () => {
  const outcome = async (trouble: ReturnType<NonNullable<SlackOptions['trouble']>>) => {
    await using it = await slack({ trouble: () => trouble })
    return (await it.send(notification('slack'))).result
  }
  for (const error of ['channel_not_found', 'invalid_auth', 'not_in_channel', 'msg_too_long'])
    assert.equal(await outcome({ error }), 'refused')
  assert.equal(await outcome({ error: 'internal_error' }), 'retry')
  for (const trouble of [
    { status: 503 },
    { status: 408 },
    { status: 425 },
    'hang',
    'reset',
    'reset after the effect',
  ] as const)
    assert.equal(await outcome(trouble), 'retry', JSON.stringify(trouble))
})

test('what answers in place of Slack is no refusal of Slack', async () => {
  const pages: Array<(response: ServerResponse) => void> = [
    (response) => void response.end('<html>sign in</html>'),
    (response) => void response.writeHead(204).end(),
    (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'),
  ]
  for (const page of pages) {
    const target = await receiver((_, response) => page(response))
    const outcome = await sender(`${new URL(target.url).origin}/api/`).send(notification('slack'), signal)
    await target.close()
    assert.equal(outcome.result, 'retry')
  }
})
