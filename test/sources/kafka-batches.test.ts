// What is made of a broker's answer, batch by batch.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Message } from '../../src/sources/kafka-batches.ts'
import { readBatches } from '../../src/sources/kafka-batches.ts'
import { javaBatches } from '../build/java-batches.ts'
import { encodeBatch, sealed } from '../build/record-batch.ts'

const MAX = 1_000_000
const records = (messages: readonly Message[]) =>
  messages.filter(({ lost, extent }) => lost === null && extent === null)
const lost = (messages: readonly Message[]) =>
  messages
    .flatMap((message) => (message.lost === null ? [] : [message.lost]))
    .map(({ from, to, records: n }) => [from, to, n])
const extentOf = (messages: readonly Message[]) => ({ last: messages.at(-1)?.offset, ...messages.at(-1)?.extent })

/** Corrupt bytes are lost when they come a second time. */
async function readTwice(answer: Buffer): Promise<Message[]> {
  await readBatches(answer, MAX)
  return readBatches(answer, MAX)
}

/** The same bytes are never asked for twice by two tests. */
let origin = 0
const place = () => (origin += 1_000)

for (const [codec, batch] of Object.entries(javaBatches)) {
  test(`a batch that Kafka's own producer wrote with compression ${codec} is read`, async () => {
    const messages = await readBatches(Buffer.from(batch, 'base64'), MAX)
    assert.deepEqual(
      records(messages).map(({ offset, timestamp, key, value }) => [
        offset,
        timestamp,
        key?.toString(),
        value?.toString(),
      ]),
      [0, 1, 2, 3, 4].map((i) => [
        i,
        1_700_000_000_000 + i,
        i === 3 ? undefined : `key ${i}`,
        i === 4 ? undefined : `value ${i} of ${codec}, ${'abcdefgh '.repeat(i * 3)}`,
      ]),
    )
    assert.deepEqual(extentOf(messages), { last: 4, from: 0, holes: [] })
  })
}

test('a bad batch does not spoil the good ones of the same answer', async () => {
  const at = place()
  const unknown = encodeBatch({ from: at + 2, values: ['c', 'd', 'e'], attributes: 6 })
  const answer = Buffer.concat([
    encodeBatch({ from: at, values: ['a', 'b'] }),
    unknown,
    encodeBatch({ from: at + 5, values: ['f'] }),
  ])
  const messages = await readBatches(answer, MAX)
  assert.deepEqual(
    records(messages).map(({ value }) => value?.toString()),
    ['a', 'b', 'f'],
  )
  assert.deepEqual(lost(messages), [[at + 2, at + 5, 3]])
  assert.deepEqual(
    messages.map(({ offset }) => offset - at),
    [0, 1, 4, 5, 5],
  )
  assert.match(messages[2]?.lost?.detail ?? '', /compression 6 is unknown/)
  assert.deepEqual(messages[2]?.lost?.sample, unknown)
})

test('a corrupt batch is fetched again, and lost when it comes as it was', async () => {
  const at = place()
  const bad = encodeBatch({ from: at + 1, values: ['b', 'c'] })
  bad[bad.length - 1] = 99
  const [before, behind] = [encodeBatch({ from: at, values: ['a'] }), encodeBatch({ from: at + 3, values: ['d'] })]
  const first = await readBatches(Buffer.concat([before, bad, behind]), MAX)
  assert.deepEqual([records(first).length, lost(first), extentOf(first).last], [1, [], at])
  const second = await readBatches(Buffer.concat([bad, behind]), MAX)
  assert.deepEqual([records(second).length, lost(second), extentOf(second).last], [0, [[at + 1, at + 3, 2]], at + 2])
  assert.match(second[0]?.lost?.detail ?? '', /its checksum is [0-9a-f]{8}, and [0-9a-f]{8} was written/)
})

test('bytes that were damaged on their way come right when they are fetched again', async () => {
  const at = place()
  const good = encodeBatch({ from: at, values: ['a', 'b'] })
  const bad = Buffer.from(good)
  bad[70] = (bad[70] as number) ^ 1
  assert.deepEqual(await readBatches(bad, MAX), [])
  assert.equal(records(await readBatches(good, MAX)).length, 2)
})

