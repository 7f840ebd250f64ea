// What every source must do, whatever it reads: the same claims, run by each implementation.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Batch, ReadPosition, Receiver, RecordIdentity, Source } from '../../src/sources/source.ts'

export interface SourceUnderTest {
  /** A source over `count` records, each of which says its number when `numberOf` reads it. */
  make(count: number): Promise<Source> | Source
  numberOf(value: unknown): number
  /** Whether the source ends by itself; otherwise it is stopped when it has nothing more. */
  readonly ends: boolean
}

interface Partitioned {
  readonly topic: string
  readonly partition: number
}

/** A receiver that remembers, with positions as a database would keep them. */
class Reader implements Receiver {
  readonly positions: Map<string, number>
  readonly batches: Batch[] = []
  readonly numbers: number[] = []
  underWay = 0
  overlapped = false
  readonly #last = new Map<string, RecordIdentity>()
  readonly #numberOf: (value: unknown) => number
  readonly #onBatch: (batch: Batch, reader: Reader) => Promise<void> | void

  constructor(
    numberOf: (value: unknown) => number,
    positions = new Map<string, number>(),
    onBatch: (batch: Batch, reader: Reader) => Promise<void> | void = () => {},
  ) {
    this.#numberOf = numberOf
    this.positions = positions
    this.#onBatch = onBatch
  }

  assigned(partitions: readonly Partitioned[]): ReadonlyArray<ReadPosition | undefined> {
    return partitions.map(({ topic, partition }) => {
      const nextOffset = this.positions.get(`${topic}/${partition}`)
      return nextOffset === undefined
        ? undefined
        : { nextOffset, last: this.#last.get(`${topic}/${partition}`) ?? null }
    })
  }

  async batch(batch: Batch): Promise<void> {
    if (this.underWay > 0) this.overlapped = true
    this.underWay++
    this.batches.push(batch)
    for (const { value } of batch.records) this.numbers.push(this.#numberOf(value))
    this.positions.set(`${batch.topic}/${batch.partition}`, batch.nextOffset)
    if (batch.last !== undefined) this.#last.set(`${batch.topic}/${batch.partition}`, batch.last)
    await this.#onBatch(batch, this)
    this.underWay--
  }
}

/** Reads until `count` records have come, or until the source ends. */
async function readAll(
  subject: SourceUnderTest,
  source: Source,
  reader: (onBatch: (batch: Batch, reader: Reader) => Promise<void> | void) => Reader,
  count: number,
): Promise<Reader> {
  const enough = Promise.withResolvers<void>()
  const one = reader((_, self) => {
    if (self.numbers.length >= count) enough.resolve()
  })
  const running = source.run(one)
  if (subject.ends) await running
  else {
    await Promise.race([enough.promise, running])
    await source.stop()
    await running
  }
  return one
}

export function sourceBattery(name: string, subject: SourceUnderTest, skip: string | false = false): void {
  const options = { skip, timeout: 60_000 }
  const reader =
    (positions?: Map<string, number>) => (onBatch: (batch: Batch, reader: Reader) => Promise<void> | void) =>
      new Reader(subject.numberOf, positions, onBatch)
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

  test(`${name}: every record comes once, in the order of its partition, with growing offsets`, options, async () => {
    const got = await readAll(subject, await subject.make(3_500), reader(), 3_500)
    assert.deepEqual(
      got.numbers.toSorted((a, b) => a - b),
      upTo(3_500),
    )
    const last = new Map<string, number>()
    for (const { topic, partition, records, nextOffset } of got.batches) {
      const key = `${topic}/${partition}`
      for (const { offset } of records) {
        assert.ok(offset > (last.get(key) ?? -1), 'an offset did not grow')
        last.set(key, offset)
      }
      assert.ok(nextOffset > (last.get(key) ?? -1), 'nextOffset is behind the last record')
    }
    assert.equal(got.overlapped, false, 'a batch came while another was under way')
  })

  test(`${name}: reading on from a position neither repeats nor leaves out a record`, options, async () => {
    const source = await subject.make(2_500)
    const first = new Reader(subject.numberOf, undefined, (_, self) => {
      if (self.numbers.length >= 1_000) void source.stop()
    })
    await source.run(first)
    assert.ok(first.numbers.length >= 1_000)
    const again = await subject.make(2_500)
    const second = await readAll(subject, again, reader(first.positions), 2_500 - first.numbers.length)
    assert.deepEqual(
      [...first.numbers, ...second.numbers].toSorted((a, b) => a - b),
      upTo(2_500),
    )
  })

  test(`${name}: nothing more comes while a batch is under way, and stopping waits for it`, options, async () => {
    const source = await subject.make(3_000)
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const one = new Reader(subject.numberOf, undefined, async ({ records }) => {
      if (records.length === 0) return
      entered.resolve()
      await gate.promise
    })
    const running = source.run(one)
    await entered.promise
    const withRecords = () => one.batches.filter(({ records }) => records.length > 0).length
    const before = withRecords()
    let stopped = false
    const stopping = source.stop().then(() => {
      stopped = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(stopped, false, 'stop did not wait for the batch under way')
    assert.equal(withRecords(), before)
    gate.resolve()
    await stopping
    await running
    assert.equal(withRecords(), before, 'a batch came after the stop')
  })

  test(`${name}: stopping twice is harmless`, options, async () => {
    const source = await subject.make(10)
    const one = await readAll(subject, source, reader(), 10)
    await source.stop()
    await source.stop()
    assert.equal(one.numbers.length, 10)
  })

  test(`${name}: an error of the receiver ends the run with that error`, options, async () => {
    const source = await subject.make(10)
    const failing: Receiver = {
      assigned: (partitions) => partitions.map(() => undefined),
      batch: async ({ records }) => {
        if (records.length > 0) throw new Error('the disk is broken')
      },
    }
    await assert.rejects(source.run(failing), /the disk is broken/)
    await source.stop()
  })
}
