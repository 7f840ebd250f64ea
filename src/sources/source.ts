// The port of every source: where records come from, in which order, and how far they have been read.

import type { Instant } from '../time.ts'

/** One line of a flat file, by column. Null prototype, so that a column named `__proto__` is a column. */
export type Row = Readonly<Record<string, unknown>>

/** One record as it lay in the source. `value` is raw bytes (Kafka) or a decoded row (file); null is a tombstone. */
export interface SourceRecord {
  readonly offset: number
  /** When the source says it was written; null where the source has no such time. */
  readonly timestamp: Instant | null
  readonly value: Uint8Array | Row | null
}

/** What one record is known by when it is read again. */
export interface RecordIdentity {
  readonly offset: number
  readonly timestamp: Instant
  /** Of key and value. */
  readonly hash: string
}

/** Records that nobody will read any more. */
export interface Loss {
  /**
   * `retention`: the source removed them before they were read. `undecodable`: their batch is corrupt, or of a form that is not known.
   * `missing`: the log has no such offsets, although nothing is meant to be removed from it.
   */
  readonly reason: 'retention' | 'undecodable' | 'missing'
  readonly from: number
  readonly records: number
  readonly detail: string
  /** The first bytes of what cannot be read; empty where there are none. */
  readonly sample: Uint8Array
}

/** Consecutive records of one partition. */
export interface Batch {
  readonly topic: string
  readonly partition: number
  readonly records: readonly SourceRecord[]
  /** The offset to read next when the whole batch has been applied; it also covers what carries no record (control batches, compaction). */
  readonly nextOffset: number
  /** The end of the partition when the batch was fetched: the partition is caught up when `nextOffset` has reached it. */
  readonly endOffset: number
  /** The identity of its last record, where the source can read a record again. */
  readonly last?: RecordIdentity
  /** These offsets, up to `nextOffset`, are lost; such a batch has no records. */
  readonly lost?: Loss
}

export interface Partition {
  readonly topic: string
  readonly partition: number
}

/** How far a partition was read when the daemon last committed. */
export interface ReadPosition {
  readonly nextOffset: number
  /** The last record that was applied; null where it is not known. */
  readonly last: RecordIdentity | null
}

/** What a source tells the daemon. All calls come one after another, never two at once. */
export interface Receiver {
  /** Called when partitions are assigned (again): where to start reading each. undefined = at its beginning. */
  assigned(partitions: readonly Partition[]): ReadonlyArray<ReadPosition | undefined>
  /** In offset order within a partition. The source fetches no more of this partition until the promise is fulfilled. */
  batch(batch: Batch): Promise<void>
}

/**
 * A place records come from.
 *
 * `run` resolves when the input has ended (a file) or when `stop` was called (Kafka), and rejects with an Error that says what
 * to do when the source cannot go on. `stop` waits until no call of the receiver is under way; stopping twice is harmless.
 */
export interface Source {
  readonly name: string
  run(receiver: Receiver): Promise<void>
  stop(): Promise<void>
  /** Tells the source how far the database has got. Advisory (lag tools): correctness never rests on it. */
  committed(positions: ReadonlyArray<Partition & { readonly nextOffset: number }>): Promise<void>
}
