// What is told in one message, how fast, to whom instead, and what is not told at all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Envelope, Message, Notification } from '../../src/delivery/notification.ts'
import type { Outcome } from '../../src/delivery/sender.ts'
import type { Transition } from '../../src/incidents/incident.ts'
import { desk, row } from '../build/drain-desk.ts'
import { incident, message } from '../build/messages.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const done: Outcome = { result: 'delivered' }
const down: Outcome = { result: 'retry', because: 'connection refused', isNotTaken: true }

/** A row of an incident that says what happened. */
function told(
  order: number,
  lane: string,
  change: Transition['change'],
  { model = 'credit-risk', ...more }: Partial<Notification> & { model?: string; severity?: Message['severity'] } = {},
): Notification {
  const { severity = 'alarm', ...rest } = more
  const text = message({
    change,
    incident: incident({ id: lane, model, severity, state: change === 'resolved' ? 'resolved' : 'firing' }),
  })
  return { ...row(order, lane), envelope: { kind: 'message', channel: 'team', message: text }, ...rest }
}

function said({ envelope }: { envelope: Envelope }): Message {
  assert.equal(envelope.kind, 'message')
  return (envelope as Extract<Envelope, { kind: 'message' }>).message
}

test('what happened to an incident while a channel was away is told in one message, from the first to the last', async (t) => {
  const rows = [told(1, 'a', 'firing'), told(2, 'a', 'update'), told(3, 'a', 'resolved')]
  const { drain, sent, states, gathered, finished } = desk(t, rows, (_, nth) => (nth < 2 ? down : done), { policy: {} })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a1>a3'],
  )
  const { change, combines, title, paragraphs } = said((sent[1] as { row: Notification }).row)
  assert.deepEqual([change, combines], ['resolved', ['firing', 'update', 'resolved']])
  assert.equal(title, `${said(rows[0] as Notification).title}; over by now`)
  assert.match(
    paragraphs.join('\n'),
    /^3 messages about this[\s\S]*First, 2026-11-20T14:05:00Z: .*Since[\s\S]*Last, .*back to normal/,
  )
  assert.deepEqual([...states().values()], ['delivered', 'delivered', 'delivered'])
  assert.deepEqual(gathered, [['collapsed', 3]])
})

test('a message that may have arrived is repeated as it was, and only then what came after it is told', async (t) => {
  const rows = [told(1, 'a', 'firing'), told(2, 'a', 'update'), told(3, 'a', 'resolved')]
  // That the second attempt surely did not arrive says nothing of the first.
  const answers: Outcome[] = [{ result: 'retry', because: 'reset' }, down]
  const { drain, sent, finished } = desk(t, rows, (_, nth) => answers[nth - 1] ?? done, { policy: {} })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a1', 'a1', 'a2', 'a3'].slice(0, sent.length),
  )
  assert.deepEqual(said((sent[2] as { row: Notification }).row), said(rows[0] as Notification))
})

test('more incidents of a group than may be told each by itself come in one message', async (t) => {
  const group = { key: 'g', above: 3, intervalMs: 0 }
  const few = ['a', 'b', 'c'].map((lane) => told(1, lane, 'firing', { group }))
  const { drain, sent, finished } = desk(t, few, () => done, { policy: {} })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ row: { envelope } }) => envelope.kind),
    ['message', 'message', 'message'],
  )
  const many = ['a', 'b', 'c', 'd'].map((lane) => told(1, lane, lane === 'd' ? 'resolved' : 'firing', { group }))
  const other = told(1, 'z', 'firing', { group: { ...group, key: 'other' } })
  const next = desk(t, [...many, other], () => done, { policy: {} })
  next.drain.wake()
  await next.finished
  const [first, second] = next.sent.map(({ row: { envelope } }) => envelope)
  assert.ok(first?.kind === 'group' && second?.kind === 'message')
  assert.equal(first.title, '4 incidents: credit-risk 7 (4); 1 of them are over')
  assert.equal(first.messages.length, 4)
  assert.deepEqual(next.gathered, [['grouped', 4]])
  assert.deepEqual([...new Set(next.states().values())], ['delivered'])
})

