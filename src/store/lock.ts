// One process per state directory.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inUse, StoreError, storeError } from './store-error.ts'

/**
 * Takes the directory for this process until `release`, or until the process ends in whatever way.
 *
 * The lock is SQLite's own on an empty file beside the state: the operating system lets go of it when the process dies, so
 * nothing stale is left after kill -9. The state itself stays readable for `leeway dump`.
 */
export function lockDirectory(directory: string): { release: () => void } {
  try {
    mkdirSync(directory, { recursive: true })
    const db = new DatabaseSync(join(directory, 'lock'), { timeout: 0 })
    try {
      db.exec('PRAGMA journal_mode = DELETE')
      db.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      db.close()
      throw error
    }
    return { release: () => db.close() }
  } catch (error) {
    const known = storeError('locking the state', directory, error)
    if (known.kind !== 'locked') throw known
    throw new StoreError('locked', inUse(directory), error)
  }
}
