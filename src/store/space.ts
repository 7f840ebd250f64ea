// How much room the state takes, and how much is left.

import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface Space {
  /** The database and its write-ahead log. */
  readonly stateBytes: number
  /** What this user may still write. */
  readonly freeBytes: number
}

export function spaceOf(directory: string): Space {
  const { bavail, bsize } = statfsSync(directory)
  const stateBytes = ['leeway.db', 'leeway.db-wal', 'leeway.db-shm'].reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
  return { stateBytes, freeBytes: bavail * bsize }
}
