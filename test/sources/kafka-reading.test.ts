// What a Kafka source makes of what the broker says of its partitions. What a broker says is old when it arrives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Admin, EachBatchPayload } from 'kafkajs'
import type { Message } from '../../src/sources/kafka-batches.ts'
import type { ConsumerGroup } from '../../src/sources/kafka-patches.ts'
import { Reading } from '../../src/sources/kafka-reading.ts'
import { BrokerError } from '../../src/sources/kafka-session.ts'
import { identityOf } from '../../src/sources/record-identity.ts'
import type { Batch, ReadPosition } from '../../src/sources/source.ts'

const place = { topic: 'predictions', partition: 0 }

function message(offset: number, rest: Partial<Message> = {}): Message {
  return {
    offset,
    timestamp: 1_000 + offset,
    key: null,
    value: Buffer.from(`record ${offset}`),
    isControlRecord: false,
    batchContext: { producerId: '-1', inTransaction: false },
    lost: null,
    extent: null,
    ...rest,
  }
}

const extent = (from: number, last: number, holes: Array<{ from: number; to: number }> = []) =>
  message(last, { value: null, extent: { from, holes } })

/** A reading of one partition, and what became of it. The broker holds `held` from `low` up to `high`. */
async function joined(options: {
  start?: ReadPosition
  low?: number
  high?: number
  held?: readonly Message[]
  compacted?: boolean
  onLoss?: 'continue' | 'halt'
  /** Each answer to a question for one record, one after another; the last one stands for all that follow. */
  answers?: ReadonlyArray<readonly Message[]>
  taken?: () => Promise<void>
  holdMsMax?: number
}) {
  const { low = 0, high = 100, held = [], compacted = false, onLoss = 'continue' } = options
  const broker = { low, high, held, answers: [...(options.answers ?? [])], isAway: false, answeredEnd: high }
  const batches: Batch[] = []
  const halted: string[] = []
  const sought: string[] = []
  let paused = 0
  const admin = {
    fetchTopicOffsets: async () => [{ partition: 0, offset: '', high: String(broker.high), low: String(broker.low) }],
    describeConfigs: async () => ({
      resources: [
        {
          resourceName: place.topic,
          configEntries: [
            { configName: 'cleanup.policy', configValue: compacted ? 'compact' : 'delete' },
            { configName: 'max.message.bytes', configValue: '1048588' },
          ],
        },
      ],
    }),
  }
  const group = {
    groupId: 'test',
    topicsSubscribed: [place.topic],
    assigned: () => [{ topic: place.topic, partitions: [0] }],
    seek: ({ offset }: { offset: string }) => sought.push(offset),
    pause: () => paused++,
    resume: () => {},
    cluster: {
      findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
      findBroker: async () => ({
        fetch: async () => {
          if (broker.isAway) throw new Error('no broker answers')
          return { responses: [{ partitions: [{ messages: broker.answers.shift() ?? broker.held }] }] }
        },
      }),
    },
  }
  const batch = async (one: Batch) => {
    await options.taken?.()
    batches.push(one)
  }
  const reading = new Reading({
    source: 'production',
    topics: [place.topic],
    receiver: { assigned: () => [options.start], batch },
    onLoss,
    ...(options.holdMsMax !== undefined && { holdMsMax: options.holdMsMax }),
    recordBytesMax: 1_048_576,
    onHalted: (_, because) => halted.push(because),
    onRemark: (remark) => assert.fail(remark),
    onFailure: (error) => assert.fail(String(error)),
  })
  reading.connected(admin as unknown as Admin)
  await reading.joined(group as unknown as ConsumerGroup)
  const take = (fetchedOffset: number, messages: readonly Message[]) =>
    reading.batch({
      batch: { ...place, fetchedOffset: String(fetchedOffset), highWatermark: String(broker.answeredEnd), messages },
    } as unknown as EachBatchPayload)
  return { reading, broker, group, batches, halted, sought, take, pauses: () => paused }
}

const at = (nextOffset: number, last: Message | null = null): ReadPosition => ({
  nextOffset,
  last: last === null ? null : identityOf(last),
})
const told = ({ records, nextOffset, lost }: Batch) =>
  lost === undefined
    ? [records.map(({ offset }) => offset), nextOffset]
    : [lost.reason, lost.from, lost.records, nextOffset]

test('reading goes on where it stood when the last applied record is still the same', async () => {
  const { sought, halted } = await joined({ start: at(50, message(49)), held: [message(48), message(49), message(50)] })
  assert.deepEqual([sought, halted], [['50'], []])
})

test('another record at the offset of the last applied one halts the partition, and says what to do', async () => {
  const { sought, halted, pauses } = await joined({
    start: at(50, message(49)),
    held: [message(49, { value: Buffer.from('other') })],
  })
  assert.equal(sought.length, 0)
  assert.ok(pauses() > 0)
  assert.match(
    halted[0] ?? '',
    /topic predictions, partition 0 is halted: offset 49 holds another record .*created anew or truncated.*leeway positions reset --source production --topic predictions --partition 0/,
  )
})

