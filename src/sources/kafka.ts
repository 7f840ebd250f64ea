// Kafka as a source. Exactness never rests on the client: the position lies in our database, the client is told where to start,
// and records below the position are skipped when they come again. So a client that fails, or brings nothing although there is
// something, is simply replaced.

import type { Admin } from 'kafkajs'
import type { Probe } from '../probe.ts'
import type { Millis } from '../time.ts'
import type { KafkaConnection } from './kafka-client.ts'
import { connectTo } from './kafka-client.ts'
import { SilentConnection } from './kafka-connections.ts'
import { explainFailure } from './kafka-failure.ts'
import { allowBatches } from './kafka-patches.ts'
import { Reading } from './kafka-reading.ts'
import { KafkaSession, OwnError } from './kafka-session.ts'
import { Pauses } from './pauses.ts'
import type { Partition, Receiver, Source } from './source.ts'
import { StallWatch } from './stall-watch.ts'
import { Trouble } from './trouble.ts'

export interface KafkaSourceOptions extends KafkaConnection {
  readonly name: string
  readonly topics: readonly string[]
  /** For readiness: what is wrong that may pass by itself, and null when nothing is. What is worth a log line goes to `log`. */
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
  /** Told of each client that is given up for a new one. */
  readonly onReconnect?: () => void
  /** A client that brings nothing for this long, although there is something, is replaced; the second time in a row ends the run. */
  readonly stallTimeoutMs?: Millis
  /** For tests: whether the client is stuck, and brings nothing. */
  readonly isStuck?: () => boolean
}

const OFFSETS_EVERY_MS = 2_000
const COMMIT_EVERY_MS = 5_000
const STALL_TIMEOUT_MS = 60_000
const RECORD_BYTES_MAX = 1024 * 1024
const RECONNECT_MS_MIN = 500
const RECONNECT_MS_MAX = 10_000

