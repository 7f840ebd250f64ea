import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unhandled } from '../../src/handling/state.ts'
import { openStore } from '../../src/store/store.ts'
import { changes, incident, notification } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

const deed = {
  incident: 'i1',
  number: 1,
  at: 5,
  kind: 'comment',
  by: 'anna',
  via: 'api',
  request: 'r1',
  detail: 'x',
} as const
const silence = {
  ...{ id: 's1', matchers: { model: 'm' }, start: 1, end: 10, reason: 'why' },
  ...{ author: 'anna', createdAt: 1, endedBy: null },
}

test('what people decided survives the process, with its audit', (t) => {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  store.handling.write({
    states: [{ ...unhandled('i1'), assignee: 'anna' }],
    deeds: [deed],
    silences: [silence],
    digests: [{ name: 'd', at: 7 }],
    audit: [
      {
        at: 5,
        request: 'r1',
        actor: 'anna',
        role: 'operator',
        remote: '',
        action: 'x',
        target: 'i1',
        outcome: 'done',
        detail: '',
      },
    ],
  })
  store.close()
  const again = openStore(directory)
  assert.equal(again.handling.state('i1')?.assignee, 'anna')
  assert.deepEqual(again.handling.deeds('i1'), [deed])
  assert.deepEqual([again.handling.silences(9), again.handling.silences(10)], [[silence], []])
  assert.equal(again.handling.digestAt('d'), 7)
  assert.equal(again.views.audit({ limit: 9 }).length, 1)
  again.close()
})

test('a deed that cannot be written whole is not written at all', (t) => {
  const store = openStore(stateDirectory(t))
  store.handling.write({ states: [unhandled('i1')], deeds: [deed] })
  const second = { states: [{ ...unhandled('i1'), assignee: 'ben' }], deeds: [deed], silences: [silence] }
  assert.throws(() => store.handling.write(second))
  assert.equal(store.handling.state('i1')?.assignee, null)
  assert.deepEqual(store.handling.silences(0), [])
  store.close()
})

test('who was told that it fires is told how it ends, although it fires again by now', (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const at = (sequence: number, change: 'firing' | 'resolved') => ({
    ...{ incidentId: 'i1', sequence, change, because: '', at: sequence },
  })
  store.commit(
    changes({
      incidents: [incident()],
      transitions: [at(1, 'firing'), at(2, 'resolved'), at(3, 'firing'), at(4, 'resolved')],
      notifications: [1, 3].map((order) => notification({ key: `i1:${order}:team`, lane: 'i1:team', order })),
    }),
  )
  store.outbox.delivered('i1:1:team', 200, '')
  assert.equal(store.handling.isKnown('i1', 'team', 2), true)
  assert.equal(store.handling.isKnown('i1', 'team', 4), false)
  store.outbox.delivered('i1:3:team', 200, '')
  assert.equal(store.handling.isKnown('i1', 'team', 4), true)
})

test('when the clock is set, the time since people were told stays what it was, and a channel that was told is known', (t) => {
  const store = openStore(stateDirectory(t))
  const row = notification({ key: 'i1:1:team', lane: 'i1:team' })
  store.commit(changes({ incidents: [incident()], notifications: [row] }))
  assert.equal(store.handling.isKnown('i1', 'team', 2), false)
  store.outbox.delivered('i1:1:team', 200, '')
  assert.equal(store.handling.isKnown('i1', 'team', 2), true)
  store.clockMoved(-50)
  assert.deepEqual(
    store.handling.told(['i1']).map(({ queuedAt, endedAt }) => [queuedAt, endedAt]),
    [[50, 150]],
  )
  store.close()
})

test('what was decided about an incident is forgotten with it', (t) => {
  const store = openStore(stateDirectory(t))
  store.commit(changes({ incidents: [incident({ state: 'resolved' })] }))
  store.handling.write({ states: [unhandled('i1')], deeds: [deed] })
  store.commit(changes({ dropResultsBefore: 100 }))
  assert.equal(store.handling.state('i1'), undefined)
  assert.deepEqual(store.handling.deeds('i1'), [])
  store.close()
})
