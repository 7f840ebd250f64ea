import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { newestSchema } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { incident } from './changes.ts'
import { checkState } from './ledger-of-commits.ts'
import { OLD_COMMITS, putOldState } from './old-state.ts'
import { stateDirectory } from './state-directory.ts'

/** The migrations of the source, and more. */
function migrationsWith(t: TestContext, more: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-migrations-'))
  t.after(() => rmSync(folder, { recursive: true }))
  cpSync(join(import.meta.dirname, '../../src/store/migrations'), folder, { recursive: true })
  for (const [name, sql] of Object.entries(more)) writeFileSync(join(folder, name), sql)
  return folder
}

const copies = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.includes('.before-'))
    .sort()

test('a state of schema 1 is upgraded whole, after a copy that the earlier version could open', (t) => {
  const directory = stateDirectory(t)
  putOldState(directory)
  const told: string[] = []
  const store = openStore(directory, { tell: (message) => told.push(message) })
  assert.equal(store.views.incidents({ limit: 9 }).length, 1)
  assert.equal(store.views.results({ limit: 99 }).length, OLD_COMMITS)
  store.close()
  assert.equal(checkState(directory), OLD_COMMITS)
  const newest = newestSchema()
  assert.deepEqual(copies(directory), [`leeway.db.before-${newest}`])
  assert.match(told[0] ?? '', new RegExp(`from schema 1 to ${newest}; .* kept in .*before-${newest}`))
  const copy = new DatabaseSync(join(directory, `leeway.db.before-${newest}`), { readOnly: true })
  assert.deepEqual({ ...copy.prepare('PRAGMA user_version').get() }, { user_version: 1 })
  assert.deepEqual({ ...copy.prepare('SELECT next_offset FROM positions').get() }, { next_offset: OLD_COMMITS * 200 })
  copy.close()
})

test('requests to retrain leave the outbox for a table of their own, whatever had become of them', (t) => {
  const directory = stateDirectory(t)
  putOldState(directory)
  const old = new DatabaseSync(join(directory, 'leeway.db'))
  const states = ['queued', 'delivered', 'dead', 'superseded', 'queued']
  for (const [i, state] of states.entries()) {
    const [id, held] = [`r${i}`, i === 4 ? 2 ** 52 : 7]
    const envelope = {
      kind: 'retrain',
      channel: 'retraining/m',
      trigger: { id, model: 'm', incident: incident({ id }) },
    }
    old.prepare("INSERT INTO triggers VALUES (?, 'm', '1', 'webhook', 5, ?, '')").run(id, state)
    old
      .prepare(`INSERT INTO outbox VALUES (?, 'retraining:m', 5, 'retraining/m', ?, ?, ?, 2, ?, 7, NULL, 'said')`)
      .run(id, id, JSON.stringify(envelope), state, held)
  }
  // Its row of the outbox was forgotten long ago, and so was its incident.
  old.prepare("INSERT INTO triggers VALUES ('r5', 'm', '1', 'webhook', 5, 'delivered', 'run 17')").run()
  old.close()
  const store = openStore(directory)
  t.after(() => store.close())
  assert.deepEqual(
    ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'].map((id) => store.retraining.request(id)?.state),
    ['asked', 'handed over', 'failed', 'withdrawn', 'held', 'handed over'],
  )
  assert.deepEqual(
    store.retraining.open().map(({ id, dispatch }) => [id, dispatch?.key ?? null]),
    [
      ['r0', 'r0'],
      ['r4', null],
    ],
  )
  const { cause, because, askedAt } = store.retraining.request('r0') ?? assert.fail()
  assert.deepEqual([cause.is === 'incident' && cause.incident, because, askedAt], [incident({ id: 'r0' }), 'said', 7])
  assert.equal(store.retraining.request('r5')?.because, 'run 17')
  assert.ok(store.views.deliveries(99).every(({ channel }) => channel !== 'retraining/m'))
})

test('a step that fails leaves the state as it was before it', (t) => {
  const directory = stateDirectory(t)
  openStore(directory).close()
  const folder = migrationsWith(t, {
    '9001-good.sql': 'CREATE TABLE good (x)',
    '9002-bad.sql': 'CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)',
  })
  assert.throws(() => openStore(directory, { migrations: folder }), /no such table: nowhere/)
  const db = new DatabaseSync(join(directory, 'leeway.db'))
  assert.deepEqual({ ...db.prepare('PRAGMA user_version').get() }, { user_version: 9001 })
  assert.equal(db.prepare("SELECT * FROM sqlite_schema WHERE name = 'half'").get(), undefined)
  db.close()
})

test('a state of a newer schema is refused, with the copy to go back to; the newest two copies are kept', (t) => {
  const directory = stateDirectory(t)
  openStore(directory).close()
  for (const number of [9001, 9002, 9003]) {
    const folder = migrationsWith(t, { [`${number}-more.sql`]: `CREATE TABLE t${number} (x)` })
    openStore(directory, { migrations: folder }).close()
  }
  assert.deepEqual(copies(directory), ['leeway.db.before-9002', 'leeway.db.before-9003'])
  assert.throws(
    () => openStore(directory),
    (error) => error instanceof StoreError && error.kind === 'newer' && /leeway\.db\.before-9003/.test(error.message),
  )
})

test('a copy that was cut short is removed', (t) => {
  const directory = stateDirectory(t)
  openStore(directory).close()
  const part = join(directory, 'leeway.db.before-7.part')
  writeFileSync(part, 'half')
  openStore(directory).close()
  assert.ok(!existsSync(part))
})

test('a message that an earlier version has tried is sent again as it is, for it may have arrived', (t) => {
  const directory = stateDirectory(t)
  putOldState(directory)
  const old = new DatabaseSync(join(directory, 'leeway.db'))
  const [row] = old.prepare("SELECT key, envelope FROM outbox WHERE envelope ->> '$.kind' = 'message' LIMIT 1").all()
  assert.ok(row)
  const add = old.prepare(
    `INSERT INTO outbox (key, lane, lane_order, channel, incident, envelope, state, attempts, due_at, queued_at, detail)
     VALUES (?, 'lane', ?, 'team', 'i', ?, 'queued', ?, ?, 5, '')`,
  )
  const envelope = row['envelope'] as string
  for (const [key, order, attempts, dueAt] of [
    ['tried', 1, 2, 7],
    ['new', 2, 0, 7],
    ['held', 3, 1, 2 ** 52],
  ] as const)
    add.run(key, order, envelope, attempts, dueAt)
  old.close()
  const store = openStore(directory)
  t.after(() => store.close())
  assert.equal(store.outbox.heads('team', 7, 99).find(({ key }) => key === 'tried')?.batch, 'tried')
  assert.deepEqual(
    store.outbox.rowsOf('lane').map(({ key }) => key),
    ['new'],
  )
})
