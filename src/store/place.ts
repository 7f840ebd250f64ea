// Whether a directory can hold a state, and whether the file in it is one: looked at before anything is opened or written.

import { closeSync, openSync, readSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from './store-error.ts'

/** By the number that statfs gives. Locks and shared memory do not hold across machines there: SQLite's log would be torn in silence. */
const refusedFileSystems = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x01161970, 'GFS2'],
])
/** May work, and may not. */
const doubtfulFileSystems = new Map([
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x7461636f, 'OCFS2'],
])

/** What is to be said of a file system: nothing of a local one. */
export function judgeFileSystem(type: number): { readonly name: string; readonly isRefused: boolean } | null {
  const unsigned = type >>> 0
  const refused = refusedFileSystems.get(unsigned)
  if (refused !== undefined) return { name: refused, isRefused: true }
  const doubtful = doubtfulFileSystems.get(unsigned)
  return doubtful === undefined ? null : { name: doubtful, isRefused: false }
}

/**
 * @param tell told of a file system that may not keep what it promises
 * @throws StoreError when it surely does not
 */
export function checkFileSystem(directory: string, tell: (message: string) => void): void {
  const found = judgeFileSystem(statfsSync(directory).type)
  if (found === null) return
  const message = `${directory}: is on ${found.name}, where locks and shared memory may not hold, and a state may be damaged without a word; use a local disk (--state DIR)`
  if (found.isRefused) throw new StoreError('unusable', message)
  tell(message)
}

const HEADER = 'SQLite format 3\0'

/**
 * Looks at the file before SQLite does.
 *
 * Never to be called while this process has the file open: closing it again would drop SQLite's locks.
 *
 * @param hadState whether there was a state before, so that an empty file is a loss and not a beginning
 * @returns what there is
 * @throws StoreError when it is not a database, or was one
 */
export function checkFile(path: string, hadState: boolean): 'missing' | 'empty' | 'database' {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) return 'missing'
  if (size === 0) {
    if (!hadState) return 'empty'
    throw new StoreError(
      'broken',
      `${path}: is empty, and was not when it was last used; restore a backup, or remove it: the state is then rebuilt from Kafka`,
    )
  }
  const start = Buffer.alloc(HEADER.length)
  const file = openSync(path, 'r')
  try {
    readSync(file, start, 0, start.length, 0)
  } finally {
    closeSync(file)
  }
  if (start.toString('latin1') === HEADER) return 'database'
  throw new StoreError(
    'broken',
    `${path}: is not a database; if it was one of leeway it is damaged: restore a backup, or remove it, and the state is rebuilt from Kafka; if it is something else, choose another directory (--state DIR, now ${dirname(path)}); it was not touched`,
  )
}