export function createKafkaSource(options: KafkaSourceOptions): Source {
  const { name, topics, log, onTrouble, probe } = options
  const stableGroup = `leeway-${name}`
  const stall = new StallWatch(options.stallTimeoutMs ?? STALL_TIMEOUT_MS)
  const trouble = new Trouble({
    now: () => performance.now(),
    state: onTrouble,
    tell: (message) => log('warn', message),
  })
  const pauses = new Pauses()
  let session: KafkaSession | undefined
  let current: Reading | undefined
  let stopping: Promise<void> | undefined
  let committedAt = Number.NEGATIVE_INFINITY

  allowBatches(options.maxBatchBytes ?? 0)

  /** One client's life. @returns whether anything was read in it. @throws OwnError what must end the run */
  async function live(reading: Reading, isFirst: boolean): Promise<{ error: unknown; hasRead: boolean }> {
    let hasRead = false
    const own = new KafkaSession({
      connection: options,
      stableGroup,
      topics,
      guard: reading,
      fetched: () => {
        hasRead = true
        const lasted = trouble.passed()
        if (lasted !== null) log('info', `sources.${name}: reading again, after ${lasted}`)
      },
      batch: (payload) => reading.batch(payload),
      isStuck: options.isStuck ?? (() => false),
      onConnectionError: (broker, error) => {
        if (error instanceof SilentConnection)
          trouble.met(`sources.${name}: the connection to ${broker} is dead (${error.message}); connecting anew`)
      },
    })
    session = own
    reading.connected(own.admin)
    let looking: Promise<void> | undefined
    try {
      await own.run({
        // Later on a topic that is gone may come back; at the start its name is wrong.
        answered: () =>
          refuseMissingTopics(own.admin, options).catch((error) => {
            throw isFirst && error instanceof MissingTopics ? new OwnError(error) : error
          }),
        started: () => {
          looking = lookRegularly(own, reading)
        },
      })
      return { error: null, hasRead }
    } catch (error) {
      return { error, hasRead }
    } finally {
      await own.close()
      await looking
    }
  }

  /** Until the session ends: where the partitions end, and whether the client still brings what is there. */
  async function lookRegularly(own: KafkaSession, reading: Reading): Promise<void> {
    let answeredAt = performance.now()
    stall.interrupted()
    while (!own.isClosed) {
      try {
        const { read, isBehind } = await reading.lookAtEnds()
        answeredAt = performance.now()
        const isHeld = reading.isHeld || trouble.isPresent
        const verdict = stall.look({ now: answeredAt, read, isBehind, isHeld })
        if (verdict === 'given up')
          return own.fail(
            new OwnError(
              new Error(
                `sources.${name}: ${stalledFor()}, and a new client did not help: ending, so that the supervisor of this process starts it anew`,
              ),
            ),
          )
        if (verdict === 'stalled') return own.fail(new Error(`${stalledFor()}: taking a new client`))
      } catch (error) {
        if (own.isClosed) return
        stall.interrupted()
        if (performance.now() - answeredAt > (options.stallTimeoutMs ?? STALL_TIMEOUT_MS)) return own.fail(error)
      }
      await own.during(OFFSETS_EVERY_MS)
    }
  }

  const stalledFor = () =>
    `there are records to read, and the client has brought none for ${Math.round((options.stallTimeoutMs ?? STALL_TIMEOUT_MS) / 1_000)} s`

  async function run(receiver: Receiver): Promise<void> {
    const context = {
      brokers: options.brokers,
      isTls: options.ssl !== false,
      login: options.sasl && {
        mechanism: options.sasl.mechanism,
        username: 'username' in options.sasl ? options.sasl.username : null,
      },
      group: stableGroup,
    }
    const reading = new Reading({
      source: name,
      topics,
      receiver,
      onLoss: options.onLoss ?? 'continue',
      recordBytesMax: options.maxRecordBytes ?? RECORD_BYTES_MAX,
      onHalted: options.onHalted ?? ((_, because) => log('error', because)),
      onRemark: (message) => log('warn', message),
      onFailure: (error) => session?.fail(new OwnError(error)),
      comparesIdentity: options.comparesIdentity ?? true,
      probe,
    })
    current = reading
    let waitMs = RECONNECT_MS_MIN
    for (let isFirst = true; stopping === undefined; ) {
      const { error, hasRead } = await live(reading, isFirst)
      if (stopping !== undefined) return
      if (error instanceof OwnError) throw error.cause
      const { mayPass, message, isUnreachable } = explainFailure(error, context)
      if (!mayPass) throw new Error(`sources.${name}: the Kafka client failed: ${message}`, { cause: error })
      const what =
        isUnreachable && !hasRead ? `no broker answers at ${options.brokers.join(', ')}: ${message}` : message
      trouble.met(`sources.${name}: ${what}; trying again`)
      options.onReconnect?.()
      if (hasRead) {
        isFirst = false
        waitMs = RECONNECT_MS_MIN
      }
      await pauses.of(waitMs * (0.8 + 0.4 * Math.random()))
      waitMs = Math.min(RECONNECT_MS_MAX, waitMs * 2)
    }
  }

  return {
    name,
    run,
    stop() {
      stopping ??= (async () => {
        pauses.end()
        await session?.close()
      })()
      return stopping
    },
    async committed(positions) {
      const now = performance.now()
      // A client that is closed would connect again for it.
      if (now - committedAt < COMMIT_EVERY_MS || stopping !== undefined || session?.isClosed !== false) return
      committedAt = now
      probe?.('source: before offsets')
      // The stable group has no members: it only shows lag tools how far we are.
      await current?.tellGroup(stableGroup, positions).catch(() => {})
      probe?.('source: after offsets')
    },
  }
}

class MissingTopics extends Error {}

async function refuseMissingTopics(
  admin: Admin,
  { name, topics }: Pick<KafkaSourceOptions, 'name' | 'topics'>,
): Promise<void> {
  const present = new Set(await admin.listTopics())
  const missing = topics.filter((topic) => !present.has(topic))
  if (missing.length === 0) return
  throw new MissingTopics(
    `sources.${name}.topics: the broker has no topic ${missing.join(', ')}; create it, or mend the name (it has: ${[...present].filter((topic) => !topic.startsWith('__')).join(', ') || 'none'})`,
  )
}

/** Where each partition of a topic begins and ends now. @throws Error when no broker answers, or there is no such topic */
export async function kafkaEnds(
  connection: KafkaConnection,
  topic: string,
): Promise<ReadonlyMap<number, { readonly low: number; readonly high: number }>> {
  const admin = connectTo(connection, { retries: 1 }).admin()
  try {
    await admin.connect()
    const ends = await admin.fetchTopicOffsets(topic)
    return new Map(ends.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]))
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** @throws Error that says what is wrong, when the topics cannot be read now: for whoever must know before starting */
export async function checkKafkaSource(
  options: Pick<KafkaSourceOptions, 'name' | 'topics'> & KafkaConnection,
): Promise<void> {
  const admin = connectTo(options, { retries: 1 }).admin()
  try {
    await admin.connect()
    await refuseMissingTopics(admin, options)
  } catch (error) {
    if (error instanceof MissingTopics) throw error
    const because = error instanceof Error ? error.message : String(error)
    throw new Error(`sources.${options.name}: cannot be read at ${options.brokers.join(', ')} now: ${because}`, {
      cause: error,
    })
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
