// One life of the Kafka client: connected, reading, until something ends it. Whoever opened it opens the next one.
//
// The consumer group is only a device to be given partitions: it is fresh for every session, this process is its one member, and an
// assigner of our own gives it everything. So a start after a kill takes no session time-out, and nobody else can disturb the group.

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Admin, Consumer, EachBatchPayload, PartitionAssigner } from 'kafkajs'
import { AssignerProtocol } from 'kafkajs'
import type { Millis } from '../time.ts'
import type { KafkaConnection } from './kafka-client.ts'
import { connectTo } from './kafka-client.ts'
import type { PositionKeeper } from './kafka-patches.ts'
import { guardGroup } from './kafka-patches.ts'
import { Pauses } from './pauses.ts'

export interface SessionOptions {
  readonly connection: KafkaConnection
  /** The group's name begins with it. */
  readonly stableGroup: string
  readonly topics: readonly string[]
  readonly guard: PositionKeeper
  /** An answer of a broker has come. */
  readonly fetched: () => void
  /** An error of it is an error of ours, unless it is a BrokerError: it ends the session, and is not tried again. */
  readonly batch: (payload: EachBatchPayload) => Promise<void>
  readonly onConnectionError: (broker: string, error: Error) => void
  /** For tests: whether the client is stuck, and brings nothing. */
  readonly isStuck: () => boolean
}

/** An error of ours, not of Kafka. */
export class OwnError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** An error of Kafka's that was met while a batch was looked at: another session may have more luck. */
export class BrokerError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/**
 * What its connections end with. Of a connection that ends without an error kafkajs notices nothing: it waits for answers, and keeps a timer
 * that keeps the process.
 */
class ClosedClient extends Error {
  constructor() {
    super('the client was closed')
  }
}

const CLOSE_MS = 3_000
const HEARTBEAT_MS = 3_000
/** Nobody waits for this member's end: a long pause (a full disk, a frozen machine) need not cost it its place. */
const SESSION_MS = 120_000
/** New partitions are found within this time. */
const METADATA_MS = 10_000

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

export class KafkaSession {
  readonly admin: Admin
  readonly #options: SessionOptions
  readonly #consumer: Consumer
  readonly #unguard: () => void
  readonly #sockets = new Set<Socket>()
  readonly #ending = Promise.withResolvers<void>()
  readonly #closing = Promise.withResolvers<void>()
  readonly #pauses = new Pauses()
  #working: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { connection, stableGroup, guard, onConnectionError } = options
    // A session that fails is followed by another one: within it, little is tried again.
    const kafka = connectTo(connection, {
      retries: 2,
      onConnectionError,
      onSocket: (socket) => {
        // What the client had begun when it was closed.
        if (this.#isClosed) socket.destroy(new ClosedClient())
        this.#sockets.add(socket)
        socket.once('close', () => this.#sockets.delete(socket))
      },
    })
    this.admin = kafka.admin()
    const groupId = `${stableGroup}-${randomBytes(6).toString('hex')}`
    this.#unguard = guardGroup(groupId, {
      joined: async (group) => {
        // What a client that was replaced had begun; its successor must not be taken for it.
        if (this.#isClosed) throw new ClosedClient()
        await guard.joined(group)
      },
      notJoined: (error) => this.fail(error),
      halted: () => guard.halted(),
      outOfRange: (group, place) => guard.outOfRange(group, place),
    })
    this.#consumer = kafka.consumer({
      groupId,
      partitionAssigners: [takeAll],
      sessionTimeout: SESSION_MS,
      rebalanceTimeout: 60_000,
      heartbeatInterval: HEARTBEAT_MS,
      metadataMaxAge: METADATA_MS,
      maxWaitTimeInMs: 500,
      maxBytesPerPartition: 524_288,
      maxBytes: 8_388_608,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 300, maxRetryTime: 5_000, retries: 2, restartOnFailure: async () => false },
    })
    this.#ending.promise.catch(() => {})
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Ends the session with an error. */
  fail(error: unknown): void {
    this.#ending.reject(error)
  }

  /**
   * Reads until the session is closed.
   *
   * @param occasions.answered a broker answers; nothing is read before the promise is fulfilled
   * @param occasions.started reading has begun
   * @throws what ended it
   */
  async run(occasions: { answered: () => Promise<void>; started: () => void }): Promise<void> {
    this.#go(occasions).catch((error) => this.fail(error))
    await this.#ending.promise
  }

  async #go({ answered, started }: { answered: () => Promise<void>; started: () => void }): Promise<void> {
    const { topics, fetched } = this.#options
    const consumer = this.#consumer
    consumer.on(consumer.events.CRASH, ({ payload }) => this.fail(payload.error))
    consumer.on(consumer.events.FETCH, () => {
      if (!this.#isClosed) fetched()
    })
    await this.admin.connect()
    if (this.#isClosed) return
    await answered()
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    if (this.#isClosed) return
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => this.#eachBatch(payload),
    })
    if (!this.#isClosed) started()
  }

  /** Waits so long, or until the session is closed. */
  during(ms: Millis): Promise<void> {
    return this.#pauses.of(ms)
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    // Of an assignment before the newest one: it is fetched again from where that one begins.
    if (this.#isClosed || payload.isStale()) return
    if (this.#options.isStuck()) return this.#closing.promise
    const beat = setInterval(() => void payload.heartbeat().catch(() => {}), HEARTBEAT_MS)
    const work = this.#options.batch(payload)
    this.#working = work.catch(() => {})
    try {
      await work
    } catch (error) {
      // An error of ours must end the process: the client would only try the same batch again, for ever.
      this.fail(error instanceof BrokerError ? error.cause : new OwnError(error))
      throw error
    } finally {
      clearInterval(beat)
    }
    payload.resolveOffset(payload.batch.lastOffset())
    await payload.heartbeat()
  }

  /** Waits until the receiver has taken what it was given; the broker is only waited for a little. Closing twice is harmless. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#closing.resolve()
    this.#pauses.end()
    await this.#working
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS)
    })
    const goodbye = Promise.all([this.#consumer.disconnect(), this.admin.disconnect()]).catch(() => {})
    await Promise.race([goodbye, enough])
    clearTimeout(timer)
    this.#unguard()
    for (const socket of this.#sockets) socket.destroy(new ClosedClient())
    this.#ending.resolve()
  }
}