test('where a corrupt batch ends is told by the batch behind it, when its own header is not to be believed', async () => {
  const at = place()
  const bad = encodeBatch({ from: at, values: ['a', 'b', 'c'] })
  bad.writeInt32BE(500, 23)
  const answer = Buffer.concat([bad, encodeBatch({ from: at + 3, values: ['d'] })])
  assert.deepEqual(lost(await readTwice(answer)), [[at, at + 3, 3]])
})

test('a corrupt batch with nothing behind it and a header that contradicts itself does not say where it ends', async () => {
  const at = place()
  const bad = encodeBatch({ from: at, values: ['a', 'b', 'c'] })
  bad.writeInt32BE(500, 23)
  assert.deepEqual(lost(await readTwice(bad)), [[at, undefined, 0]])
})

test('offsets that go back are corrupt, though their checksum does not cover them', async () => {
  const at = place()
  const answer = Buffer.concat([
    encodeBatch({ from: at, values: ['a', 'b'] }),
    encodeBatch({ from: at + 1, values: ['x'] }),
  ])
  const messages = await readBatches(answer, MAX)
  assert.deepEqual([records(messages).length, extentOf(messages).last], [2, at + 1])
})

test('a bomb is lost by its bound', async () => {
  const at = place()
  const bomb = encodeBatch({
    from: at,
    values: [Buffer.alloc(2 * MAX)],
    attributes: 1,
    compress: (bytes) => gzipSync(bytes),
  })
  const messages = await readBatches(bomb, MAX)
  assert.deepEqual(lost(messages), [[at, at + 1, 1]])
  assert.match(
    messages[0]?.lost?.detail ?? '',
    /gzip batch of \d+ bytes: gzip: \d+ bytes decompress to more than 1000000/,
  )
})

test('records that contradict their batch lose all of it', async () => {
  for (const deltas of [
    [0, 5],
    [-1, 0],
  ]) {
    const at = place()
    const messages = await readBatches(encodeBatch({ from: at, values: ['a', 'b'], deltas, lastDelta: 1 }), MAX)
    assert.deepEqual([records(messages).length, lost(messages)], [0, [[at, at + 2, 2]]])
  }
})

test('what compaction has left of a batch says how far the batch reached', async () => {
  const at = place()
  const messages = await readBatches(encodeBatch({ from: at, values: ['b'], deltas: [1], lastDelta: 6 }), MAX)
  assert.deepEqual(
    messages.map(({ offset }) => offset - at),
    [1, 6],
  )
  const empty = await readBatches(encodeBatch({ from: at, values: [], lastDelta: 6 }), MAX)
  assert.deepEqual(
    empty.map(({ offset }) => offset - at),
    [6],
  )
})

test('offsets between batches that hold nothing are told', async () => {
  const at = place()
  const answer = Buffer.concat([encodeBatch({ from: at, values: ['a'] }), encodeBatch({ from: at + 9, values: ['b'] })])
  assert.deepEqual(extentOf(await readBatches(answer, MAX)), {
    last: at + 9,
    from: at,
    holes: [{ from: at + 1, to: at + 9 }],
  })
})

test('control records, producers and transactions are told, so that aborted records can be left out', async () => {
  const at = place()
  const [data, control] = await readBatches(
    Buffer.concat([
      encodeBatch({ from: at, values: ['a'], attributes: 0x10, producerId: 77 }),
      encodeBatch({ from: at + 1, values: ['marker'], attributes: 0x30, producerId: 77 }),
    ]),
    MAX,
  )
  assert.deepEqual([data?.batchContext, data?.isControlRecord], [{ producerId: '77', inTransaction: true }, false])
  assert.deepEqual([control?.batchContext.inTransaction, control?.isControlRecord], [true, true])
})

test('an answer may end anywhere: what is whole is read', async () => {
  const at = place()
  const whole = Buffer.concat([
    encodeBatch({ from: at, values: ['a', 'b'] }),
    encodeBatch({ from: at + 2, values: ['c'] }),
  ])
  const first = encodeBatch({ from: at, values: ['a', 'b'] }).length
  for (let length = 0; length <= whole.length; length++) {
    const messages = await readBatches(whole.subarray(0, length), MAX)
    const expected = length === whole.length ? 3 : length >= first ? 2 : 0
    assert.deepEqual([records(messages).length, lost(messages)], [expected, []], `cut at ${length}`)
  }
})

