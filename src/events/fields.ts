// What each field of an event may hold. Every reader returns the field's value or throws a RecordError that says what is wrong.

import type { Instant } from '../time.ts'
import { className } from './class-name.ts'
import type { OutcomeValue, RejectionReason } from './event.ts'
import { readInstant } from './event-time.ts'
import type { JsonRecord } from './json-record.ts'
import { describeValue, RecordError } from './record-error.ts'

const ID_BYTES_MAX = 256
/** Model names, versions and class names become labels of metrics. */
export const NAME_LENGTH_MAX = 128

const noFeatures: JsonRecord = Object.freeze({})

/** `null`, absent and not-a-number (also as text) say that there is no value. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === 'NaN' || Number.isNaN(value)
}

/** Keys that name parts of JavaScript's own objects; nobody means them as data. */
export function isUnsafeKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype'
}

/** @throws RecordError unsafe_key */
export function refuseUnsafeKeys(record: JsonRecord, place: string): void {
  if (
    Object.hasOwn(record, '__proto__') ||
    Object.hasOwn(record, 'constructor') ||
    Object.hasOwn(record, 'prototype')
  ) {
    const key = Object.keys(record).find(isUnsafeKey)
    throw new RecordError('unsafe_key', `the key ${key} in ${place} is never accepted; call it something else`)
  }
}

/** The id that joins a label to its prediction. Whole numbers are taken as their text. */
export function readId(value: unknown): string {
  if (typeof value === 'string') return checkId(value)
  if (isAbsent(value)) throw new RecordError('missing_id', 'the record has no id')
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value)
  const cure = typeof value === 'number' ? '; it is too large to be exact as a number, send it as text' : ''
  throw new RecordError('bad_id', `an id is text or a whole number, found ${describeValue(value)}${cure}`)
}

function checkId(id: string): string {
  if (id === '') throw new RecordError('missing_id', 'the id is empty')
  // One unit of UTF-16 is at most three bytes of UTF-8, so that ordinary ids need not be measured.
  if (id.length * 3 > ID_BYTES_MAX && utf8Bytes(id) > ID_BYTES_MAX) {
    throw new RecordError('bad_id', `the id has more than ${ID_BYTES_MAX} bytes: ${describeValue(id)}`)
  }
  return id
}

function utf8Bytes(text: string): number {
  if (text.length > ID_BYTES_MAX) return text.length
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** @param fallback the model that owns events without a model name; null when there is no such model */
export function readModel(value: unknown, fallback: string | null): string {
  if (typeof value === 'string' && value !== '' && value.length <= NAME_LENGTH_MAX) return value
  if (isAbsent(value)) {
    if (fallback !== null) return fallback
    throw new RecordError(
      'missing_model',
      'the event names no model, and no single model owns the events of this source',
    )
  }
  throw new RecordError(
    'missing_model',
    `a model's name is text of 1 to ${NAME_LENGTH_MAX} characters, found ${describeValue(value)}`,
  )
}

/** The version that was read last: nearly every event has the same. */
let lastVersion = ''

/** The model's version as text; '' where the event names none. */
export function readVersion(value: unknown): string {
  if (value === lastVersion) return lastVersion
  if (typeof value === 'string' && value.length <= NAME_LENGTH_MAX && isOneLine(value)) {
    lastVersion = value === 'NaN' ? '' : value
    return lastVersion
  }
  if (isAbsent(value)) return ''
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  throw new RecordError(
    'bad_version',
    `a version is text of at most ${NAME_LENGTH_MAX} characters on one line or a number, found ${describeValue(value)}`,
  )
}

/** Text without control characters and halves of characters: it becomes a label of metrics, a line of a log, a part of a title. */
export function isOneLine(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text) && text.isWellFormed()
}

/** @throws RecordError missing_time or bad_time */
export function readTime(value: unknown): Instant {
  const time = readOptionalTime(value)
  if (time === null) throw new RecordError('missing_time', 'the event has no time')
  return time
}

/** An instant, or null where there is no value. */
export function readOptionalTime(value: unknown): Instant | null {
  const time = readInstant(value)
  if (time !== undefined) return time
  if (isAbsent(value)) return null
  throw new RecordError(
    'bad_time',
    `${describeValue(value)} is not a time between 1970 and 9999; write ISO 8601 such as 2026-11-23T08:00:00Z, or an epoch number`,
  )
}

/** The features as they came: the very object, not a copy. */
export function readFeatures(value: unknown): JsonRecord {
  if (value === undefined || value === null) return noFeatures
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new RecordError('bad_features', `features are an object of values by name, found ${describeValue(value)}`)
  }
  refuseUnsafeKeys(value as JsonRecord, 'features')
  return value as JsonRecord
}

/** The segments that the row belongs to, by column, as they came; null where the event names none. */
export function readSegments(value: unknown): JsonRecord | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new RecordError('bad_segments', `segments are an object of names by column, found ${describeValue(value)}`)
  }
  refuseUnsafeKeys(value as JsonRecord, 'segments')
  return value as JsonRecord
}

/** Probability of the positive class, or null where there is none. */
export function readScore(value: unknown): number | null {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  if (isAbsent(value)) return null
  throw new RecordError('bad_score', `a score is a number from 0 to 1, found ${describeValue(value)}`)
}

/** Probabilities by class name, or null where there are none. */
export function readProbabilities(value: unknown): Readonly<Record<string, number>> | null {
  if (isAbsent(value)) return null
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RecordError(
      'bad_probabilities',
      `probabilities are an object of numbers by class, found ${describeValue(value)}`,
    )
  }
  const probabilities = value as Readonly<Record<string, number>>
  refuseUnsafeKeys(probabilities, 'probabilities')
  let renamed = false
  for (const name in probabilities) {
    const probability: unknown = probabilities[name]
    if (!(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
      throw new RecordError(
        'bad_probabilities',
        `the probability of ${describeValue(name)} is ${describeValue(probability)}; it must be a number from 0 to 1`,
      )
    }
    renamed ||= className(name) !== name
  }
  if (!renamed) return probabilities
  return Object.fromEntries(Object.entries(probabilities).map(([name, probability]) => [className(name), probability]))
}

/**
 * A prediction or a label: a class name, a finite number or a list of class names, or null where there is none.
 *
 * @param reason what a wrong value is called: bad_prediction or bad_label
 */
export function readOutcome(value: unknown, reason: RejectionReason): OutcomeValue | null {
  if (typeof value === 'string' && value !== '' && value.length <= NAME_LENGTH_MAX) {
    return value === 'NaN' ? null : className(value)
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'boolean') return className(value)
  if (isAbsent(value)) return null
  if (Array.isArray(value)) return readNames(value, reason)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  throw new RecordError(
    reason,
    `a class is text of 1 to ${NAME_LENGTH_MAX} characters or a finite number, found ${describeValue(value)}`,
  )
}

/** More than a multilabel model can have, and few enough to be kept while they wait for their prediction. */
const NAMES_MAX = 64

/** A list of names; one that is none, or stands there twice, makes the list wrong. */
function readNames(list: readonly unknown[], reason: RejectionReason): readonly string[] {
  if (list.length > NAMES_MAX) throw new RecordError(reason, `a list has ${list.length} names, at most ${NAMES_MAX}`)
  const names = list.map((item) => {
    const name = Array.isArray(item) ? null : readOutcome(item, reason)
    if (name === null) {
      throw new RecordError(reason, `a list of labels holds names, found ${describeValue(item)} in it`)
    }
    return className(name as string | number)
  })
  if (new Set(names).size < names.length) throw new RecordError(reason, `a name stands twice in ${describeValue(list)}`)
  return names
}
