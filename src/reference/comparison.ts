// One column of current data held against the same column of the reference: statistic and distances, from counts and sums alone.

import { chiSquaredTwoSample } from '../statistics/distances/chi-squared-two-sample.ts'
import { jensenShannon } from '../statistics/distances/jensen-shannon.ts'
import { poolSparse } from '../statistics/distances/pool-sparse.ts'
import { populationStability } from '../statistics/distances/population-stability.ts'
import { rankTests } from '../statistics/distances/rank-tests.ts'
import { totalVariation } from '../statistics/distances/total-variation.ts'
import { wassersteinAtLeast } from '../statistics/distances/wasserstein-from-bins.ts'
import { coarseGroups } from '../summaries/bins.ts'
import type { CategoricalCells, ColumnCells, NumericCells } from '../summaries/layout.ts'
import { NO_SUMS } from '../summaries/layout.ts'

/** Groups of bins that the coarse test and the distances use; the fine test uses every bin. */
const COARSE_GROUPS = 16

/** Evidence of a difference, without any allowance for the data's own noise. */
export interface RawTest {
  readonly name: ColumnTest
  /** Follows χ² when nothing has changed and rows are independent. */
  readonly statistic: number
  readonly degrees: number
}

/**
 * Numbers: has the middle moved, has the spread changed, has the shape on 16 groups of bins, and on every bin? Categories: have
 * their shares? And both: has anything?
 */
export type ColumnTest = 'shift' | 'spread' | 'coarse' | 'fine' | 'shares' | 'whole'

export interface Distances {
  /** Rows with a value, on each side. */
  readonly referenceRows: number
  readonly currentRows: number
  /** Cells that PSI and JS were computed on. */
  readonly cells: number
  readonly psi: number
  /** Jensen-Shannon divergence in bits (the square of the distance). */
  readonly divergence: number
  readonly totalVariation: number
  /** First Wasserstein distance in units of the reference's standard deviation; null for categories, where that is 0, and without sums. */
  readonly wasserstein: number | null
}

/** What of a reference's column is the same for every comparison. */
export interface PreparedColumn {
  readonly cells: ColumnCells
  /** For numeric columns: the coarse group of each bin. */
  readonly groups: Uint16Array
  readonly groupCount: number
  readonly reference: Side
}

/** One side of a comparison. */
interface Side {
  /** Rows with a value. */
  readonly rows: number
  readonly counts: Float64Array
  /** Counts by coarse group; of categories the counts. */
  readonly grouped: Float64Array
  /** For numeric columns: sums of the true values per bin, where they are kept. */
  readonly sums: Float64Array
}

/** Coarse groups; the bins themselves for a constant column, whose bin would share a group with what lies above it. */
export function groupsOf(counts: Float64Array): Uint16Array {
  const groups = coarseGroups(counts, COARSE_GROUPS)
  return isConstant(counts) ? groups.map((_, bin) => bin) : groups
}

/** @param reference inputs that stay as they are: what they hold now is what will be compared with */
export function prepareColumn(cells: ColumnCells, reference: Float64Array): PreparedColumn {
  const isNumeric = cells.kind === 'numeric'
  const groups = isNumeric ? groupsOf(countsOf(cells, reference)) : new Uint16Array(0)
  const groupCount = isNumeric ? (groups[groups.length - 1] as number) + 1 : cells.bins
  return { cells, groups, groupCount, reference: sideOf({ cells, groups, groupCount }, reference) }
}

/** The column, compared with other inputs than those it was prepared with; the groups stay. */
export function heldAgainst(column: PreparedColumn, reference: Float64Array): PreparedColumn {
  return { ...column, reference: sideOf(column, reference) }
}

function sideOf(column: Omit<PreparedColumn, 'reference'>, inputs: Float64Array): Side {
  const { cells } = column
  const counts = countsOf(cells, inputs)
  if (cells.kind !== 'numeric') return { rows: rowsWithValue(cells, inputs), counts, grouped: counts, sums: none }
  const sums = cells.sums === NO_SUMS ? none : sumsOf(cells, inputs)
  return { rows: rowsWithValue(cells, inputs), counts, grouped: grouped(column, counts), sums }
}
const none = new Float64Array(0)

/** The counts of a column's bins (numeric) or of OTHER, UNSEEN and its categories: a view into the summary. */
function countsOf(cells: ColumnCells, inputs: Float64Array): Float64Array {
  return inputs.subarray(cells.counts, cells.counts + cells.bins)
}

/** Rows by coarse group of a numeric column; of other columns by category or cluster. */
export function groupCounts(column: PreparedColumn, inputs: Float64Array): Float64Array {
  const counts = countsOf(column.cells, inputs)
  return column.cells.kind === 'numeric' ? grouped(column, counts) : counts
}

/** Rows in which the column has a value that was counted in a bin or category. */
export function rowsWithValue(cells: ColumnCells, inputs: Float64Array): number {
  let rows = 0
  for (let i = 0; i < cells.bins; i++) rows += inputs[cells.counts + i] as number
  return rows
}

/** A window's column held against the reference's: the tests, each by itself, and the distances. */
export interface Comparison {
  readonly tests: readonly RawTest[]
  /** Both sides must hold at least one value. */
  distances(): Distances
}

export function compareColumn(column: PreparedColumn, current: Float64Array): Comparison {
  const { cells, reference } = column
  const now = sideOf(column, current)
  return { tests: testsOf(cells, reference, now), distances: () => distancesOf(cells, reference, now) }
}

/**
 * The tests of a column, each of something that the others do not see: what moves the middle or widens the spread is taken out of
 * the tests of shape, for it is orthogonal to the rest of Pearson's statistic. A mean that wanders a little, as means do, thus
 * raises the noise of one test and not of all. `whole` is Pearson's statistic as it is: what all distances are made of.
 */
