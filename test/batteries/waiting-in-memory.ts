// The port `Waiting` in the simplest way: what the battery says must be true of this, or the battery is wrong.

import type { IdHash, Waiting } from '../../src/join/waiting.ts'
import type { Instant } from '../../src/time.ts'
import { DAY } from '../../src/time.ts'

export class WaitingInMemory implements Waiting {
  #entries = new Map<string, { readonly bytes: Uint8Array; readonly day: number }>()
  #durable = new Map<string, { readonly bytes: Uint8Array; readonly day: number }>()

  get(id: IdHash): Uint8Array | undefined {
    return this.#entries.get(keyOf(id))?.bytes
  }

  put(id: IdHash, entry: Uint8Array, at: Instant): void {
    const day = Math.floor(at / DAY)
    const held = this.#entries.get(keyOf(id))
    this.#entries.set(keyOf(id), { bytes: entry.slice(), day: Math.max(day, held?.day ?? day) })
  }

  dropBefore(before: Instant): void {
    for (const [key, { day }] of this.#entries) if ((day + 1) * DAY <= before) this.#entries.delete(key)
  }

  evictBeyond(entriesMax: number): number {
    const before = this.#entries.size
    while (this.#entries.size > entriesMax) {
      const oldest = Math.min(...[...this.#entries.values()].map(({ day }) => day))
      this.dropBefore((oldest + 1) * DAY)
    }
    return before - this.#entries.size
  }

  get size(): number {
    return this.#entries.size
  }

  commit(): void {
    this.#durable = new Map(this.#entries)
  }

  reopen(): void {
    this.#entries = new Map(this.#durable)
  }
}

function keyOf({ high, low }: IdHash): string {
  return `${high}/${low}`
}
