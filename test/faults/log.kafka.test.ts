// What the log holds against what our position says, and batches that cannot be decoded: nothing is skipped or lost without a count.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createKafkaSource } from '../../src/sources/kafka.ts'
import { connectTo } from '../../src/sources/kafka-client.ts'
import { seeded, testSeed, uuid } from '../build/random.ts'
import { encodeBatch, sealed } from '../build/record-batch.ts'
import type { Serving } from '../build/serve.ts'
import { getJson, kill, metric, until } from '../build/serve.ts'
import { dump } from '../build/state.ts'
import { leeway } from '../cli/run.ts'
import { produce } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'
import type { Rig } from './log-rig.ts'
import {
  counted,
  createTopics,
  deleteRecords,
  differences,
  eventOf,
  lostMetric,
  lostRanges,
  makeRig,
  withAdmin,
} from './log-rig.ts'
import { isFull, proved } from './proof.ts'
import { produceRaw, TamperingProxy } from './raw-kafka.ts'

const broker = kafkaAddress ?? ''
const options = { skip: skipWithoutKafka, timeout: 300_000 }
const seed = testSeed()
const here = 'test/faults/log.kafka.test.ts'

type Rows = Rig['rows']

const send = (topic: string, rows: Rows, more: object = {}) =>
  produce(
    broker,
    topic,
    rows.map((row) => ({ partition: 0, value: eventOf(row, more) })),
  )

async function isReady(serving: Serving): Promise<boolean> {
  return (await fetch(`${serving.address}/readyz`)).status === 200
}

const haltedMetric = (topic: string) => `leeway_partition_halted{source="stream",topic="${topic}",partition="0"}`

const isHalted = (serving: Serving, topic: string) =>
  until(serving, async () => ((await metric(serving, haltedMetric(topic))) === 1 ? true : undefined), 'a halt', 60_000)

/** Deletes a topic and creates it again under its name. */
async function createAnew(topic: string): Promise<void> {
  await withAdmin(broker, (admin) => admin.deleteTopics({ topics: [topic] }))
  for (;;) {
    const present = await withAdmin(broker, (admin) => admin.listTopics())
    if (!present.includes(topic)) break
  }
  await createTopics(broker, [topic])
}

const KEYS = 50
const ROUNDS = 4

/** Compaction takes its time: its topic is filled first, and looked at last. */
const compacting = skipWithoutKafka === false ? fillCompacted() : undefined

async function fillCompacted(): Promise<Rig> {
  const rig = await makeRig('compacted', {
    broker,
    seed,
    rows: KEYS * ROUNDS,
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'segment.ms', value: '100' },
      { name: 'min.cleanable.dirty.ratio', value: '0.001' },
      { name: 'max.compaction.lag.ms', value: '100' },
    ],
  })
  const producer = client().producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let from = 0; from < rig.rows.length; from += KEYS) {
    const rows = rig.rows.slice(from, from + KEYS)
    // A segment ends by the time of the next record.
    const timestamp = String(Date.now() + from * 10)
    const messages = rows.map((row, i) => ({ key: `key ${i}`, partition: 0, value: eventOf(row), timestamp }))
    await producer.send({ topic: rig.topics[0] as string, messages })
  }
  await producer.disconnect()
  return rig
}

function client() {
  return connectTo({ brokers: [broker], clientId: 'test', ssl: false, sasl: null, log: () => {} }, { retries: 8 })
}

/** The offsets that a topic still has. */
async function offsetsOf(topic: string): Promise<number[]> {
  const source = createKafkaSource({
    ...{ brokers: [broker], clientId: 'test', ssl: false, sasl: null, log: () => {}, onTrouble: () => {} },
    name: 'reader',
    topics: [topic],
  })
  const found: number[] = []
  const done = Promise.withResolvers<void>()
  const running = source.run({
    assigned: (partitions) => partitions.map(() => undefined),
    batch: async ({ records, nextOffset, endOffset }) => {
      for (const { offset } of records) found.push(offset)
      if (nextOffset === endOffset) done.resolve()
    },
  })
  await done.promise
  await source.stop()
  await running
  return found
}

