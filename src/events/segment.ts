// Which segment of a column a row belongs to: what the event says of it, or else its feature of that name.

import type { PredictionEvent } from './event.ts'
import { isAbsent, isOneLine, NAME_LENGTH_MAX } from './fields.ts'

/** Rows that do not say, and rows of values beyond those that are told apart, or that are no names. */
export const MISSING_SEGMENT = '__missing__'
export const OTHER_SEGMENT = '__other__'

/** The name of a segment, such as `country=DE`: in results, panes and addresses. */
export function segmentName(column: string, value: string): string {
  return `${column}=${value}`
}

/** The column and the value of a segment's name. */
export function partsOfSegment(name: string): { readonly column: string; readonly value: string } {
  const at = name.indexOf('=')
  return { column: name.slice(0, at), value: name.slice(at + 1) }
}

/** What a row says of a segment column, as it came; undefined where it says nothing. */
export function segmentOf(
  { segments, features }: Pick<PredictionEvent, 'segments' | 'features'>,
  column: string,
): unknown {
  if (segments != null && Object.hasOwn(segments, column)) return segments[column]
  return Object.hasOwn(features, column) ? features[column] : undefined
}

/** A value as the name of a segment. The empty text is no name: it is missing. */
export function segmentText(value: unknown): string {
  if (typeof value === 'string') {
    if (value === '' || value === 'NaN') return MISSING_SEGMENT
    return value.length <= NAME_LENGTH_MAX && isOneLine(value) ? value : OTHER_SEGMENT
  }
  if (isAbsent(value)) return MISSING_SEGMENT
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : OTHER_SEGMENT
}
