// How far a source has been read: of each partition, the record that comes next.

import type { Batch, Partition, ReadPosition, RecordIdentity, SourceRecord } from './source.ts'

/** How far one partition has been read. */
export class PartitionPosition implements Partition, ReadPosition {
  readonly topic: string
  readonly partition: number
  /** Names it among the partitions of its source. */
  readonly key: string
  nextOffset: number
  /** Where the partition ended when it was last looked at; Infinity before the first look. */
  endOffset: number
  last: RecordIdentity | null

  constructor({ topic, partition }: Partition, { nextOffset, last }: ReadPosition, endOffset: number) {
    this.topic = topic
    this.partition = partition
    this.key = keyOf({ topic, partition })
    this.nextOffset = nextOffset
    this.endOffset = endOffset
    this.last = last
  }

  /** Whether the record is new; it counts as applied from now on. */
  take({ offset }: SourceRecord): boolean {
    if (offset < this.nextOffset) return false
    this.nextOffset = offset + 1
    return true
  }

  /** The whole batch has been applied. */
  passed({ nextOffset, endOffset, last }: Batch): void {
    if (last !== undefined && last.offset >= (this.last?.offset ?? 0)) this.last = last
    this.nextOffset = Math.max(this.nextOffset, nextOffset)
    this.endOffset = endOffset
  }
}

/** The positions of one source's partitions. */
export class ReadPositions {
  readonly #partitions = new Map<string, PartitionPosition>()

  /**
   * A partition was assigned (again).
   *
   * @param stored how far it was read when an earlier process last committed
   * @returns where to go on reading; undefined at its beginning
   */
  assign(partition: Partition, stored: ReadPosition | undefined): ReadPosition | undefined {
    const known = this.#partitions.get(keyOf(partition)) ?? stored
    if (known === undefined) return undefined
    const position = new PartitionPosition(partition, known, Number.POSITIVE_INFINITY)
    this.#partitions.set(position.key, position)
    return { nextOffset: position.nextOffset, last: position.last }
  }

  of(partition: Partition): PartitionPosition {
    const key = keyOf(partition)
    let position = this.#partitions.get(key)
    if (position === undefined) {
      position = new PartitionPosition(partition, { nextOffset: 0, last: null }, 0)
      this.#partitions.set(key, position)
    }
    return position
  }

  /** Of every partition that was assigned or has brought something, the revoked ones included. */
  all(): readonly PartitionPosition[] {
    return [...this.#partitions.values()]
  }
}

/** Names a partition among those of its source. */
export function keyOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`
}
