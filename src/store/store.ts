// The memory of one shard: one SQLite file, one writer, one transaction per commit.

import type { DatabaseSync } from 'node:sqlite'
import type { Outbox } from '../delivery/outbox.ts'
import type { Waiting } from '../join/waiting.ts'
import type { Probe } from '../probe.ts'
import type { Instant, Millis } from '../time.ts'
import type { Stream } from '../windows/window.ts'
import type { AuditEntry } from './audit.ts'
import { writeAudit } from './audit.ts'
import type { Changes, CounterRow, Position, StoredPane } from './changes.ts'
import { writeOutgoing, writePositions, writeState } from './commit.ts'
import { openDatabase } from './database.ts'
import type { HandlingStore } from './handling.ts'
import { createHandlingStore } from './handling.ts'
import type { LivenessChanges } from './liveness.ts'
import { writeLiveness } from './liveness.ts'
import { lockDirectory } from './lock.ts'
import type { ModelReferences } from './model-references.ts'
import { createModelReferences } from './model-references.ts'
import { createOutbox, moveOutbox } from './outbox.ts'
import { checkFileSystem } from './place.ts'
import type { QuarantineLimits } from './quarantine.ts'
import { Quarantine } from './quarantine.ts'
import { createViews } from './read.ts'
import type { Rebuild } from './rebuild.ts'
import { createRebuild } from './rebuild.ts'
import { forgetWhatEnded } from './retention.ts'
import type { RetrainingStore } from './retraining.ts'
import { createRetrainingStore } from './retraining.ts'
import { Runs } from './runs.ts'
import { Statements } from './statements.ts'
import { StoreError } from './store-error.ts'
import { transact } from './transact.ts'
import type { Views } from './views.ts'
import { StoredWaiting } from './waiting.ts'

export interface Store {
  readonly waiting: Waiting
  readonly outbox: Outbox
  readonly views: Views
  readonly rebuild: Rebuild
  readonly references: ModelReferences
  readonly retraining: RetrainingStore
  readonly handling: HandlingStore
  positions(): readonly Position[]
  streams(): readonly Stream[]
  /** All but the store's own. */
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
  /** The clock was set by so much: deliveries that wait go on waiting as long as they would have. @throws StoreError */
  clockMoved(by: Millis): void
  /** Writes down what does not come, by the wall clock, with what is to be sent for it. @throws StoreError */
  writeLiveness(changes: LivenessChanges): void
  /** Adds a row to the audit, on disk when it returns. @throws StoreError */
  audit(entry: AuditEntry): void
  /** Memory is short: pages that can be read again leave it. */
  dropCaches(): void
  /** A person says where a partition is to be read on; with a row of the audit, on disk when it returns. @throws StoreError */
  resetPosition(to: Position, entry: AuditEntry): void
  /** Of the state on disk, free pages included; what is still in the write-ahead log is not. */
  sizeBytes(): number
  /** Closing twice is harmless. */
  close(): void
}

/** Ways to break the store on purpose, so that tests of exactness can show that they notice. Never set outside of tests. */
export interface NegativeControl {
  /** Positions in a transaction of their own, after the state: what a kill in between counts twice. `between` is called there. */
  readonly positionsApart?: { readonly between: () => void }
  /** Messages in a transaction of their own, after that of their transition: what a kill in between loses. */
  readonly outboxApart?: { readonly between: () => void }
  /** A reference in a transaction of its own, before what goes on under it: what a kill in between leaves is half. */
  readonly referenceApart?: { readonly between: () => void }
  /** The last applied record is not compared when a topic is read on: what was written into one that was created anew is skipped. */
  readonly identityIgnored?: true
}

export interface StoreOptions extends NegativeControl {
  /** Told when the state turns out to be damaged, whoever was reading: the process must end. */
  readonly onBroken?: (error: StoreError) => void
  /** Told of what is done to the file, or may be wrong with its place, that a person should know. */
  readonly tell?: (message: string) => void
  /** Another folder of migrations, for tests. */
  readonly migrations?: string
  /** For tests: called at the moments of `probe.ts`. */
  readonly probe?: Probe | undefined
  /** Asked at each commit; left out: the default of the configuration. */
  readonly quarantineLimits?: () => QuarantineLimits
}

const usualQuarantine: QuarantineLimits = { quarantineRows: 100_000, quarantineBytes: 100 * 2 ** 20 }

