// What labelled rows of the reference lose, by where each feature lies: from it, and from where a window's rows lie, follows what of
// a loss the mix of a feature is expected to bring, without a label of the window.
//
// It stands beside the content of a reference and is no part of it: nothing is judged by it. It belongs to the rows that the reference
// was learnt from, and is dropped with them.

import { mixEffect } from '../statistics/performance/mix-effect.ts'
import { cellOf, readColumn } from '../summaries/contribute.ts'
import type { ColumnCells, InputLayout } from '../summaries/layout.ts'
import { logLoss } from '../summaries/outcomes/cells.ts'
import type { Task } from '../summaries/schema.ts'
import type { PreparedColumn } from './comparison.ts'
import { countFault, groupCounts, prepareColumn } from './comparison.ts'
import type { Reading, ReferenceRow } from './reading.ts'

/** Labelled rows of one feature by loss cell: no value, a value of another type, an infinite one, then its groups of bins or its categories. */
export interface FeatureLosses {
  readonly rows: readonly number[]
  /** 0 where there is no row. */
  readonly means: readonly number[]
}

export interface ReferenceLosses {
  readonly loss: 'log loss' | 'absolute error'
  /** Labelled rows that have a loss, their mean loss and its variance between rows. */
  readonly rows: number
  readonly mean: number
  readonly variance: number
  readonly features: Readonly<Record<string, FeatureLosses>>
}

/** Expected change of the mean loss by the mix of one feature. */
export interface FeatureMix {
  readonly feature: string
  readonly change: number
  readonly standardError: number
}

/** Fewer labelled rows say nothing of where they lose. */
const ROWS_MIN = 100
/** Of a cell with fewer labelled rows nothing is known: it is taken to lose what all rows lose. */
const ROWS_OF_CELL_MIN = 10
/** A score of 0 or 1 that is wrong once would outweigh all others. */
const PROBABILITY_MIN = 1e-6
/** A larger error measures nothing, and its square would soon be no number. */
const ERROR_MAX = 1e100

const MISSING = 0
const WRONG_TYPE = 1
const INFINITE = 2
const FIRST_GROUP = 3

/**
 * @param inputs summary of all rows, that the groups of bins are made of
 * @returns undefined where the task has no loss of a row, or too few rows have one
 */
export function learnLosses(
  rows: readonly ReferenceRow[],
  { task, layout, inputs, reading }: { task: Task; layout: InputLayout; inputs: Float64Array; reading: Reading },
): ReferenceLosses | undefined {
  if (task === 'multilabel') return undefined
  const losses = rows.map((row) => lossOf(row, task, reading))
  const known = losses.filter((loss) => !Number.isNaN(loss))
  if (known.length < ROWS_MIN) return undefined
  const mean = known.reduce((sum, loss) => sum + loss, 0) / known.length
  const squares = known.reduce((sum, loss) => sum + (loss - mean) ** 2, 0)
  const features = layout.columns
    .filter(({ column }) => column.role === 'feature')
    .map((cells) => [cells.column.name, lossesBy(prepareColumn(cells, inputs), rows, losses)] as const)
  return {
    loss: task === 'regression' ? 'absolute error' : 'log loss',
    rows: known.length,
    mean,
    variance: squares / (known.length - 1),
    features: Object.fromEntries(features),
  }
}

/** NaN where a row has no label, or nothing to hold against it. */
function lossOf({ event, label }: ReferenceRow, task: Task, reading: Reading): number {
  const truth = label === null ? Number.NaN : reading.label(label)
  if (task === 'regression') {
    const error = Math.abs(reading.prediction(event) - truth)
    return error <= ERROR_MAX ? error : Number.NaN
  }
  const outputs = reading.outputs(event)
  const probability = task === 'binary' ? chanceOf(truth, outputs[0]) : (outputs[truth] ?? Number.NaN)
  return Number.isNaN(probability) ? Number.NaN : logLoss(Math.max(PROBABILITY_MIN, probability))
}