test('a storm is told together whatever its groups, and within the rate of the channel', async (t) => {
  const rows = Array.from({ length: 600 }, (_, i) => told(1, `i${i}`, 'firing', { model: `m${i}` }))
  const { drain, sent, finished } = desk(t, rows, () => done, { policy: { rate: { everyMs: SECOND, burst: 2 } } })
  const at = rows[0]?.queuedAt ?? 0
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ row: { envelope } }) => (envelope.kind === 'group' ? envelope.messages.length : 1)),
    [250, 250, 100],
  )
  assert.deepEqual(
    sent.map((one) => one.at - at),
    [0, 0, SECOND],
  )
  const [first] = sent.map(({ row: { envelope } }) => envelope)
  assert.match((first as { title: string }).title, /^250 incidents: m\d+ 7, m\d+ 7, m\d+ 7 and 247 more models$/)
})

test('a group that was told of waits for its interval, and is not heard of in between', async (t) => {
  const group = { key: 'g', above: 0, intervalMs: 5 * MINUTE }
  const rows = [
    told(1, 'a', 'firing', { group }),
    told(2, 'a', 'resolved', { group }),
    told(1, 'b', 'firing', { group }),
  ]
  const late = told(1, 'c', 'firing', { group })
  const at = late.queuedAt + MINUTE
  const { drain, sent, finished } = desk(t, [...rows, { ...late, dueAt: at, queuedAt: at }], () => done, { policy: {} })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map((one) => one.at - late.queuedAt),
    [0, 5 * MINUTE],
  )
})

test('five failures in a row open the breaker: one message is tried about every 30 s, and all are told when it works again', async (t) => {
  const rows = Array.from({ length: 10 }, (_, i) => told(1, `i${i}`, 'firing'))
  let isDown = true
  const { drain, sent, channelTroubles, states, finished, clock } = desk(
    t,
    rows,
    () => {
      isDown &&= clock() < (rows[0]?.queuedAt ?? 0) + 10 * MINUTE
      return isDown ? down : done
    },
    { policy: {} },
  )
  drain.wake()
  await finished
  const probes = sent.filter(
    ({ at }) => at > (rows[0]?.queuedAt ?? 0) + 10 * SECOND && at < (rows[0]?.queuedAt ?? 0) + 10 * MINUTE,
  )
  assert.ok(probes.length >= 14 && probes.length <= 25, `${probes.length} probes in 10 minutes`)
  assert.equal(new Set(states().values()).size, 1)
  assert.equal(channelTroubles.at(-1), null)
  assert.match(channelTroubles[0] ?? '', /it takes nothing.*connection refused/)
})

test('what a channel refuses goes to its fallback, with a word about it; told to both, it comes once', async (t) => {
  const fallback = { channel: 'mail', afterMs: HOUR }
  const both = { ...told(2, 'a', 'update'), key: 'x:2:mail', lane: 'a:mail' }
  const mail = { ...both, envelope: { ...both.envelope, channel: 'mail' } as Envelope }
  const rows = [
    { ...told(1, 'a', 'firing'), key: 'x:1:team', lane: 'a:team' },
    { ...told(2, 'a', 'update'), key: 'x:2:team', lane: 'a:team' },
    mail,
  ]
  const answer = ({ envelope }: Notification): Outcome =>
    envelope.channel === 'team' ? { result: 'refused', because: 'channel_not_found' } : done
  const { drain, sent, states, fates, finished } = desk(t, rows, answer, { policy: { fallback } })
  drain.wake()
  await finished
  assert.deepEqual(states().get('x:1:team'), 'dead channel_not_found')
  const mails = sent.filter(({ row: { envelope } }) => envelope.channel === 'mail').map(({ key }) => key)
  assert.deepEqual(mails.sort(), ['x:1:mail', 'x:2:mail'])
  const first = sent.find(({ key }) => key === 'x:1:mail') as { row: Notification }
  assert.match(said(first.row).paragraphs.at(-1) ?? '', /team was to tell this, and could not: channel_not_found/)
  assert.ok(fates.some(({ result }) => result === 'passed on'))
})