test(
  'records that retention removed before they were read are lost by their exact number, while down and while running',
  options,
  async () => {
    const rows = isFull ? 40_000 : 4_000
    const rig = await makeRig('retention', { broker, seed, rows })
    const [topic] = rig.topics as [string]
    const quarter = rows / 4
    await send(topic, rig.rows.slice(0, quarter))
    let serving = await rig.serve()
    await counted(serving, quarter)
    await kill(serving, 'SIGTERM')
    // While down: half of the second quarter goes.
    await send(topic, rig.rows.slice(quarter, 2 * quarter))
    await deleteRecords(broker, topic, 1.5 * quarter)
    serving = await rig.serve()
    await counted(serving, 1.5 * quarter)
    assert.equal(await metric(serving, lostMetric(topic, 'retention')), quarter / 2)
    assert.ok(await isReady(serving))
    // While running: it is stopped for as long as half of the third quarter comes and goes.
    serving.process.kill('SIGSTOP')
    await send(topic, rig.rows.slice(2 * quarter, 2 * quarter + 1))
    await send(topic, rig.rows.slice(2 * quarter + 1, 3 * quarter))
    await deleteRecords(broker, topic, 2.5 * quarter)
    serving.process.kill('SIGCONT')
    await send(topic, rig.rows.slice(3 * quarter))
    await until(
      serving,
      async () => {
        const lag = await metric(serving, `leeway_consumer_lag_records{topic="${topic}",partition="0"}`)
        const read = await metric(serving, 'leeway_predictions_total{model="ledger",version=""}')
        const lost = await metric(serving, lostMetric(topic, 'retention'))
        return lag === 0 && (read ?? 0) + (lost ?? 0) === rows ? true : undefined
      },
      'every record to be read or lost',
    )
    const { quarantine } = await getJson<{ quarantine: Array<{ reason: string; range: object | null }> }>(
      serving,
      '/api/v1/quarantine',
    )
    assert.equal(quarantine.filter(({ reason, range }) => reason === 'retention' && range !== null).length, 2)
    await kill(serving, 'SIGTERM')
    const lines = dump(rig.state)
    const ranges = lostRanges(lines, topic)
    assert.deepEqual(
      ranges.map(([reason, , last]) => [reason, last]),
      [
        ['retention', 1.5 * quarter - 1],
        ['retention', 2.5 * quarter - 1],
      ],
    )
    const isLost = (offset: number) => ranges.some(([, from, to]) => offset >= from && offset <= to)
    assert.ok(ranges.every(([, from, to, records]) => records === to - from + 1))
    assert.deepEqual(
      differences(
        rig,
        rig.rows.filter((_, offset) => !isLost(offset)),
        lines,
      ),
      [],
    )
    rig.remove()
    proved({
      promise: 'G5',
      fault: 'Retention overrun, while down and while running',
      size: `${rows.toLocaleString('en')} records, two ranges removed before they were read`,
      outcome: 'both ranges counted exactly, all others applied once',
      test: here,
    })
  },
)

