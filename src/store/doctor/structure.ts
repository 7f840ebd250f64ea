// The schema, and whether pages and rows are whole.

import type { DatabaseSync } from 'node:sqlite'
import { newestSchema, schemaOf } from '../migrate.ts'
import { mib } from './files.ts'
import type { Finding } from './finding.ts'
import { attempt, finding, fine, salvage } from './finding.ts'
import { damagedRows, integrityErrors } from './wholeness.ts'

const LINES_MAX = 5

export function examineStructure(db: DatabaseSync): Finding[] {
  return [
    ...attempt('schema', () => [schema(db)]),
    ...attempt('free pages', () => [freePages(db)]),
    ...attempt('pages', () => [pages(db)]),
    ...attempt('rows', () => [rows(db)]),
  ]
}

function schema(db: DatabaseSync): Finding {
  const [found, known] = [schemaOf(db), newestSchema()]
  return found === known
    ? fine('schema', `${found}`)
    : finding(
        'schema',
        'note',
        `${found}, and this version writes ${known}`,
        'the next start of leeway serve upgrades it, after a copy (leeway.db.before-N)',
      )
}

function freePages(db: DatabaseSync): Finding {
  const { free, size } = db
    .prepare(
      'SELECT freelist_count * page_size AS free, page_size AS size FROM pragma_freelist_count, pragma_page_size',
    )
    .get() as { free: number; size: number }
  return fine('free pages', `${mib(free)} of the file are free, in pages of ${size} bytes, and are used again`)
}

function pages(db: DatabaseSync): Finding {
  const errors = integrityErrors(db, LINES_MAX)
  return errors.length === 0
    ? fine('pages', 'every page is sound')
    : finding('pages', 'broken', errors.join('; ').replace(/\s*\n\s*/g, ' '), salvage)
}

function rows(db: DatabaseSync): Finding {
  const { checked, damaged } = damagedRows(db)
  return damaged.length === 0
    ? fine('rows', `all ${checked} rows with a checksum are what was written`)
    : finding(
        'rows',
        'broken',
        damaged.map(({ table, rows: count }) => `${table}: ${count} damaged`).join(', '),
        salvage,
      )
}
