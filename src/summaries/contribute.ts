// What one row adds to a pane. The hot path: no allocation, typed arrays through a layout computed once.

import { binOf } from './bins.ts'
import type { CategoricalCells, InputLayout, NumericCells } from './layout.ts'
import { UNSEEN } from './layout.ts'

/** Sums reach at most 2³¹ quanta a row, so that 4 million outliers in one pane still add up exactly. */
const largestQuanta = 2 ** 31

/** One scored row: its features by name, and the outputs `score` and `prediction` (null where it has none). */
export interface ScoredRow {
  readonly features: Readonly<Record<string, unknown>>
  readonly score: number | null
  readonly prediction: string | number | null
}

/** Counts a row into the inputs of its pane. */
export function contributeInputs(layout: InputLayout, summary: Float64Array, row: ScoredRow): void {
  summary[layout.rows] = (summary[layout.rows] as number) + 1
  const { columns } = layout
  for (let i = 0; i < columns.length; i++) {
    const cells = columns[i] as NumericCells | CategoricalCells
    const { column } = cells
    const value = column.role === 'feature' ? featureOf(row, column.name) : outputOf(row, column.name)
    if (cells.kind === 'numeric') countNumber(cells, summary, value)
    else countCategory(cells, summary, value)
  }
}

/** A feature may be called `toString`: what every object inherits is no value of the row. */
function featureOf(row: ScoredRow, name: string): unknown {
  const value = row.features[name]
  return typeof value === 'function' ? undefined : value
}

/** The output columns of a model are called `score` and `prediction`; an output that is not there is missing. */
function outputOf(row: ScoredRow, name: string): unknown {
  return name === 'score' ? row.score : row.prediction
}

function countNumber(cells: NumericCells, summary: Float64Array, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) {
    const { column } = cells
    const bin = binOf(cells.finder, value)
    const quanta = Math.round((value - column.center) / column.quantum)
    const clipped = Math.min(largestQuanta, Math.max(-largestQuanta, quanta))
    increment(summary, cells.counts + bin)
    summary[cells.sums + bin] = (summary[cells.sums + bin] as number) + clipped
  } else if (value === undefined) increment(summary, cells.absent)
  else if (isMissing(value)) increment(summary, cells.missing)
  else if (typeof value === 'number') increment(summary, cells.infinite)
  else increment(summary, cells.wrongType)
}

function countCategory(cells: CategoricalCells, summary: Float64Array, value: unknown): void {
  if (value === undefined) increment(summary, cells.absent)
  else if (isMissing(value)) increment(summary, cells.missing)
  else if (typeof value === 'object') increment(summary, cells.wrongType)
  else increment(summary, cells.cellOf.get(typeof value === 'string' ? value : String(value)) ?? cells.counts + UNSEEN)
}

/** `null` and not-a-number are missing; the empty string is a category like any other. */
export function isMissing(value: unknown): boolean {
  return value === null || value === 'NaN' || (typeof value === 'number' && Number.isNaN(value))
}

function increment(summary: Float64Array, cell: number): void {
  summary[cell] = (summary[cell] as number) + 1
}