test('a topic that was created anew is halted, the other goes on, and a person takes it on', options, async () => {
  const rig = await makeRig('anew', { broker, seed, rows: 2_000, topics: 2 })
  const [anew, other] = rig.topics as [string, string]
  await send(anew, rig.rows.slice(0, 300))
  await send(other, rig.rows.slice(300, 500))
  let serving = await rig.serve()
  await counted(serving, 500)
  await kill(serving, 'SIGTERM')
  // More records than were read: without a look at the last one, 200 would be read on and 300 skipped.
  await createAnew(anew)
  await send(anew, rig.rows.slice(500, 1_000))
  await send(other, rig.rows.slice(1_000, 1_100))
  serving = await rig.serve()
  await isHalted(serving, anew)
  await counted(serving, 600)
  assert.equal(await isReady(serving), false)
  assert.match(
    JSON.stringify(await (await fetch(`${serving.address}/readyz?verbose`)).json()),
    /created anew or truncated/,
  )
  assert.ok(serving.log.some((line) => line.includes('leeway positions reset')))
  const reset = (...to: string[]) =>
    leeway([
      'positions',
      'reset',
      '-c',
      rig.config,
      '--state',
      rig.state,
      '--source',
      'stream',
      '--topic',
      anew,
      '--partition',
      '0',
      '--to',
      ...to,
    ])
  const refused = await reset('earliest')
  assert.equal(refused.code, 1, 'a running daemon has the state')
  await kill(serving, 'SIGTERM')
  assert.match((await reset('501')).stderr, /not earliest, latest, or an offset from 0 to 500/)
  assert.match((await reset('earliest')).stdout, /read on at offset 0, not at 300/)
  serving = await rig.serve()
  await counted(serving, 1_100)
  // Fewer records than were read, while it runs.
  await createAnew(anew)
  await send(anew, rig.rows.slice(1_100, 1_110))
  await isHalted(serving, anew)
  await kill(serving, 'SIGTERM')
  assert.deepEqual(differences(rig, rig.rows.slice(0, 1_100)), [])
  const { stdout } = await leeway(['positions', 'list', '--state', rig.state, '--json'])
  const positions = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { topic: string; nextOffset: number })
  assert.deepEqual(Object.fromEntries(positions.map((one) => [one.topic, one.nextOffset])), {
    [anew]: 500,
    [other]: 300,
  })
  rig.remove()
  proved({
    promise: 'G5',
    fault: 'Topic created anew, with more and with fewer records than were read',
    size: 'while down and while running',
    outcome: 'halted and said both times, nothing skipped; the other topic exact; taken on by leeway positions reset',
    test: here,
  })
})

test('the same check catches a source that does not compare the last applied record', options, async () => {
  const rig = await makeRig('unseen', { broker, seed, rows: 800 })
  const [topic] = rig.topics as [string]
  await send(topic, rig.rows.slice(0, 300))
  let serving = await rig.serve()
  await counted(serving, 300)
  await kill(serving, 'SIGTERM')
  await createAnew(topic)
  await send(topic, rig.rows.slice(300, 800))
  serving = await rig.serve('--unidentified')
  await counted(serving, 500)
  assert.equal(await metric(serving, haltedMetric(topic)), undefined)
  await kill(serving, 'SIGTERM')
  assert.ok(
    differences(rig, rig.rows).length > 0,
    'the skipped records went unnoticed: the test of identity proves nothing',
  )
  rig.remove()
})

test('what the broker compresses with gzip, snappy, lz4 and zstd is applied exactly', options, async () => {
  const rows = isFull ? 50_000 : 5_000
  const codecs = ['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed']
  const rig = await makeRig('codecs', { broker, seed, rows, topics: codecs.length })
  for (const [i, topic] of rig.topics.entries()) {
    // The broker's own (Java) codecs write what it stores.
    await withAdmin(broker, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          { type: 2, name: topic, configEntries: [{ name: 'compression.type', value: codecs[i] as string }] },
        ],
      }),
    )
    await send(
      topic,
      rig.rows.filter((_, n) => n % codecs.length === i),
    )
  }
  const serving = await rig.serve()
  await counted(serving, rows)
  await kill(serving, 'SIGTERM')
  const lines = dump(rig.state)
  assert.deepEqual(
    rig.topics.flatMap((topic) => lostRanges(lines, topic)),
    [],
  )
  assert.deepEqual(differences(rig, rig.rows, lines), [])
  rig.remove()
  proved({
    promise: 'G1',
    fault: 'Gzip, snappy, lz4 and zstd, as Java writes them',
    size: `${rows.toLocaleString('en')} records in five topics`,
    outcome: '0 lost, 0 double',
    test: here,
  })
})

