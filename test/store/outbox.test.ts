import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { openStore, storeOn } from '../../src/store/store.ts'
import { keysDue, rowsDue } from '../build/outbox.ts'
import { changes, notification } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

function open(t: TestContext) {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const keysDueAt = (now: number, limit = 10) => keysDue(store.outbox, now, limit)
  return { ...store, keysDue: keysDueAt }
}

const row = (key: string, lane: string, order: number, dueAt = 100) =>
  notification({ key, lane, order, dueAt, queuedAt: 100 + order })

test('a row comes back as it was queued', (t) => {
  const { commit, outbox } = open(t)
  const digest = { title: 'all is well', model: 'm', from: 1, to: 2, paragraphs: ['p'], figures: [], link: null }
  const rows = [
    row('a', 'x', 1),
    notification({ key: 'd', lane: 'd', queuedAt: 300, envelope: { kind: 'digest', channel: 'team', digest } }),
  ]
  commit(changes({ notifications: rows }))
  assert.deepEqual(rowsDue(outbox, 300), rows)
})

test('only the head of a lane is due, and lanes do not wait for each other', (t) => {
  const { commit, outbox, keysDue } = open(t)
  commit(changes({ notifications: [row('x2', 'x', 2), row('x1', 'x', 1), row('y3', 'y', 3)] }))
  assert.deepEqual(keysDue(99), [])
  assert.deepEqual(keysDue(100), ['x1', 'y3'])
  assert.deepEqual(keysDue(100, 1), ['x1'])
  outbox.delivered('x1', 110, '')
  assert.deepEqual(keysDue(110), ['x2', 'y3'])
})

test('a row that was tried in vain holds back the later rows of its lane until it is delivered or given up', (t) => {
  const { commit, outbox, keysDue } = open(t)
  commit(changes({ notifications: [row('x1', 'x', 1), row('x2', 'x', 2)] }))
  outbox.postponed('x1', 500, '503')
  assert.deepEqual(keysDue(499), [])
  assert.equal(outbox.nextDueAt('team'), 500)
  assert.deepEqual(
    rowsDue(outbox, 500).map(({ key, attempts }) => [key, attempts]),
    [['x1', 1]],
  )
  outbox.dead('x1', 510, 'no such channel')
  assert.deepEqual(keysDue(510), ['x2'])
  assert.equal(outbox.nextDueAt('team'), 100)
  outbox.delivered('x2', 520, 'ok')
  assert.equal(outbox.nextDueAt('team'), undefined)
})

test('dead letters are kept for a person to look at, with the reason and the number of attempts', (t) => {
  const { commit, outbox, views } = open(t)
  commit(changes({ notifications: [row('x1', 'x', 1)] }))
  outbox.postponed('x1', 500, '503')
  outbox.dead('x1', 510, 'gave up')
  outbox.delivered('x1', 600, 'too late')
  outbox.postponed('x1', 700, 'too late')
  assert.deepEqual(views.deliveries(9), [
    {
      key: 'x1',
      channel: 'team',
      state: 'dead',
      toldIn: null,
      attempts: 2,
      detail: 'gave up',
      queuedAt: 101,
      endedAt: 510,
    },
  ])
})

test('every mark is on the disk when the call returns', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  const marks = {
    delivered: () => store.outbox.delivered('a', 1, ''),
    postponed: () => store.outbox.postponed('a', 1, ''),
    dead: () => store.outbox.dead('a', 1, ''),
  }
  for (const [name, mark] of Object.entries(marks)) {
    store.commit(changes())
    mark()
    assert.equal(db.prepare('PRAGMA synchronous').get()?.['synchronous'], 2, name)
  }
})

