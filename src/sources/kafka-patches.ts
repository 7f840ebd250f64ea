// What kafkajs 2.2.4 does not do, or does in silence, put right from outside: one function and one test for each.

import { createRequire } from 'node:module'
import { codecNames, decompress } from './codecs/decompress.ts'
import type { Message } from './kafka-batches.ts'
import { fromMessageSet, isBatches, readBatches } from './kafka-batches.ts'
import type { AbortedTransaction } from './kafka-transactions.ts'
import { withoutAborted } from './kafka-transactions.ts'
import type { Partition } from './source.ts'

const require = createRequire(import.meta.url)

/** The part of kafkajs' consumer group that is used here. */
export interface ConsumerGroup {
  readonly groupId: string
  readonly topicsSubscribed: readonly string[]
  readonly cluster: {
    findTopicPartitionMetadata(topic: string): ReadonlyArray<{ partitionId: number; leader: number }>
    findGroupCoordinator(group: { groupId: string }): Promise<{ offsetCommit(request: OffsetCommit): Promise<unknown> }>
    findBroker(node: { nodeId: string }): Promise<{ fetch(request: FetchRequest): Promise<FetchResponse> }>
  }
  assigned(): ReadonlyArray<{ readonly topic: string; readonly partitions: readonly number[] }>
  seek(place: Partition & { readonly offset: string }): void
  pause(topics: ReadonlyArray<{ readonly topic: string; readonly partitions?: readonly number[] }>): void
  resume(topics: ReadonlyArray<{ readonly topic: string; readonly partitions?: readonly number[] }>): void
}

interface OffsetCommit {
  readonly groupId: string
  readonly groupGenerationId: number
  readonly memberId: string
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly offset: string }>
  }>
}

interface FetchRequest {
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel: number
  readonly rackId: string
  readonly topics: ReadonlyArray<{
    readonly topic: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      readonly fetchOffset: string
      readonly maxBytes: number
    }>
  }>
}

interface FetchResponse {
  readonly responses: ReadonlyArray<{ readonly partitions: ReadonlyArray<{ readonly messages: readonly Message[] }> }>
}

/** Who is asked by a consumer group of kafkajs. */
export interface GroupGuard extends PositionKeeper {
  /** Nothing can be read. The client would try again by itself, with everything paused. */
  notJoined(error: unknown): void
}

export interface PositionKeeper {
  /** Partitions were assigned, at a start or again. Nothing is fetched before the promise is fulfilled; one that is rejected ends the client. */
  joined(group: ConsumerGroup): Promise<void>
  /** Partitions that must not be fetched. */
  halted(): readonly TopicPartitions[]
  /** The broker says that it has no such offset. */
  outOfRange(group: ConsumerGroup, place: Partition): Promise<void>
}

const guards = new Map<string, GroupGuard>()

/** @returns stops guarding */
export function guardGroup(groupId: string, guard: GroupGuard): () => void {
  guards.set(groupId, guard)
  return () => guards.delete(groupId)
}

let isPatched = false
let bytesMax = 64 * 1024 * 1024

/** Batches that decompress to more are lost. For the whole process: the largest that one of its sources allows. */
export function allowBatches(upTo: number): void {
  bytesMax = Math.max(bytesMax, upTo)
}

/** Doing it twice is harmless. */
export function patchKafkaJs(): void {
  if (isPatched) return
  isPatched = true
  readBatchesOurselves()
  leaveOutAborted()
  capCodecs()
  askBeforeFetching()
  askWhenOutOfRange()
  takeTurns()
}

interface Decoder {
  readInt32(): number
  canReadBytes(length: number): boolean
  readBytes(length: number): Buffer
}

/** One bad batch makes kafkajs throw away a whole answer, end the consumer, or try for ever; checksums it does not look at. */
function readBatchesOurselves(): void {
  const path = require.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages')
  require(path)
  const module = require.cache[path] as NodeJS.Module
  const messageSets = module.exports as (decoder: Decoder) => Promise<Parameters<typeof fromMessageSet>[0]>
  module.exports = async (decoder: Decoder): Promise<Message[]> => {
    const size = decoder.readInt32()
    if (size <= 0 || !decoder.canReadBytes(size)) return []
    const answer = decoder.readBytes(size)
    if (isBatches(answer)) return readBatches(answer, bytesMax)
    const KafkaJsDecoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => Decoder
    const framed = Buffer.alloc(4 + size)
    framed.writeInt32BE(size)
    answer.copy(framed, 4)
    return fromMessageSet(await messageSets(new KafkaJsDecoder(framed)))
  }
}