test('oversized records and a bomb are counted, the process lives, and all else is exact', options, async () => {
  const rig = await makeRig('oversized', {
    broker,
    seed,
    rows: 400,
    configs: [{ name: 'max.message.bytes', value: String(12 * 2 ** 20) }],
  })
  const [topic] = rig.topics as [string]
  const random = seeded(seed)
  const sizes = [2 ** 20 + 1, 3 * 2 ** 20, 5 * 2 ** 20, 10 * 2 ** 20]
  for (const [i, size] of sizes.entries()) {
    await send(topic, rig.rows.slice(i * 100, i * 100 + 50))
    await produce(broker, topic, [
      { partition: 0, value: JSON.stringify({ id: uuid(random), junk: 'x'.repeat(size) }) },
    ])
    if (i === 1) {
      const zeros = Buffer.alloc(80 * 2 ** 20)
      await produceRaw(
        broker,
        topic,
        encodeBatch({
          from: 0,
          values: [zeros],
          attributes: 1,
          firstTime: Date.now(),
          compress: (bytes) => gzipSync(bytes),
        }),
      )
    }
    await send(topic, rig.rows.slice(i * 100 + 50, i * 100 + 100))
  }
  const serving = await rig.serve()
  await counted(serving, 400)
  assert.equal(await metric(serving, 'leeway_records_rejected_total{reason="too_large"}'), sizes.length)
  assert.equal(await metric(serving, lostMetric(topic, 'undecodable')), 1)
  assert.ok(
    serving.log.some((line) => line.includes('max.message.bytes')),
    'the limits were not compared',
  )
  await kill(serving, 'SIGTERM')
  const lines = dump(rig.state)
  const [range, ...more] = lostRanges(lines, topic)
  assert.deepEqual([range?.[0], range?.[3], more], ['undecodable', 1, []])
  assert.ok(
    lines.some(
      (line) =>
        line.type === 'quarantined' &&
        /gzip: \d+ bytes decompress to more than 67108864/.test(line['detail'] as string),
    ),
  )
  assert.deepEqual(differences(rig, rig.rows, lines), [])
  rig.remove()
  proved({
    promise: 'G5',
    fault: 'Records of 1 to 10 MiB, and a gzip bomb of 1:1000',
    size: '4 records, 1 bomb of 80 MiB',
    outcome: 'each quarantined or counted as lost, all others exact, process alive',
    test: here,
  })
})

test(
  'corrupt batches and an unknown codec lose their own range; damage on the way loses nothing',
  options,
  async () => {
    const flip = (batch: Buffer) => {
      batch[batch.length - 20] = (batch[batch.length - 20] as number) ^ 1
    }
    const proxy = await TamperingProxy.start(broker, [
      { marker: 'corrupt-always', change: flip },
      { marker: 'corrupt-once', change: (batch, times) => (times === 1 ? flip(batch) : undefined) },
      {
        marker: 'unknown-codec',
        change: (batch) => {
          batch.writeInt16BE(6, 21)
          sealed(batch)
        },
      },
    ])
    after(() => proxy.close())
    const rig = await makeRig('corrupt', { broker: proxy.address, seed, rows: 1_200, topics: 2 })
    const [topic, other] = rig.topics as [string, string]
    const markers = [
      null,
      'corrupt-always',
      null,
      'unknown-codec',
      null,
      'corrupt-once',
      null,
      'corrupt-always',
      'unknown-codec',
      null,
    ]
    for (const [i, marker] of markers.entries())
      await send(topic, rig.rows.slice(i * 100, i * 100 + 100), marker === null ? {} : { note: marker })
    await send(other, rig.rows.slice(1_000))
    const bad = (offset: number) =>
      ['corrupt-always', 'unknown-codec'].includes(markers[Math.floor(offset / 100)] ?? '')
    const good = rig.rows.filter((_, i) => i >= 1_000 || !bad(i))
    let serving = await rig.serve()
    await counted(serving, good.length)
    await until(
      serving,
      async () => ((await metric(serving, lostMetric(topic, 'undecodable'))) === 400 ? true : undefined),
      'four batches to be lost',
    )
    assert.ok(proxy.times('corrupt-once') >= 2, 'damage on the way was not fetched again')
    await kill(serving, 'SIGTERM')
    // It starts behind what is lost, and reads on.
    serving = await rig.serve()
    await until(serving, async () => ((await isReady(serving)) ? true : undefined), 'readiness')
    await kill(serving, 'SIGTERM')
    const lines = dump(rig.state)
    const wanted = [
      [100, 199],
      [300, 399],
      [700, 799],
      [800, 899],
    ].map(([from, to]) => ['undecodable', from, to, 100])
    assert.deepEqual(lostRanges(lines, topic), wanted)
    assert.deepEqual(differences(rig, good, lines), [])
    rig.remove()
    proved({
      promise: 'G5',
      fault: 'Corrupt batches and an unknown codec',
      size: '4 batches of 100 records among 12; one damaged on its way',
      outcome:
        'the 400 records counted as lost, by range; the batch damaged on its way read; all others exact; process alive',
      test: here,
    })
  },
)

