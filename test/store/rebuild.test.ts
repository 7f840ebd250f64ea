import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCaughtUp, quietRebuild } from '../../src/assembly/quiet-rebuild.ts'
import { historiesOf } from '../../src/handling/due.ts'
import { held } from '../../src/store/rebuild.ts'
import { openStore } from '../../src/store/store.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { keysDue } from '../build/outbox.ts'
import { changes, incident, notification, trigger } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

test('while a state is rebuilt nothing is due, and at its end what fires is told by its newest message, the rest is put aside', (t) => {
  const directory = stateDirectory(t)
  const before = openStore(directory)
  before.rebuild.begin()
  const message = (incidentId: string, order: number) =>
    held(notification({ incidentId, key: `${incidentId}:${order}`, lane: incidentId, order }))
  const [past, present] = [incident({ id: 'past', state: 'resolved' }), incident({ id: 'present', state: 'firing' })]
  const triggers = [past, present].map(({ id }) => trigger({ id, incident: incident({ id }), isHeld: true }))
  before.commit(
    changes({
      incidents: [past, present],
      notifications: [message('past', 1), message('past', 2), message('present', 1), message('present', 2)],
      triggers,
    }),
  )
  assert.deepEqual(keysDue(before.outbox, Date.now() * 2), [])
  // Nobody fails to take them: were they counted as waiting, a full outbox would stop the reading that is to release them.
  assert.deepEqual([before.views.queued(), before.views.oldestQueuedAt()], [0, undefined])
  before.close()
  // Remembered through a restart.
  const store = openStore(directory)
  t.after(() => store.close())
  assert.equal(store.rebuild.isOn, true)
  assert.deepEqual(store.rebuild.end(1_000), { told: 1, putAside: 3 })
  assert.equal(store.rebuild.isOn, false)
  assert.deepEqual([store.views.queued(), store.views.oldestQueuedAt()], [1, 1_000])
  assert.deepEqual(keysDue(store.outbox, 1_000), ['present:2'])
  // Nobody was told of what was put aside: time until others are called in begins now.
  assert.equal(store.handling.isKnown('present', 'team', 3), false)
  const [history] = historiesOf('present', store.handling.told(['present']), 1)
  assert.deepEqual([history?.firstToldAt, history?.toldAt], [1_000, 1_000])
  assert.deepEqual(
    store.views.triggers(9).map(({ id, state }) => [id, state]),
    [
      ['past', 'withdrawn'],
      ['present', 'asked'],
    ],
  )
})

test('the present is reached when every assigned partition was read to its end and all of it is committed', () => {
  const place = (partition: number) => ({ topic: 't', partition })
  const at = (partition: number, nextOffset: number, endOffset = 10) => ({ ...place(partition), nextOffset, endOffset })
  const reading = (partitions: ReturnType<typeof at>[], isCommitted = true) => ({
    assigned: new Map([['s', [place(0), place(1)]]]),
    progress: [{ source: 's', partitions }],
    isCommitted,
  })
  assert.equal(isCaughtUp(reading([at(0, 10), at(1, 10)])), true)
  assert.equal(isCaughtUp(reading([at(0, 10), at(1, 9)])), false)
  assert.equal(isCaughtUp(reading([at(0, 10)])), false, 'nothing is known of a partition')
  assert.equal(isCaughtUp(reading([at(0, 10), at(1, 10)], false)), false)
  assert.equal(isCaughtUp(reading([at(0, 10), at(1, 10, Number.POSITIVE_INFINITY)])), false)
  assert.equal(isCaughtUp({ ...reading([]), assigned: new Map() }), false, 'nothing is assigned yet')
})

test('under steady traffic, when all is committed for a moment only, the rebuild ends at a commit', (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const rebuild = quietRebuild(store, { isWanted: true, log: createLog('silent') })
  const place = { topic: 't', partition: 0 }
  let isCommitted = false
  let ended = 0
  const watch = rebuild.watch({
    reading: () => ({
      assigned: new Map([['s', [place]]]),
      progress: [{ source: 's', partitions: [{ ...place, nextOffset: 10, endOffset: 10 }] }],
      isCommitted,
    }),
    now: () => 1,
    ended: () => ended++,
    fail: (error) => assert.fail(String(error)),
  })
  t.after(() => watch.stop())
  watch.look()
  assert.deepEqual([store.rebuild.isOn, ended], [true, 0])
  isCommitted = true
  watch.look()
  watch.look()
  assert.deepEqual([store.rebuild.isOn, ended], [false, 1])
})
