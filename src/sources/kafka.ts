// Kafka as a source. Exactness never rests on the client: the position lies in our database, the client is told where to start,
// and records below the position are skipped when they come again.
//
// The consumer group is only a device to be given partitions: it is fresh at every start, this process is its one member, and an
// assigner of our own gives it everything. So a start after a kill takes no session time-out.

import { randomBytes } from 'node:crypto'
import type { Admin, PartitionAssigner } from 'kafkajs'
import { AssignerProtocol } from 'kafkajs'
import type { Probe } from '../probe.ts'
import type { KafkaConnection } from './kafka-client.ts'
import { connectTo } from './kafka-client.ts'
import { allowBatches, guardGroup } from './kafka-patches.ts'
import { Reading } from './kafka-reading.ts'
import type { Partition, Receiver, Source } from './source.ts'

export interface KafkaSourceOptions extends KafkaConnection {
  readonly name: string
  readonly topics: readonly string[]
  /** Told when something is wrong that may pass by itself, and null when it has. */
  readonly onTrouble: (message: string | null) => void
  /** Told of each partition from which nothing more is read. */
  readonly onHalted?: (place: Partition, because: string) => void
  /** Whether reading goes on behind records that are lost. */
  readonly onLoss?: 'continue' | 'halt'
  readonly maxRecordBytes?: number
  /** A batch that decompresses to more is lost. */
  readonly maxBatchBytes?: number
  /** For tests of exactness: whether the last applied record is read again at the start, and compared. */
  readonly comparesIdentity?: boolean
  readonly probe?: Probe | undefined
}

const OFFSETS_EVERY_MS = 2_000
const COMMIT_EVERY_MS = 5_000
const RECORD_BYTES_MAX = 1024 * 1024

/** Gives the only member of the group every partition. */
const takeAll: PartitionAssigner = ({ cluster }) => ({
  name: 'leeway-all',
  version: 1,
  async assign({ members, topics }) {
    const assignment = Object.fromEntries(
      topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
    )
    return members.map(({ memberId }, i) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 1,
        assignment: i === 0 ? assignment : {},
        userData: Buffer.alloc(0),
      }),
    }))
  },
  protocol: ({ topics }) => ({
    name: 'leeway-all',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
  }),
})

export function createKafkaSource(options: KafkaSourceOptions): Source {
  const { name, topics, onTrouble, probe } = options
  const kafka = connectTo(options)
  const admin = kafka.admin()
  const stableGroup = `leeway-${name}`
  const groupId = `${stableGroup}-${randomBytes(6).toString('hex')}`
  allowBatches(options.maxBatchBytes ?? 0)
  const consumer = kafka.consumer({
    groupId,
    partitionAssigners: [takeAll],
    sessionTimeout: 30_000,
    rebalanceTimeout: 60_000,
    heartbeatInterval: 3_000,
    maxWaitTimeInMs: 500,
    maxBytesPerPartition: 524_288,
    maxBytes: 8_388_608,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 8, restartOnFailure: async () => true },
  })
  const ending = Promise.withResolvers<void>()
  let offsetsTimer: NodeJS.Timeout | undefined
  let committedAt = Number.NEGATIVE_INFINITY
  let stopping: Promise<void> | undefined
  let unguard = () => {}
  let working: Promise<unknown> = Promise.resolve()

  async function run(receiver: Receiver): Promise<void> {
    ending.promise.catch(() => {})
    const fail = (error: unknown) => ending.reject(error instanceof Error ? error : new Error(String(error)))
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (payload.restart)
        onTrouble(`sources.${name}: the Kafka client failed and starts again: ${payload.error.message}`)
      else
        fail(new Error(`sources.${name}: the Kafka client failed: ${payload.error.message}`, { cause: payload.error }))
    })
    const reading = new Reading({
      source: name,
      topics,
      admin,
      receiver,
      onLoss: options.onLoss ?? 'continue',
      recordBytesMax: options.maxRecordBytes ?? RECORD_BYTES_MAX,
      onHalted: options.onHalted ?? ((_, because) => options.log('error', because)),
      onTrouble,
      onRemark: (message) => options.log('warn', message),
      onFailure: fail,
      isStopping: () => stopping !== undefined,
      comparesIdentity: options.comparesIdentity ?? true,
      probe,
    })
    unguard = guardGroup(groupId, reading)
    if (!(await connect(admin, options, () => stopping !== undefined))) return
    await refuseMissingTopics(admin, options)
    await consumer.connect()
    // Stopped while it connected: what has been opened since is closed again.
    if (stopping !== undefined) return void (await consumer.disconnect())
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async (payload) => {
        if (stopping !== undefined) return
        const work = reading.batch(payload)
        working = work.catch(() => {})
        try {
          await work
        } catch (error) {
          // Our errors must end the process: the client would only try the same batch again, for ever.
          fail(error)
          throw error
        }
        payload.resolveOffset(payload.batch.lastOffset())
        await payload.heartbeat()
      },
    })
    const look = () =>
      reading
        .lookAtEnds()
        .catch((error: Error) => onTrouble(`sources.${name}: ${error.message}`))
        .finally(() => {
          if (stopping === undefined) offsetsTimer = setTimeout(look, OFFSETS_EVERY_MS)
        })
    void look()
    await ending.promise
  }

  return {
    name,
    run,
    stop() {
      stopping ??= (async () => {
        clearTimeout(offsetsTimer)
        await working
        await consumer.disconnect().catch(() => {})
        await admin.disconnect().catch(() => {})
        unguard()
        ending.resolve()
      })()
      return stopping
    },
    async committed(positions) {
      const now = performance.now()
      if (now - committedAt < COMMIT_EVERY_MS || stopping !== undefined) return
      committedAt = now
      probe?.('source: before offsets')
      for (const topic of topics) {
        const partitions = positions
          .filter((position) => position.topic === topic)
          .map(({ partition, nextOffset }) => ({ partition, offset: String(nextOffset) }))
        // The stable group has no members: it only shows lag tools how far we are.
        if (partitions.length > 0) await admin.setOffsets({ groupId: stableGroup, topic, partitions }).catch(() => {})
      }
      probe?.('source: after offsets')
    },
  }
}

/** Tries until a broker answers. @returns false when it was stopped first */
async function connect(
  admin: Admin,
  { name, brokers, onTrouble }: KafkaSourceOptions,
  isStopped: () => boolean,
): Promise<boolean> {
  for (let waitMs = 500; !isStopped(); waitMs = Math.min(10_000, waitMs * 2)) {
    try {
      await admin.connect()
      onTrouble(null)
      return !isStopped()
    } catch (error) {
      onTrouble(
        `sources.${name}: no broker answers at ${brokers.join(', ')}: ${error instanceof Error ? error.message : error}; trying again`,
      )
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
  return false
}

async function refuseMissingTopics(
  admin: Admin,
  { name, topics }: Pick<KafkaSourceOptions, 'name' | 'topics'>,
): Promise<void> {
  const present = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !present.has(topic))
  if (missing.length === 0) return
  throw new Error(
    `sources.${name}.topics: the broker has no topic ${missing.join(', ')}; create it, or mend the name (it has: ${[...present].filter((topic) => !topic.startsWith('__')).join(', ') || 'none'})`,
  )
}

/** @throws Error that says what is wrong, when the topics cannot be read now: for whoever must know before starting */
export async function checkKafkaSource(
  options: Pick<KafkaSourceOptions, 'name' | 'topics'> & KafkaConnection,
): Promise<void> {
  const admin = connectTo(options, 1).admin()
  try {
    await admin.connect()
    await refuseMissingTopics(admin, options)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