test('a clock that is set moves what waits along with it: it waits as long as before, and what has ended keeps its times', (t) => {
  const { commit, outbox, clockMoved, views, keysDue } = open(t)
  commit(changes({ notifications: [row('x1', 'x', 1), row('y1', 'y', 1)] }))
  outbox.postponed('x1', 500, '503')
  outbox.delivered('y1', 120, 'ok')
  const hours = 7_200_000
  clockMoved(-hours)
  assert.deepEqual([outbox.nextDueAt('team'), keysDue(499 - hours), keysDue(500 - hours)], [500 - hours, [], ['x1']])
  clockMoved(2 * hours)
  assert.deepEqual([outbox.nextDueAt('team'), keysDue(499 + hours), keysDue(500 + hours)], [500 + hours, [], ['x1']])
  assert.deepEqual(
    views.deliveries(9).map(({ key, queuedAt, endedAt }) => [key, queuedAt, endedAt]),
    [
      ['x1', 101 + hours, null],
      ['y1', 101, 120],
    ],
  )
})

test('what is claimed for one message comes again under its key, with its content, until it is delivered', (t) => {
  const { commit, outbox, views, keysDue } = open(t)
  const rows = [row('x1', 'x', 1), row('x2', 'x', 2), row('y1', 'y', 1)]
  commit(changes({ notifications: rows }))
  const envelope = { kind: 'group', channel: 'team', title: 'both', messages: [] } as const
  outbox.claim({ batch: { key: 'b', envelope, rows: ['x1', 'x2', 'y1'] }, suppressed: [], deferred: [] }, 100)
  assert.deepEqual(
    outbox.heads('team', 100, 9).map(({ lane, batch }) => [lane, batch]),
    [
      ['x', 'b'],
      ['y', 'b'],
    ],
  )
  outbox.postponed('b', 500, 'reset')
  const { notification, lanes, rows: count } = outbox.claimed('b')
  assert.deepEqual([notification.key, notification.envelope, notification.attempts], ['b', envelope, 1])
  assert.deepEqual([lanes, count, keysDue(499), outbox.rowsOf('x')], [['x', 'y'], 3, [], []])
  outbox.delivered('b', 600, 'ok')
  assert.deepEqual(
    views.deliveries(9).map(({ key, state, toldIn }) => [key, state, toldIn]),
    [
      ['x2', 'delivered', 'b'],
      ['x1', 'delivered', 'b'],
      ['y1', 'delivered', 'b'],
    ],
  )
  assert.equal(outbox.nextDueAt('team'), undefined)
})

test('a batch that surely did not arrive is dissolved: its rows are free for another one', (t) => {
  const { commit, outbox } = open(t)
  commit(changes({ notifications: [row('x1', 'x', 1), row('x2', 'x', 2)] }))
  const batch = { key: 'b', envelope: row('b', 'x', 1).envelope, rows: ['x1', 'x2'] }
  for (let times = 1; times <= 2; times++) {
    outbox.claim({ batch, suppressed: [], deferred: [] }, 100)
    outbox.postponed('b', 500, 'refused', true)
    assert.deepEqual(
      outbox.rowsOf('x').map(({ key, attempts }) => [key, attempts]),
      [
        ['x1', times],
        ['x2', times],
      ],
    )
  }
})

test('what was put off does not hold back what comes after it in its lane', (t) => {
  const { commit, outbox, keysDue, clockMoved } = open(t)
  commit(changes({ notifications: [row('x1', 'x', 1)] }))
  outbox.claim({ batch: null, suppressed: [], deferred: [{ key: 'x1', until: 900, because: 'snoozed' }] }, 100)
  assert.deepEqual([keysDue(899), outbox.nextDueAt('team')], [[], 900])
  commit(changes({ notifications: [row('x2', 'x', 2)] }))
  assert.deepEqual(keysDue(100), ['x2'])
  assert.deepEqual(
    outbox.rowsOf('x').map(({ key, isDeferred }) => [key, isDeferred]),
    [
      ['x1', true],
      ['x2', false],
    ],
  )
  // It waits for a time of people's clocks, whatever becomes of ours.
  clockMoved(50)
  assert.deepEqual([keysDue(149), keysDue(150), keysDue(900)], [[], ['x2'], ['x2', 'x1']])
})