function chanceOf(truth: number, score = Number.NaN): number {
  return truth === 1 ? score : truth === 0 ? 1 - score : Number.NaN
}

function lossesBy(column: PreparedColumn, rows: readonly ReferenceRow[], losses: readonly number[]): FeatureLosses {
  const counts = new Array<number>(FIRST_GROUP + column.groupCount).fill(0)
  const sums = new Array<number>(counts.length).fill(0)
  for (const [i, { event }] of rows.entries()) {
    const loss = losses[i] as number
    if (Number.isNaN(loss)) continue
    // Features are no outputs: those of the row are not looked at.
    const value = readColumn({ features: event.features, score: null, prediction: null }, column.cells.column)
    const cell = lossCellOf(column, cellOf(column.cells, value))
    counts[cell] = (counts[cell] as number) + 1
    sums[cell] = (sums[cell] as number) + loss
  }
  return { rows: counts, means: sums.map((sum, cell) => (counts[cell] === 0 ? 0 : sum / (counts[cell] as number))) }
}

function lossCellOf({ cells, groups }: PreparedColumn, cell: number): number {
  if (cell >= cells.counts) {
    const bin = cell - cells.counts
    return FIRST_GROUP + (cells.kind === 'numeric' ? (groups[bin] as number) : bin)
  }
  if (cell === cells.wrongType) return WRONG_TYPE
  return cells.kind === 'numeric' && cell === cells.infinite ? INFINITE : MISSING
}

/**
 * What the mix of each feature is expected to do to the mean loss of a window, the largest effect first.
 *
 * @param columns prepared with the reference that the losses are of
 * @param inputs what the window is compared with, and its own
 */
export function mixOfFeatures(
  losses: ReferenceLosses,
  columns: readonly PreparedColumn[],
  inputs: { readonly reference: Float64Array; readonly current: Float64Array },
): FeatureMix[] {
  if (!((inputs.reference[0] as number) > 0 && (inputs.current[0] as number) > 0)) return []
  return columns
    .flatMap((column): FeatureMix[] => {
      const feature = column.cells.column.name
      const own = Object.hasOwn(losses.features, feature) ? losses.features[feature] : undefined
      const [reference, current] = [rowsByLossCell(column, inputs.reference), rowsByLossCell(column, inputs.current)]
      if (column.cells.column.role !== 'feature' || own?.rows.length !== reference.length) return []
      return [{ feature, ...mixEffect({ reference, current, ...knownOf(own, losses) }) }]
    })
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
}

function rowsByLossCell(column: PreparedColumn, inputs: Float64Array): Float64Array {
  const { cells } = column
  const rows = new Float64Array(FIRST_GROUP + column.groupCount)
  rows[MISSING] = countFault(cells, 'missing', inputs)
  rows[WRONG_TYPE] = countFault(cells, 'type-error', inputs)
  rows[INFINITE] = infiniteOf(cells, inputs)
  rows.set(groupCounts(column, inputs), FIRST_GROUP)
  return rows
}

function infiniteOf(cells: ColumnCells, inputs: Float64Array): number {
  return cells.kind === 'numeric' ? (inputs[cells.infinite] as number) : 0
}

/** The losses of a feature's cells, and their variance inside of a cell. */
function knownOf({ rows, means }: FeatureLosses, { rows: all, mean, variance }: ReferenceLosses) {
  let between = 0
  for (const [cell, count] of rows.entries()) between += count * ((means[cell] as number) - mean) ** 2
  const occupied = rows.filter((count) => count > 0).length
  const isKnown = (cell: number) => (rows[cell] as number) >= ROWS_OF_CELL_MIN
  return {
    loss: Float64Array.from(means, (own, cell) => (isKnown(cell) ? own : mean)),
    labelled: Float64Array.from(rows, (count, cell) => (isKnown(cell) ? count : 1)),
    variance: Math.max(0, (variance * (all - 1) - between) / Math.max(1, all - occupied)),
  }
}
