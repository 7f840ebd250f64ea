// What a broker answers to a fetch, read batch by batch. A batch that cannot be read does not spoil the others: it becomes a
// mark that says which offsets it held, and why.
//
// kafkajs throws away the whole answer when one batch is bad, checks no checksum, and does not say how far an answer reaches; so this
// stands in its place (see kafka-patches.ts). Messages have what the rest of kafkajs looks at, and offsets and times as numbers.
//
// @see https://kafka.apache.org/documentation/#recordbatch

import { crc32c } from './codecs/crc32c.ts'
import { codecNames, decompress } from './codecs/decompress.ts'

/** What kafkajs looks at to leave out records of transactions that were aborted. */
interface BatchContext {
  readonly producerId: string
  readonly inTransaction: boolean
}

/** Offsets of a batch that cannot be read. */
export interface LostBatch {
  readonly from: number
  /** The first offset behind it; undefined when nothing says where it ends. */
  readonly to: number | undefined
  /** How many records it says it has. */
  readonly records: number
  readonly detail: string
  /** Its first bytes. */
  readonly sample: Buffer
}

/** What an answer covers, beside its records. */
export interface Extent {
  readonly from: number
  /** Offsets between batches at which there is nothing: compaction leaves such, and what removes files by hand. */
  readonly holes: ReadonlyArray<{ readonly from: number; readonly to: number }>
}

export interface Message {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly isControlRecord: boolean
  readonly batchContext: BatchContext
  /** This is no record but the place of a batch that cannot be read; its offset is the last one of it. */
  readonly lost: LostBatch | null
  /** This is no record but the end of an answer; its offset is the last one that the answer covers. */
  readonly extent: Extent | null
}

const none: BatchContext = { producerId: '-1', inTransaction: false }
const SAMPLE_BYTES_MAX = 4096

/** Offsets of the fields of a batch. */
const LENGTH = 8
const MAGIC = 16
const CRC = 17
const ATTRIBUTES = 21
const LAST_OFFSET_DELTA = 23
const FIRST_TIMESTAMP = 27
const MAX_TIMESTAMP = 35
const PRODUCER_ID = 43
const RECORDS_COUNT = 57
const RECORDS = 61
/** The length of a batch counts what comes behind it. */
const LENGTH_END = 12
const CODEC = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** Of one partition's part of an answer no more batches are unpacked beyond it; they are fetched again. A bound for what is held at once. */
const UNPACKED_BYTES = 16 * 1024 * 1024

/** Whether an answer is made of batches, not of the message sets of Kafka 0.10. */
export function isBatches(answer: Buffer): boolean {
  return answer.length <= MAGIC || answer.readInt8(MAGIC) >= 2
}

/** Corrupt batches that were seen once: perhaps the bytes were damaged on their way, and come right when fetched again. */
const suspects = new Set<string>()
const SUSPECTS_MAX = 1_000

/**
 * The messages of one partition's part of an answer, in order, with a last one that has its extent.
 *
 * A corrupt batch ends the answer when it is seen for the first time: it is fetched again. When the same bytes come again, it is lost;
 * it ends the answer then too, for its length may be what is wrong.
 *
 * @param answer may end in the middle of a batch, but of its first one: since version 3 of a fetch a broker gives that one whole
 * @param bytesMax a batch that decompresses to more is lost
 */
export async function readBatches(answer: Buffer, bytesMax: number): Promise<Message[]> {
  const messages: Message[] = []
  const holes: { from: number; to: number }[] = []
  let first: number | undefined
  let next: number | undefined
  let unpacked = 0
  for (let at = 0; at + RECORDS <= answer.length && unpacked < UNPACKED_BYTES; ) {
    const end = at + LENGTH_END + answer.readInt32BE(at + LENGTH)
    if (end > answer.length && at > 0 && !isNonsense(answer, at, end)) break
    const from = Number(answer.readBigInt64BE(at))
    const batch = answer.subarray(at, Math.min(end, answer.length))
    const crc = crc32c(batch, ATTRIBUTES)
    const isOrdered = next === undefined || from >= next
    const because = corruption(batch, { crc, isOrdered, bytes: end - at })
    if (because !== undefined) {
      if (isSeenFirst(`${from} ${batch.length} ${crc}`)) break
      const to = corruptEnd(answer, at, end)
      messages.push(markOf({ from, to, records: (to ?? from) - from, detail: because, sample: batch }, none))
      first ??= from
      next = to ?? from + 1
      break
    }
    if (next !== undefined && from > next) holes.push({ from: next, to: from })
    first ??= from
    next = from + batch.readInt32BE(LAST_OFFSET_DELTA) + 1
    unpacked += await readBatch(batch, from, messages, bytesMax)
    at = end
  }
  if (first !== undefined && next !== undefined)
    messages.push({ ...blank, offset: next - 1, extent: { from: first, holes } })
  return messages
}

