// The memory of one shard: one SQLite file, one writer, one transaction per commit.

import { join } from 'node:path'
import type { Outbox } from '../delivery/outbox.ts'
import type { Waiting } from '../join/waiting.ts'
import type { Instant } from '../time.ts'
import type { Stream } from '../windows/window.ts'
import type { Changes, CounterRow, Position, StoredPane } from './changes.ts'
import { CommitWriter } from './commit.ts'
import { openDatabase } from './database.ts'
import { lockDirectory } from './lock.ts'
import { createOutbox } from './outbox.ts'
import { createViews } from './read.ts'
import { Runs } from './runs.ts'
import { storeError } from './store-error.ts'
import type { Views } from './views.ts'
import { StoredWaiting } from './waiting.ts'

export interface Store {
  readonly waiting: Waiting
  readonly outbox: Outbox
  readonly views: Views
  positions(): readonly Position[]
  streams(): readonly Stream[]
  counters(): readonly CounterRow[]
  document(name: string): string | undefined
  /** Documents whose names start with `prefix`, by name. */
  documents(prefix: string): readonly string[]
  paneStarts(stream: number, segment: string, part: StoredPane['part']): readonly Instant[]
  pane(stream: number, segment: string, part: StoredPane['part'], start: Instant): Uint8Array | undefined
  /**
   * Writes everything in one transaction, the waiting entries included. On disk, not only in the operating system, when
   * something is to be sent for it.
   *
   * @throws StoreError; nothing of the commit is visible then, and after `full` the same commit may be tried again
   */
  commit(changes: Changes): void
  close(): void
}

/** Ways to break the store on purpose, so that tests of exactness can show that they notice. Never set outside of tests. */
export interface NegativeControl {
  /** Positions in a transaction of their own, after the state: what a kill in between counts twice. `between` is called there. */
  readonly positionsApart?: { readonly between: () => void }
}

/** @throws StoreError when another process has the directory, or the state cannot be used */
export function openStore(directory: string, control: NegativeControl = {}): Store {
  const lock = lockDirectory(directory)
  const path = join(directory, 'leeway.db')
  const db = openDatabase(directory)
  const waiting = new StoredWaiting(new Runs(db))
  const writer = new CommitWriter(db)
  const views = createViews(db)
  const selectPane = db.prepare('SELECT cells FROM panes WHERE stream = ? AND segment = ? AND part = ? AND start = ?')

  function transaction(isUrgent: boolean, write: () => void): void {
    try {
      db.exec(`PRAGMA synchronous = ${isUrgent ? 'FULL' : 'NORMAL'}`)
      db.exec('BEGIN IMMEDIATE')
      write()
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      waiting.failed()
      throw storeError('a commit', path, error)
    }
  }

  return {
    waiting,
    outbox: createOutbox(db, path),
    views,
    positions: () => views.positions(),
    streams: () => views.streams(),
    counters: () => views.counters(),
    document: (name) => db.prepare('SELECT json FROM documents WHERE name = ?').get(name)?.['json'] as string | undefined,
    documents: (prefix) => db.prepare('SELECT json FROM documents WHERE substr(name, 1, ?) = ? ORDER BY name').all(prefix.length, prefix).map((row) => row['json'] as string),
    paneStarts: (stream, segment, part) => db.prepare('SELECT start FROM panes WHERE stream = ? AND segment = ? AND part = ?').all(stream, segment, part).map((row) => row['start'] as number),
    pane: (stream, segment, part, start) => selectPane.get(stream, segment, part, start)?.['cells'] as Uint8Array | undefined,
    commit(changes) {
      const isUrgent = changes.notifications.length > 0 || changes.triggers.length > 0
      if (changes.dropOutcomesBefore !== null) waiting.dropBefore(changes.dropOutcomesBefore)
      const apart = control.positionsApart
      transaction(isUrgent, () => {
        writer.state(changes)
        waiting.flush()
        if (apart === undefined) writer.positions(changes.positions)
      })
      waiting.committed()
      if (apart !== undefined) {
        apart.between()
        transaction(false, () => writer.positions(changes.positions))
      }
    },
    close() {
      db.close()
      lock.release()
    },
  }
}