interface BrokerPrototype {
  fetch(
    this: unknown,
    request: FetchRequest,
  ): Promise<{
    readonly responses: ReadonlyArray<{
      readonly partitions: ReadonlyArray<{
        messages: readonly Message[]
        abortedTransactions?: AbortedTransaction[] | null
      }>
    }>
  }>
}

/** kafkajs gives out records of aborted transactions; see kafka-transactions.ts. */
function leaveOutAborted(): void {
  const { prototype } = require('kafkajs/src/broker') as { prototype: BrokerPrototype }
  const { fetch } = prototype
  prototype.fetch = async function (this: unknown, request: FetchRequest) {
    const answer = await fetch.call(this, request)
    for (const partition of answer.responses.flatMap(({ partitions }) => partitions)) {
      if (!partition.abortedTransactions?.length) continue
      partition.messages = withoutAborted(partition.messages, partition.abortedTransactions)
      partition.abortedTransactions = []
    }
    return answer
  }
}

interface Codec {
  compress(): Promise<never>
  decompress(bytes: Buffer): Promise<Buffer>
}

/** kafkajs knows gzip alone, and decompresses without a bound. */
function capCodecs(): void {
  const { Codecs } = require('kafkajs/src/protocol/message/compression') as { Codecs: Record<number, () => Codec> }
  for (const codec of codecNames.keys()) {
    if (codec === 0) continue
    Codecs[codec] = () => ({
      compress: async () => {
        throw new Error(`${codecNames[codec]} is read here, and never written`)
      },
      decompress: (bytes) => decompress(codec, bytes, bytesMax),
    })
  }
}

interface GroupPrototype {
  joinAndSync(this: ConsumerGroup): Promise<void>
  recoverFromOffsetOutOfRange(this: ConsumerGroup, error: Partition): Promise<void>
  filterPartitionsByNode(this: ConsumerGroup, nodeId: string, topics: TopicPartitions[]): TopicPartitions[]
}

interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

function groupPrototype(): GroupPrototype {
  return (require('kafkajs/src/consumer/consumerGroup') as { prototype: GroupPrototype }).prototype
}

/** kafkajs tells of an assignment by an event that nobody can wait for, and fetches. */
function askBeforeFetching(): void {
  const prototype = groupPrototype()
  const { joinAndSync } = prototype
  prototype.joinAndSync = async function (this: ConsumerGroup) {
    const guard = guards.get(this.groupId)
    const topics = this.topicsSubscribed.map((topic) => ({ topic }))
    if (guard === undefined) return joinAndSync.call(this)
    // What fetches from other brokers does not wait for this.
    this.pause(topics)
    try {
      await joinAndSync.call(this)
      await guard.joined(this)
    } catch (error) {
      guard.notJoined(error)
      throw error
    }
    // Not after an error: nobody knows then from where to read.
    this.resume(topics)
    this.pause(guard.halted())
  }
}

/** kafkajs goes on at the end or at the beginning of a partition, whichever it was told, and says so in a log line. */
function askWhenOutOfRange(): void {
  const prototype = groupPrototype()
  const { recoverFromOffsetOutOfRange } = prototype
  prototype.recoverFromOffsetOutOfRange = async function (this: ConsumerGroup, error: Partition) {
    const guard = guards.get(this.groupId)
    if (guard === undefined) return recoverFromOffsetOutOfRange.call(this, error)
    await guard.outOfRange(this, { topic: error.topic, partition: error.partition })
  }
}

/**
 * A broker fills its answer in the order of the request, and gives only the first partition a batch that is larger than asked for. kafkajs
 * always asks in one order: partitions at its end starve while others are behind.
 */
function takeTurns(): void {
  const prototype = groupPrototype()
  const { filterPartitionsByNode } = prototype
  let turn = 0
  prototype.filterPartitionsByNode = function (this: ConsumerGroup, nodeId: string, topics: TopicPartitions[]) {
    turn = (turn + 1) % 0x7fffffff
    const ours = filterPartitionsByNode.call(this, nodeId, topics)
    return rotate(ours, turn).map(({ topic, partitions }) => ({
      topic,
      partitions: rotate(partitions, Math.floor(turn / Math.max(1, ours.length))),
    }))
  }
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const first = list.length === 0 ? 0 : by % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}
