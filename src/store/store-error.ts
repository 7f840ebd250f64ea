/**
 * Storage failed. `full`: the disk is full, nothing of the commit is visible, and the same commit may be tried again. `locked`:
 * another process owns the state. `newer`: the state was written by a newer version. `unusable`: this directory cannot hold a state,
 * or does not hold one of ours; nothing was touched. `broken`: anything else; never go on.
 */
export class StoreError extends Error {
  readonly kind: 'full' | 'locked' | 'newer' | 'unusable' | 'broken'

  constructor(kind: StoreError['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StoreError'
    this.kind = kind
  }
}

/** Result codes of SQLite: the low byte of an extended code. */
const code = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 }
/** An I/O error that only a full disk causes: the index of the write-ahead log cannot grow. */
const SHARED_MEMORY_CANNOT_GROW = 4874

/** What an error of SQLite, or of the file system, means for the daemon. */
export function storeError(doing: string, path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const extended = (error as { errcode?: number }).errcode ?? 0
  const text = error instanceof Error ? error.message : String(error)
  const found = extended & 0xff
  if (found === code.full || extended === SHARED_MEMORY_CANNOT_GROW || (error as { code?: string }).code === 'ENOSPC')
    return new StoreError(
      'full',
      `${path}: ${doing} failed, the disk is full; free some space, it is tried again`,
      error,
    )
  if (found === code.busy) return new StoreError('locked', inUse(path), error)
  return new StoreError('broken', `${path}: ${doing} failed: ${text}; ${advice(found)}`, error)
}

/** Whether an error says only that the state could not be looked at (rights, a lock, a version), and nothing of damage. */
export function isHindrance(error: unknown): boolean {
  if (error instanceof StoreError && error.kind !== 'broken') return true
  const { errcode, syscall } = ((error as Error).cause ?? error) as { errcode?: number; syscall?: string }
  const hindrances: readonly number[] = [code.readOnly, code.cannotOpen, code.busy, code.full]
  return errcode === undefined ? syscall !== undefined : hindrances.includes(errcode & 0xff)
}

export function inUse(path: string, holder = ''): string {
  return `${path}: another process${holder} is using this state; stop it, or give this one a state directory of its own (--state DIR)`
}

/** A row that can be read, and does not say what was written. */
export function damagedRow(path: string, table: string): StoreError {
  return new StoreError(
    'broken',
    `${path}: a row of the table ${table} is not what was written, its checksum differs; ${advice(code.corrupt)}`,
  )
}

export function damagedFile(path: string, what: string): StoreError {
  return new StoreError('broken', `${path}: ${what.replace(/\s*\n\s*/g, ' ')}; ${advice(code.corrupt)}`)
}

function advice(found: number): string {
  switch (found) {
    case code.readOnly:
    case code.cannotOpen:
      return 'make the directory and its files writable for this user, and the file system mounted for writing; nothing is lost, it goes on where it was'
    case code.ioError:
      return 'the device or its file system failed: look at the log of the machine; nothing is counted on in doubt, so the process stops; leeway doctor says what is whole'
    case code.corrupt:
    case code.notADatabase:
      return 'the file is damaged; nothing is counted on in doubt, so the process stops; leeway doctor says what is whole; restore a backup, or start with a new state directory (--state DIR), which is rebuilt from Kafka'
    default:
      return 'nothing is counted on in doubt, so the process stops; leeway doctor says what is whole'
  }
}
