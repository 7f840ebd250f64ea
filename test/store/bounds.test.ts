// What the store keeps has an end: by number, by bytes, by age.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { RetrainingRequest } from '../../src/retraining/request.ts'
import { step } from '../../src/retraining/request.ts'
import type { Row } from '../../src/sources/source.ts'
import type { Quarantined } from '../../src/store/changes.ts'
import { openDatabase } from '../../src/store/database.ts'
import { PendingChanges } from '../../src/store/pending.ts'
import { storeOn } from '../../src/store/store.ts'
import { changes, incident, notification, result, trigger } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

const DAY = 86_400_000

function open(t: TestContext, quarantine = { quarantineRows: 1_000, quarantineBytes: 1e6 }) {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db, { quarantineLimits: () => quarantine })
  const counter = (name: string) => store.views.storeCounters().find((row) => row.name === `store/${name}`)?.value ?? 0
  return { db, store, counter }
}

const quarantined = (offset: number, bytes = 10): Quarantined => ({
  source: 's',
  topic: 't',
  partition: 0,
  offset,
  reason: 'not_json',
  detail: 'at 1',
  sample: new Uint8Array(bytes),
  at: offset,
  range: null,
})
const rows = (from: number, to: number, bytes?: number) =>
  Array.from({ length: to - from }, (_, i) => quarantined(from + i, bytes))

test('of quarantined records the newest are kept, by number', (t) => {
  const { store, counter } = open(t)
  store.commit(changes({ quarantine: rows(0, 700) }))
  assert.equal(counter('quarantine_evicted'), 0)
  store.commit(changes({ quarantine: rows(700, 1_600) }))
  const kept = store.views.quarantine(10_000)
  assert.deepEqual([kept.length, kept[0]?.offset, kept.at(-1)?.offset], [1_000, 1_599, 600])
  assert.equal(counter('quarantine_evicted'), 600)
})

test('of quarantined records the newest are kept, by bytes, also after a restart', (t) => {
  const limits = { quarantineRows: 1_000, quarantineBytes: 5_000 }
  const { db, store, counter } = open(t, limits)
  store.commit(changes({ quarantine: rows(0, 10, 400) }))
  store.commit(changes({ quarantine: rows(10, 15, 400) }))
  assert.deepEqual([store.views.quarantine(100).length, counter('quarantine_evicted')], [12, 3])
  const again = storeOn(db, { quarantineLimits: () => limits })
  again.commit(changes({ quarantine: rows(15, 16, 1_400) }))
  assert.deepEqual(
    again.views.quarantine(100).map(({ offset }) => offset),
    [15, 14, 13, 12, 11, 10, 9, 8, 7, 6],
  )
})

test('what the store counts itself is not counted by the pipeline as well', (t) => {
  const { store, counter } = open(t, { quarantineRows: 1, quarantineBytes: 1e6 })
  store.commit(changes({ quarantine: rows(0, 3), counters: [{ name: 'late', model: 'm', version: '', value: 2 }] }))
  assert.equal(counter('quarantine_evicted'), 2)
  assert.deepEqual(
    store.counters().map(({ name }) => name),
    ['late'],
  )
})

test('a sample is the beginning of a record, whatever the record holds', () => {
  const pending = new PendingChanges([])
  const record = (value: Uint8Array | Row) => ({ source: 's', topic: 't', partition: 0, offset: 1, at: 1, value })
  const rejection = { reason: 'not_json', detail: 'd' } as const
  pending.reject(record(new Uint8Array(10_000)), rejection)
  pending.reject(record({ id: 12345678901234567890n, text: 'é'.repeat(10_000) }), rejection)
  const { quarantine } = pending.changes(changes())
  assert.deepEqual(
    quarantine.map(({ sample }) => sample.length),
    [4_096, 4_096],
  )
  assert.match(new TextDecoder().decode(quarantine[1]?.sample), /^{"id":"12345678901234567890","text":"éé/)
})

test('what has ended is forgotten when its time has come, so many rows a commit; what goes on is not', (t) => {
  const { db, store, counter } = open(t)
  const ids = Array.from({ length: 700 }, (_, i) => `i${i}`)
  store.commit(
    changes({
      results: [result({ end: 1 }), result({ end: 401 * DAY })],
      incidents: [
        ...ids.map((id) => incident({ id, state: 'resolved', at: 1 })),
        incident({ id: 'recent', state: 'resolved', at: 401 * DAY }),
        incident({ id: 'fires', state: 'firing', at: 1 }),
      ],
      transitions: [...ids, 'fires'].map((incidentId) => ({
        incidentId,
        sequence: 1,
        change: 'firing',
        because: 'b',
        at: 1,
      })),
      notifications: [
        ...['delivered', 'dead', 'waits', 'recent'].map((key) => notification({ key, lane: key, incidentId: key })),
        // It fires, and somebody is to hear of its end; of another the end waits to be told.
        notification({ key: 'told', lane: 'told', incidentId: 'fires' }),
        notification({ key: 'before', lane: 'before', incidentId: 'waits' }),
      ],
      triggers: ['waits', 'done'].map((id) => trigger({ id, at: 1, incident: incident({ id }) })),
    }),
  )
  store.outbox.delivered('delivered', 5 * DAY, '')
  store.outbox.dead('dead', 5 * DAY, 'because')
  store.outbox.delivered('told', 5 * DAY, '')
  store.outbox.delivered('before', 5 * DAY, '')
  store.outbox.delivered('recent', 100 * DAY, '')
  const done = store.retraining.request('done') as RetrainingRequest
  const { request, change, because } = step(done, 'refused', { at: 5 * DAY, state: 'refused', because: 'no' })
  const refused = { what: change, because, actor: 'ana', at: 5 * DAY }
  store.retraining.decide({ request, before: 0, change: refused, audit: null, notifications: [] })

  store.commit(changes({ dropResultsBefore: 400 * DAY, dropEndedBefore: 90 * DAY }))
  assert.equal(counter('incidents_forgotten'), 500, 'not all of them in one commit')
  store.commit(changes({ dropResultsBefore: 400 * DAY, dropEndedBefore: 90 * DAY }))
  assert.deepEqual(['incidents_forgotten', 'deliveries_forgotten', 'triggers_forgotten'].map(counter), [700, 2, 1])
  assert.deepEqual(
    store.views.incidents({ limit: 10 }).map(({ id }) => id),
    ['recent', 'fires'],
  )
  assert.equal(store.views.incident('fires')?.transitions.length, 1)
  assert.equal(db.prepare('SELECT count(*) AS n FROM transitions').get()?.['n'], 1)
  assert.deepEqual(
    store.views
      .deliveries(10)
      .map(({ key }) => key)
      .sort(),
    ['before', 'recent', 'told', 'waits'],
  )
  assert.deepEqual(store.retraining.history('done'), [])
  assert.deepEqual(
    store.views.triggers(10).map(({ id }) => id),
    ['waits'],
  )
  assert.deepEqual(
    store.views.results({ limit: 10 }).map(({ end }) => end),
    [401 * DAY],
  )
  assert.equal(store.views.queued(), 1)
})
