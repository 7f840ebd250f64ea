// Slack's incoming webhook: posts, and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSlackWebhookSender } from '../../src/delivery/channels/slack/webhook.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { notification } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'

const canary = 'T000/B000/canary-of-the-address'

function make({ url, timeoutMs = 500 }: { url: string; timeoutMs?: number }) {
  const secret = new Secret(url.replace(/hook$/, canary))
  return createSlackWebhookSender('ml-team', { url: () => secret, outbound: toThisMachine, timeoutMs })
}

senderBattery('slackWebhook', make, notification('ml-team'), canary, { says: 'ok' })

test('a message is posted as blocks, without what a webhook cannot do', async () => {
  const target = await receiver((_, response) => response.end('ok'))
  const outcome = await make(target).send(notification('ml-team'), AbortSignal.timeout(5_000))
  await target.close()
  assert.deepEqual(outcome, { result: 'delivered', detail: 'ok' })
  const body = JSON.parse(target.received[0]?.body ?? '{}')
  assert.match(body.text, /^▲ credit-risk 7: ROC AUC 0\.908/)
  assert.match(JSON.stringify(body.attachments), /4,210 labelled|reference 0\.908/)
  assert.ok(!/"actions"/.test(JSON.stringify(body)))
})

test('a page of some gateway is no delivery, and a removed webhook says what to do', async () => {
  const send = async (status: number, text: string) => {
    const target = await receiver((_, response) => response.writeHead(status).end(text))
    const outcome = await make(target).send(notification('ml-team'), AbortSignal.timeout(5_000))
    await target.close()
    return outcome
  }
  assert.equal((await send(200, '<html>sign in</html>')).result, 'retry')
  assert.deepEqual(await send(404, 'no_service'), {
    result: 'refused',
    because: 'Slack answers 404 no_service: the webhook was removed; make a new one',
  })
})
