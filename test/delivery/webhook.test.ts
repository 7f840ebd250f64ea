import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { createWebhookSender } from '../../src/delivery/channels/webhook.ts'
import { asSender } from '../../src/delivery/orchestrators/as-sender.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { AT, notification, request } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'
import { retrainingWebhook } from '../build/webhook-target.ts'

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
const settings = { secret: () => new Secret(secret), outbound: toThisMachine, clock: () => AT }
const signal = AbortSignal.timeout(30_000)

senderBattery(
  'webhook',
  ({ url, timeoutMs }) => createWebhookSender('hook', { url, ...settings, timeoutMs }),
  notification('hook'),
  secret,
)
senderBattery(
  'retraining webhook',
  ({ url, timeoutMs }) => asSender(retrainingWebhook({ url, ...settings, timeoutMs })),
  request(),
  secret,
)

test('a receiver can verify the signature of what it got, by the Standard Webhooks scheme', async () => {
  const target = await receiver((_, response) => response.end())
  await createWebhookSender('hook', { url: target.url, ...settings }).send(notification('hook'), signal)
  await target.close()
  const [{ headers, body }] = target.received as unknown as [{ headers: Record<string, string>; body: string }]
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const wanted = createHmac('sha256', key)
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
    .digest('base64')
  assert.equal(headers['webhook-signature'], `v1,${wanted}`)
  assert.equal(headers['webhook-id'], 'a41c9d3300000001:2:hook')
  assert.equal(JSON.parse(body).type, 'leeway.incident.firing')
})

test('a retraining request carries its evidence, and the incident as idempotency key', async () => {
  const target = await receiver((_, response) => response.writeHead(202).end())
  const webhook = retrainingWebhook({ url: target.url, ...settings, secret: null })
  await asSender(webhook).send(request(), signal)
  await target.close()
  const [{ headers, body }] = target.received as unknown as [{ headers: Record<string, string>; body: string }]
  assert.equal(headers['idempotency-key'], 'a41c9d3300000001')
  assert.equal(headers['webhook-signature'], undefined)
  const { type, data } = JSON.parse(body)
  assert.equal(type, 'leeway.retraining.requested')
  assert.equal(data.evidence[0].value, 0.8417)
  assert.deepEqual(data.features, ['income', 'job'])
})

test('a receiver that knows the incident already has accepted it', async () => {
  const target = await receiver((_, response) => response.writeHead(409).end())
  const webhook = retrainingWebhook({ url: target.url, ...settings, secret: null })
  const outcome = await asSender(webhook).send(request(), signal)
  await target.close()
  assert.equal(outcome.result, 'delivered')
})

test('a secret that is none is refused at the start, without being shown', () => {
  assert.throws(
    () => createWebhookSender('hook', { url: 'http://localhost/', ...settings, secret: () => new Secret('hunter2') }),
    (error: Error) => /whsec_/.test(error.message) && !error.message.includes('hunter2'),
  )
})
