// The usual figures of a column, read off its cells: exact where the cells are, and from inside a bin where they lie in one.

import type { PreparedColumn } from '../reference/comparison.ts'
import { countFault, faultsOf } from '../reference/comparison.ts'
import { floatAbove, floatBelow } from '../summaries/bins.ts'
import type { NumericCells } from '../summaries/layout.ts'
import { rounded } from './series.ts'

/** Values may lie far from 0 and close together. */
const precise = (value: number) => Number(value.toPrecision(12))

/** One side. */
export interface SideStatistics {
  /** All rows, and those with a value. */
  readonly rows: number
  readonly values: number
  /** Shares of all rows. */
  readonly missing: number
  readonly wrongType: number
  readonly outOfRange: number | null
  readonly unseen: number | null
  /** Of numbers. */
  readonly mean: number | null
  /** Standard deviation between the bins' own means: what lies inside of a bin is not in it. */
  readonly deviation: number | null
  /** The lowest and the highest value; of a window the bounds of the bins that they lie in. */
  readonly least: Bounds | null
  readonly most: Bounds | null
  /** By level, from inside of the bin. */
  readonly quantiles: ReadonlyArray<{ readonly level: number; readonly value: number }>
}

/** null: without end. */
export interface Bounds {
  readonly from: number | null
  readonly to: number | null
}

export interface ColumnStatistics {
  readonly reference: SideStatistics
  readonly current: SideStatistics
}

const LEVELS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

/** @param reference what the column is compared with, in the layout of inputs, as `current` is */
export function columnStatistics(
  column: PreparedColumn,
  reference: Float64Array,
  current: Float64Array,
): ColumnStatistics {
  return { reference: sideOf(column, reference, true), current: sideOf(column, current, false) }
}

function sideOf({ cells }: PreparedColumn, inputs: Float64Array, isReference: boolean): SideStatistics {
  const rows = inputs[0] as number
  const faults = faultsOf(cells)
  const share = (fault: (typeof faults)[number]) => (rows === 0 ? 0 : rounded(countFault(cells, fault, inputs) / rows))
  const counts = inputs.subarray(cells.counts, cells.counts + cells.bins)
  const values = counts.reduce((sum, count) => sum + count, 0)
  return {
    rows: Math.round(rows),
    values: Math.round(values),
    missing: share('missing'),
    wrongType: share('type-error'),
    outOfRange: faults.includes('out-of-range') ? share('out-of-range') : null,
    unseen: faults.includes('unseen') ? share('unseen') : null,
    ...(cells.kind === 'numeric' && values > 0
      ? numbers(cells, inputs, { counts, values, isReference })
      : { mean: null, deviation: null, least: null, most: null, quantiles: [] }),
  }
}

function numbers(
  { column: { edges, center, quantum }, sums, bins }: NumericCells,
  inputs: Float64Array,
  { counts, values, isReference }: { counts: Float64Array; values: number; isReference: boolean },
): Pick<SideStatistics, 'mean' | 'deviation' | 'least' | 'most' | 'quantiles'> {
  let fromCenter = 0
  for (let bin = 0; bin < bins; bin++) fromCenter += inputs[sums + bin] as number
  const mean = center + (quantum * fromCenter) / values
  let squares = 0
  for (let bin = 0; bin < bins; bin++) {
    const count = counts[bin] as number
    if (count === 0) continue
    const own = center + (quantum * (inputs[sums + bin] as number)) / count
    squares += count * (own - mean) ** 2
  }
  const first = counts.findIndex((count) => count > 0)
  const last = counts.findLastIndex((count) => count > 0)
  const exact = (value: number): Bounds => ({ from: value, to: value })
  const boundsOf = (bin: number): Bounds => {
    const [from, to] = [edges[bin - 1] ?? null, edges[bin] ?? null]
    return to !== null && from === floatBelow(to) ? exact(to) : { from, to }
  }
  return {
    mean: precise(mean),
    deviation: rounded(Math.sqrt(squares / values)),
    // The outer edges of the reference are its own extremes.
    least: isReference ? exact(floatAbove(edges[0] as number)) : boundsOf(first),
    most: isReference ? exact(edges[edges.length - 1] as number) : boundsOf(last),
    quantiles: LEVELS.map((level) => ({ level, value: precise(quantileOf(edges, counts, level * values)) })),
  }
}

/** Inside of a bin values are taken to lie evenly; beyond the reference's range at its end. */
function quantileOf(edges: Float64Array, counts: Float64Array, rank: number): number {
  let seen = 0
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    if (count === 0 || seen + count < rank) {
      seen += count
      continue
    }
    const [low, high] = [edges[bin - 1], edges[bin]]
    if (low === undefined) return floatAbove(edges[0] as number)
    if (high === undefined) return low
    if (low === floatBelow(high)) return high
    return low + ((rank - seen) / count) * (high - low)
  }
  return edges[edges.length - 1] as number
}
