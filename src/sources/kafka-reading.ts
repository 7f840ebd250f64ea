// How far each partition of a Kafka source has been read, and whether the topic still holds what was read from it.
//
// A partition is read, or halted. It is halted when going on would skip or repeat records without a word: its topic was created anew or
// truncated, the client went past records, or a loss was met that the configuration says must not be passed. A halted partition stays so
// until the process starts again; the others go on.

import type { Admin, EachBatchPayload } from 'kafkajs'
import type { Probe } from '../probe.ts'
import type { Millis } from '../time.ts'
import type { Extent, LostBatch, Message } from './kafka-batches.ts'
import type { ConsumerGroup, PositionKeeper } from './kafka-patches.ts'
import { BrokerError } from './kafka-session.ts'
import type { Ends, TopicKind } from './kafka-topics.ts'
import { endsOf, keyOf, kindsOf, readAt } from './kafka-topics.ts'
import { identityOf, isSame } from './record-identity.ts'
import type { Batch, Loss, Partition, ReadPosition, Receiver, RecordIdentity } from './source.ts'

export interface ReadingOptions {
  readonly source: string
  readonly topics: readonly string[]
  readonly receiver: Receiver
  /** Whether reading goes on behind records that are lost. */
  readonly onLoss: 'continue' | 'halt'
  /** Records that are larger are not used: said when a topic allows such. */
  readonly recordBytesMax: number
  /** Told once for each partition that is halted. */
  readonly onHalted: (place: Partition, because: string) => void
  /** Told of what should be known and stops nothing. */
  readonly onRemark: (message: string) => void
  /** Told when the receiver could not take something: it must not be given more. */
  readonly onFailure: (error: unknown) => void
  /** For tests of exactness: whether the last applied record is read again and compared. */
  readonly comparesIdentity?: boolean
  /** After a batch that the receiver held for longer, the last applied record is compared. */
  readonly holdMsMax?: Millis
  readonly probe?: Probe | undefined
}

interface Progress extends Partition {
  nextOffset: number
  /** The last record that was applied, as far as it is known. */
  last: RecordIdentity | null
  halted: string | null
  /** The topic may be another one by now: the last record is compared before anything more is applied. */
  isDoubtful: boolean
  /** An answer went beyond its end: perhaps it was damaged on its way. */
  isStray: boolean
  /** What the partition held when it was last looked at. */
  ends: Ends
}

/** An answer without anything says nothing; this often the record is asked for. */
const COMPARE_TRIES = 3
/** While the receiver holds a batch nothing is fetched, and the client is not told that a topic was deleted and created anew. */
const HOLD_MS_MAX = 5_000

export class Reading implements PositionKeeper {
  readonly #options: ReadingOptions
  readonly #progress = new Map<string, Progress>()
  readonly #kinds = new Map<string, TopicKind>()
  #group: ConsumerGroup | undefined
  #admin: Admin | undefined
  #holds = 0

  constructor(options: ReadingOptions) {
    this.#options = options
  }

  /** The receiver has something that it has not taken yet. */
  get isHeld(): boolean {
    return this.#holds > 0
  }