test('the same bytes written at another time are another record', async () => {
  const { halted } = await joined({ start: at(50, message(49)), held: [message(49, { timestamp: 1 })] })
  assert.equal(halted.length, 1)
})

test('a record that compaction has removed cannot be compared, and halts nothing', async () => {
  const { sought, halted } = await joined({
    start: at(50, message(49)),
    held: [message(48), message(52), extent(48, 52)],
  })
  assert.deepEqual([sought, halted], [['50'], []])
})

test('records removed before they were read are lost by their exact number, and reading goes on behind them', async () => {
  const { batches, sought, halted } = await joined({ start: at(50, message(49)), low: 57 })
  assert.deepEqual([batches.map(told), sought, halted], [[['retention', 50, 7, 57]], ['57'], []])
})

test('with onLoss: halt records that were removed halt the partition and move nothing', async () => {
  const { batches, sought, halted } = await joined({ start: at(50), low: 57, onLoss: 'halt' })
  assert.deepEqual([batches, sought], [[], []])
  assert.match(halted[0] ?? '', /7 records were removed before they were read; onLoss: halt/)
})

test('a topic that ends before what was read from it halts', async () => {
  const { halted } = await joined({ start: at(50), high: 49 })
  assert.match(halted[0] ?? '', /it ends at offset 49, and was read up to 50/)
})

test('a partition that was never read begins where its log begins, and has lost nothing', async () => {
  const { batches, sought } = await joined({ low: 30 })
  assert.deepEqual([batches, sought], [[], ['30']])
})

test('out of range while running is accounted like retention at a start', async () => {
  const { reading, broker, group, batches, sought } = await joined({ start: at(50) })
  broker.low = 60
  await reading.outOfRange(group as unknown as ConsumerGroup, place)
  assert.deepEqual([batches.map(told), sought], [[['retention', 50, 10, 60]], ['50', '60']])
})

test('out of range beyond the end halts', async () => {
  const { reading, broker, group, halted, sought } = await joined({ start: at(50) })
  broker.high = 10
  await reading.outOfRange(group as unknown as ConsumerGroup, place)
  assert.equal(halted.length, 1)
  assert.deepEqual(sought, ['50'])
})

test('records, a batch that cannot be read, and records behind it come in order, with the lost range between them', async () => {
  const { batches, take } = await joined({ start: at(10) })
  const lost = { from: 12, to: 15, records: 3, detail: 'corrupt', sample: Buffer.from('x') }
  await take(10, [message(10), message(11), message(14, { lost }), message(15), extent(10, 16)])
  assert.deepEqual(batches.map(told), [
    [[10, 11], 12],
    ['undecodable', 12, 3, 15],
    [[15], 17],
  ])
  assert.deepEqual(
    batches.map(({ last }) => last?.offset),
    [11, undefined, 15],
  )
})

test('of a lost batch only the part that was not applied before is lost', async () => {
  const { batches, take } = await joined({ start: at(13) })
  const lost = { from: 10, to: 15, records: 5, detail: 'corrupt', sample: Buffer.from('x') }
  await take(13, [message(14, { lost }), extent(10, 14)])
  assert.deepEqual(batches.map(told), [['undecodable', 13, 2, 15]])
})

test('a corrupt batch that does not say where it ends halts', async () => {
  const { batches, take, halted } = await joined({ start: at(10) })
  const lost = { from: 11, to: undefined, records: 0, detail: 'corrupt', sample: Buffer.from('x') }
  await take(10, [message(10), message(11, { lost }), extent(10, 11)])
  assert.deepEqual(batches.map(told), [[[10], 11]])
  assert.match(halted[0] ?? '', /does not say where it ends/)
})

test('holes are lost records in a topic that is not compacted, and none in one that is', async () => {
  const messages = [message(12), message(13), message(20), extent(12, 20, [{ from: 14, to: 20 }])]
  const plain = await joined({ start: at(10) })
  await plain.take(10, messages)
  assert.deepEqual(plain.batches.map(told), [
    ['missing', 10, 2, 12],
    [[12, 13], 14],
    ['missing', 14, 6, 20],
    [[20], 21],
  ])
  const compacted = await joined({ start: at(10), compacted: true })
  await compacted.take(10, messages)
  assert.deepEqual(compacted.batches.map(told), [[[12, 13, 20], 21]])
})

test('control records alone move the position', async () => {
  const { batches, take } = await joined({ start: at(10) })
  await take(10, [extent(10, 11)])
  assert.deepEqual(batches.map(told), [[[], 12]])
})

