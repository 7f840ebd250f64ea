// Values of categorical columns that the reference has never seen, by name: the cell UNSEEN counts them, and this tells some of them.
//
// Kept are those with the smallest hashes, per column and in all: which ones does not depend on the order in which rows come, and
// the counts of those that are kept are exact, for what was let go never comes back. Two periods of event time are kept, so that
// names of long ago make room.

import { seedOf } from '../events/id-hash.ts'
import type { Instant, Millis } from '../time.ts'

/** Names kept of one column in one period. */
export const NAMES_OF_COLUMN_MAX = 20
/** Names kept of all columns in one period. */
const NAMES_MAX = 200
/** Longer names are cut: what came is some 256 KB at most. */
const NAME_LENGTH_MAX = 100

export interface UnseenName {
  readonly name: string
  readonly count: number
  /** Event times of the first and the last row with it. */
  readonly first: Instant
  readonly last: Instant
}

interface Kept {
  readonly hash: number
  count: number
  first: Instant
  last: Instant
}

interface Saved {
  readonly periodMs: Millis
  readonly periods: Array<[number, Array<[string, Array<[string, number, Instant, Instant]>]>]>
}

interface Period {
  readonly columns: Map<string, Map<string, Kept>>
  size: number
}

export class UnseenNames {
  readonly #periodMs: Millis
  /** By number; the newest two. */
  readonly #periods = new Map<number, Period>()

  /** @param periodMs so long the names of a window are kept at least, if no window is longer */
  constructor(periodMs: Millis) {
    this.#periodMs = periodMs
  }

  take(column: string, value: unknown, time: Instant): void {
    const period = this.#periodOf(time)
    if (period === undefined) return
    const whole = String(value)
    const name = whole.length > NAME_LENGTH_MAX ? `${whole.slice(0, NAME_LENGTH_MAX)}…` : whole
    let names = period.columns.get(column)
    if (names === undefined) {
      names = new Map()
      period.columns.set(column, names)
    }
    const known = names.get(name)
    if (known !== undefined) {
      known.count++
      known.first = Math.min(known.first, time)
      known.last = Math.max(known.last, time)
      return
    }
    names.set(name, { hash: hashOf(column, name), count: 1, first: time, last: time })
    period.size++
    if (names.size > NAMES_OF_COLUMN_MAX) dropLargest(period, [[column, names]])
    if (period.size > NAMES_MAX) dropLargest(period, period.columns)
  }

  #periodOf(time: Instant): Period | undefined {
    const number = Math.floor(time / this.#periodMs)
    const found = this.#periods.get(number)
    if (found !== undefined) return found
    const newest = Math.max(...this.#periods.keys())
    if (number < newest - 1) return undefined
    const period: Period = { columns: new Map(), size: 0 }
    this.#periods.set(number, period)
    for (const older of this.#periods.keys()) if (older < Math.max(newest, number) - 1) this.#periods.delete(older)
    return period
  }

  /** Those that came in a stretch of time, the most frequent first; counts are of all their time. */
  of(column: string, { start, end }: { readonly start: Instant; readonly end: Instant }): UnseenName[] {
    const found = new Map<string, UnseenName>()
    for (const { columns } of this.#periods.values()) {
      for (const [name, { count, first, last }] of columns.get(column) ?? []) {
        const known = found.get(name)
        found.set(name, {
          name,
          count: count + (known?.count ?? 0),
          first: Math.min(first, known?.first ?? first),
          last: Math.max(last, known?.last ?? last),
        })
      }
    }
    return [...found.values()]
      .filter(({ first, last }) => last >= start && first < end)
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
  }

  /** undefined while there are none. The same for the same rows, in whichever order they came. */
  save(): unknown {
    if (this.#periods.size === 0) return undefined
    const inOrder = <Key, Value>(map: Iterable<[Key, Value]>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
    const periods = inOrder(this.#periods).map(([number, { columns }]) => [
      number,
      inOrder(columns)
        .filter(([, names]) => names.size > 0)
        .map(([column, names]) => [
          column,
          inOrder(names).map(([name, { count, first, last }]) => [name, count, first, last]),
        ]),
    ])
    return { periodMs: this.#periodMs, periods }
  }

  restore(saved: unknown): void {
    if (saved === undefined) return
    const { periodMs, periods } = saved as Saved
    // Under other windows periods are others: it begins anew.
    if (periodMs !== this.#periodMs) return
    for (const [number, columns] of periods) {
      const period: Period = { columns: new Map(), size: 0 }
      for (const [column, names] of columns) {
        period.columns.set(
          column,
          new Map(
            names.map(([name, count, first, last]) => [name, { hash: hashOf(column, name), count, first, last }]),
          ),
        )
        period.size += names.length
      }
      this.#periods.set(number, period)
    }
  }
}

function dropLargest(period: Period, columns: Iterable<[string, Map<string, Kept>]>): void {
  let largest: { names: Map<string, Kept>; name: string; hash: number } | undefined
  for (const [, names] of columns)
    for (const [name, { hash }] of names)
      if (largest === undefined || hash > largest.hash || (hash === largest.hash && name > largest.name))
        largest = { names, name, hash }
  if (largest === undefined) return
  largest.names.delete(largest.name)
  period.size--
}

/** The same on every machine. */
function hashOf(column: string, name: string): number {
  return seedOf(`${column}\u0000${name}`)
}
