// The join's port, answered by a table of what is new and the sorted runs of what is committed.

import type { IdHash, Waiting } from '../join/waiting.ts'
import type { Instant } from '../time.ts'
import { DAY } from '../time.ts'
import { Memtable } from './memtable.ts'
import type { Runs } from './runs.ts'

export class StoredWaiting implements Waiting {
  readonly #memtable = new Memtable()
  readonly #runs: Runs
  #dropBefore: Instant | undefined

  constructor(runs: Runs) {
    this.#runs = runs
  }

  get(id: IdHash): Uint8Array | undefined {
    return this.#memtable.get(id) ?? this.#runs.find(id)
  }

  put(id: IdHash, entry: Uint8Array, at: Instant): void {
    this.#memtable.put(id, entry, Math.floor(at / DAY))
  }

  dropBefore(before: Instant): void {
    this.#dropBefore = before
  }

  get size(): number {
    return this.#memtable.size + this.#runs.entries
  }

  /** Writes what is new, and moves merging on. Inside the commit's transaction; `committed` or `failed` follows. */
  flush(): void {
    for (const [day, entries] of this.#memtable.byDay()) this.#runs.write(day, entries)
    if (this.#dropBefore !== undefined) this.#runs.dropDaysBefore(Math.floor(this.#dropBefore / DAY))
    this.#runs.tidy()
  }

  committed(): void {
    this.#memtable.clear()
    this.#dropBefore = undefined
  }

  failed(): void {
    this.#runs.reload()
  }
}
