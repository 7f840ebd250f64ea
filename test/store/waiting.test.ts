import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { storeOn } from '../../src/store/store.ts'
import type { Opened } from '../batteries/waiting.battery.ts'
import { numbers, waitingBattery } from '../batteries/waiting.battery.ts'
import { WaitingInMemory } from '../batteries/waiting-in-memory.ts'
import { changes } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

waitingBattery('in memory', () => {
  const waiting = new WaitingInMemory()
  return { waiting, commit: () => waiting.commit(), reopen: () => waiting.reopen(), close: () => {} }
})

waitingBattery('in the store', () => {
  const directory = mkdtempSync(join(tmpdir(), 'leeway-test-'))
  let db = openDatabase(directory)
  let store = storeOn(db)
  const opened: Opened = {
    waiting: store.waiting,
    commit: () => store.commit(changes()),
    reopen() {
      db.close()
      db = openDatabase(directory)
      store = storeOn(db)
      opened.waiting = store.waiting
    },
    close() {
      db.close()
      rmSync(directory, { recursive: true })
    },
  }
  return opened
})

const random = numbers(1)
const entry = new Uint8Array(40)

function putNew(store: Pick<ReturnType<typeof storeOn>, 'waiting'>, count: number): void {
  for (let i = 0; i < count; i++) store.waiting.put({ high: random(), low: random() }, entry, 0)
}

const rowsOf = (db: DatabaseSync, sql: string) => db.prepare(sql).all() as Array<Record<string, number>>
const written = (db: DatabaseSync) => rowsOf(db, 'SELECT total_changes() AS n')[0]?.['n'] as number

test('a commit of one entry does a bounded share of a large merge, and reading goes on meanwhile', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  const known = { high: 5, low: 5 }
  store.waiting.put(known, Uint8Array.of(8), 0)
  for (let commit = 0; commit < 7; commit++) {
    putNew(store, 10_000)
    store.commit(changes())
  }
  let most = 0
  let merging = 0
  for (let commit = 0; commit < 60; commit++) {
    putNew(store, 1)
    const before = written(db)
    store.commit(changes())
    most = Math.max(most, written(db) - before)
    if (rowsOf(db, "SELECT id FROM runs WHERE state = 'growing'").length > 0) merging++
    assert.deepEqual([...(store.waiting.get(known) ?? [])], [8])
  }
  assert.ok(merging >= 5, `the merge took ${merging} commits, it should have been spread`)
  assert.ok(most < 200, `a commit wrote ${most} rows`)
})

test('a merge cut short by the end of the process leaves nothing behind', (t) => {
  const directory = stateDirectory(t)
  let db = openDatabase(directory)
  t.after(() => db.close())
  let store = storeOn(db)
  for (let commit = 0; commit < 7; commit++) {
    putNew(store, 10_000)
    store.commit(changes())
  }
  putNew(store, 1)
  store.commit(changes())
  assert.equal(rowsOf(db, "SELECT id FROM runs WHERE state = 'growing'").length, 1)
  db.close()
  db = openDatabase(directory)
  store = storeOn(db)
  for (let commit = 0; commit < 60; commit++) store.commit(changes())
  assert.deepEqual(rowsOf(db, "SELECT id FROM runs WHERE state <> 'complete'"), [])
  const [pages] = rowsOf(
    db,
    'SELECT (SELECT count(*) FROM run_pages) AS held, (SELECT sum(length(first_hashes) / 8) FROM runs) AS known',
  )
  assert.equal(pages?.['held'], pages?.['known'])
})

test('a day that is dropped in the middle of a merge is gone, and its merge with it', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  for (let commit = 0; commit < 7; commit++) {
    putNew(store, 10_000)
    store.commit(changes())
  }
  putNew(store, 1)
  store.commit(changes())
  assert.equal(rowsOf(db, "SELECT id FROM runs WHERE state = 'growing'").length, 1)
  for (let commit = 0; commit < 80; commit++) store.commit(changes({ dropOutcomesBefore: 86_400_000 }))
  assert.equal(store.waiting.size, 0)
  assert.deepEqual(rowsOf(db, 'SELECT id FROM runs'), [])
  assert.deepEqual(rowsOf(db, 'SELECT id FROM run_pages'), [])
})

test('ids that are put again and again take the room of one entry each', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  const ids = Array.from({ length: 1_000 }, () => ({ high: random(), low: random() }))
  for (let commit = 0; commit < 300; commit++) {
    for (const id of ids) store.waiting.put(id, entry, 0)
    store.commit(changes())
  }
  assert.ok(store.waiting.size <= 20_000, `${store.waiting.size} entries are held for 1,000 ids`)
  assert.ok(store.sizeBytes() < 10 * 2 ** 20, `${store.sizeBytes()} bytes`)
})

test('a quiet day ends up in one run', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  for (let commit = 0; commit < 6; commit++) {
    putNew(store, 500)
    store.commit(changes())
  }
  for (let commit = 0; commit < 60; commit++) store.commit(changes())
  assert.equal(rowsOf(db, 'SELECT id FROM runs').length, 1)
  assert.equal(store.waiting.size, 3_000)
})

test('entries that are dropped free their room for new ones', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  const fill = () => {
    putNew(store, 20_000)
    store.commit(changes())
    for (let commit = 0; commit < 40; commit++) store.commit(changes({ dropOutcomesBefore: 86_400_000 }))
    assert.equal(store.waiting.size, 0)
  }
  fill()
  const once = store.sizeBytes()
  for (let round = 0; round < 4; round++) fill()
  assert.equal(store.sizeBytes(), once)
})

test('what was evicted stays gone when the commit fails, and the commit that follows takes it off the disk', (t) => {
  const db = openDatabase(stateDirectory(t))
  t.after(() => db.close())
  const store = storeOn(db)
  putNew(store, 1_000)
  store.commit(changes())
  assert.equal(store.waiting.evictBeyond(500), 1_000)
  const [{ n: pages = 0 } = {}] = rowsOf(db, 'PRAGMA page_count').map((row) => ({ n: row['page_count'] as number }))
  db.exec(`PRAGMA max_page_count = ${pages}`)
  const large = { name: 'large', json: JSON.stringify('x'.repeat(10_000_000)) }
  assert.throws(() => store.commit(changes({ documents: [large] })), /full/)
  assert.equal(store.waiting.size, 0)
  db.exec('PRAGMA max_page_count = 1000000')
  store.commit(changes())
  assert.deepEqual([store.waiting.size, rowsOf(db, 'SELECT id FROM runs')], [0, []])
})

test('a state whose filters were made in the old way finds its entries', (t) => {
  const directory = stateDirectory(t)
  let db = openDatabase(directory)
  t.after(() => db.close())
  let store = storeOn(db)
  const known = { high: 77, low: 78 }
  store.waiting.put(known, Uint8Array.of(9), 0)
  putNew(store, 1_000)
  store.commit(changes())
  db.exec(readFileSync(new URL('../../src/store/migrations/0005-filters.sql', import.meta.url), 'utf8'))
  db.close()
  db = openDatabase(directory)
  store = storeOn(db)
  assert.deepEqual([...(store.waiting.get(known) ?? [])], [9])
  assert.equal(store.waiting.get({ high: 78, low: 77 }), undefined)
})
