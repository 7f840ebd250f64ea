import type { DatabaseSync } from 'node:sqlite'
import { storeError } from './store-error.ts'

/**
 * Writes together or not at all.
 *
 * @param options.isDurable on the disk when it returns, and not only in the operating system: survives a power cut, not just
 *   the death of the process. It takes what earlier transactions left in the write-ahead log along.
 * @param options.doing in words, for the error
 * @throws StoreError; nothing is written then
 */
export function transact(
  db: DatabaseSync,
  { doing, isDurable }: { doing: string; isDurable: boolean },
  write: () => void,
): void {
  try {
    db.exec(`PRAGMA synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`)
    db.exec('BEGIN IMMEDIATE')
    write()
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw storeError(doing, db.location() ?? '', error)
  }
}
