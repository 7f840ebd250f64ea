// Alerts against servers that take them as Alertmanager does: in memory, by their labels, for as long as they hold.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertMemory, AlertmanagerSettings } from '../../src/delivery/channels/alertmanager.ts'
import { createAlertmanagerSender } from '../../src/delivery/channels/alertmanager.ts'
import type { Envelope, Notification } from '../../src/delivery/notification.ts'
import type { Outbound, OutgoingAnswer, OutgoingRequest } from '../../src/outbound/outbound.ts'
import { Secret } from '../../src/secret.ts'
import { senderBattery } from '../batteries/sender.battery.ts'
import { AT, digest, group, notification, told } from '../build/messages.ts'
import { toThisMachine } from '../build/receivers.ts'

const token = 'canary-token-0a1b2c3d'
const signal = AbortSignal.timeout(30_000)
const MINUTE = 60_000

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL?: string
}

/** Keeps alerts as Alertmanager does; `restart` forgets them. Days of minutes go by: what is sent to it takes no network. */
class Alertmanager {
  readonly received: OutgoingRequest[] = []
  #alerts = new Map<string, Alert>()
  isUp = true

  answer(request: OutgoingRequest): OutgoingAnswer {
    if (!this.isUp) throw new Error('connection refused')
    this.received.push(request)
    const alerts = JSON.parse(String(request.body)) as Alert[]
    const areValid = alerts.every(
      ({ labels, startsAt, endsAt }) =>
        Object.entries(labels).every(([name, value]) => /^[A-Za-z_]\w*$/.test(name) && value !== '') &&
        Date.parse(startsAt) < Date.parse(endsAt),
    )
    if (!areValid) return { status: 400, headers: {}, text: 'invalid', isWhole: true }
    for (const alert of alerts) this.#alerts.set(JSON.stringify(Object.entries(alert.labels).sort()), alert)
    return { status: 200, headers: {}, text: '', isWhole: true }
  }

  firing(now: number): Alert[] {
    return this.all().filter(({ endsAt }) => Date.parse(endsAt) > now)
  }

