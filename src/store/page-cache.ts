// Recently read pages of runs, at most a fixed number of them.

import type { DatabaseSync, StatementSync } from 'node:sqlite'

const PAGES_MAX = 4_096

export class PageCache {
  readonly #select: StatementSync
  /** In order of last use, oldest first. */
  readonly #pages = new Map<number, Uint8Array>()

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT data FROM run_pages WHERE id = ?')
    this.#select.setReturnArrays(true)
  }

  page(id: number): Uint8Array {
    const known = this.#pages.get(id)
    if (known !== undefined) return known
    const data = this.read(id)
    this.#pages.set(id, data)
    if (this.#pages.size > PAGES_MAX) {
      for (const oldest of this.#pages.keys()) {
        this.#pages.delete(oldest)
        break
      }
    }
    return data
  }

  /** Reads without keeping: for merges, which see every page once. */
  read(id: number): Uint8Array {
    const row = this.#select.get(id) as unknown as [Uint8Array] | undefined
    if (row === undefined) throw new Error(`page ${id} of the waiting entries is missing`)
    return row[0]
  }

  forget(from: number, to: number): void {
    for (const id of this.#pages.keys()) if (id >= from && id < to) this.#pages.delete(id)
  }

  clear(): void {
    this.#pages.clear()
  }
}
