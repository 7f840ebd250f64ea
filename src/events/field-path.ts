// Where a value lies in a record: a column's name, or a path into nested JSON.

import type { JsonRecord } from './json-record.ts'

/** Reads one value of a record; undefined where the record does not have it. */
export type FieldPath = (record: JsonRecord) => unknown

/**
 * Compiles a field path such as `age` or `payload.features.age`.
 *
 * A key that is written exactly like the whole path comes first, so that a flat column may have dots in its name. Only keys
 * of the record itself are seen, never what JavaScript's objects inherit.
 */
export function compileFieldPath(path: string): FieldPath {
  if (!path.includes('.')) return (record) => (Object.hasOwn(record, path) ? record[path] : undefined)
  const steps = path.split('.')
  return (record) => {
    if (Object.hasOwn(record, path)) return record[path]
    let value: unknown = record
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
      value = (value as JsonRecord)[step]
    }
    return value
  }
}

/** The top-level key that a path starts from: what the mapping takes, an event's features cannot be. */
export function rootOf(path: string): string {
  return path.split('.', 1)[0] as string
}
