// Upgrades under SIGKILL: the old schema or the new one, whole; never something between.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { seeded, testSeed } from '../build/random.ts'
import { checkState } from '../store/ledger-of-commits.ts'
import { OLD_COMMITS, putOldState } from '../store/old-state.ts'
import { isFull, proved } from './proof.ts'

const KILLS = isFull ? 50 : 12
/** A step that takes long enough to be killed in: each row of a table is rewritten. */
const slow = (table: string) => `CREATE TABLE ${table} (x BLOB);
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12000)
INSERT INTO ${table} SELECT randomblob(200) FROM numbers;
UPDATE ${table} SET x = randomblob(210);`
/** What must be there from which schema on. */
const marks = new Map([
  [9001, 'first'],
  [9002, 'second'],
])

function run(directory: string, migrations: string) {
  const script = join(import.meta.dirname, 'open-until-killed.ts')
  return spawn(process.execPath, [script, directory, migrations], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Kills the process so long after it has begun to open the state. @returns whether it was killed before it had */
async function killAfter(directory: string, migrations: string, delayMs: number): Promise<boolean> {
  const child = run(directory, migrations)
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs)
  const [, signal] = await exited
  clearTimeout(timer)
  return signal === 'SIGKILL'
}

/** The schema of the file, which must be whole and have what belongs to that schema, and nothing more. */
function schemaLeft(directory: string): number {
  const db = new DatabaseSync(join(directory, 'leeway.db'))
  try {
    const { user_version: schema } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
    for (const [from, table] of marks) {
      const isThere = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined
      assert.equal(isThere, schema >= from, `table ${table} in schema ${schema}`)
    }
    return schema
  } finally {
    db.close()
  }
}

test(`an upgrade killed ${KILLS} times leaves the old schema or the new one, and goes on at the next start`, {
  timeout: 600_000,
}, async (t) => {
  const random = seeded(testSeed())
  const folder = mkdtempSync(join(tmpdir(), 'leeway-upgrade-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const migrations = join(folder, 'migrations')
  cpSync(join(import.meta.dirname, '../../src/store/migrations'), migrations, { recursive: true })
  for (const [schema, table] of marks) writeFileSync(join(migrations, `${schema}-${table}.sql`), slow(table))

  const fresh = (name: string) => {
    const directory = join(folder, name)
    mkdirSync(directory)
    putOldState(directory)
    return directory
  }
  const unharmed = run(fresh('unharmed'), migrations)
  await once(unharmed.stdout, 'data')
  const startedAt = performance.now()
  const [code] = await once(unharmed, 'exit')
  assert.equal(code, 0)
  const lastsMs = performance.now() - startedAt

  let killed = 0
  const left = new Map<number, number>()
  for (let i = 0; killed < KILLS; i++) {
    const directory = fresh(`state-${i}`)
    if (!(await killAfter(directory, migrations, random() * lastsMs))) continue
    killed++
    const schema = schemaLeft(directory)
    left.set(schema, (left.get(schema) ?? 0) + 1)
    openStore(directory, { migrations }).close()
    assert.equal(schemaLeft(directory), 9002)
    assert.equal(checkState(directory, { migrations }), OLD_COMMITS)
    const names = readdirSync(directory)
    assert.ok(names.includes('leeway.db.before-9002') && names.every((name) => !name.endsWith('.part')), `${names}`)
    assert.throws(
      () => openStore(directory),
      (error) => error instanceof StoreError && error.kind === 'newer',
    )
    rmSync(directory, { recursive: true })
  }
  console.log(`schemas that kills left: ${JSON.stringify(Object.fromEntries(left))}`)
  assert.ok(left.size >= 2, 'the kills all fell at the same schema: they prove nothing')
  proved({
    promise: 'G1',
    fault: 'SIGKILL during an upgrade of a state of schema 1; then the earlier version',
    size: `${KILLS} kills over 5 steps`,
    outcome: 'the old schema or the new one, whole; the next start goes on; the earlier version refuses it',
    test: 'test/faults/migration.test.ts',
  })
})