/** @throws StoreError when another process has the directory, or the state cannot be used */
export function openStore(directory: string, options: StoreOptions = {}): Store {
  const { tell = () => {} } = options
  const lock = lockDirectory(directory)
  try {
    checkFileSystem(directory, tell)
    const db = openDatabase(directory, { ...options, hadState: lock.hasState })
    lock.opened()
    const store = storeOn(db, options)
    return {
      ...store,
      close() {
        if (!db.isOpen) return
        options.probe?.('stop: before the checkpoint')
        db.close()
        options.probe?.('stop: closed')
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A store on a database that the caller has opened, and closes. */
export function storeOn(db: DatabaseSync, options: StoreOptions = {}): Omit<Store, 'close'> {
  const sql = new Statements(db, options.onBroken)
  const waiting = new StoredWaiting(new Runs(db, options.probe))
  const views = createViews(sql)
  return {
    waiting,
    outbox: createOutbox(db, sql),
    views,
    rebuild: createRebuild(db, sql),
    references: createModelReferences(db, sql, options),
    handling: createHandlingStore(db, sql, options),
    positions: () => views.positions(),
    streams: () => views.streams(),
    counters: () => views.counters(),
    document: (name) =>
      sql.getSealed('documents', 'SELECT * FROM documents WHERE name = ?', name)?.['json'] as string | undefined,
    documents: (prefix) =>
      sql
        .allSealed(
          'documents',
          'SELECT * FROM documents WHERE substr(name, 1, ?) = ? ORDER BY name',
          prefix.length,
          prefix,
        )
        .map((row) => row['json'] as string),
    paneStarts: (stream, segment, part) =>
      sql
        .all(
          'SELECT start FROM panes WHERE stream = ? AND segment = ? AND part = ? ORDER BY start',
          stream,
          segment,
          part,
        )
        .map((row) => row['start'] as number),
    pane: (stream, segment, part, start) =>
      sql.getSealed(
        'panes',
        'SELECT * FROM panes WHERE stream = ? AND segment = ? AND part = ? AND start = ?',
        stream,
        segment,
        part,
        start,
      )?.['cells'] as Uint8Array | undefined,
    commit: committer(db, { sql, waiting, options }),
    dropCaches() {
      waiting.dropCaches()
      db.exec('PRAGMA shrink_memory')
    },
    retraining: createRetrainingStore(db, sql),
    clockMoved: (by) => moveOutbox(db, sql, by),
    writeLiveness: (changes) => writeLiveness(db, sql, changes),
    resetPosition: (to, entry) =>
      transact(db, { doing: 'a reset of a position', isDurable: true }, () => {
        writePositions(sql, [to])
        writeAudit(sql, entry)
      }),
    audit: (entry) => transact(db, { doing: 'a row of the audit', isDurable: true }, () => writeAudit(sql, entry)),
    sizeBytes: () =>
      sql.get('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')?.['bytes'] as number,
  }
}

interface Writing {
  readonly sql: Statements
  readonly waiting: StoredWaiting
  readonly options: StoreOptions
}

function committer(db: DatabaseSync, { sql, waiting, options }: Writing): (changes: Changes) => void {
  const { positionsApart, outboxApart, quarantineLimits = () => usualQuarantine, probe = () => {} } = options
  const quarantine = new Quarantine(sql, quarantineLimits)
  let broken: StoreError | undefined
  const apart = (between: () => void, write: () => void) => {
    between()
    transact(db, { doing: 'a commit', isDurable: false }, write)
  }
  return (changes) => {
    if (broken !== undefined) throw broken
    const isDurable = changes.notifications.length > 0 || changes.triggers.length > 0
    if (changes.dropOutcomesBefore !== null) waiting.dropBefore(changes.dropOutcomesBefore)
    probe('commit: before the transaction')
    try {
      transact(db, { doing: 'a commit', isDurable }, () => {
        writeState(sql, outboxApart === undefined ? changes : { ...changes, notifications: [], triggers: [] }, probe)
        quarantine.write(changes.quarantine)
        if (changes.quarantine.length > 0) probe('commit: quarantine written')
        forgetWhatEnded(sql, changes)
        waiting.flush()
        probe('commit: waiting written')
        if (positionsApart === undefined) writePositions(sql, changes.positions)
        probe('commit: positions written')
      })
    } catch (error) {
      // What else went wrong than a full disk ends the process: memory need not agree with the disk again, and is not written.
      if (error instanceof StoreError && error.kind === 'full') {
        waiting.failed()
        quarantine.failed()
      } else broken = error as StoreError
      throw error
    }
    probe('commit: committed')
    waiting.committed()
    if (positionsApart !== undefined) apart(positionsApart.between, () => writePositions(sql, changes.positions))
    if (outboxApart !== undefined && isDurable) apart(outboxApart.between, () => writeOutgoing(sql, changes))
  }
}
