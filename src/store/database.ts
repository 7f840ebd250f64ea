// Opens the one SQLite file of a shard: found to be ours, migrated, and set up for commits that survive kill -9.

import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Probe } from '../probe.ts'
import { migrate, refuseNewer, refuseOlder, schemaOf, unfinishedCopies } from './migrate.ts'
import { checkFile } from './place.ts'
import { damagedFile, StoreError, storeError } from './store-error.ts'

const FILE = 'leeway.db'
/** How long to wait for somebody else at the file, such as a person with the sqlite3 shell. */
const BUSY_MS = 5_000
/** "Leew", in the header of the file. */
const APPLICATION_ID = 0x4c656577
/** A state up to this size is checked at every opening, which takes a fraction of a second; a larger one by `leeway doctor`. */
const CHECKED_BYTES_MAX = 64 * 2 ** 20

export interface OpenOptions {
  readonly readOnly?: boolean
  /** Whether the directory held a state before. */
  readonly hadState?: boolean
  /** Told of what is done to the file that a person should know. */
  readonly tell?: (message: string) => void
  /** Another folder of migrations, for tests. */
  readonly migrations?: string
  readonly probe?: Probe | undefined
}

export function databasePath(directory: string): string {
  return join(directory, FILE)
}

/** To read what is in it: for commands that list. @throws StoreError also when its schema is not the newest one */
export function openToList(directory: string): DatabaseSync {
  const db = openDatabase(directory, { readOnly: true })
  try {
    refuseOlder(db, databasePath(directory))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** @throws StoreError when a newer version wrote it, it is not ours, or it cannot be used */
export function openDatabase(directory: string, options: OpenOptions = {}): DatabaseSync {
  const { readOnly = false, hadState = false } = options
  const path = databasePath(directory)
  try {
    if (readOnly) refuseMissing(path)
    else mkdirSync(directory, { recursive: true, mode: 0o700 })
    checkFile(path, hadState)
    const db = new DatabaseSync(path, { readOnly, timeout: BUSY_MS })
    try {
      refuseForeign(db, path)
      refuseNewer(db, path, options.migrations)
      if (!readOnly) setUp(db, path, options)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw storeError('opening the state', path, error)
  }
}

function refuseMissing(path: string): void {
  if (existsSync(path)) return
  throw new StoreError(
    'unusable',
    `${path}: there is no state; name its folder with --state DIR or LEEWAY_STATE_DIR (leeway serve makes one)`,
  )
}

/** Before anything is written: the file may be somebody else's. */
function refuseForeign(db: DatabaseSync, path: string): void {
  const { application_id: id } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  if (id === APPLICATION_ID) return
  const names = db
    .prepare('SELECT name FROM sqlite_schema')
    .all()
    .map(({ name }) => name)
  // Empty, or of a version that did not mark its files.
  if (id === 0 && (names.length === 0 || (names.includes('positions') && names.includes('run_pages')))) return
  throw new StoreError(
    'unusable',
    `${path}: is a database, but not of leeway (application id ${id}, tables ${names.slice(0, 5).join(', ') || 'none'}); choose another directory (--state DIR); it was not touched`,
  )
}

function setUp(db: DatabaseSync, path: string, { tell = () => {}, migrations, probe }: OpenOptions): void {
  db.exec('PRAGMA page_size = 8192')
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string }
  if (mode !== 'wal') {
    throw new StoreError(
      'unusable',
      `${path}: the file system has no shared memory for a write-ahead log (journal mode ${mode}); use a local disk (--state DIR)`,
    )
  }
  db.exec(`
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -32768; -- 32 MiB
    PRAGMA wal_autocheckpoint = 2000; -- pages, 16 MiB
    PRAGMA journal_size_limit = 67108864;
  `)
  tryToWrite(db)
  refuseTruncated(db, path)
  checkQuickly(db, path)
  for (const leftover of unfinishedCopies(path)) rmSync(leftover, { force: true })
  migrate(db, path, { tell, probe, ...(migrations !== undefined && { folder: migrations }) })
}

/** A write-ahead log can be promised and fail at its first write: better now than after records were taken in. */
function tryToWrite(db: DatabaseSync): void {
  db.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE')
  db.exec(`PRAGMA user_version = ${schemaOf(db)}`)
  db.exec('COMMIT; PRAGMA synchronous = NORMAL')
}

/** A file that lost its end is noticed now, not when the lost pages are asked for. */
function refuseTruncated(db: DatabaseSync, path: string): void {
  const { bytes } = db
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get() as { bytes: number }
  if (statSync(path).size >= bytes) return
  // The missing pages may lie in the log.
  db.exec('PRAGMA wal_checkpoint(FULL)')
  const { size } = statSync(path)
  if (size < bytes) throw damagedFile(path, `${bytes - size} bytes are missing at its end`)
}

function checkQuickly(db: DatabaseSync, path: string): void {
  if (statSync(path).size > CHECKED_BYTES_MAX) return
  const [first] = db.prepare('PRAGMA quick_check(1)').all() as Array<{ quick_check: string }>
  if (first?.quick_check !== 'ok') throw damagedFile(path, first?.quick_check ?? 'it cannot be checked')
}