test('when a channel has taken nothing for a while its fallback is told, once; it hears the whole itself when it is back', async (t) => {
  const fallback = { channel: 'mail', afterMs: 10 * MINUTE }
  const rows = [told(1, 'a', 'firing'), told(2, 'a', 'update')].map((one) => ({
    ...one,
    key: `${one.key}:team`,
    lane: 'a:team',
  }))
  const until = (rows[0]?.queuedAt ?? 0) + 20 * MINUTE
  const { drain, sent, finished, clock } = desk(
    t,
    rows,
    ({ envelope }) => (envelope.channel === 'team' && clock() < until ? down : done),
    { policy: { fallback } },
  )
  drain.wake()
  await finished
  const mails = sent.filter(({ row: { envelope } }) => envelope.channel === 'mail')
  assert.deepEqual(
    mails.map(({ key }) => key),
    ['a1:mail', 'a2:mail'],
  )
  const waited = (mails[0]?.at ?? 0) - (rows[0]?.queuedAt ?? 0)
  assert.ok(waited >= 10 * MINUTE && waited < 12 * MINUTE, `${waited} ms`)
  assert.deepEqual([sent.at(-1)?.key, (sent.at(-1)?.at ?? 0) >= until], ['a1:team>a2:team', true])
})

test('an endpoint that is gone is left alone until the configuration is reloaded', async (t) => {
  const rows = [told(1, 'a', 'firing'), told(1, 'b', 'firing'), told(1, 'c', 'firing')]
  let isGone = true
  const { drain, sent, states, channelTroubles, finished } = desk(
    t,
    rows.map((one, i) => ({ ...one, dueAt: one.dueAt + i * MINUTE })),
    () => (isGone ? { result: 'refused', because: '410 Gone', isGone: true } : done),
    { policy: {} },
  )
  drain.wake()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual([sent.length, states().get('a1')], [1, 'dead 410 Gone'])
  assert.match(channelTroubles[0] ?? '', /its endpoint is gone.*reloaded: 410 Gone/)
  assert.equal(drain.channelStates().get('team'), 2)
  isGone = false
  drain.reloaded()
  await finished
  assert.deepEqual([channelTroubles.length, channelTroubles[1], drain.channelStates().get('team')], [2, null, 0])
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'b1', 'c1'],
  )
})

test('what must not be told is suppressed with its reason, and what is to wait is told together with what may be told', async (t) => {
  const rows = [
    told(1, 'silent', 'firing'),
    told(1, 'snoozed', 'firing'),
    told(2, 'snoozed', 'update'),
    told(1, 'free', 'firing'),
  ]
  const until = (rows[0]?.queuedAt ?? 0) + 2 * HOUR
  const { drain, sent, states, finished } = desk(t, rows, () => done, {
    policy: {},
    mayTell: ({ incidentId }, now) => {
      if (incidentId === 'silent') return { is: 'suppressed', because: 'silence 7 of ann' }
      if (incidentId === 'snoozed' && now < until) return { is: 'later', until, because: 'snoozed by ann' }
      return { is: 'told' }
    },
  })
  drain.wake()
  await finished
  assert.equal(states().get('silent1'), 'suppressed silence 7 of ann')
  assert.deepEqual(
    sent.map(({ key, at }) => [key, at >= until]),
    [
      ['free1', false],
      ['snoozed1>snoozed2', true],
    ],
  )
})

test('that an incident is over is told with its beginning, though it would not be told to whoever has not heard of it', async (t) => {
  const rows = [told(1, 'a', 'firing'), told(2, 'a', 'resolved'), told(2, 'b', 'resolved')]
  const { drain, sent, states, finished } = desk(t, rows, (_, nth) => (nth === 1 ? down : done), {
    policy: {},
    mayTell: ({ change }) =>
      change === 'resolved' ? { is: 'suppressed', because: 'nobody was told that it fires' } : { is: 'told' },
  })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a1>a2'],
  )
  assert.equal(states().get('b2'), 'suppressed nobody was told that it fires')
})

test('a channel for alarms is not told of warnings, but of the end of what it was told', async (t) => {
  const rows = [
    told(1, 'minor', 'firing', { severity: 'warning' }),
    told(1, 'grave', 'firing', { severity: 'critical' }),
    told(2, 'grave', 'resolved', { severity: 'warning' }),
  ]
  const { drain, sent, states, finished } = desk(t, rows, () => done, { policy: { minSeverity: 'alarm' } })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['grave1', 'grave2'],
  )
  assert.match(
    states().get('minor1') ?? '',
    /^suppressed the channel takes what is at least alarm, and this is warning/,
  )
})