test('a first batch that says it is longer than the answer is lost, and not fetched for ever', async () => {
  const at = place()
  const bad = encodeBatch({ from: at, values: ['a', 'b', 'c'] })
  bad.writeInt32BE(100_000, 8)
  const answer = Buffer.concat([bad, encodeBatch({ from: at + 3, values: ['d'] })])
  assert.deepEqual(await readBatches(answer, MAX), [])
  const again = await readBatches(answer, MAX)
  assert.deepEqual([records(again).length, lost(again)], [0, [[at, at + 3, 3]]])
  assert.match(again[0]?.lost?.detail ?? '', /a batch of 100012 bytes in an answer that ends after \d+/)
})

test('a header that contradicts itself is corrupt, though its checksum is right', async () => {
  for (const [lastDelta, count] of [
    [-1, 1],
    [0, -1],
    [0, 2_000_000_000],
  ] as const) {
    const at = place()
    const bad = encodeBatch({ from: at, values: ['a'] })
    bad.writeInt32BE(lastDelta, 23)
    bad.writeInt32BE(count, 57)
    const answer = Buffer.concat([sealed(bad), encodeBatch({ from: at + 1, values: ['b'] })])
    assert.deepEqual(lost(await readTwice(answer)), [[at, at + 1, 1]])
  }
})

test('records out of order, or twice at one offset, lose their batch: the ones behind would be skipped without a word', async () => {
  for (const deltas of [
    [1, 0],
    [0, 0],
  ]) {
    const at = place()
    const messages = await readBatches(encodeBatch({ from: at, values: ['a', 'b'], deltas, lastDelta: 1 }), MAX)
    assert.deepEqual([records(messages).length, lost(messages)], [0, [[at, at + 2, 2]]])
  }
})

test('records that the header does not count lose their batch', async () => {
  const at = place()
  const bad = encodeBatch({ from: at, values: ['a', 'b'] })
  bad.writeInt32BE(1, 57)
  const messages = await readBatches(sealed(bad), MAX)
  assert.deepEqual(lost(messages), [[at, at + 2, 1]])
  assert.match(messages[0]?.lost?.detail ?? '', /8 bytes lie behind the last record/)
})

test('bombs that are each within the bound are not unpacked all at once: the rest is fetched again', async () => {
  const at = place()
  let packed: Buffer | undefined
  const compress = (bytes: Buffer) => (packed ??= gzipSync(bytes))
  const bomb = (from: number) => encodeBatch({ from, values: [Buffer.alloc(6_000_000)], attributes: 1, compress })
  const answer = Buffer.concat([0, 1, 2, 3, 4, 5, 6, 7].map((i) => bomb(at + i)))
  const messages = await readBatches(answer, 10_000_000)
  assert.deepEqual([records(messages).length, lost(messages), extentOf(messages).last], [3, [], at + 2])
})

test('whatever one byte of an answer becomes, no record is read that was not written, and what is lost is said', async () => {
  const at = place()
  const values = ['alpha', 'beta', 'gamma', 'delta']
  const answer = Buffer.concat([
    encodeBatch({ from: at, values: values.slice(0, 2) }),
    encodeBatch({ from: at + 2, values: values.slice(2) }),
  ])
  await fc.assert(
    fc.asyncProperty(fc.nat(answer.length - 1), fc.integer({ min: 1, max: 255 }), async (position, flip) => {
      const bad = Buffer.from(answer)
      bad[position] = (bad[position] as number) ^ flip
      for (const { offset, value } of records(await readTwice(bad))) {
        // The offset of a batch lies outside of its checksum; the epoch and the format are not looked at.
        if (offset >= at && offset < at + 4) assert.ok(values.includes(value?.toString() ?? ''))
      }
    }),
    { numRuns: 500 },
  )
})

test('a sealed batch is one that is read', async () => {
  const batch = encodeBatch({ from: place(), values: ['a'] })
  batch.writeBigInt64BE(5n, 27)
  assert.equal(records(await readBatches(sealed(batch), MAX))[0]?.timestamp, 5)
})
