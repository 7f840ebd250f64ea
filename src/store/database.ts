// Opens the one SQLite file of a shard: locked, migrated, and set up for commits that survive kill -9.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError, storeError } from './store-error.ts'

const FILE = 'leeway.db'
/** How long to wait for somebody else at the file, such as a person with the sqlite3 shell. */
const BUSY_MS = 5_000
const migrationsDir = join(import.meta.dirname, 'migrations')

/** @throws StoreError when another process has it, a newer version wrote it, or it cannot be used */
export function openDatabase(directory: string, { readOnly = false } = {}): DatabaseSync {
  const path = join(directory, FILE)
  try {
    if (!readOnly) mkdirSync(directory, { recursive: true })
    const db = new DatabaseSync(path, { readOnly, timeout: BUSY_MS })
    try {
      if (readOnly) checkVersion(db, path)
      else setUp(db, path)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw storeError('opening the state', path, error)
  }
}

function setUp(db: DatabaseSync, path: string): void {
  db.exec(`
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -32768; -- 32 MiB
    PRAGMA wal_autocheckpoint = 2000; -- pages, 16 MiB
    PRAGMA journal_size_limit = 67108864;
  `)
  checkVersion(db, path)
  migrate(db)
}

function versionOf(db: DatabaseSync): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

function migrations(): string[] {
  return readdirSync(migrationsDir)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

function checkVersion(db: DatabaseSync, path: string): void {
  const [found, known] = [versionOf(db), migrations().length]
  if (found > known) {
    throw new StoreError(
      'newer',
      `${path}: the state has schema ${found}, this version knows ${known}: a newer leeway wrote it; run that one, or start with a new state directory`,
    )
  }
}

/** Forward only, each file in a transaction of its own. */
function migrate(db: DatabaseSync): void {
  for (const [i, name] of migrations().entries()) {
    if (versionOf(db) > i) continue
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(readFileSync(join(migrationsDir, name), 'utf8'))
      db.exec(`PRAGMA user_version = ${i + 1}`)
      db.exec('COMMIT')
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
}
