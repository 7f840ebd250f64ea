// SQL by its text: prepared at its first use, kept until the database is closed.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { SealedTable } from './seal.ts'
import { isWhole } from './seal.ts'
import type { StoreError } from './store-error.ts'
import { damagedRow, storeError } from './store-error.ts'

export type SqlRow = Record<string, unknown>

export class Statements {
  readonly #db: DatabaseSync
  readonly #onBroken: (error: StoreError) => void
  readonly #prepared = new Map<string, StatementSync>()

  /** @param onBroken told when reading fails, whoever asked */
  constructor(db: DatabaseSync, onBroken: (error: StoreError) => void = () => {}) {
    this.#db = db
    this.#onBroken = onBroken
  }

  /** @returns how many rows it changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  get(sql: string, ...values: SQLInputValue[]): SqlRow | undefined {
    return this.#read(() => this.#statement(sql).get(...values))
  }

  all(sql: string, ...values: SQLInputValue[]): SqlRow[] {
    return this.#read(() => this.#statement(sql).all(...values))
  }

  /** Like `get`, of a table whose rows are sealed. @throws StoreError when the row is not what was written */
  getSealed(table: SealedTable, sql: string, ...values: SQLInputValue[]): SqlRow | undefined {
    return this.allSealed(table, sql, ...values)[0]
  }

  /** Like `all`, of a table whose rows are sealed. @throws StoreError when one is not what was written */
  allSealed(table: SealedTable, sql: string, ...values: SQLInputValue[]): SqlRow[] {
    return this.#read(() => {
      const rows = this.#statement(sql).all(...values)
      for (const row of rows) if (!isWhole(table, row)) throw damagedRow(this.#db.location() ?? '', table)
      return rows
    })
  }

  #read<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      const failed = storeError('reading the state', this.#db.location() ?? '', error)
      if (failed.kind === 'broken') this.#onBroken(failed)
      throw failed
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }
}