  halted(): Array<{ topic: string; partitions: number[] }> {
    return [...this.#progress.values()]
      .filter(({ halted }) => halted !== null)
      .map(({ topic, partition }) => ({ topic, partitions: [partition] }))
  }

  /** Another client reads now; it is asked through this admin. What an earlier one had begun is of no account any more. */
  connected(admin: Admin): void {
    this.#admin = admin
    this.#group = undefined
  }

  /**
   * Compares what was read with what the topic holds, and tells the client where to read on.
   *
   * @throws Error when the broker does not answer: nothing may be read then
   */
  async joined(group: ConsumerGroup): Promise<void> {
    const { receiver, probe } = this.#options
    this.#group = group
    const partitions = group
      .assigned()
      .flatMap(({ topic, partitions: numbers }) => numbers.map((partition) => ({ topic, partition })))
    const starts = receiver.assigned(partitions)
    probe?.('source: before seek')
    const [ends] = await Promise.all([this.#ends(group.assigned().map(({ topic }) => topic)), this.#learnKinds()])
    await Promise.all(partitions.map((place, i) => this.#resume(group, place, starts[i], ends)))
    probe?.('source: after seek')
  }

  async #resume(
    group: ConsumerGroup,
    place: Partition,
    start: ReadPosition | undefined,
    ends: ReadonlyMap<string, Ends>,
  ): Promise<void> {
    if (this.#group !== group) return
    const { low, high } = ends.get(keyOf(place)) ?? { low: 0, high: 0 }
    const halted = this.#progress.get(keyOf(place))?.halted ?? null
    const { nextOffset = low, last = null } = start ?? {}
    const progress: Progress = {
      ...place,
      nextOffset,
      last,
      halted,
      isDoubtful: false,
      isStray: false,
      ends: { low, high },
    }
    this.#progress.set(keyOf(place), progress)
    if (halted !== null) return
    if (progress.nextOffset > high) this.#halt(progress, endsBefore(progress, high))
    else {
      await this.#haltIfAnother(group, progress, low)
      if (this.#group !== group) return
    }
    if (progress.halted === null) await this.#passRetention(progress, low, high)
    if (progress.halted === null) group.seek({ ...place, offset: String(progress.nextOffset) })
  }

  /** Looks again whether the topic is still the same one. @throws BrokerError when that cannot be known */
  async #isAnother(progress: Progress): Promise<boolean> {
    try {
      const { low, high } = (await this.#ends([progress.topic])).get(keyOf(progress)) ?? progress.ends
      if (progress.nextOffset > high) this.#halt(progress, endsBefore(progress, high))
      else if (this.#group !== undefined) await this.#haltIfAnother(this.#group, progress, low)
    } catch (error) {
      throw new BrokerError(error)
    }
    return progress.halted !== null
  }

  async #haltIfAnother(group: ConsumerGroup, progress: Progress, low: number): Promise<void> {
    const { last } = progress
    progress.isDoubtful = false
    if (last === null || last.offset < low || this.#options.comparesIdentity === false) return
    const because = await this.#compare(group, progress, last)
    if (because !== null && this.#group === group) this.#halt(progress, because)
  }

  /** Reads the last applied record again. @returns why it is another one; null when it is the same, or is there no more */
  async #compare(group: ConsumerGroup, place: Partition, last: RecordIdentity): Promise<string | null> {
    let messages: readonly Message[] = []
    // A batch that was damaged on its way is left out of the answer, and comes when it is asked for again.
    for (let i = 0; i < COMPARE_TRIES && messages.length === 0; i++) messages = await readAt(group, place, last.offset)
    const found = messages.find(
      ({ offset, lost, extent }) => offset === last.offset && lost === null && extent === null,
    )
    if (found === undefined || (!found.isControlRecord && isSame(identityOf(found), last))) return null
    return `offset ${last.offset} holds another record than the one that was applied from it (then written at ${timeOf(last.timestamp)}, now at ${timeOf(found.timestamp)}): the topic was created anew or truncated`
  }

  /** The broker says that it has no such offset: it was removed while we read, or the topic is another one. */
  async outOfRange(group: ConsumerGroup, place: Partition): Promise<void> {
    const progress = this.#progress.get(keyOf(place))
    if (progress === undefined || progress.halted !== null) return
    const { low, high } = (await this.#ends([place.topic])).get(keyOf(place)) ?? { low: 0, high: 0 }
    if (progress.nextOffset > high) this.#halt(progress, endsBefore(progress, high))
    else if (progress.nextOffset < low) await this.#passRetention(progress, low, high)
    // The client is told either way, for it may stand elsewhere than we do.
    if (progress.halted === null) group.seek({ ...place, offset: String(progress.nextOffset) })
  }

  /** Records that were removed before they were read are lost, and counted. */
  async #passRetention(progress: Progress, low: number, high: number): Promise<void> {
    const { nextOffset } = progress
    if (nextOffset >= low) return
    const records = low - nextOffset
    const detail = `the topic begins at offset ${low}, and was read up to ${nextOffset}: ${records} records were removed before they were read`
    await this.#lose(progress, { reason: 'retention', from: nextOffset, records, detail, sample: none }, low, high)
  }

  async #lose(progress: Progress, lost: Loss, nextOffset: number, endOffset: number): Promise<void> {
    if (this.#options.onLoss === 'halt')
      return this.#halt(progress, `${lost.detail}; onLoss: halt says to stop at offset ${lost.from}`)
    const { topic, partition } = progress
    await this.#deliver(progress, { topic, partition, records: [], nextOffset, endOffset, lost })
  }

  #halt(progress: Progress, because: string): void {
    if (progress.halted !== null) return
    const { topic, partition } = progress
    progress.halted = `sources.${this.#options.source}: topic ${topic}, partition ${partition} is halted: ${because}. Nothing more is read from it until somebody says where to go on: stop the daemon, leeway positions reset --source ${this.#options.source} --topic ${topic} --partition ${partition} --to earliest|latest|OFFSET, and start it again`
    this.#group?.pause([{ topic, partitions: [partition] }])
    this.#options.onHalted({ topic, partition }, progress.halted)
  }

  async #deliver(progress: Progress, batch: Batch): Promise<void> {
    const since = performance.now()
    this.#holds++
    try {
      await this.#options.receiver.batch(batch)
    } catch (error) {
      this.#options.onFailure(error)
      throw error
    } finally {
      this.#holds--
    }
    progress.nextOffset = Math.max(progress.nextOffset, batch.nextOffset)
    if (batch.last !== undefined) progress.last = batch.last
    if (performance.now() - since > (this.#options.holdMsMax ?? HOLD_MS_MAX))
      for (const one of this.#progress.values()) one.isDoubtful = true
  }

  /** What the client brings: records, batches that cannot be read, and how far the answer reaches. */
  async batch({ batch }: EachBatchPayload): Promise<void> {
    const progress = this.#progress.get(keyOf(batch))
    if (progress === undefined) throw new Error(`${keyOf(batch)} was never assigned`)
    if (progress.halted !== null) return
    if (progress.isDoubtful && (await this.#isAnother(progress))) return
    const fetched = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset)
    if (fetched > progress.nextOffset) {
      const because = `the client went from offset ${progress.nextOffset} to ${fetched} without reading what is between`
      return this.#halt(progress, because)
    }
    const messages = batch.messages as unknown as readonly Message[]
    const end = Number(batch.highWatermark)
    const last = messages.at(-1)?.offset ?? -1
    if (last >= end && (await this.#liesBeyond(progress, last))) return
    progress.isStray = false
    await this.#take(progress, messages, { fetched, end })
  }

  /** The offset of a batch lies outside of its checksum. An answer may be newer than the end that it says, so that is asked. */
  async #liesBeyond(progress: Progress, last: number): Promise<boolean> {
    const ends = await this.#ends([progress.topic]).catch((error) => {
      throw new BrokerError(error)
    })
    const { high } = ends.get(keyOf(progress)) ?? progress.ends
    if (last < high) return false
    if (progress.isStray) this.#halt(progress, `an answer holds offset ${last}, and the partition ends at ${high}`)
    else
      this.#group?.seek({ topic: progress.topic, partition: progress.partition, offset: String(progress.nextOffset) })
    progress.isStray = true
    return true
  }

  async #take(
    progress: Progress,
    messages: readonly Message[],
    { fetched, end }: { fetched: number; end: number },
  ): Promise<void> {
    const holes = this.#holes(progress, messages.at(-1)?.extent ?? null, fetched)
    let records: Message[] = []
    for (const message of messages) {
      while (holes[0] !== undefined && message.offset >= holes[0].to) {
        const hole = holes.shift() as Hole
        await this.#apply(progress, records, hole.from, end)
        await this.#miss(progress, hole, end)
        if (progress.halted !== null) return
        records = []
      }
      const { lost, extent, offset } = message
      if (lost !== null) {
        await this.#apply(progress, records, lost.from, end)
        await this.#loseBatch(progress, lost, end)
        if (progress.halted !== null) return
        records = []
      } else if (extent === null) records.push(message)
      else await this.#apply(progress, records, offset + 1, end)
    }
  }

  /** Offsets that the answer passes over and should not: in a compacted topic none. */
  #holes({ topic }: Progress, extent: Extent | null, fetched: number): Hole[] {
    if (extent === null || this.#kinds.get(topic)?.isCompacted !== false) return []
    return extent.from > fetched ? [{ from: fetched, to: extent.from }, ...extent.holes] : [...extent.holes]
  }

  async #apply(progress: Progress, records: readonly Message[], nextOffset: number, endOffset: number): Promise<void> {
    const last = records.at(-1)
    if (last === undefined && nextOffset <= progress.nextOffset) return
    const { topic, partition } = progress
    const identity = last !== undefined && { last: identityOf(last) }
    await this.#deliver(progress, { topic, partition, records, nextOffset, endOffset, ...identity })
  }

  async #miss(progress: Progress, { from, to }: Hole, end: number): Promise<void> {
    const detail = `the log has no offsets ${from} to ${to - 1}, and the topic is not compacted`
    await this.#lose(progress, { reason: 'missing', from, records: to - from, detail, sample: none }, to, end)
  }

  async #loseBatch(progress: Progress, lost: LostBatch, end: number): Promise<void> {
    const { to, detail, sample } = lost
    // Its first records may have been read from another answer, or have been removed.
    const from = Math.max(lost.from, progress.nextOffset)
    if (to === undefined || to > end)
      return this.#halt(progress, `the batch at offset ${from} is corrupt (${detail}) and does not say where it ends`)
    if (to <= from) return
    const records = from === lost.from ? lost.records : to - from
    await this.#lose(progress, { reason: 'undecodable', from, records, detail, sample }, to, end)
  }

  /**
   * Looks where the partitions end: tells the receiver of those that have nothing more, which a fetch that returns nothing
   * would not, and halts those that end before what was read.
   *
   * @returns how many offsets were read of all partitions, and whether one has more; so has one that was not assigned yet
   */
  async lookAtEnds(): Promise<{ read: number; isBehind: boolean }> {
    let isBehind = false
    const { topics } = this.#options
    // Reading goes on while the broker answers: only what was read before the question must lie before the end.
    const before = new Map([...this.#progress].map(([place, { nextOffset }]) => [place, nextOffset]))
    for (const [place, { low, high }] of await this.#ends(topics)) {
      const progress = this.#progress.get(place)
      const read = before.get(place)
      if (progress === undefined) isBehind ||= high > low
      if (progress === undefined || read === undefined || progress.halted !== null) continue
      // Neither goes back while the topic stays the same one, though a new leader may tell late of what was removed.
      if (low < progress.ends.low || high < progress.ends.high) progress.isDoubtful = true
      progress.ends = { low, high }
      if (read > high) this.#halt(progress, endsBefore({ nextOffset: read }, high))
      else if (progress.nextOffset === high) {
        const { topic, partition } = progress
        await this.#deliver(progress, { topic, partition, records: [], nextOffset: high, endOffset: high })
      } else isBehind ||= progress.nextOffset < high
    }
    return { read: [...this.#progress.values()].reduce((sum, { nextOffset }) => sum + nextOffset, 0), isBehind }
  }

  get #connectedAdmin(): Admin {
    if (this.#admin === undefined) throw new Error('no client is connected')
    return this.#admin
  }

  /** Commits for a group without members, by itself: the client's own way joins the group for it, and takes five seconds. */
  async tellGroup(groupId: string, positions: ReadonlyArray<Partition & { nextOffset: number }>): Promise<void> {
    const topics = this.#options.topics
      .map((topic) => ({
        topic,
        partitions: positions
          .filter((position) => position.topic === topic)
          .map(({ partition, nextOffset }) => ({ partition, offset: String(nextOffset) })),
      }))
      .filter(({ partitions }) => partitions.length > 0)
    if (this.#group === undefined || topics.length === 0) return
    const coordinator = await this.#group.cluster.findGroupCoordinator({ groupId })
    await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: '', topics })
  }

  #ends(topics: readonly string[]): Promise<Map<string, Ends>> {
    return endsOf(this.#connectedAdmin, topics)
  }

  /** Asked once; who may not ask is told of no missing offsets. */
  async #learnKinds(): Promise<void> {
    if (this.#kinds.size > 0) return
    for (const [topic, kind] of await kindsOf(this.#connectedAdmin, this.#options)) this.#kinds.set(topic, kind)
  }
}

const none = new Uint8Array(0)

interface Hole {
  readonly from: number
  readonly to: number
}

function endsBefore({ nextOffset }: { nextOffset: number }, high: number): string {
  return `it ends at offset ${high}, and was read up to ${nextOffset}: the topic was created anew or truncated`
}

function timeOf(timestamp: number): string {
  return timestamp >= 0 && timestamp <= 8.64e15 ? new Date(timestamp).toISOString() : String(timestamp)
}