/** The messages of Kafka 0.10, which kafkajs reads itself, in the same form. */
export function fromMessageSet(
  set: ReadonlyArray<{ offset: string; timestamp?: string; key: Buffer | null; value: Buffer | null }>,
): Message[] {
  const messages: Message[] = set.map(({ offset, timestamp, key, value }) => ({
    ...blank,
    offset: Number(offset),
    timestamp: Number(timestamp ?? -1),
    key,
    value,
  }))
  const [first, last] = [messages[0], messages.at(-1)]
  if (first === undefined || last === undefined) return []
  return [...messages, { ...blank, offset: last.offset, extent: { from: first.offset, holes: [] } }]
}

const blank = {
  timestamp: -1,
  key: null,
  value: null,
  isControlRecord: false,
  batchContext: none,
  lost: null,
  extent: null,
} as const

function markOf(lost: LostBatch, batchContext: BatchContext): Message {
  const sample = Buffer.from(lost.sample.subarray(0, SAMPLE_BYTES_MAX))
  return { ...blank, offset: (lost.to ?? lost.from + 1) - 1, batchContext, lost: { ...lost, sample } }
}

/** A length that cannot be one: an answer's last batch may be cut off, but it has a header. */
function isNonsense(answer: Buffer, at: number, end: number): boolean {
  return end < at + RECORDS || answer.readInt8(at + MAGIC) !== 2
}

/** Why the bytes of a batch are not what was written; undefined when they are. */
function corruption(
  batch: Buffer,
  { crc, isOrdered, bytes }: { crc: number; isOrdered: boolean; bytes: number },
): string | undefined {
  if (batch.length < RECORDS) return `a batch of ${batch.length} bytes, where ${RECORDS} are the least`
  if (batch.readInt8(MAGIC) !== 2) return `a batch of format ${batch.readInt8(MAGIC)} among those of format 2`
  if (batch.length < bytes) return `a batch of ${bytes} bytes in an answer that ends after ${batch.length}`
  const written = batch.readUInt32BE(CRC)
  if (crc !== written) return `its checksum is ${hex(crc)}, and ${hex(written)} was written`
  const delta = batch.readInt32BE(LAST_OFFSET_DELTA)
  const records = batch.readInt32BE(RECORDS_COUNT)
  if (delta < 0 || records < 0 || records > delta + 1) return `${records} records at ${delta + 1} offsets`
  return isOrdered ? undefined : 'its offsets lie before those of the batch in front of it'
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}

function isSeenFirst(suspect: string): boolean {
  if (suspects.delete(suspect)) return false
  if (suspects.size >= SUSPECTS_MAX) suspects.clear()
  suspects.add(suspect)
  return true
}

/** Where a corrupt batch ends: what its header says is believed when the batch behind it, or its number of records, agrees. */
function corruptEnd(answer: Buffer, at: number, end: number): number | undefined {
  const from = Number(answer.readBigInt64BE(at))
  const delta = answer.readInt32BE(at + LAST_OFFSET_DELTA)
  const records = answer.readInt32BE(at + RECORDS_COUNT)
  const to = from + delta + 1
  const isLikely = delta >= 0 && records >= 0 && records <= delta + 1
  if (end >= at + RECORDS && end + RECORDS <= answer.length && answer.readInt8(end + MAGIC) === 2) {
    const next = Number(answer.readBigInt64BE(end))
    if (next > from) return isLikely && to <= next ? to : next
  }
  return isLikely && records === delta + 1 ? to : undefined
}

