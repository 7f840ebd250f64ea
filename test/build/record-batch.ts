// Record batches as they lie in Kafka's log, made by hand: also such as no broker would take.

import { crc32c } from '../../src/sources/codecs/crc32c.ts'

export interface BatchSpec {
  /** Offset of the first record. */
  readonly from: number
  readonly values: ReadonlyArray<string | Buffer | null>
  /** Distance of each record from `from`; left out: 0, 1, 2, … */
  readonly deltas?: readonly number[]
  readonly lastDelta?: number
  readonly attributes?: number
  readonly firstTime?: number
  readonly producerId?: number
  /** Applied to the records, as the attributes say. */
  readonly compress?: (records: Buffer) => Buffer
}

const HEADER = 61

export function encodeBatch(spec: BatchSpec): Buffer {
  const { from, values, attributes = 0, firstTime = 1_000, producerId = -1, compress = (bytes) => bytes } = spec
  const deltas = spec.deltas ?? values.map((_, i) => i)
  const records = compress(Buffer.concat(values.map((value, i) => encodeRecord(deltas[i] as number, value))))
  const header = Buffer.alloc(HEADER)
  header.writeBigInt64BE(BigInt(from), 0)
  header.writeInt32BE(HEADER - 12 + records.length, 8)
  header.writeInt8(2, 16)
  header.writeInt16BE(attributes, 21)
  header.writeInt32BE(spec.lastDelta ?? deltas.at(-1) ?? 0, 23)
  header.writeBigInt64BE(BigInt(firstTime), 27)
  header.writeBigInt64BE(BigInt(firstTime + values.length), 35)
  header.writeBigInt64BE(BigInt(producerId), 43)
  header.writeInt16BE(-1, 51)
  header.writeInt32BE(-1, 53)
  header.writeInt32BE(values.length, 57)
  return sealed(Buffer.concat([header, records]))
}

/** With the checksum that its bytes have. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

function encodeRecord(delta: number, value: string | Buffer | null): Buffer {
  const bytes = value === null ? null : Buffer.from(value)
  const body = Buffer.concat([
    Buffer.of(0),
    zigzag(delta),
    zigzag(delta),
    zigzag(-1),
    zigzag(bytes === null ? -1 : bytes.length),
    bytes ?? Buffer.alloc(0),
    zigzag(0),
  ])
  return Buffer.concat([zigzag(body.length), body])
}

function zigzag(value: number): Buffer {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}