test('a client that went past records halts the partition, and what it brings is not used', async () => {
  const { batches, take, halted } = await joined({ start: at(10) })
  await take(20, [message(20), extent(20, 20)])
  assert.deepEqual(batches, [])
  assert.match(halted[0] ?? '', /the client went from offset 10 to 20/)
})

test('records that are read while the broker says where a partition ends are no truncated topic', async () => {
  const { reading, broker, take, halted, batches } = await joined({ start: at(90), high: 100 })
  const looking = reading.lookAtEnds()
  broker.high = 200
  await take(90, [message(119), extent(90, 119)])
  await looking
  assert.deepEqual([halted, batches.map(told)], [[], [[[119], 120]]])
})

test('a partition that is read to its end is told to have nothing more, and one that is not is not', async () => {
  const read = await joined({ start: at(100), high: 100 })
  await read.reading.lookAtEnds()
  assert.deepEqual(read.batches, [{ ...place, records: [], nextOffset: 100, endOffset: 100 }])
  const behind = await joined({ start: at(99), high: 100 })
  await behind.reading.lookAtEnds()
  assert.deepEqual(behind.batches, [])
})

test('a topic that ends before what was read, while running, is never read on', async () => {
  const { reading, broker, halted } = await joined({ start: at(100), high: 100 })
  broker.high = 99
  await reading.lookAtEnds()
  assert.equal(halted.length, 1)
})

test('the last record is asked for again when an answer holds nothing, as one that was damaged on its way does', async () => {
  const { halted } = await joined({
    start: at(50, message(49)),
    answers: [[], []],
    held: [message(49, { value: Buffer.from('other') })],
  })
  assert.equal(halted.length, 1)
})

test('a topic that was created anew and filled while a batch was held is noticed by the next batch', async () => {
  const { broker, take, halted, batches } = await joined({ start: at(10), holdMsMax: -1 })
  await take(10, [message(10), message(11), extent(10, 11)])
  broker.held = [message(11)]
  await take(12, [message(12), extent(12, 12)])
  assert.deepEqual(
    [halted, batches.map(told)],
    [
      [],
      [
        [[10, 11], 12],
        [[12], 13],
      ],
    ],
  )
  broker.held = [message(12, { value: Buffer.from('of another topic') })]
  await take(13, [message(13), extent(13, 13)])
  assert.equal(batches.length, 2)
  assert.match(halted[0] ?? '', /offset 12 holds another record/)
})

test('a log that begins or ends earlier than before is compared before more is applied', async () => {
  for (const [low, high] of [
    [20, 100],
    [30, 99],
  ] as const) {
    const { reading, broker, take, halted, batches } = await joined({ start: at(40), low: 30 })
    await take(40, [message(40), extent(40, 40)])
    Object.assign(broker, { low, high, held: [message(40, { timestamp: 5 })] })
    await reading.lookAtEnds()
    await take(41, [message(41), extent(41, 41)])
    assert.deepEqual([halted.length, batches.length], [1, 1])
  }
})

test('when the broker does not tell whether the topic is the same one, nothing is applied, and it is no error of ours', async () => {
  const { broker, take, batches } = await joined({ start: at(10), holdMsMax: -1 })
  await take(10, [message(10), extent(10, 10)])
  broker.isAway = true
  await assert.rejects(take(11, [message(11), extent(11, 11)]), BrokerError)
  assert.equal(batches.length, 1)
})

test('what the receiver has not taken yet is told, whatever brought it: no client is to blame for it', async () => {
  let isHeld = (): boolean => false
  const seen: boolean[] = []
  const set = await joined({
    start: at(50),
    taken: async () => {
      await Promise.resolve()
      seen.push(isHeld())
    },
  })
  isHeld = () => set.reading.isHeld
  set.broker.low = 60
  await set.reading.outOfRange(set.group as unknown as ConsumerGroup, place)
  await set.take(60, [message(60), extent(60, 60)])
  assert.deepEqual([seen, set.reading.isHeld], [[true, true], false])
})

test('offsets beyond the end of the partition are not believed: they are fetched again, and halt when they come again', async () => {
  const { broker, take, halted, batches, sought } = await joined({ start: at(10) })
  const damaged = [message(2 ** 40), extent(2 ** 40, 2 ** 40)]
  await take(10, damaged)
  assert.deepEqual([batches, halted, sought], [[], [], ['10', '10']])
  await take(10, [message(10), extent(10, 10)])
  await take(11, damaged)
  await take(11, damaged)
  assert.equal(batches.length, 1)
  assert.match(halted[0] ?? '', /an answer holds offset 1099511627776, and the partition ends at 100/)
  // An answer may be newer than the end that it says.
  const { take: takeNew, batches: read, ...rest } = await joined({ start: at(10) })
  rest.broker.answeredEnd = 10
  await takeNew(10, [message(10), extent(10, 10)])
  assert.deepEqual([read.map(told), broker.high], [[[[10], 11]], 100])
})