/** @returns how many bytes its records have when they are unpacked */
async function readBatch(batch: Buffer, from: number, messages: Message[], bytesMax: number): Promise<number> {
  const attributes = batch.readInt16BE(ATTRIBUTES)
  const inTransaction = (attributes & TRANSACTIONAL) !== 0
  const context = inTransaction ? { producerId: batch.readBigInt64BE(PRODUCER_ID).toString(), inTransaction } : none
  const records = batch.readInt32BE(RECORDS_COUNT)
  const codec = attributes & CODEC
  const before = messages.length
  const packed = batch.subarray(RECORDS)
  // Compaction leaves such.
  if (records === 0 && packed.length === 0) return 0
  try {
    const bytes = codec === 0 ? packed : await decompress(codec, packed, bytesMax)
    readRecords(bytes, records, {
      from,
      lastDelta: batch.readInt32BE(LAST_OFFSET_DELTA),
      firstTime: Number(batch.readBigInt64BE(FIRST_TIMESTAMP)),
      appendTime: attributes & LOG_APPEND_TIME ? Number(batch.readBigInt64BE(MAX_TIMESTAMP)) : null,
      isControl: (attributes & CONTROL) !== 0,
      context,
      messages,
    })
    return bytes.length
  } catch (error) {
    // All of a batch or nothing of it: its records were written together.
    messages.length = before
    const to = from + batch.readInt32BE(LAST_OFFSET_DELTA) + 1
    const detail = error instanceof Error ? error.message : String(error)
    const codecName = codecNames[codec] ?? `codec ${codec}`
    messages.push(
      markOf(
        { from, to, records, detail: `${codecName} batch of ${batch.length} bytes: ${detail}`, sample: batch },
        context,
      ),
    )
    return 0
  }
}

interface Reading {
  readonly from: number
  readonly lastDelta: number
  readonly firstTime: number
  /** The time of all records of the batch, where the broker sets it. */
  readonly appendTime: number | null
  readonly isControl: boolean
  readonly context: BatchContext
  readonly messages: Message[]
}

/** Where the hot loop stands. One for all: it never waits. */
const cursor = { at: 0 }

/** Headers are passed over: nothing here looks at them. 0.2 µs a record of 760 bytes, and 0.5 for its checksum; kafkajs takes 0.9 without. */
function readRecords(bytes: Buffer, count: number, reading: Reading): void {
  const { from, lastDelta, firstTime, appendTime, isControl, context, messages } = reading
  let at = 0
  let before = -1
  for (let i = 0; i < count; i++) {
    cursor.at = at
    const length = varint(bytes)
    const end = cursor.at + length
    if (length < 0 || end > bytes.length) throw new Error(`record ${i + 1} of ${count} does not end`)
    cursor.at++ // attributes, which have no meaning yet
    const timeDelta = varlong(bytes)
    const offsetDelta = varint(bytes)
    if (offsetDelta <= before || offsetDelta > lastDelta)
      throw new Error(`record ${i + 1} of ${count} lies outside of its batch, or is out of order`)
    before = offsetDelta
    const key = field(bytes, end)
    const value = field(bytes, end)
    messages.push({
      offset: from + offsetDelta,
      timestamp: appendTime ?? firstTime + timeDelta,
      key,
      value,
      isControlRecord: isControl,
      batchContext: context,
      lost: null,
      extent: null,
    })
    at = end
  }
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes lie behind the last record`)
}

function field(bytes: Buffer, end: number): Buffer | null {
  const length = varint(bytes)
  if (length < 0) return null
  const { at } = cursor
  if (at + length > end) throw new Error('a field is longer than its record')
  cursor.at = at + length
  return bytes.subarray(at, at + length)
}

/** Zigzag, 32 bits. */
function varint(bytes: Buffer): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw new Error('a record breaks off')
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
  }
  throw new Error('a number has more than 32 bits')
}

/** Zigzag, 64 bits; exact to 2^53. */
function varlong(bytes: Buffer): number {
  let value = 0
  let factor = 1
  for (let i = 0; i < 10; i++) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) throw new Error('a record breaks off')
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    factor *= 128
  }
  throw new Error('a number has more than 64 bits')
}
