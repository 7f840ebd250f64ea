// The join's port, answered by a table of what is new and the sorted runs of what is committed.

import type { IdHash, Waiting } from '../join/waiting.ts'
import type { Instant } from '../time.ts'
import { DAY } from '../time.ts'
import { Memtable } from './memtable.ts'
import type { Runs } from './runs.ts'

export class StoredWaiting implements Waiting {
  readonly #memtable = new Memtable()
  readonly #runs: Runs

  constructor(runs: Runs) {
    this.#runs = runs
  }

  get(id: IdHash): Uint8Array | undefined {
    return this.#memtable.get(id) ?? this.#runs.find(id)
  }

  /**
   * An id stays in the latest day it was put with. Were it to move to an earlier one (a label that knows a later time than its
   * prediction), its older entry would come to light again when that earlier day is dropped.
   */
  put(id: IdHash, entry: Uint8Array, at: Instant): void {
    const day = Math.floor(at / DAY)
    const held = this.#memtable.dayOf(id) ?? this.#runs.dayOf(id) ?? day
    this.#memtable.put(id, entry, Math.max(day, held))
  }

  dropBefore(before: Instant): void {
    const day = Math.floor(before / DAY)
    this.#memtable.dropDaysBefore(day)
    this.#runs.dropDaysBefore(day)
  }

  evictBeyond(entriesMax: number): number {
    const surplus = this.size - entriesMax
    return surplus > 0 ? this.#runs.evict(surplus) : 0
  }

  dropCaches(): void {
    this.#runs.dropCaches()
  }

  get size(): number {
    return this.#memtable.size + this.#runs.entries
  }

  /** Writes what is new. Inside the transaction of a commit; `committed` or `failed` follows. */
  flush(): void {
    this.#runs.flush(this.#memtable)
  }

  committed(): void {
    this.#memtable.clear()
    this.#runs.committed()
  }

  /** Nothing of the commit is on disk: what is new stays in memory, to be written by the next one. */
  failed(): void {
    this.#runs.reload()
  }
}
