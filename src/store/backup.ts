// A consistent copy of the state, also while a daemon commits to it.

import { existsSync, realpathSync, rmSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync as Database } from 'node:sqlite'
import { backup, DatabaseSync } from 'node:sqlite'
import { databasePath, openDatabase } from './database.ts'
import { damagedRows, integrityErrors } from './doctor/wholeness.ts'
import { putInPlace } from './migrate.ts'
import { StoreError, storeError } from './store-error.ts'

/** Pages of a step: 8 MiB. Between steps the copy can be called off; the daemon commits all the time. */
const STEP_PAGES = 1_024
const MIB = 2 ** 20

export interface BackupOptions {
  /** Replace a file that is there. */
  readonly force?: boolean
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Copies the state of a directory into one file, and checks it.
 *
 * One read transaction sees one commit, positions included: a restored copy goes on reading where that commit was. The writer is
 * not held up; its log grows by what is committed meanwhile. The file has its name only when it is whole and on the disk.
 *
 * @returns the size of the copy
 * @throws StoreError that says why there is none
 */
export async function backupState(
  directory: string,
  file: string,
  { force = false, onProgress = () => {} }: BackupOptions = {},
): Promise<number> {
  refuseTheStateItself(directory, file)
  if (existsSync(file) && !force)
    throw new StoreError('unusable', `${file}: is there already; name another file, or replace it with --force`)
  const db = openDatabase(directory, { readOnly: true })
  const part = `${file}.part`
  try {
    refuseWithoutRoom(db, file)
    rmSync(part, { force: true })
    db.exec('BEGIN')
    // The snapshot is taken by the first read.
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    await backup(db, part, {
      rate: STEP_PAGES,
      progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
    })
    db.exec('COMMIT')
    refuseDamaged(part)
    putInPlace(part, file)
    return statSync(file).size
  } catch (error) {
    throw storeError('the backup', file, error)
  } finally {
    db.close()
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(part + end, { force: true })
  }
}

/** A daemon would commit on to a file that has no name any more. */
function refuseTheStateItself(directory: string, file: string): void {
  const real = (path: string) => (existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path)
  const state = real(databasePath(directory))
  if (!['', '-wal', '-shm'].some((end) => real(file) === state + end)) return
  throw new StoreError('unusable', `${file}: is the state itself; name another file`)
}

function refuseWithoutRoom(db: Database, file: string): void {
  const { bytes } = db
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get() as { bytes: number }
  const { bavail, bsize } = statfsSync(dirname(file))
  if (bavail * bsize >= bytes) return
  throw new StoreError(
    'unusable',
    `${file}: a backup takes ${Math.ceil(bytes / MIB)} MiB, and ${Math.floor((bavail * bsize) / MIB)} MiB are free there; name a file on a larger disk`,
  )
}

function refuseDamaged(part: string): void {
  const copy = new DatabaseSync(part)
  try {
    // One file, without a log beside it.
    copy.exec('PRAGMA journal_mode = DELETE')
    const errors = [...integrityErrors(copy, 1), ...damagedRows(copy).damaged.map(({ table }) => `table ${table}`)]
    if (errors.length === 0) return
    throw new StoreError(
      'broken',
      `${part}: the copy is damaged, and so is the state it was made of: ${errors.join('; ')}; leeway doctor says more; no backup was made`,
    )
  } finally {
    copy.close()
  }
}
