// What a record is known by when it is read again: an offset alone says nothing once a topic has been created anew.

import { createHash } from 'node:crypto'
import type { RecordIdentity } from './source.ts'

/** @param record as Kafka holds it; null is a tombstone */
export function identityOf(record: {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}): RecordIdentity {
  const hash = createHash('sha256')
  for (const field of [record.key, record.value]) {
    hash.update(field === null ? 'null;' : `${field.length};`)
    if (field !== null) hash.update(field)
  }
  return { offset: record.offset, timestamp: record.timestamp, hash: hash.digest('hex').slice(0, 32) }
}

export function isSame(a: RecordIdentity, b: RecordIdentity): boolean {
  return a.offset === b.offset && a.timestamp === b.timestamp && a.hash === b.hash
}
