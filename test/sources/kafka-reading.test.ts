// What a Kafka source makes of the ends of its partitions. What a broker says is old when it arrives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Admin, Consumer } from 'kafkajs'
import { PositionError, Reading } from '../../src/sources/kafka-reading.ts'
import type { Batch, Receiver } from '../../src/sources/source.ts'

const place = { topic: 'predictions', partition: 0 }

/** Reads a partition up to `read`, and asks where it ends: the broker says `end`, and `meanwhile` happens before it is heard. */
async function look(read: number, end: number, meanwhile: (reading: Reading) => void = () => {}): Promise<Batch[]> {
  const batches: Batch[] = []
  const receiver: Receiver = {
    assigned: () => [undefined],
    batch: async (batch) => void batches.push(batch),
  }
  const reading = new Reading('production', [place.topic])
  reading.assigned({ seek: () => {} } as unknown as Consumer, receiver, { [place.topic]: [place.partition] })
  reading.read(place, read)
  const fetchTopicOffsets = async () => {
    meanwhile(reading)
    return [{ partition: 0, offset: String(end), high: String(end), low: '0' }]
  }
  await reading.lookAtEnds({ fetchTopicOffsets } as unknown as Admin, receiver)
  return batches
}

test('records that are read while the broker says where a partition ends are no truncated topic', async () => {
  assert.deepEqual(await look(90, 100, (reading) => reading.read(place, 120)), [])
})

test('a partition that is read to its end is told to have nothing more, and one that is not is not', async () => {
  assert.deepEqual(await look(100, 100), [{ ...place, records: [], nextOffset: 100, endOffset: 100 }])
  assert.deepEqual(await look(99, 100), [])
})

test('a topic that ends before what was read is never read on', async () => {
  await assert.rejects(look(101, 100), PositionError)
})