function testsOf(cells: ColumnCells, before: Side, now: Side): RawTest[] {
  if (cells.kind !== 'numeric') {
    const { statistic, degrees } = pearson(poolSparse(before.counts, now.counts))
    return [
      { name: 'shares', statistic, degrees },
      { name: 'whole', statistic, degrees },
    ]
  }
  const { shift, spread } = rankTests(before.counts, now.counts)
  const coarse = testShape(before.grouped, now.grouped)
  return [
    { name: 'shift', statistic: shift.statistic, degrees: shift.degrees },
    { name: 'spread', statistic: spread.statistic, degrees: spread.degrees },
    { name: 'coarse', ...coarse.shape },
    { name: 'fine', ...testShape(before.counts, now.counts).shape },
    { name: 'whole', ...coarse.whole },
  ]
}

/** Pearson's test on cells that are not too rare, and what of it is neither shift nor spread. */
function testShape(reference: Float64Array, current: Float64Array) {
  const pooled = poolSparse(reference, current)
  const { statistic, degrees } = pearson(pooled)
  const { shift, spread } = rankTests(pooled.reference, pooled.current)
  return {
    whole: { statistic, degrees },
    shape: {
      statistic: Math.max(0, statistic - shift.statistic - spread.statistic),
      degrees: Math.max(0, degrees - shift.degrees - spread.degrees),
    },
  }
}

function pearson({ reference, current }: { reference: Float64Array; current: Float64Array }) {
  return chiSquaredTwoSample(reference, current)
}

function distancesOf(cells: ColumnCells, before: Side, now: Side): Distances {
  return {
    referenceRows: before.rows,
    currentRows: now.rows,
    cells: occupied(before.grouped, now.grouped),
    psi: populationStability(before.grouped, now.grouped),
    divergence: jensenShannon(before.grouped, now.grouped) ** 2,
    totalVariation: totalVariation(before.grouped, now.grouped),
    wasserstein: hasSums(cells) && !isConstant(before.grouped) ? wasserstein(cells, before, now) : null,
  }
}

function hasSums(cells: ColumnCells): cells is NumericCells {
  return cells.kind === 'numeric' && cells.sums !== NO_SUMS
}

function grouped({ groups, groupCount }: Omit<PreparedColumn, 'reference'>, counts: Float64Array): Float64Array {
  const sums = new Float64Array(groupCount)
  for (let bin = 0; bin < counts.length; bin++) {
    const group = groups[bin] as number
    sums[group] = (sums[group] as number) + (counts[bin] as number)
  }
  return sums
}

/** Whether the reference has a single value: nothing to measure a distance by. */
function isConstant(reference: Float64Array): boolean {
  return reference.reduce((cells, count) => cells + (count > 0 ? 1 : 0), 0) <= 1
}

function occupied(reference: Float64Array, current: Float64Array): number {
  let cells = 0
  for (let i = 0; i < reference.length; i++) if ((reference[i] as number) + (current[i] as number) > 0) cells++
  return cells
}

function wasserstein({ column }: NumericCells, before: Side, now: Side): number {
  const distance = wassersteinAtLeast({
    edges: column.edges,
    referenceCounts: before.counts,
    referenceSums: before.sums,
    currentCounts: now.counts,
    currentSums: now.sums,
  })
  return distance / column.spread
}

/** Sums of the true values per bin. */
function sumsOf(cells: NumericCells, inputs: Float64Array): Float64Array {
  const { center, quantum } = cells.column
  const sums = new Float64Array(cells.bins)
  for (let bin = 0; bin < cells.bins; bin++) {
    sums[bin] = center * (inputs[cells.counts + bin] as number) + quantum * (inputs[cells.sums + bin] as number)
  }
  return sums
}

/** Rows that are wrong in some way, by the ways quality is judged; each a share of all rows. */
export type Fault = 'missing' | 'type-error' | 'unseen' | 'out-of-range'

/** Which faults a column can have. */
export function faultsOf(cells: ColumnCells): readonly Fault[] {
  switch (cells.kind) {
    case 'numeric':
      return ['missing', 'type-error', 'out-of-range']
    case 'categorical':
      return ['missing', 'type-error', 'unseen']
    case 'embedding':
      return ['missing', 'type-error']
  }
}

/** How many rows have the fault. */
export function countFault(cells: ColumnCells, fault: Fault, inputs: Float64Array): number {
  const at = (cell: number) => inputs[cell] as number
  switch (fault) {
    case 'missing':
      return at(cells.absent) + at(cells.missing)
    case 'type-error':
      return at(cells.wrongType)
    case 'unseen':
      return cells.kind === 'categorical' ? at((cells as CategoricalCells).counts + 1) : 0
    case 'out-of-range':
      return cells.kind === 'numeric' ? at(cells.counts) + at(cells.counts + cells.bins - 1) + at(cells.infinite) : 0
  }
}

/**
 * Whether the share of rows that have a fault has changed.
 *
 * @param together current rows with the fault that are not counted: as many as come at once
 */
export function testFault(
  cells: ColumnCells,
  fault: Fault,
  reference: Float64Array,
  current: Float64Array,
  together = 0,
): { readonly statistic: number; readonly degrees: number } {
  const [rowsBefore, rowsNow] = [reference[0] as number, current[0] as number]
  const before = countFault(cells, fault, reference)
  const now = Math.max(0, countFault(cells, fault, current) - together)
  // The reference may be a mixture, whose cells are rounded.
  const sound = Math.max(0, rowsBefore - before)
  return chiSquaredTwoSample(Float64Array.of(before, sound), Float64Array.of(now, rowsNow - now))
}
