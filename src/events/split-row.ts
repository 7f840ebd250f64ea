// How a file source plays a row back: the prediction when it was made, the label when it became known.

import type { Row } from '../sources/source.ts'
import type { Instant } from '../time.ts'
import { readInstant } from './event-time.ts'
import type { FieldPath } from './field-path.ts'
import { compileFieldPath } from './field-path.ts'
import { isAbsent } from './fields.ts'
import type { EventMapping } from './mapping.ts'

/** A part of a row and its event time; null where it has no readable time, and so belongs right where the row stands. */
export interface TimedPart {
  readonly at: Instant | null
  readonly value: Row
}

/**
 * Compiles the plan of a file's rows: the prediction at its time, then the label at its own time.
 *
 * A row with a label of its own time becomes two parts: the row without its label, and the id with the label. Any other row
 * stays whole. Every part decodes through the same compiled mapping, and a part that cannot be read does not take the other
 * with it.
 */
export function splitRow(mapping: EventMapping): (row: Row) => readonly TimedPart[] {
  const { time, label, labelTime } = mapping
  const timeOf = cellOf(time)
  const labelOf = cellOf(label)
  // A label time that is the prediction's own time is no other time.
  const labelTimeOf = cellOf(labelTime === time ? undefined : labelTime)
  const labelPaths = [label, labelTime].filter((path) => path !== undefined)
  const keptPaths = [mapping.id, ...labelPaths]
  return (row) => {
    const predictedAt = timeOf(row)
    const labelledAt = labelTimeOf(row)
    if (isEmpty(predictedAt) || isEmpty(labelledAt) || isEmpty(labelOf(row))) {
      return [{ at: readInstant(isEmpty(predictedAt) ? labelledAt : predictedAt) ?? null, value: row }]
    }
    return [
      { at: readInstant(predictedAt) ?? null, value: without(row, labelPaths) },
      { at: readInstant(labelledAt) ?? null, value: only(row, keptPaths) },
    ]
  }
}

function cellOf(path: string | undefined): FieldPath {
  return path === undefined ? () => undefined : compileFieldPath(path)
}

function isEmpty(cell: unknown): boolean {
  return isAbsent(cell) || cell === ''
}

/** The row without some fields. A nested field is hidden by a key written like its path, which every path looks for first. */
function without(row: Row, paths: readonly string[]): Row {
  const rest: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(row)) if (!paths.includes(key)) rest[key] = row[key]
  for (const path of paths) if (!Object.hasOwn(row, path)) rest[path] = undefined
  return rest
}

function only(row: Row, paths: readonly string[]): Row {
  const kept: Record<string, unknown> = Object.create(null)
  for (const path of paths) kept[path] = compileFieldPath(path)(row)
  return kept
}
