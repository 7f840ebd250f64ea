// Recently used pages of runs.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { sealOf } from './seal.ts'
import { damagedRow, storeError } from './store-error.ts'

/** Pages have 4 KB, or as much as the largest entry on them. */
const BYTES_MAX = 16 * 2 ** 20

export class PageCache {
  readonly #db: DatabaseSync
  readonly #select: StatementSync
  /** Least recently used first. Pages never change, and numbers of runs are never used again: nothing has to be forgotten. */
  readonly #pages = new Map<number, Uint8Array>()
  #bytes = 0

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#select = db.prepare('SELECT data, seal FROM run_pages WHERE id = ?')
    this.#select.setReturnArrays(true)
  }

  page(id: number): Uint8Array {
    const pages = this.#pages
    let page = pages.get(id)
    if (page !== undefined) pages.delete(id)
    else {
      page = this.read(id)
      this.#bytes += page.length
      for (const [oldest, { length }] of pages) {
        if (this.#bytes <= BYTES_MAX) break
        pages.delete(oldest)
        this.#bytes -= length
      }
    }
    pages.set(id, page)
    return page
  }

  clear(): void {
    this.#pages.clear()
    this.#bytes = 0
  }

  /** Reads without keeping: for merges, which see every page once. */
  read(id: number): Uint8Array {
    try {
      const row = this.#select.get(id) as unknown as [Uint8Array, number | null] | undefined
      if (row === undefined) throw new Error(`page ${id} is missing`)
      const [data, seal] = row
      if (seal !== null && seal !== sealOf([id, data])) throw damagedRow(this.#db.location() ?? '', 'run_pages')
      return data
    } catch (error) {
      throw storeError('reading the waiting entries', this.#db.location() ?? '', error)
    }
  }
}