test('with onLoss: halt a batch that cannot be decoded stops its partition there', options, async () => {
  const proxy = await TamperingProxy.start(broker, [
    {
      marker: 'unknown-codec',
      change: (batch) => {
        batch.writeInt16BE(7, 21)
        sealed(batch)
      },
    },
  ])
  after(() => proxy.close())
  const rig = await makeRig('onloss', { broker: proxy.address, seed, rows: 300, source: 'onLoss: halt' })
  const [topic] = rig.topics as [string]
  await send(topic, rig.rows.slice(0, 100))
  await send(topic, rig.rows.slice(100, 200), { note: 'unknown-codec' })
  await send(topic, rig.rows.slice(200))
  const serving = await rig.serve()
  await isHalted(serving, topic)
  await kill(serving, 'SIGTERM')
  assert.deepEqual(differences(rig, rig.rows.slice(0, 100)), [])
  assert.equal(dump(rig.state).find(({ type }) => type === 'position')?.['next_offset'], 100)
  rig.remove()
})

test('transactions that were aborted and control records are no loss', options, async () => {
  const rig = await makeRig('transactions', { broker, seed, rows: 600 })
  const [topic] = rig.topics as [string]
  const producer = client().producer({
    transactionalId: topic,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  for (let i = 0; i < 6; i++) {
    const transaction = await producer.transaction()
    const messages = rig.rows.slice(i * 100, i * 100 + 100).map((row) => ({ partition: 0, value: eventOf(row) }))
    await transaction.send({ topic, messages })
    if (i % 2 === 0) await transaction.commit()
    else await transaction.abort()
  }
  await producer.disconnect()
  let serving = await rig.serve()
  await counted(serving, 300)
  const caughtUp = async () => {
    const read = (await metric(serving, `leeway_consumer_lag_records{topic="${topic}",partition="0"}`)) === 0
    return read && (await isReady(serving)) ? true : undefined
  }
  // 600 records, and a control record for each of six transactions.
  await until(serving, caughtUp, 'the end of the last transaction')
  await kill(serving, 'SIGTERM')
  serving = await rig.serve()
  await until(serving, caughtUp, 'the end of the last transaction, again')
  await kill(serving, 'SIGTERM')
  const lines = dump(rig.state)
  assert.deepEqual(lostRanges(lines, topic), [])
  const committed = rig.rows.filter((_, i) => Math.floor(i / 100) % 2 === 0)
  assert.deepEqual(differences(rig, committed, lines), [])
  rig.remove()
  proved({
    promise: 'G1',
    fault: 'Transactions, half of them aborted',
    size: '6 transactions of 100 records',
    outcome: 'committed records applied once, no loss reported, no halt at the next start',
    test: here,
  })
})

test('what compaction has removed is no loss', options, async () => {
  const rig = (await compacting) as Rig
  const [topic] = rig.topics as [string]
  const deadline = performance.now() + 60_000
  let offsets = await offsetsOf(topic)
  while (offsets.length === rig.rows.length && performance.now() < deadline) offsets = await offsetsOf(topic)
  assert.ok(offsets.length < rig.rows.length, 'nothing was compacted')
  const serving = await rig.serve()
  await counted(serving, offsets.length)
  assert.ok(await isReady(serving))
  await kill(serving, 'SIGTERM')
  const lines = dump(rig.state)
  assert.deepEqual(lostRanges(lines, topic), [])
  const kept = new Set(offsets)
  for (let last = KEYS * (ROUNDS - 1); last < KEYS * ROUNDS; last++) assert.ok(kept.has(last), `offset ${last} is gone`)
  const left = rig.rows.filter((_, offset) => kept.has(offset))
  assert.deepEqual(differences(rig, left, lines), [])
  rig.remove()
  proved({
    promise: 'G5',
    fault: 'A compacted topic',
    size: `${KEYS} keys, ${KEYS * ROUNDS} records`,
    outcome: 'what is left is applied once, no loss reported',
    test: here,
  })
})
