// What the join asks of storage: one entry per id, kept until the label horizon has passed.

import type { Hash64 } from '../events/id-hash.ts'
import type { Instant } from '../time.ts'

/** Hash of (model, id): what stands for an id in storage. */
export type IdHash = Hash64

/**
 * Predictions awaiting labels, labels awaiting predictions, and joined pairs (kept for corrections and duplicates).
 *
 * An entry is an opaque packed value; `put` replaces an earlier entry of the same id. Entries are grouped by the UTC day of
 * `at`, and whole days are dropped. Nothing is durable until the commit that follows.
 */
export interface Waiting {
  /** The newest entry of the id, or undefined. The bytes are valid until the next call. */
  get(id: IdHash): Uint8Array | undefined
  /** Copies the bytes. `at` is the event time that decides when the entry is dropped. */
  put(id: IdHash, entry: Uint8Array, at: Instant): void
  /** Drops every entry whose day ended before `before`. */
  dropBefore(before: Instant): void
  /**
   * Drops the oldest entries, whole groups of them, until no more than `entriesMax` are held.
   *
   * @returns how many entries are gone
   */
  evictBeyond(entriesMax: number): number
  /** Entries held, replaced ones included: for the gauge `join_pending`. */
  readonly size: number
}
