/**
 * Storage failed. `full`: the disk is full, nothing of the commit is visible, and the same commit may be tried again. `locked`:
 * another process owns the state. `newer`: the state was written by a newer version. `broken`: anything else; never go on.
 */
export class StoreError extends Error {
  readonly kind: 'full' | 'locked' | 'newer' | 'broken'

  constructor(kind: StoreError['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StoreError'
    this.kind = kind
  }
}

const SQLITE_BUSY = 5
const SQLITE_FULL = 13

/** What an error of SQLite means for the daemon. */
export function storeError(doing: string, path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff
  const text = error instanceof Error ? error.message : String(error)
  if (code === SQLITE_FULL)
    return new StoreError(
      'full',
      `${path}: ${doing} failed, the disk is full; free some space, it is tried again`,
      error,
    )
  if (code === SQLITE_BUSY) {
    return new StoreError(
      'locked',
      `${path}: another process is using this state; stop it, or give this one a state directory of its own (--state DIR)`,
      error,
    )
  }
  return new StoreError(
    'broken',
    `${path}: ${doing} failed: ${text}; nothing is counted on in doubt, so the process stops`,
    error,
  )
}
