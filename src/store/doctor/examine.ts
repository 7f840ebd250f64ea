// Everything that can be said of a state directory, stopped or running, whole or damaged. Nothing is changed.

import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../database.ts'
import { examineContents } from './contents.ts'
import { examineFiles } from './files.ts'
import type { Finding } from './finding.ts'
import { attempt } from './finding.ts'
import { examineStructure } from './structure.ts'

/** @param more what else is to be looked at, on the open state */
export async function examine(
  directory: string,
  options: { freeMinBytes: number; more?: (db: DatabaseSync) => Promise<Finding[]> },
): Promise<Finding[]> {
  const files = attempt('database', () => examineFiles(directory, options))
  if (files.some(({ severity }) => severity === 'broken')) return files
  let db: DatabaseSync | undefined
  const opening = attempt('database', () => {
    db = openDatabase(directory, { readOnly: true })
    return []
  })
  if (db === undefined) return [...files, ...opening]
  try {
    const structure = examineStructure(db)
    const more = structure.every(({ severity }) => severity !== 'broken') ? await options.more?.(db) : undefined
    return [...files, ...structure, ...examineContents(db), ...(more ?? [])]
  } finally {
    db.close()
  }
}
