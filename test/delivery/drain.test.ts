import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Notification } from '../../src/delivery/notification.ts'
import { backoffMs } from '../../src/delivery/retry.ts'
import type { Outcome } from '../../src/delivery/sender.ts'
import { desk, row } from '../build/drain-desk.ts'

const HOUR = 3_600_000

test('messages of one incident arrive in order, also when the first must be tried again', async (t) => {
  const { drain, sent, finished } = desk(t, [row(1), row(2), row(3)], (_, nth) =>
    nth < 3 ? { result: 'retry', because: 'busy' } : { result: 'delivered' },
  )
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a1', 'a1', 'a2', 'a3'],
  )
})

for (const afterMs of [0, 1, 2, 3, 4])
  test(`what becomes due ${afterMs} ms after a look began is sent, although nothing else happens`, {
    timeout: 10_000,
  }, async (t) => {
    const rows = [{ ...row(1), dueAt: row(1).queuedAt + afterMs }]
    const { drain, sent, finished } = desk(t, rows, () => ({ result: 'delivered' }), { isTicking: true })
    drain.wake()
    await finished
    assert.equal(sent.length, 1)
  })

test('one incident that waits does not hold up another', async (t) => {
  const { drain, sent, finished } = desk(t, [row(1, 'a'), row(1, 'b')], ({ lane }, nth) =>
    lane === 'a' && nth < 4 ? { result: 'retry', because: 'busy' } : { result: 'delivered' },
  )
  drain.wake()
  await finished
  assert.ok(sent.findIndex(({ key }) => key === 'b1') < sent.length - 1)
})

test('a refusal is a dead letter with its reason, and so is a channel that no longer exists', async (t) => {
  const { drain, states, finished } = desk(t, [row(1, 'a'), row(1, 'b', 'gone')], () => ({
    result: 'refused',
    because: 'channel_not_found',
  }))
  drain.wake()
  await finished
  assert.equal(states().get('a1'), 'dead channel_not_found')
  assert.match(states().get('b1') ?? '', /no channel is called gone/)
})

test('after 72 hours of trying a message is given up, and the last reason is kept', async (t) => {
  const { drain, sent, states, finished } = desk(t, [row(1)], () => ({
    result: 'retry',
    because: 'down',
    retryAfterMs: HOUR,
  }))
  drain.wake()
  await finished
  assert.match(states().get('a1') ?? '', /not delivered within 72 hours; last: down/)
  const lasted = (sent.at(-1) as { at: number }).at - (sent[0] as { at: number }).at
  assert.ok(lasted > 71 * HOUR && lasted <= 72 * HOUR, `${lasted / HOUR} hours`)
})

test('the wait grows from one second to five minutes, and is never shorter than the receiver asked for', () => {
  assert.deepEqual(
    [1, 2, 3, 9, 50].map((attempts) => backoffMs(attempts, 1)),
    [1_000, 2_000, 4_000, 256_000, 300_000],
  )
  assert.equal(backoffMs(3, 0), 0)
  assert.equal(backoffMs(1, 0.5, 60_000), 60_000)
})

test('stopping waits for the message under way and starts no other', async (t) => {
  const gate = Promise.withResolvers<Outcome>()
  const { drain, sent, states } = desk(t, [row(1), row(2)], () => gate.promise)
  drain.wake()
  const stopped = drain.stop()
  gate.resolve({ result: 'delivered' })
  await stopped
  drain.wake()
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1'],
  )
  assert.equal(states().get('a1'), 'delivered')
})

test('a message under way is not sent again while messages of other incidents come and go', async (t) => {
  const gate = Promise.withResolvers<Outcome>()
  const answer = ({ lane }: Notification) => (lane === 'slow' ? gate.promise : ({ result: 'delivered' } as const))
  const { drain, sent, states, finished } = desk(t, [row(1, 'slow'), row(1, 'a'), row(2, 'a'), row(1, 'b')], answer)
  drain.wake()
  while ([...states().values()].filter((state) => state === 'delivered').length < 3)
    await new Promise((resolve) => setImmediate(resolve))
  gate.resolve({ result: 'delivered' })
  await finished
  assert.deepEqual(sent.map(({ key }) => key).sort(), ['a1', 'a2', 'b1', 'slow1'])
})

test('while the disk is full a message that was delivered is not sent again, its mark is tried until there is room', async (t) => {
  const { drain, sent, states, troubles, finished } = desk(t, [row(1), row(2)], () => ({ result: 'delivered' }), {
    fullTimes: 5,
  })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a2'],
  )
  assert.deepEqual([...states()].sort(), [
    ['a1', 'delivered'],
    ['a2', 'delivered'],
  ])
  assert.deepEqual(troubles, ['no room', 'no room', 'no room', 'no room', 'no room', null])
})

test('what a receiver says is kept up to a length, whoever it is', async (t) => {
  const said = 'x'.repeat(100_000)
  const outcomes: readonly Outcome[] = [
    { result: 'refused', because: said },
    { result: 'unknown', because: said },
    { result: 'delivered', detail: said },
  ]
  const { drain, states, finished } = desk(t, [row(1), row(2), row(3)], (_, nth) => outcomes[nth - 1] as Outcome)
  drain.wake()
  await finished
  for (const text of states().values()) assert.ok(text.length < 700 && text.includes('xxx…'), String(text.length))
  assert.equal(states().size, 3)
})
