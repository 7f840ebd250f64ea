import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDrain } from '../../src/delivery/drain.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Outbox } from '../../src/delivery/outbox.ts'
import { backoffMs } from '../../src/delivery/retry.ts'
import type { Outcome } from '../../src/delivery/sender.ts'
import { notification } from '../build/messages.ts'

const HOUR = 3_600_000

class DiskFull extends Error {}

/** An outbox in memory, a clock that moves when the drain would wait, and a channel that answers as told. */
function desk(
  rows: Notification[],
  answer: (row: Notification, nth: number) => Outcome | Promise<Outcome>,
  { fullTimes = 0 } = {},
) {
  let now = rows[0]?.queuedAt ?? 0
  const queued = [...rows]
  const ended = new Map<string, string>()
  const troubles: Array<string | null> = []
  const sent: Array<{ key: string; at: number }> = []
  const remove = (key: string) =>
    queued.splice(
      queued.findIndex((row) => row.key === key),
      1,
    )
  const heads = () =>
    queued.filter((row) => !queued.some((other) => other.lane === row.lane && other.order < row.order))
  const outbox: Outbox = {
    due: (at, limit) =>
      heads()
        .filter(({ dueAt }) => dueAt <= at)
        .slice(0, limit),
    delivered(key, _, detail) {
      if (fullTimes-- > 0) throw new DiskFull('no room')
      remove(key)
      ended.set(key, `delivered ${detail}`.trim())
    },
    dead(key, _, because) {
      remove(key)
      ended.set(key, `dead: ${because}`)
    },
    postponed(key, dueAt) {
      const index = queued.findIndex((row) => row.key === key)
      const row = queued[index] as Notification
      queued[index] = { ...row, dueAt, attempts: row.attempts + 1 }
    },
    nextDueAt: () => (heads().length === 0 ? undefined : Math.min(...heads().map(({ dueAt }) => dueAt))),
  }
  const finished = Promise.withResolvers<void>()
  const drain = createDrain({
    outbox,
    senders: new Map([
      [
        'team',
        {
          name: 'team',
          close: async () => {},
          send: async (row) => {
            sent.push({ key: row.key, at: now })
            return answer(row, sent.length)
          },
        },
      ],
    ]),
    clock: () => now,
    random: () => 1,
    schedule: (wake, after) => {
      now += after
      const timer = setImmediate(wake)
      return () => clearImmediate(timer)
    },
    onOutcome: () => queueMicrotask(() => queued.length === 0 && finished.resolve()),
    onFailure: finished.reject,
    mayPass: (error) => error instanceof DiskFull,
    onTrouble: (message) => {
      troubles.push(message)
      if (message === null && queued.length === 0) finished.resolve()
    },
  })
  return { drain, sent, ended, troubles, finished: finished.promise }
}

const row = (order: number, lane = 'a', channel = 'team'): Notification => ({
  ...notification(channel),
  key: `${lane}${order}`,
  lane,
  order,
})

test('messages of one incident arrive in order, also when the first must be tried again', async () => {
  const { drain, sent, finished } = desk([row(1), row(2), row(3)], (_, nth) =>
    nth < 3 ? { result: 'retry', because: 'busy' } : { result: 'delivered' },
  )
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a1', 'a1', 'a2', 'a3'],
  )
})

test('one incident that waits does not hold up another', async () => {
  const { drain, sent, finished } = desk([row(1, 'a'), row(1, 'b')], ({ lane }, nth) =>
    lane === 'a' && nth < 4 ? { result: 'retry', because: 'busy' } : { result: 'delivered' },
  )
  drain.wake()
  await finished
  assert.ok(sent.findIndex(({ key }) => key === 'b1') < sent.length - 1)
})

test('a refusal is a dead letter with its reason, and so is a channel that no longer exists', async () => {
  const { drain, ended, finished } = desk([row(1, 'a'), row(1, 'b', 'gone')], () => ({
    result: 'refused',
    because: 'channel_not_found',
  }))
  drain.wake()
  await finished
  assert.equal(ended.get('a1'), 'dead: channel_not_found')
  assert.match(ended.get('b1') ?? '', /no channel is called gone/)
})

test('after 72 hours of trying a message is given up, and the last reason is kept', async () => {
  const { drain, sent, ended, finished } = desk([row(1)], () => ({ result: 'retry', because: 'down' }))
  drain.wake()
  await finished
  assert.match(ended.get('a1') ?? '', /not delivered within 72 hours; last: down/)
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

test('stopping waits for the message under way and starts no other', async () => {
  const gate = Promise.withResolvers<Outcome>()
  const { drain, sent, ended } = desk([row(1), row(2)], () => gate.promise)
  drain.wake()
  const stopped = drain.stop()
  gate.resolve({ result: 'delivered' })
  await stopped
  drain.wake()
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1'],
  )
  assert.equal(ended.get('a1'), 'delivered')
})

test('a message under way is not sent again while messages of other incidents come and go', async () => {
  const gate = Promise.withResolvers<Outcome>()
  const answer = ({ lane }: Notification) => (lane === 'slow' ? gate.promise : ({ result: 'delivered' } as const))
  const { drain, sent, ended, finished } = desk([row(1, 'slow'), row(1, 'a'), row(2, 'a'), row(1, 'b')], answer)
  drain.wake()
  while (ended.size < 3) await new Promise((resolve) => setImmediate(resolve))
  gate.resolve({ result: 'delivered' })
  await finished
  assert.deepEqual(sent.map(({ key }) => key).sort(), ['a1', 'a2', 'b1', 'slow1'])
})

test('while the disk is full a message that was delivered is not sent again, its mark is tried until there is room', async () => {
  const { drain, sent, ended, troubles, finished } = desk([row(1), row(2)], () => ({ result: 'delivered' }), {
    fullTimes: 5,
  })
  drain.wake()
  await finished
  assert.deepEqual(
    sent.map(({ key }) => key),
    ['a1', 'a2'],
  )
  assert.deepEqual([...ended.keys()], ['a1', 'a2'])
  assert.deepEqual(troubles, ['no room', 'no room', 'no room', 'no room', 'no room', null])
})

test('what a receiver says is kept up to a length, whoever it is', async () => {
  const said = 'x'.repeat(100_000)
  const outcomes: readonly Outcome[] = [
    { result: 'refused', because: said },
    { result: 'unknown', because: said },
    { result: 'delivered', detail: said },
  ]
  const { drain, ended, finished } = desk([row(1), row(2), row(3)], (_, nth) => outcomes[nth - 1] as Outcome)
  drain.wake()
  await finished
  for (const text of ended.values()) assert.ok(text.length < 700 && text.includes('xxx…'), String(text.length))
  assert.equal(ended.size, 3)
})
