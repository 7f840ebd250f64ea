import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Changes } from '../../src/store/changes.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore, storeOn } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { changes, incident, notification, result, trigger } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

/** A store on a database that the test can look into. */
function open(t: TestContext): { db: DatabaseSync; store: ReturnType<typeof storeOn> } {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  return { db, store: storeOn(db) }
}

const stream = { index: 0, model: 'm', version: '1' }
const position = {
  source: 's',
  topic: 'predictions',
  partition: 0,
  nextOffset: 10,
  highestTime: 1_700_000_000_123,
  last: { offset: 9, timestamp: 1_700_000_000_456, hash: 'ab12' },
}
const pane = (start: number, cells: number[]) => ({
  stream: 0,
  segment: '',
  part: 'inputs' as const,
  start,
  cells: Uint8Array.from(cells),
})

test('everything of a commit is there after a restart', (t) => {
  const directory = stateDirectory(t)
  const before = openStore(directory)
  const counter = { name: 'late', model: 'm', version: '1', value: 4 }
  before.waiting.put({ high: 1, low: 2 }, Uint8Array.of(3), 0)
  before.commit(
    changes({
      positions: [position, { ...position, partition: 1, nextOffset: 2 ** 40, highestTime: null, last: null }],
      streams: [stream],
      panes: [pane(600_000, [1, 2]), pane(300_000, [3])],
      counters: [counter],
      documents: [
        { name: 'held/m/1', json: '[1]' },
        { name: 'held/m/0', json: '[0]' },
        { name: 'other', json: '{}' },
      ],
    }),
  )
  before.close()
  const store = openStore(directory)
  t.after(() => store.close())
  assert.deepEqual(store.positions(), [
    position,
    { ...position, partition: 1, nextOffset: 2 ** 40, highestTime: null, last: null },
  ])
  assert.deepEqual(store.streams(), [stream])
  assert.deepEqual(store.paneStarts(0, '', 'inputs'), [300_000, 600_000])
  assert.deepEqual(store.pane(0, '', 'inputs', 600_000), Uint8Array.of(1, 2))
  assert.equal(store.pane(0, '', 'outcomes', 600_000), undefined)
  assert.deepEqual(store.counters(), [counter])
  assert.equal(store.document('other'), '{}')
  assert.equal(store.document('missing'), undefined)
  assert.deepEqual(store.documents('held/m/'), ['[0]', '[1]'])
  assert.deepEqual(store.waiting.get({ high: 1, low: 2 }), Uint8Array.of(3))
})

test('positions, panes, counters, documents and incidents are replaced by what comes later', (t) => {
  const { store } = open(t)
  const first = changes({
    positions: [position],
    panes: [pane(0, [1])],
    counters: [{ name: 'late', model: '', version: '', value: 1 }],
    documents: [{ name: 'd', json: '1' }],
    incidents: [incident({ state: 'firing' })],
  })
  const second = changes({
    positions: [{ ...position, nextOffset: 20 }],
    panes: [pane(0, [2])],
    counters: [{ name: 'late', model: '', version: '', value: 2 }],
    documents: [{ name: 'd', json: '2' }],
    incidents: [incident({ state: 'resolved', at: 9 })],
  })
  store.commit(first)
  store.commit(second)
  assert.equal(store.positions()[0]?.nextOffset, 20)
  assert.deepEqual(store.pane(0, '', 'inputs', 0), Uint8Array.of(2))
  assert.equal(store.counters()[0]?.value, 2)
  assert.equal(store.document('d'), '2')
  assert.deepEqual(store.views.incidents({ limit: 9 }), [incident({ state: 'resolved', at: 9 })])
})

test('panes of each part are dropped when their own time has passed', (t) => {
  const { store } = open(t)
  const outcomes = { ...pane(100, [1]), part: 'outcomes' as const }
  store.commit(changes({ panes: [pane(100, [1]), pane(200, [1]), outcomes] }))
  store.commit(changes({ dropInputsBefore: 200, dropOutcomesBefore: 100 }))
  assert.deepEqual(store.paneStarts(0, '', 'inputs'), [200])
  assert.deepEqual(store.paneStarts(0, '', 'outcomes'), [100])
})

test('a replay changes nothing of what was decided: results, transitions, messages and triggers stay as they were first written', (t) => {
  const { store } = open(t)
  const decided = (samples: number, because: string): Changes =>
    changes({
      streams: samples === 1 ? [stream] : [],
      results: [result({ samples })],
      incidents: [incident()],
      transitions: [{ incidentId: 'i1', sequence: 1, change: 'firing', because, at: 1 }],
      notifications: [notification({ queuedAt: samples })],
      triggers: [trigger({ target: because })],
    })
  store.commit(decided(1, 'first'))
  store.outbox.delivered('k1', 50, 'sent')
  store.commit(decided(2, 'again'))
  assert.deepEqual(
    store.views.results({ limit: 9 }).map(({ samples }) => samples),
    [1],
  )
  assert.deepEqual(
    store.views.incident('i1')?.transitions.map(({ because }) => because),
    ['first'],
  )
  assert.deepEqual(
    store.views.deliveries(9).map(({ state, queuedAt }) => [state, queuedAt]),
    [['delivered', 1]],
  )
  assert.deepEqual(
    store.views.triggers(9).map(({ target }) => target),
    ['first'],
  )
})

