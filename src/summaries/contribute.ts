// What one row adds to a pane. The hot path: no allocation, typed arrays through a layout computed once.

import type { OutcomeValue } from '../events/event.ts'
import { binOf } from './bins.ts'
import { addRow, standardise } from './cross-moments.ts'
import { countVector, isVector, nearestCluster } from './embedding-cells.ts'
import type { ColumnCells, InputLayout, NumericCells } from './layout.ts'
import { UNSEEN } from './layout.ts'
import type { Column } from './schema.ts'

/** Sums reach at most 2³¹ quanta a row, so that 4 million outliers in one pane still add up exactly. */
const largestQuanta = 2 ** 31

/** One scored row: its features by name, and the outputs `score` and `prediction` (null where it has none). */
export interface ScoredRow {
  readonly features: Readonly<Record<string, unknown>>
  readonly score: number | null
  readonly prediction: OutcomeValue | null
}

/**
 * Counts a row into the inputs of its pane.
 *
 * @param unseen told of values of categorical columns that the reference has never seen
 */
export function contributeInputs(
  layout: InputLayout,
  summary: Float64Array,
  row: ScoredRow,
  unseen?: (column: string, value: unknown) => void,
): void {
  summary[layout.rows] = (summary[layout.rows] as number) + 1
  const { columns, moments, touched } = layout
  const together = moments === null ? none : moments.row
  for (let i = 0; i < columns.length; i++) {
    const cells = columns[i] as ColumnCells
    const value = readColumn(row, cells.column)
    if (cells.kind === 'embedding' && isVector(value, cells.column.dimension)) {
      countVector(cells, summary, value)
      continue
    }
    const cell = cellOf(cells, value)
    touched[i] = cell
    increment(summary, cell)
    if (cells.kind !== 'numeric') {
      if (unseen !== undefined && cells.kind === 'categorical' && cell === cells.counts + UNSEEN)
        unseen(cells.column.name, value)
      continue
    }
    if (cell >= cells.counts) addValue(cells, summary, cell - cells.counts, value as number, together)
    else if (cells.moment >= 0) together[cells.moment] = 0
  }
  if (moments !== null) addRow(moments, summary)
}

const none = new Float64Array(0)

/**
 * A row's value of a column: a feature by its name, or an output. The output columns of a model are called `score` and
 * `prediction`; an output that is not there is missing.
 */
export function readColumn(row: ScoredRow, { role, name }: Column): unknown {
  if (role === 'prediction') return name === 'score' ? row.score : row.prediction
  const value = row.features[name]
  // A feature may be called `toString`: what every object inherits is no value of the row.
  return typeof value === 'function' ? undefined : value
}

/** The cell that counts a value: of its bin or category, or of the way in which it has none. */
export function cellOf(cells: ColumnCells, value: unknown): number {
  if (cells.kind === 'numeric') {
    if (typeof value === 'number' && Number.isFinite(value)) return cells.counts + binOf(cells.finder, value)
    if (value === undefined) return cells.absent
    if (isMissing(value)) return cells.missing
    return typeof value === 'number' ? cells.infinite : cells.wrongType
  }
  if (value === undefined) return cells.absent
  if (isMissing(value)) return cells.missing
  if (cells.kind === 'embedding')
    return isVector(value, cells.column.dimension) ? cells.counts + nearestCluster(cells, value) : cells.wrongType
  if (typeof value === 'object') return cells.wrongType
  return cells.cellOf.get(typeof value === 'string' ? value : String(value)) ?? cells.counts + UNSEEN
}

function addValue(
  cells: NumericCells,
  summary: Float64Array,
  bin: number,
  value: number,
  together: Float64Array,
): void {
  const { column, sums, moment } = cells
  const distance = value - column.center
  const quanta = Math.round(distance / column.quantum)
  const clipped = Math.min(largestQuanta, Math.max(-largestQuanta, quanta))
  summary[sums + bin] = (summary[sums + bin] as number) + clipped
  if (moment >= 0) together[moment] = standardise(distance, cells.momentScale)
}

/** `null` and not-a-number are missing; the empty string is a category like any other. */
export function isMissing(value: unknown): boolean {
  return value === null || value === 'NaN' || (typeof value === 'number' && Number.isNaN(value))
}

function increment(summary: Float64Array, cell: number): void {
  summary[cell] = (summary[cell] as number) + 1
}
