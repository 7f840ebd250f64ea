// Brings a state to the newest schema: forward only, each step in one transaction, after a copy.

import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Probe } from '../probe.ts'
import { StoreError } from './store-error.ts'

const migrationsDir = join(import.meta.dirname, 'migrations')
/** Copies kept; older ones are removed by the next upgrade. */
const COPIES_KEPT = 2
/** Room to be left beside a copy. */
const SPARE_BYTES = 16 * 2 ** 20
const MIB = 2 ** 20
const PART = '.part'

export interface MigrationOptions {
  /** Another folder of migrations, for tests. */
  readonly folder?: string
  /** Told of what is done to the file. */
  readonly tell: (message: string) => void
  readonly probe?: Probe | undefined
}

interface Migration {
  /** The schema it leads to: the number in the file's name. */
  readonly schema: number
  readonly file: string
}

function migrationsIn(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ schema: Number.parseInt(name, 10), file: join(folder, name) }))
}

export function schemaOf(db: DatabaseSync): number {
  return (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
}

/** The newest schema that this version knows. */
export function newestSchema(folder = migrationsDir): number {
  return migrationsIn(folder).at(-1)?.schema ?? 0
}

/** @throws StoreError when a newer version wrote the state */
export function refuseNewer(db: DatabaseSync, path: string, folder = migrationsDir): void {
  const [found, known] = [schemaOf(db), newestSchema(folder)]
  if (found <= known) return
  throw new StoreError(
    'newer',
    `${path}: the state has schema ${found}, this version knows ${known}: a newer leeway wrote it; run that one, go back to the copy ${path}.before-${found} if there is one, or start with a new state directory (--state DIR)`,
  )
}

export function isNewestSchema(db: DatabaseSync): boolean {
  return schemaOf(db) === newestSchema()
}

/** For whoever reads the tables of the newest schema, and changes nothing. @throws StoreError when an earlier version wrote the state */
export function refuseOlder(db: DatabaseSync, path: string): void {
  const [found, known] = [schemaOf(db), newestSchema()]
  if (found === known) return
  throw new StoreError(
    'unusable',
    `${path}: the state has schema ${found}, this version reads ${known}: the next start of leeway serve upgrades it, after a copy; until then leeway doctor and leeway backup read it, and so does the version that wrote it`,
  )
}

/**
 * Killed at any moment it leaves the old schema or the new one, whole.
 *
 * @throws StoreError when there is no room for the copy, or a step fails; the state is as it was before the step
 */
export function migrate(
  db: DatabaseSync,
  path: string,
  { folder = migrationsDir, tell, probe }: MigrationOptions,
): void {
  const from = schemaOf(db)
  const steps = migrationsIn(folder).filter(({ schema }) => schema > from)
  const to = steps.at(-1)?.schema
  if (to === undefined) return
  const isNew = from === 0
  if (!isNew) {
    copyFirst(db, path, to)
    tell(`${path}: upgrading from schema ${from} to ${to}; the state as it was is kept in ${copyName(path, to)}`)
  }
  for (const { schema, file } of steps) {
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(readFileSync(file, 'utf8'))
      db.exec(`PRAGMA user_version = ${schema}`)
      probe?.('migration: step written')
      db.exec('COMMIT')
      probe?.('migration: step committed')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  if (isNew) return
  tell(`${path}: has schema ${to} now`)
  for (const { file } of copiesOf(path).slice(COPIES_KEPT)) rmSync(file, { force: true })
}

function copyName(path: string, to: number): string {
  return `${path}.before-${to}`
}

/** Copies that upgrades have left, the newest first. */
export function copiesOf(path: string): ReadonlyArray<{ readonly file: string; readonly schema: number }> {
  const prefix = `${basename(path)}.before-`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ file: join(dirname(path), name), schema: Number(name.slice(prefix.length)) }))
    .sort((a, b) => b.schema - a.schema)
}

/** What a copy that was cut short has left. */
export function unfinishedCopies(path: string): string[] {
  const prefix = `${basename(path)}.before-`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && name.endsWith(PART))
    .map((name) => join(dirname(path), name))
}

function copyFirst(db: DatabaseSync, path: string, to: number): void {
  const { bytes } = db
    .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get() as { bytes: number }
  const { bavail, bsize } = statfsSync(dirname(path))
  if (bavail * bsize < bytes + SPARE_BYTES) {
    throw new StoreError(
      'unusable',
      `${path}: the upgrade to schema ${to} copies the state first, which takes ${Math.ceil((bytes + SPARE_BYTES) / MIB)} MiB, and ${Math.floor((bavail * bsize) / MIB)} MiB are free; free some, or move the state directory to a larger disk; nothing was changed`,
    )
  }
  const part = copyName(path, to) + PART
  rmSync(part, { force: true })
  db.prepare('VACUUM INTO ?').run(part)
  putInPlace(part, copyName(path, to))
}

/**
 * Gives a finished database its name, on the disk and not only in the operating system.
 *
 * Node's permission model, which the container runs with, takes fsync away: there SQLite syncs the file. Its folder is not synced
 * then, so a power failure right afterwards may take the copy's new name, and never what it was made of.
 */
export function putInPlace(part: string, file: string): void {
  const isRestricted = process.permission !== undefined
  if (isRestricted) syncBySqlite(part)
  else sync(part, 'r+')
  renameSync(part, file)
  if (!isRestricted) sync(dirname(file), 'r')
}

function sync(path: string, flags: string): void {
  const opened = openSync(path, flags)
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** A transaction that writes what is there already, without a journal beside the file. */
function syncBySqlite(file: string): void {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL')
    const { user_version: version } = copy.prepare('PRAGMA user_version').get() as { user_version: number }
    copy.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${version}; COMMIT`)
  } finally {
    copy.close()
  }
}
