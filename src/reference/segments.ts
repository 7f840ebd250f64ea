// What a reference says of the segments of its rows: each segment is compared with itself, for segments differ by nature.

import { hashHex } from '../events/id-hash.ts'
import { MISSING_SEGMENT, OTHER_SEGMENT, segmentName, segmentOf, segmentText } from '../events/segment.ts'
import type { Layout } from '../summaries/layout.ts'
import type { OutcomeSchema } from '../summaries/schema.ts'
import type { SegmentLayout } from '../summaries/segment-layout.ts'
import { coarsened, segmentLayout } from '../summaries/segment-layout.ts'
import { groupsOf } from './comparison.ts'
import type { Summaries } from './period.ts'
import { plainColumn, plainOutcome } from './plain-schema.ts'
import type { ReferenceRow } from './reading.ts'

/** Which columns tell segments apart, and how many values of each. */
export interface SegmentChoice {
  readonly columns: readonly string[]
  readonly valuesMax: number
}

/** What is known of the rows of one segment. */
export type SegmentPart = Summaries

export interface ReferenceSegments {
  /** Hash of the layout of the parts. */
  readonly layout: string
  /** By name, such as `country=DE`. */
  readonly parts: Readonly<Record<string, SegmentPart>>
}

interface WithSegments {
  readonly segments?: ReferenceSegments
}

/** A segment layout, and a hash by which equal ones are told. */
export interface NamedSegmentLayout extends SegmentLayout {
  readonly id: string
}

/** The layout of the segments of all models that count as this reference does, and group its bins as it does. */
export function segmentLayoutOf({
  layout,
  outcome,
  inputs,
}: {
  readonly layout: Layout
  readonly outcome: OutcomeSchema
  readonly inputs: Float64Array
}): NamedSegmentLayout {
  const made = segmentLayout(layout.inputs, outcome, (cells) =>
    groupsOf(inputs.subarray(cells.counts, cells.counts + cells.bins)),
  )
  const columns = made.inputs.columns.map(({ column }) => plainColumn(column))
  return { ...made, id: hashHex(JSON.stringify({ columns, outcome: plainOutcome(outcome) })) }
}

/** What the reference says of a segment; undefined where it knows nothing of it, or counts otherwise. */
export function partOf({ segments }: WithSegments, { id }: NamedSegmentLayout, name: string): SegmentPart | undefined {
  return segments?.layout === id && Object.hasOwn(segments.parts, name) ? segments.parts[name] : undefined
}

/**
 * Learns what the rows of a reference say of their segments. Of a column in which no row has a value nothing is known.
 *
 * @param summarise sums some of the rows up, in the layout of the whole
 */
export function learnSegments(
  rows: readonly ReferenceRow[],
  { columns, valuesMax }: SegmentChoice,
  layout: NamedSegmentLayout,
  summarise: (rows: readonly ReferenceRow[]) => Summaries,
): ReferenceSegments {
  const parts: Array<[string, SegmentPart]> = []
  for (const column of columns) {
    const rowsOf = groupByValue(rows, column)
    const named = [...rowsOf.keys()].filter((value) => value !== MISSING_SEGMENT)
    if (named.length === 0) continue
    const told = named.filter((value) => value !== OTHER_SEGMENT)
    const kept = new Set(commonest(told, rowsOf).slice(0, valuesMax))
    const others = named.filter((value) => !kept.has(value)).flatMap((value) => rowsOf.get(value) ?? [])
    const wanted = [...[...kept].map((value) => [value, rowsOf.get(value) ?? []] as const)]
    for (const [value, some] of [
      ...wanted,
      [OTHER_SEGMENT, others],
      [MISSING_SEGMENT, rowsOf.get(MISSING_SEGMENT) ?? []],
    ] as const) {
      if (some.length === 0) continue
      const { inputs, outcomes } = summarise(some)
      parts.push([
        segmentName(column, value),
        { inputs: coarsened(layout, inputs), outcomes: outcomes.slice(0, layout.outcomes.size) },
      ])
    }
  }
  return { layout: layout.id, parts: Object.fromEntries(parts) }
}

/** The reference with the outcomes of its period by segment, once its labels have come. */
export function withSegmentOutcomes<Content extends WithSegments>(
  content: Content,
  outcomesOf: ReadonlyMap<string, Float64Array>,
): Content {
  const { segments } = content
  if (segments === undefined) return content
  const parts = Object.entries(segments.parts).map(([name, part]): [string, SegmentPart] => {
    const outcomes = outcomesOf.get(name)
    return [name, outcomes?.length === part.outcomes.length ? { ...part, outcomes } : part]
  })
  return { ...content, segments: { ...segments, parts: Object.fromEntries(parts) } }
}

function groupByValue(rows: readonly ReferenceRow[], column: string): Map<string, ReferenceRow[]> {
  const rowsOf = new Map<string, ReferenceRow[]>()
  for (const row of rows) {
    const value = segmentText(segmentOf(row.event, column))
    const some = rowsOf.get(value)
    if (some === undefined) rowsOf.set(value, [row])
    else some.push(row)
  }
  return rowsOf
}

/** Values by their rows, most of them first; of equally many in the order of their names. */
function commonest(values: readonly string[], rowsOf: ReadonlyMap<string, readonly unknown[]>): string[] {
  const count = (value: string) => rowsOf.get(value)?.length ?? 0
  return [...values].sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))
}
