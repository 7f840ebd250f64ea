// How long something took, the last times.

import type { Millis } from '../time.ts'

const KEPT = 512

export class RecentDurations {
  readonly #kept = new Float64Array(KEPT)
  #count = 0

  add(durationMs: Millis): void {
    this.#kept[this.#count++ % KEPT] = durationMs
  }

  /** Of the last ones; null before the first. */
  summary(): {
    readonly count: number
    readonly medianMs: Millis
    readonly p99Ms: Millis
    readonly maxMs: Millis
  } | null {
    const count = Math.min(this.#count, KEPT)
    if (count === 0) return null
    const sorted = this.#kept.slice(0, count).sort()
    const at = (share: number) => Number((sorted[Math.min(count - 1, Math.floor(share * count))] as number).toFixed(2))
    return { count, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
  }
}
