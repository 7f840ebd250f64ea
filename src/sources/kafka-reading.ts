// How far each partition of a Kafka source has been read, and whether the topic still holds that.

import type { Admin, Consumer } from 'kafkajs'
import type { Batch, Partition, Receiver } from './source.ts'

/** The topic no longer holds what the position says was read: going on would skip or repeat records without a word. */
export class PositionError extends Error {}

/** How far each assigned partition has been read. */
export class Reading {
  readonly #source: string
  readonly #topics: readonly string[]
  readonly #next = new Map<string, Partition & { nextOffset: number | undefined }>()

  constructor(source: string, topics: readonly string[]) {
    this.#source = source
    this.#topics = topics
  }

  /** Synchronous: the client fetches as soon as its listeners have run. */
  assigned(consumer: Consumer, receiver: Receiver, assignment: Record<string, number[]>): void {
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    )
    const starts = receiver.assigned(partitions)
    this.#next.clear()
    for (const [i, place] of partitions.entries()) {
      const nextOffset = starts[i]
      this.#next.set(`${place.topic}/${place.partition}`, { ...place, nextOffset })
      if (nextOffset !== undefined) consumer.seek({ ...place, offset: String(nextOffset) })
    }
  }

  read(place: Partition, nextOffset: number): void {
    const known = this.#next.get(`${place.topic}/${place.partition}`)
    if (known !== undefined) known.nextOffset = nextOffset
  }

  /**
   * Looks where the partitions end: tells the receiver of those that have nothing more, which a fetch that returns nothing
   * would not, and finds positions that the topic no longer has.
   */
  async lookAtEnds(admin: Admin, receiver: Receiver): Promise<void> {
    for (const topic of this.#topics) {
      // Reading goes on while the broker answers: only what was read before the question must lie before the end.
      const before = new Map([...this.#next].map(([place, { nextOffset }]) => [place, nextOffset]))
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        const place = `${topic}/${partition}`
        const known = this.#next.get(place)
        if (known === undefined) continue
        const [first, end] = [Number(low), Number(high)]
        const read = before.get(place) ?? first
        if (read > end) {
          throw new PositionError(
            `sources.${this.#source}: topic ${topic}, partition ${partition} ends at offset ${end}, but ${read} records were read from it: it was truncated or created anew; start with a new state directory (--state DIR)`,
          )
        }
        const next = known.nextOffset ?? first
        if (next === end)
          await receiver.batch({ topic, partition, records: [], nextOffset: next, endOffset: end } satisfies Batch)
      }
    }
  }
}
