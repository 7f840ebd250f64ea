// The segments that a model's rows are told apart by, and their numbers: given once, in the order in which they come, and kept.

import type { PredictionEvent } from '../events/event.ts'
import {
  MISSING_SEGMENT,
  OTHER_SEGMENT,
  partsOfSegment,
  segmentName,
  segmentOf,
  segmentText,
} from '../events/segment.ts'
import { SEGMENT_NUMBER_MAX } from '../join/entry.ts'
import type { SegmentChoice } from '../reference/segments.ts'

interface ValuesOfColumn {
  readonly column: string
  readonly numberOf: Map<string, number>
  /** Values with a segment of their own. */
  told: number
}

/** Beyond it only names that stand for others are added, so that every number fits into an entry. */
const NAMES_MAX = SEGMENT_NUMBER_MAX - 1_000

/** Values that stand for others take no place among those that are told apart. */
const stands: ReadonlySet<string> = new Set([MISSING_SEGMENT, OTHER_SEGMENT])

export class SegmentValues {
  readonly choice: SegmentChoice
  /** By number, also of columns that are no longer asked for. */
  readonly names: string[] = []
  readonly #columns: readonly ValuesOfColumn[]
  /** Rows since they were last counted whose value has no segment of its own. */
  #over = 0
  #hasNews = false

  /**
   * @param known names by number, of an earlier run
   * @param expected names that the reference knows: they come first where there is room
   */
  constructor(choice: SegmentChoice, known: readonly string[] = [], expected: readonly string[] = []) {
    this.choice = choice
    this.#columns = choice.columns.map((column) => ({ column, numberOf: new Map(), told: 0 }))
    for (const name of known) this.#add(name)
    this.#hasNews = false
    for (const name of expected) {
      const { column, value } = partsOfSegment(name)
      const values = this.#columns.find((one) => one.column === column)
      if (values !== undefined && !values.numberOf.has(value)) this.#admit(values, value, false)
    }
  }

  /**
   * The numbers of the segments that a row belongs to, one of each column.
   *
   * @param isTight memory is short: no segment is added
   */
  of(event: Pick<PredictionEvent, 'segments' | 'features'>, isTight = false): readonly number[] {
    const numbers: number[] = []
    for (const values of this.#columns) {
      const raw = segmentOf(event, values.column)
      const known = typeof raw === 'string' ? values.numberOf.get(raw) : undefined
      numbers.push(known ?? this.#numberOf(values, segmentText(raw), isTight))
    }
    return numbers
  }

  #numberOf(values: ValuesOfColumn, value: string, isTight: boolean): number {
    const known = values.numberOf.get(value)
    if (known !== undefined && value !== OTHER_SEGMENT) return known
    const admitted = value === OTHER_SEGMENT ? undefined : this.#admit(values, value, isTight)
    if (admitted !== undefined) return admitted
    this.#over++
    return values.numberOf.get(OTHER_SEGMENT) ?? this.#add(segmentName(values.column, OTHER_SEGMENT))
  }

  /** @returns undefined where there is no room for one more */
  #admit(values: ValuesOfColumn, value: string, isTight: boolean): number | undefined {
    const hasRoom = values.told < this.choice.valuesMax && this.names.length < NAMES_MAX && !isTight
    return hasRoom || stands.has(value) ? this.#add(segmentName(values.column, value)) : undefined
  }

  #add(name: string): number {
    const number = this.names.push(name) - 1
    this.#hasNews = true
    const { column, value } = partsOfSegment(name)
    const values = this.#columns.find((one) => one.column === column)
    if (values === undefined) return number
    values.numberOf.set(value, number)
    if (!stands.has(value)) values.told++
    return number
  }

  /** Rows since the last call whose value has no segment of its own: they were counted with the others. */
  takeOver(): number {
    const over = this.#over
    this.#over = 0
    return over
  }

  /** Whether names are to be saved. */
  get hasNews(): boolean {
    return this.#hasNews
  }

  saved(): void {
    this.#hasNews = false
  }
}
