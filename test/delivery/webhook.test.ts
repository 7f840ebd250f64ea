import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { createWebhookSender } from '../../src/delivery/channels/webhook.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { asSender, launched, runFor } from '../build/launching.ts'
import { AT, digest, group, incident, notification, told } from '../build/messages.ts'
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
  notification('retraining'),
  secret,
)

test('a receiver can verify what it got with the library of Standard Webhooks', async () => {
  const target = await receiver((_, response) => response.end())
  await createWebhookSender('hook', { url: target.url, ...settings, clock: Date.now }).send(
    notification('hook'),
    signal,
  )
  await target.close()
  const [{ headers, body }] = target.received as unknown as [{ headers: Record<string, string>; body: string }]
  const { type, data } = new Webhook(secret).verify(body, headers) as { type: string; data: { incidentId: string } }
  assert.equal(headers['webhook-id'], 'a41c9d3300000001:2:hook')
  assert.deepEqual([type, data.incidentId], ['leeway.incident.firing', 'a41c9d3300000001'])
  assert.throws(() => new Webhook(secret).verify(`${body} `, headers), /No matching signature/)
})

test('while a secret is replaced, a receiver may know the old or the new one', async () => {
  const fresh = `whsec_${Buffer.from('another-key-another-key-another!').toString('base64')}`
  const stranger = `whsec_${Buffer.from('a-third-key-a-third-key-a-third!').toString('base64')}`
  const target = await receiver((_, response) => response.writeHead(500).end(`cannot verify with ${fresh}`))
  const both = { ...settings, secret: () => new Secret(`${fresh}\n${secret}`), clock: Date.now }
  const outcome = await createWebhookSender('hook', { url: target.url, ...both }).send(notification('hook'), signal)
  await target.close()
  const [{ headers, body }] = target.received as unknown as [{ headers: Record<string, string>; body: string }]
  assert.match(headers['webhook-signature'] ?? '', /^v1,\S+ v1,\S+$/)
  for (const known of [fresh, secret]) new Webhook(known).verify(body, headers)
  assert.throws(() => new Webhook(stranger).verify(body, headers), /No matching signature/)
  assert.match(JSON.stringify(outcome), /cannot verify with <redacted>/)
})

test('an address that is gone is refused, and it is said what to do', async () => {
  const target = await receiver((_, response) => response.writeHead(410).end())
  const outcome = await createWebhookSender('hook', { url: target.url, ...settings }).send(notification('hook'), signal)
  await target.close()
  assert.match(JSON.stringify(outcome), /refused.*410: it is gone for good; remove this channel/)
})

/** The body that a receiver gets for a row. */
async function bodyOf(row: Notification) {
  const target = await receiver((_, response) => response.end())
  const outcome = await createWebhookSender('hook', { url: target.url, ...settings }).send(row, signal)
  await target.close()
  assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
  const body = target.received[0]?.body ?? ''
  assert.ok(Buffer.byteLength(body) <= 20_000, `${Buffer.byteLength(body)} bytes`)
  return JSON.parse(body)
}

test('a body has at most 20 KB, and says what it leaves out', async () => {
  const { type, data } = await bodyOf(group('hook', 500))
  assert.equal(type, 'leeway.incident.group')
  assert.equal(data.incidents.length + data.omitted.incidents, 500)
  assert.ok(data.incidents.length >= 15, String(data.incidents.length))
  assert.deepEqual([data.incidents[0].change, data.incidents[0].incidentId], ['firing', 'a41c9d3300000000'])
  assert.equal((await bodyOf(group('hook', 3))).data.omitted, undefined)
  const features = Array.from({ length: 5 }, (_, i) => ({ name: `${i}`, detail: '字'.repeat(2_000) }))
  const long = (await bodyOf(told('hook', { features }))).data
  assert.deepEqual([long.features.length, long.omitted], [3, { features: 2 }])
  const paragraphs = Array.from({ length: 4 }, () => '字'.repeat(5_000))
  const longer = (await bodyOf(told('hook', { features, paragraphs }))).data
  assert.deepEqual([longer.features.length, longer.omitted.features], [0, 5])
  const week = await bodyOf(digest('hook', 2_000))
  assert.equal(week.type, 'leeway.digest')
  assert.equal(week.data.figures.length + week.data.omitted.figures, 2_000)
})

test('a retraining request carries its evidence, and the incident as idempotency key', async () => {
  const target = await receiver((_, response) => response.writeHead(202).end())
  const webhook = retrainingWebhook({ url: target.url, ...settings, secret: null })
  await launched(webhook, runFor(incident()), signal)
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
  const outcome = await launched(webhook, runFor(incident()), signal)
  await target.close()
  assert.equal(outcome.result, 'delivered')
})

test('a secret that is none is refused at the start, without being shown', () => {
  assert.throws(
    () => createWebhookSender('hook', { url: 'http://localhost/', ...settings, secret: () => new Secret('hunter2') }),
    (error: Error) => /whsec_/.test(error.message) && !error.message.includes('hunter2'),
  )
})
