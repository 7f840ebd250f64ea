// A file as a source: its rows in the file's order, labels held back until the file's own time has reached them.

import { basename } from 'node:path'
import type { Instant } from '../time.ts'
import type { OnProgress, RowOrBytes } from './codecs/row-reader.ts'
import { readRows } from './codecs/rows.ts'
import type { Receiver, Row, Source, SourceRecord } from './source.ts'

/** One part of a row, and when it would have arrived. */
export interface RowPart {
  /** null: at once. */
  readonly at: Instant | null
  readonly value: Row
}

export interface FileSourceOptions {
  readonly name: string
  readonly path: string
  /** Splits a row into what was known at once (first) and what became known later. */
  readonly plan: (row: Row) => readonly RowPart[]
  readonly onProgress?: OnProgress
}

const BATCH_RECORDS = 1_000

/**
 * A source with one partition. The offset of a record is its number in the order of release, which depends on the file alone:
 * reading it again from a position continues exactly there.
 */
export function createFileSource({ name, path, plan, onProgress }: FileSourceOptions): Source {
  const place = { topic: basename(path), partition: 0 }
  let stopped = false
  let running: Promise<void> = Promise.resolve()

  async function run(receiver: Receiver): Promise<void> {
    const start = receiver.assigned([place])[0]?.nextOffset ?? 0
    let records: SourceRecord[] = []
    let next = 0
    const flush = async (endOffset: number) => {
      const batch = { ...place, records, nextOffset: next, endOffset }
      records = []
      if (next > start || endOffset === next) await receiver.batch(batch)
    }
    for await (const value of released(readRows(path, onProgress), plan)) {
      if (stopped) return
      const offset = next++
      if (offset < start) continue
      records.push({ offset, timestamp: null, value })
      if (records.length === BATCH_RECORDS) await flush(Number.POSITIVE_INFINITY)
    }
    if (!stopped) await flush(next)
  }

  return {
    name,
    run(receiver) {
      running = run(receiver)
      return running
    },
    async stop() {
      stopped = true
      await running.catch(() => {})
    },
    async committed() {},
  }
}

/** The parts of all rows in the order in which they would have arrived. */
async function* released(
  chunks: AsyncIterable<readonly RowOrBytes[]>,
  plan: (row: Row) => readonly RowPart[],
): AsyncIterable<Row | Uint8Array> {
  const held = new HeldBack()
  let now = Number.NEGATIVE_INFINITY
  for await (const chunk of chunks) {
    for (const row of chunk) {
      if (row instanceof Uint8Array) {
        yield row
        continue
      }
      const [first, ...later] = plan(row)
      if (first === undefined) continue
      if (first.at !== null && first.at > now) now = first.at
      yield* held.until(now)
      yield first.value
      for (const part of later) {
        if (part.at === null || part.at <= now) yield part.value
        else held.add(part.at, part.value)
      }
    }
  }
  yield* held.until(Number.POSITIVE_INFINITY)
}

/** A heap of parts by time, ties in order of entry. */
class HeldBack {
  readonly #heap: Array<{ at: Instant; entry: number; value: Row }> = []
  #entries = 0

  add(at: Instant, value: Row): void {
    const heap = this.#heap
    let i = heap.push({ at, entry: this.#entries++, value }) - 1
    for (let parent = (i - 1) >> 1; i > 0 && this.#isBefore(i, parent); i = parent, parent = (i - 1) >> 1)
      this.#swap(i, parent)
  }

  /** Takes out what is due at `time`, earliest first. */
  *until(time: Instant): Iterable<Row> {
    for (let top = this.#heap[0]; top !== undefined && top.at <= time; top = this.#heap[0]) {
      this.#removeTop()
      yield top.value
    }
  }

  #removeTop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let i = 0; ; ) {
      const left = 2 * i + 1
      const right = left + 1
      let least = i
      if (left < heap.length && this.#isBefore(left, least)) least = left
      if (right < heap.length && this.#isBefore(right, least)) least = right
      if (least === i) return
      this.#swap(i, least)
      i = least
    }
  }

  #isBefore(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i] as { at: number; entry: number }, this.#heap[j] as { at: number; entry: number }]
    return a.at < b.at || (a.at === b.at && a.entry < b.entry)
  }

  #swap(i: number, j: number): void {
    const heap = this.#heap
    const a = heap[i] as (typeof heap)[number]
    heap[i] = heap[j] as (typeof heap)[number]
    heap[j] = a
  }
}