test('a row that lacks a value fails the commit, and nothing of the commit is visible', (t) => {
  const { store } = open(t)
  store.commit(changes({ positions: [position] }))
  const broken = changes({
    positions: [{ ...position, nextOffset: 99 }],
    panes: [pane(0, [1])],
    results: [result({ samples: Number.NaN })],
  })
  assert.throws(
    () => store.commit(broken),
    (error) =>
      error instanceof StoreError &&
      error.kind === 'broken' &&
      /leeway\.db: a commit failed: .*results\.samples/.test(error.message),
  )
  assert.deepEqual(store.positions(), [position])
  assert.deepEqual(store.paneStarts(0, '', 'inputs'), [])
})

test('while the disk is full nothing of a commit is visible; when there is room again the same commit is written whole', (t) => {
  const { db, store } = open(t)
  const ids = Array.from({ length: 2_000 }, (_, i) => ({ high: i * 7_919, low: i }))
  store.waiting.put(ids[0]!, Uint8Array.of(1), 0)
  store.commit(changes({ positions: [position] }))
  const pagesNow = db.prepare('PRAGMA page_count').get()?.['page_count'] as number
  for (const id of ids) store.waiting.put(id, new Uint8Array(100).fill(2), 0)
  // So many that writing them needs room as well, which comes after everything else.
  const positions = Array.from({ length: 1_000 }, (_, partition) => ({ ...position, partition, nextOffset: 99 }))
  const wanted = changes({ positions, panes: [pane(0, Array(20_000).fill(1))] })
  let refused = 0
  // One page more each time, so that the disk is full at every place of the commit once.
  for (let pages = pagesNow; store.positions()[0]?.nextOffset !== 99; pages++) {
    db.exec(`PRAGMA max_page_count = ${pages}`)
    try {
      store.commit(wanted)
    } catch (error) {
      assert.ok(
        error instanceof StoreError && error.kind === 'full' && /the disk is full/.test(error.message),
        String(error),
      )
      assert.deepEqual(store.positions(), [position])
      assert.equal(store.pane(0, '', 'inputs', 0), undefined)
      for (const id of ids) assert.equal(store.waiting.get(id)?.[0], 2, 'what is not written yet waits in memory')
      assert.equal(store.waiting.size, 2_001)
      assert.deepEqual(storeOn(db).waiting.get(ids[0]!), Uint8Array.of(1))
      refused++
    }
  }
  assert.ok(refused > 20, `refused ${refused} times`)
  const reread = storeOn(db)
  for (const id of ids) assert.deepEqual(reread.waiting.get(id), new Uint8Array(100).fill(2))
})

test('a commit is on the disk at once when something is to be sent for it', (t) => {
  const { db, store } = open(t)
  const synchronous = () => db.prepare('PRAGMA synchronous').get()?.['synchronous']
  const [normal, full] = [1, 2]
  store.commit(changes({ positions: [position] }))
  assert.equal(synchronous(), normal)
  store.commit(changes({ notifications: [notification()] }))
  assert.equal(synchronous(), full)
  store.commit(changes())
  assert.equal(synchronous(), normal)
  store.commit(changes({ triggers: [trigger()] }))
  assert.equal(synchronous(), full)
})

test('a second store on the same directory is refused, by name, until the first is closed', (t) => {
  const directory = stateDirectory(t)
  const first = openStore(directory)
  assert.throws(
    () => openStore(directory),
    (error) =>
      error instanceof StoreError &&
      error.kind === 'locked' &&
      error.message.startsWith(`${directory}: another process (pid ${process.pid} on `),
  )
  first.close()
  first.close()
  openStore(directory).close()
})

test('a state of a newer version is left alone, and the directory is free again', (t) => {
  const directory = stateDirectory(t)
  const db = openDatabase(directory)
  db.exec('PRAGMA user_version = 999')
  db.close()
  for (let attempt = 0; attempt < 2; attempt++) {
    assert.throws(
      () => openStore(directory),
      (error) => error instanceof StoreError && error.kind === 'newer' && /schema 999/.test(error.message),
    )
  }
})

test('a file that is no database is named', (t) => {
  const directory = stateDirectory(t)
  writeFileSync(join(directory, 'leeway.db'), 'not a database, but long enough to be looked at as one'.repeat(200))
  assert.throws(
    () => openStore(directory),
    (error) =>
      error instanceof StoreError && error.kind === 'broken' && error.message.includes(join(directory, 'leeway.db')),
  )
})