test('later messages about an incident carry what the channel gave back for the first', async (t) => {
  const rows = [told(1, 'a', 'firing'), told(2, 'a', 'update'), told(3, 'a', 'resolved')]
  const { drain, sent, finished } = desk(t, rows, ({ thread }) => ({ ...done, receipt: thread ?? 'ts 1' }), {
    policy: {},
  })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ row: { thread } }) => thread),
    [undefined, 'ts 1', 'ts 1'],
  )
})

test('a channel that begins anew, because what it had is gone, goes on from there', async (t) => {
  const rows = [1, 2, 3, 4].map((order) => told(order, 'a', order === 1 ? 'firing' : 'update'))
  const receipts = ['gone', 'new', 'new', 'new']
  const { drain, sent, finished } = desk(t, rows, (_, nth) => ({ ...done, receipt: receipts[nth - 1] as string }), {
    policy: {},
  })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ row: { thread } }) => thread),
    [undefined, 'gone', 'new', 'new'],
  )
})

test('an acknowledgement that waited is told with the rest, unless the incident ended and began anew after it', async (t) => {
  const handling = { acknowledgedBy: 'ada', assignee: null, snoozedUntil: null }
  const handled = (order: number): Notification => {
    const one = told(order, 'a', 'update')
    const envelope = {
      kind: 'message' as const,
      channel: 'team',
      message: { ...said(one), change: 'handled' as const, handling },
    }
    return { ...one, envelope }
  }
  const whole = async (rows: Notification[]) => {
    const { drain, sent, finished } = desk(t, rows, (_, nth) => (nth < 2 ? down : done), { policy: {} })
    drain.wake()
    await finished
    return said((sent[1] as { row: Notification }).row)
  }
  const open = await whole([told(1, 'a', 'firing'), handled(2), told(3, 'a', 'update')])
  assert.deepEqual([open.change, open.handling], ['firing', handling])
  const anew = await whole([told(1, 'a', 'firing'), handled(2), told(3, 'a', 'resolved'), told(4, 'a', 'firing')])
  assert.equal(anew.handling, undefined)
})

test('a channel that is told to be silent for a while is silent for all of its messages', async (t) => {
  const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((lane) => told(1, lane, 'firing'))
  const { drain, sent, finished } = desk(
    t,
    rows,
    (_, nth) => (nth === 1 ? { result: 'retry', because: '429', retryAfterMs: HOUR, isNotTaken: true } : done),
    { policy: { rate: { everyMs: SECOND, burst: 1 } } },
  )
  drain.wake()
  await finished
  assert.ok(sent.slice(1).every(({ at }) => at >= (rows[0]?.queuedAt ?? 0) + HOUR))
})

test('while a receiver is silent as long as it asked to be, the fallback is told, and what waits too long is given up', async (t) => {
  const fallback = { channel: 'mail', afterMs: 10 * MINUTE }
  const rows = [told(1, 'a', 'firing'), told(1, 'b', 'firing')].map((one) => ({ ...one, key: `${one.key}:team` }))
  const silent: Outcome = { result: 'retry', because: '429', retryAfterMs: 1_000 * HOUR, isNotTaken: true }
  const { drain, sent, states, finished } = desk(
    t,
    rows,
    ({ envelope }) => (envelope.channel === 'team' ? silent : done),
    { policy: { fallback, rate: { everyMs: SECOND, burst: 1 } } },
  )
  drain.wake()
  await finished
  const mails = sent.filter(({ row: { envelope } }) => envelope.channel === 'mail')
  const waited = mails.map(({ at }) => at - (rows[0]?.queuedAt ?? 0))
  assert.equal(mails.length, 2)
  assert.ok(
    waited.every((ms) => ms < 11 * MINUTE),
    `${waited}`,
  )
  assert.match(states().get('a1:team') ?? '', /^dead not delivered within 72 hours/)
  assert.match(states().get('b1:team') ?? '', /^dead not delivered within 72 hours/)
})
