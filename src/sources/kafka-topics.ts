// What the broker says of topics: where their partitions begin and end, how they are configured, what lies at an offset.

import type { Admin } from 'kafkajs'
import type { Message } from './kafka-batches.ts'
import type { ConsumerGroup } from './kafka-patches.ts'
import type { Partition } from './source.ts'

/** The first offset that a partition holds, and the one that its next record will have. */
export interface Ends {
  readonly low: number
  readonly high: number
}

/** What matters of a topic's configuration. */
export interface TopicKind {
  /** Holes are to be expected; also where nobody may tell. */
  readonly isCompacted: boolean
}

/** Kafka's number for a topic among what can be configured. */
const TOPIC_RESOURCE = 2
/** Kafka's own default allows a little more than 1 MiB, for the batch around the record. */
const BATCH_OVER_RECORD = 1.01
/** The client gives the broker this long and a little more; there is something to answer at once. */
const FETCH_WAIT_MS = 5_000

/** Where each partition of the topics begins and ends, by `keyOf`. @throws Error when the broker does not answer */
export async function endsOf(admin: Admin, topics: readonly string[]): Promise<Map<string, Ends>> {
  const perTopic = await Promise.all(
    topics.map(async (topic) =>
      (await admin.fetchTopicOffsets(topic)).map(
        ({ partition, low, high }) => [keyOf({ topic, partition }), { low: Number(low), high: Number(high) }] as const,
      ),
    ),
  )
  return new Map(perTopic.flat())
}

/** How topics are configured; none where the broker does not tell, which is remarked, as are topics that take larger records. */
export async function kindsOf(
  admin: Admin,
  options: {
    readonly source: string
    readonly topics: readonly string[]
    readonly recordBytesMax: number
    readonly onRemark: (message: string) => void
  },
): Promise<Map<string, TopicKind>> {
  const { topics, recordBytesMax, onRemark, source } = options
  const kinds = new Map<string, TopicKind>()
  const names = ['cleanup.policy', 'max.message.bytes']
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name, configNames: names })),
    })
    for (const { resourceName: topic, configEntries } of resources) {
      const settingOf = (name: string) => configEntries.find((entry) => entry.configName === name)?.configValue ?? ''
      kinds.set(topic, { isCompacted: settingOf('cleanup.policy').includes('compact') })
      const largest = Number(settingOf('max.message.bytes'))
      if (largest > recordBytesMax * BATCH_OVER_RECORD)
        onRemark(
          `sources.${source}: topic ${topic} takes batches of ${largest} bytes (max.message.bytes), and records of more than ${recordBytesMax} are quarantined; raise sources.${source}.maxRecordBytes if such are meant to be read`,
        )
    }
  } catch (error) {
    onRemark(
      `sources.${source}: the broker does not tell how its topics are configured (${error instanceof Error ? error.message : error}): offsets that are missing in the middle of a topic are taken for compacted ones`,
    )
  }
  return kinds
}

/** Reads the batch that holds an offset. @throws Error when the broker does not answer, or the partition has no leader */
export async function readAt(
  group: ConsumerGroup,
  { topic, partition }: Partition,
  offset: number,
): Promise<readonly Message[]> {
  const { leader } = group.cluster.findTopicPartitionMetadata(topic).find((one) => one.partitionId === partition) ?? {}
  if (leader === undefined) throw new Error(`partition ${partition} of ${topic} has no leader`)
  const broker = await group.cluster.findBroker({ nodeId: String(leader) })
  const { responses } = await broker.fetch({
    maxWaitTime: FETCH_WAIT_MS,
    minBytes: 1,
    // A whole batch comes however little is asked for.
    maxBytes: 1,
    isolationLevel: 0,
    rackId: '',
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 1 }] }],
  })
  return responses[0]?.partitions[0]?.messages ?? []
}

/** Names a partition. */
export function keyOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`
}