  all(): Alert[] {
    return [...this.#alerts.values()]
  }

  restart(): void {
    this.#alerts = new Map()
  }
}

function outboundTo(targets: Readonly<Record<string, Alertmanager>>): Outbound {
  return {
    post: async (request) => {
      const [, name = ''] = /^http:\/\/(\w+):9093\/api\/v2\/alerts$/.exec(request.url) ?? []
      return (targets[name] as Alertmanager).answer(request)
    },
    connect: () => Promise.reject(new Error('not needed')),
  }
}

/** A sender whose clock and timers are the test's. */
function senderWith(targets: Readonly<Record<string, Alertmanager>>, more: Partial<AlertmanagerSettings> = {}) {
  let now = AT + MINUTE
  let due: { at: number; wake: () => void } | undefined
  let woken = Promise.withResolvers<void>()
  const sender = createAlertmanagerSender('alerts', {
    urls: Object.keys(targets).map((name) => `http://${name}:9093`),
    authorization: () => new Secret(`Bearer ${token}`),
    severities: { critical: 'page', alarm: 'critical', warning: 'warning' },
    labels: { team: 'ml' },
    outbound: outboundTo(targets),
    clock: () => now,
    schedule: (wake, after) => {
      due = { at: now + after, wake }
      woken.resolve()
      woken = Promise.withResolvers()
      return () => {
        due = undefined
      }
    },
    timeoutMs: 500,
    ...more,
  })
  sender.start?.()
  return {
    sender,
    now: () => now,
    /** Lets time pass, and everything happen that is due in it. */
    async pass(ms: number) {
      for (const end = now + ms; ; ) {
        if (due === undefined || due.at > end) {
          now = end
          return
        }
        now = due.at
        const next = woken.promise
        due.wake()
        await next
      }
    },
    async deliver(row: Notification) {
      const outcome = await sender.send(row, signal)
      assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
      return outcome
    },
  }
}

senderBattery(
  'Alertmanager',
  ({ url, timeoutMs }) =>
    senderWith({}, { urls: [url], outbound: toThisMachine, timeoutMs, schedule: () => () => {} }).sender,
  notification('alerts'),
  token,
)

test('a message is an alert: labels that stay, annotations that change', async () => {
  const target = new Alertmanager()
  const { deliver, now, sender } = senderWith({ target })
  const firing = (at: number) => target.firing(at)
  await deliver(told('alerts', { link: 'https://leeway.example.org/i/1' }))
  const [alert] = firing(now())
  assert.deepEqual(alert?.labels, {
    team: 'ml',
    alertname: 'LeewayPerformance',
    model: 'credit-risk',
    version: '7',
    kind: 'performance',
    severity: 'critical',
    incident: 'a41c9d3300000001',
  })
  assert.match(alert?.annotations['summary'] ?? '', /ROC AUC 0\.908/)
  assert.equal(alert?.generatorURL, 'https://leeway.example.org/i/1')
  assert.equal(target.received[0]?.headers['authorization'], `Bearer ${token}`)
  await deliver(told('alerts', { change: 'update', title: 'worse' }))
  const handling = { acknowledgedBy: 'ada', assignee: null, snoozedUntil: null }
  await deliver(told('alerts', { change: 'handled', title: 'acknowledged', handling }))
  assert.equal(target.all().length, 1)
  assert.deepEqual(firing(now())[0]?.annotations['acknowledged_by'], 'ada')
  assert.equal(firing(now())[0]?.annotations['summary'], 'worse')
  await deliver(told('alerts', { change: 'resolved' }))
  assert.deepEqual([target.all().length, firing(now()).length], [1, 0])
  // What people do about what has ended does not begin it again.
  assert.match((await deliver(told('alerts', { change: 'handled', handling }))).detail ?? '', /nothing to send/)
  await sender.close()
})

test('an alert fires for as long as its incident does, through a restart of Alertmanager, and after its end no longer', async () => {
  const target = new Alertmanager()
  const { deliver, pass, now, sender } = senderWith({ target })
  await deliver(notification('alerts'))
  for (let day = 0; day < 5; day++) {
    await pass(24 * 60 * MINUTE)
    assert.equal(target.firing(now()).length, 1, `day ${day}`)
    if (day !== 4) continue
    target.restart()
    await pass(2 * MINUTE)
    assert.equal(target.firing(now()).length, 1, `restart on day ${day}`)
  }
  await deliver(told('alerts', { change: 'resolved' }))
  assert.equal(target.firing(now()).length, 0)
  // One that was away hears of the end for five minutes.
  target.restart()
  await pass(2 * MINUTE)
  assert.deepEqual([target.all().length, target.firing(now()).length], [1, 0])
  await pass(10 * MINUTE)
  const { length } = target.received
  await pass(60 * MINUTE)
  assert.equal(target.received.length, length, 'what has ended is sent for ever')
  await sender.close()
})

test('an alert holds for three days while leeway stands still', async () => {
  const target = new Alertmanager()
  const { deliver, now, sender } = senderWith({ target })
  await deliver(notification('alerts'))
  await sender.close()
  assert.equal(target.firing(now() + 71 * 60 * MINUTE).length, 1)
  assert.equal(target.firing(now() + 73 * 60 * MINUTE).length, 0)
})

test('a process that was started anew goes on with what had been told, and ends what has ended meanwhile', async () => {
  const target = new Alertmanager()
  const envelopes: Envelope[] = [
    told('alerts', { incidentId: 'a' }).envelope,
    told('alerts', { incidentId: 'b' }).envelope,
    told('alerts', { incidentId: 'c' }).envelope,
    told('alerts', { incidentId: 'b', change: 'resolved' }).envelope,
    group('alerts', 2).envelope,
  ]
  const open = new Set(['a', 'b', 'c', 'a41c9d3300000000'])
  const memory: AlertMemory = { told: () => envelopes, openIncidents: () => open }
  const { pass, now, sender } = senderWith({ target }, { memory })
  await pass(2 * MINUTE)
  const firing = () => target.firing(now()).map(({ labels }) => labels['incident'])
  assert.deepEqual(firing(), ['a', 'c', 'a41c9d3300000000'])
  // Nobody tells this channel of the end: it was silenced.
  open.delete('a')
  await pass(2 * MINUTE)
  assert.deepEqual(firing(), ['c', 'a41c9d3300000000'])
  await sender.close()
})

test('another severity is another alert, in the place of the first', async () => {
  const target = new Alertmanager()
  const { deliver, pass, now, sender } = senderWith({ target })
  await deliver(told('alerts', { severity: 'warning' }))
  await deliver(told('alerts', { severity: 'alarm', change: 'update' }))
  const firing = () => target.firing(now()).map(({ labels }) => labels['severity'])
  assert.deepEqual(firing(), ['critical'])
  await pass(30 * MINUTE)
  assert.deepEqual(firing(), ['critical'])
  await deliver(told('alerts', { severity: 'warning', change: 'resolved' }))
  assert.deepEqual(firing(), [])
  await sender.close()
})

test('every Alertmanager of a cluster is told; one that is away hears of it within a minute of its return', async () => {
  const [one, other] = [new Alertmanager(), new Alertmanager()]
  const { deliver, pass, now, sender } = senderWith({ one, other })
  other.isUp = false
  assert.match((await deliver(notification('alerts'))).detail ?? '', /1 of 2/)
  other.isUp = true
  await pass(MINUTE)
  assert.deepEqual([one.firing(now()).length, other.firing(now()).length], [1, 1])
  for (const each of [one, other]) each.isUp = false
  assert.equal((await sender.send(told('alerts', { change: 'resolved' }), signal)).result, 'retry')
  for (const each of [one, other]) each.isUp = true
  await deliver(told('alerts', { change: 'resolved' }))
  assert.deepEqual([one.firing(now()).length, other.firing(now()).length], [0, 0])
  await sender.close()
})

test('one of a cluster that is cut off for hours hears of the end when it is back, and then it is forgotten', async () => {
  const [one, other] = [new Alertmanager(), new Alertmanager()]
  const { deliver, pass, now, sender } = senderWith({ one, other })
  await deliver(notification('alerts'))
  other.isUp = false
  await deliver(told('alerts', { change: 'resolved' }))
  await pass(5 * 60 * MINUTE)
  other.isUp = true
  assert.equal(other.firing(now()).length, 1)
  await pass(2 * MINUTE)
  assert.deepEqual([one.firing(now()).length, other.firing(now()).length], [0, 0])
  const { length } = other.received
  await pass(60 * MINUTE)
  assert.equal(other.received.length, length, 'what has ended is sent for ever')
  // One that never comes back ends it by itself, and is not told for longer.
  other.isUp = false
  await deliver(told('alerts', {}))
  await deliver(told('alerts', { change: 'resolved' }))
  await pass(73 * 60 * MINUTE)
  other.isUp = true
  await pass(60 * MINUTE)
  assert.equal(other.received.length, length)
  await sender.close()
})

test('what people have done about an alert stays on it through later messages, until it ends', async () => {
  const target = new Alertmanager()
  const { deliver, now, sender } = senderWith({ target })
  const annotations = () => target.firing(now())[0]?.annotations ?? {}
  await deliver(told('alerts', {}))
  const handling = { acknowledgedBy: 'ada', assignee: 'grace', snoozedUntil: null }
  await deliver(told('alerts', { change: 'handled', handling }))
  const retraining = { request: 'r', state: 'running', awaitsApproval: false }
  await deliver(told('alerts', { change: 'retraining', retraining }))
  await deliver(told('alerts', { change: 'update', title: 'worse' }))
  const { summary, acknowledged_by, assigned_to, retraining: state } = annotations()
  assert.deepEqual([summary, acknowledged_by, assigned_to, state], ['worse', 'ada', 'grace', 'running'])
  await deliver(told('alerts', { change: 'resolved' }))
  await deliver(told('alerts', { change: 'firing' }))
  assert.equal(annotations()['acknowledged_by'], undefined)
  await sender.close()
})

test('a group is many alerts in few requests; what is no alert is refused', async () => {
  const target = new Alertmanager()
  const { deliver, now, sender } = senderWith({ target })
  await deliver(group('alerts', 1_000))
  assert.equal(target.firing(now()).length, 1_000)
  assert.equal(target.received.length, 16)
  assert.equal((await sender.send(digest('alerts'), signal)).result, 'refused')
  const retraining = { request: 'r', state: 'succeeded', awaitsApproval: false }
  assert.match(
    (await deliver(told('alerts', { change: 'retraining', incidentId: 'r', retraining }))).detail ?? '',
    /nothing/,
  )
  await sender.close()
})
