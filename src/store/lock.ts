// One process per state directory.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inUse, StoreError, storeError } from './store-error.ts'

/** Long enough for the doctor to have looked. */
const LOCK_WAIT_MS = 200

/** Who has the directory, or had it last. */
export interface Holder {
  readonly pid: number
  readonly host: string
  /** ISO 8601. */
  readonly since: string
  /** Whether there was a state here that could be opened: a file that is empty now was not always. */
  readonly hasState: boolean
}

export interface Lock {
  /** Whether an earlier process, or this one, had opened a state here. */
  readonly hasState: boolean
  /** The state is open. */
  opened(): void
  release(): void
}

/**
 * Takes the directory for this process until `release`, or until the process ends in whatever way.
 *
 * The lock is SQLite's own on an empty file beside the state: the operating system lets go of it when the process dies, so
 * nothing stale is left after kill -9. The state itself stays readable for `leeway dump`. Who holds it is written beside it, for the
 * message to whom it is refused.
 */
export function lockDirectory(directory: string): Lock {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const release = take(directory)
    const hasState = holderOf(directory)?.hasState ?? false
    writeHolder(directory, hasState)
    return { hasState, opened: () => writeHolder(directory, true), release }
  } catch (error) {
    const known = storeError('locking the state', directory, error)
    if (known.kind !== 'locked') throw known
    throw new StoreError('locked', inUse(directory, inWords(holderOf(directory))), error)
  }
}

function take(directory: string): () => void {
  const db = new DatabaseSync(join(directory, 'lock'), { timeout: LOCK_WAIT_MS })
  try {
    db.exec('PRAGMA journal_mode = DELETE')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw error
  }
  return () => db.close()
}

/** Whether a process has the directory now. Nothing is changed. */
export function isLocked(directory: string): boolean {
  const path = join(directory, 'lock')
  if (!existsSync(path)) return false
  const db = new DatabaseSync(path, { readOnly: true, timeout: 0 })
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (storeError('looking at the lock', path, error).kind === 'locked') return true
    throw error
  } finally {
    db.close()
  }
}

/** Who took the directory last; undefined when that is not known. */
export function holderOf(directory: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'holder.json'), 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function writeHolder(directory: string, hasState: boolean): void {
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), hasState }
  try {
    writeFileSync(join(directory, 'holder.json'), `${JSON.stringify(holder)}\n`)
  } catch {
    // Only a message would name it, and the disk may be full: the lock is held all the same.
  }
}

export function inWords(holder: Holder | undefined): string {
  return holder === undefined ? '' : ` (pid ${holder.pid} on ${holder.host}, since ${holder.since})`
}
