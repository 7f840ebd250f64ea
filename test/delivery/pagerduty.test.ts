// Events of PagerDuty, checked by its schema, against a server that behaves as PagerDuty does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import type { PagerDutySettings } from '../../src/delivery/channels/pagerduty.ts'
import { createPagerDutySender } from '../../src/delivery/channels/pagerduty.ts'
import type { Message } from '../../src/delivery/notification.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { digest, group, notification, told } from '../build/messages.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'
import { alertEvent, changeEvent } from './pagerduty-schema.ts'

const key = 'c0ffee00c0ffee00c0ffee00c0ffee00'
const settings: Omit<PagerDutySettings, 'url'> = {
  routingKey: () => new Secret(key),
  severities: { critical: 'critical', alarm: 'error', warning: 'warning' },
  outbound: toThisMachine,
  timeoutMs: 500,
}
const signal = AbortSignal.timeout(30_000)
const ajv = new Ajv({ allErrors: true })
const [isAlert, isChange] = [ajv.compile(alertEvent), ajv.compile(changeEvent)]

interface Event {
  readonly event_action?: string
  readonly dedup_key?: string
  readonly routing_key: string
  readonly payload: { readonly severity: string; readonly summary: string; readonly custom_details: object }
}

/** Takes events as PagerDuty does: by their schema and by their key; `faults` says what happens to the n-th request instead. */
async function pagerDuty(faults: Readonly<Record<number, 'limit' | 'reset after the effect' | 'fail'>> = {}) {
  const alerts = new Map<string, 'triggered' | 'acknowledged' | 'resolved'>()
  const changes: Event[] = []
  const events: Event[] = []
  const server = await receiver(({ path, body }, response, nth) => {
    const answer = (status: number, says: object) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(says))
    const fault = faults[nth]
    if (fault === 'limit') return answer(429, { status: 'throttle exceeded', message: 'Requests are too frequent' })
    if (fault === 'fail') return answer(500, { status: 'error', message: 'try again' })
    const event = JSON.parse(body) as Event
    const isOf = path === '/v2/enqueue' ? isAlert : path === '/v2/change/enqueue' ? isChange : () => false
    if (!isOf(event)) {
      const errors = [...(isAlert.errors ?? []), ...(isChange.errors ?? [])].map((error) => JSON.stringify(error))
      return answer(400, { status: 'invalid event', message: 'Event object is invalid', errors })
    }
    if (event.routing_key !== key)
      return answer(400, { status: 'invalid event', message: `Invalid routing key ${event.routing_key}` })
    events.push(event)
    const { dedup_key = 'one of its own', event_action } = event
    if (path === '/v2/change/enqueue') changes.push(event)
    else if (event_action === 'trigger') alerts.set(dedup_key, 'triggered')
    else if (alerts.get(dedup_key) !== undefined && alerts.get(dedup_key) !== 'resolved')
      alerts.set(dedup_key, event_action === 'acknowledge' ? 'acknowledged' : 'resolved')
    if (fault === 'reset after the effect') return response.destroy()
    return answer(202, { status: 'success', message: 'Event processed', dedup_key })
  })
  const url = new URL(server.url).origin
  const sender = createPagerDutySender('pager', { ...settings, url })
  return { alerts, changes, events, sender, url, received: server.received, close: () => server.close() }
}

senderBattery(
  'PagerDuty',
  ({ url, timeoutMs }) => createPagerDutySender('pager', { ...settings, url, timeoutMs }),
  notification('pager'),
  key,
  { says: '{"status":"success","message":"Event processed","dedup_key":"x"}' },
)

const acknowledged = {
  change: 'handled' as const,
  handling: { acknowledgedBy: 'ada', assignee: 'grace', snoozedUntil: null },
}

