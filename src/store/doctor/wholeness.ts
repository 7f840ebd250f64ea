// Whether a database is whole: its structure by SQLite's own check, its rows by their seals.

import type { DatabaseSync } from 'node:sqlite'
import type { SealedTable } from '../seal.ts'
import { isWhole, sealedColumns } from '../seal.ts'

/** What SQLite finds wrong with the structure, at most `most` lines; empty when it is sound. */
export function integrityErrors(db: DatabaseSync, most: number): string[] {
  return (db.prepare(`PRAGMA integrity_check(${most})`).all() as Array<{ integrity_check: string }>)
    .map((row) => row.integrity_check)
    .filter((line) => line !== 'ok')
}

export interface SealCheck {
  readonly checked: number
  readonly damaged: ReadonlyArray<{ readonly table: SealedTable; readonly rows: number }>
}

/** Reads every sealed row. */
export function damagedRows(db: DatabaseSync): SealCheck {
  let checked = 0
  const damaged: Array<{ table: SealedTable; rows: number }> = []
  for (const table of Object.keys(sealedColumns) as SealedTable[]) {
    let rows = 0
    if (!isSealed(db, table)) continue
    for (const row of db.prepare(`SELECT * FROM ${table}`).iterate()) {
      if (row['seal'] !== null) checked++
      if (!isWhole(table, row)) rows++
    }
    if (rows > 0) damaged.push({ table, rows })
  }
  return { checked, damaged }
}

/** Tables of an older schema have no seals. */
function isSealed(db: DatabaseSync, table: SealedTable): boolean {
  return db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, 'seal') !== undefined
}