test('an incident is one alert, opened, acknowledged and closed', async () => {
  const { sender, alerts, events, close } = await pagerDuty()
  const steps: ReadonlyArray<readonly [Partial<Message>, state: string]> = [
    [{ change: 'firing', link: 'https://leeway.example.org/i/1' }, 'triggered'],
    [{ change: 'update' }, 'triggered'],
    [acknowledged, 'acknowledged'],
    [{ change: 'handled', handling: { acknowledgedBy: null, assignee: null, snoozedUntil: null } }, 'acknowledged'],
    [{ change: 'reminder' }, 'triggered'],
    [{ change: 'escalation' }, 'triggered'],
    [{ change: 'resolved' }, 'resolved'],
  ]
  for (const [change, state] of steps) {
    const outcome = await sender.send(told('pager', change), signal)
    assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
    assert.deepEqual([...alerts], [['leeway/a41c9d3300000001', state]], String(change.change))
  }
  await close()
  const [first] = events
  assert.equal(first?.payload.severity, 'error')
  assert.match(first?.payload.summary ?? '', /ROC AUC 0\.908/)
  assert.match(JSON.stringify(first?.payload.custom_details), /4,210 labelled of 5,210 rows.*income/)
  assert.match(JSON.stringify(first), /"links":\[\{"href":"https:\/\/leeway\.example\.org\/i\/1"/)
})

test('an incident that began and ended while PagerDuty was away is opened and closed there, so that it is seen', async () => {
  const { sender, alerts, events, close } = await pagerDuty()
  const whole: Partial<Message> = { change: 'resolved', combines: ['firing', 'update', 'resolved'] }
  const outcome = await sender.send(told('pager', whole), signal)
  await close()
  assert.equal(outcome.result, 'delivered')
  assert.deepEqual([...alerts], [['leeway/a41c9d3300000001', 'resolved']])
  assert.deepEqual(
    events.map(({ event_action }) => event_action),
    ['trigger', 'resolve'],
  )
})

test('an acknowledgement that waited with the rest acknowledges the alert, once it is there', async () => {
  const { sender, alerts, close } = await pagerDuty({ 2: 'limit' })
  const whole = told('pager', { ...acknowledged, change: 'firing', combines: ['firing', 'handled', 'update'] })
  const first = await sender.send(whole, signal)
  // The alert is there, so that the message may not be taken apart.
  assert.match(JSON.stringify(first), /"retry".*"isNotTaken":false/)
  assert.deepEqual([...alerts.values()], ['triggered'])
  assert.equal((await sender.send(whole, signal)).result, 'delivered')
  assert.deepEqual([...alerts.values()], ['acknowledged'])
  // It was taken back.
  const handling = { acknowledgedBy: null, assignee: null, snoozedUntil: null }
  const back = told('pager', { change: 'firing', incidentId: 'other', handling, combines: ['firing', 'handled'] })
  await sender.send(back, signal)
  assert.equal(alerts.get('leeway/other'), 'triggered')
  await close()
})

test('news of retraining are changes, not alerts', async () => {
  const { sender, alerts, changes, close } = await pagerDuty()
  const retraining = { request: 'r1', state: 'succeeded', awaitsApproval: false }
  const outcome = await sender.send(
    told('pager', { change: 'retraining', title: 'run 7 succeeded', retraining }),
    signal,
  )
  await close()
  assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
  assert.equal(alerts.size, 0)
  assert.equal(changes[0]?.payload.summary, 'run 7 succeeded')
})

test('an event that is lost or answered too late comes again under the same key: one alert', async () => {
  const { sender, alerts, events, close } = await pagerDuty({ 1: 'reset after the effect', 2: 'fail', 3: 'limit' })
  const results: string[] = []
  for (let i = 0; i < 4; i++) results.push((await sender.send(notification('pager'), signal)).result)
  await close()
  assert.deepEqual(results, ['retry', 'retry', 'retry', 'delivered'])
  assert.equal(events.length, 2)
  assert.equal(alerts.size, 1)
})

test('of a group every incident is an alert of its own, and a failure in the middle does not begin anew', async () => {
  const { sender, alerts, received, close } = await pagerDuty({ 4: 'limit', 8: 'reset after the effect' })
  const row = group('pager', 10)
  const outcomes = [await sender.send(row, signal), await sender.send(row, signal), await sender.send(row, signal)]
  await close()
  assert.deepEqual(
    outcomes.map(({ result }) => result),
    ['retry', 'retry', 'delivered'],
  )
  assert.match(JSON.stringify(outcomes[0]), /3 of 10 events sent; 429/)
  assert.equal(alerts.size, 10)
  assert.equal(received.length, 12)
})

test('what PagerDuty refuses is told in its words, without the key', async () => {
  const wrong = 'deadbeefdeadbeefdeadbeefdeadbeef'
  const { received, close, url } = await pagerDuty()
  const sender = createPagerDutySender('pager', { ...settings, url, routingKey: () => new Secret(wrong) })
  const outcome = await sender.send(notification('pager'), signal)
  await close()
  assert.equal(received.length, 1)
  assert.match(JSON.stringify(outcome), /refused.*Invalid routing key <redacted>/)
})

test('what speaks otherwise is not PagerDuty, and what is neither alert nor change is nothing for it', async () => {
  const gateway = await receiver((_, response) => void response.end('<html>sign in</html>'))
  const sender = createPagerDutySender('pager', { ...settings, url: new URL(gateway.url).origin })
  assert.equal((await sender.send(notification('pager'), signal)).result, 'retry')
  assert.equal((await sender.send(digest('pager'), signal)).result, 'refused')
  await gateway.close()
})

test('a long id has a key that PagerDuty takes, always the same', async () => {
  const { sender, alerts, close } = await pagerDuty()
  for (let i = 0; i < 2; i++) await sender.send(told('pager', { incidentId: 'x'.repeat(400) }), signal)
  await close()
  assert.equal(alerts.size, 1)
})
