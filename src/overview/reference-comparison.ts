// Two references of a model side by side: how far their columns lie apart, and how the model performed in each.

import { distributionBars } from '../delivery/charts/distribution-bars.ts'
import { metricName } from '../delivery/wording.ts'
import { compareColumn, countFault, prepareColumn, rowsWithValue } from '../reference/comparison.ts'
import type { MetricOptions } from '../reference/metric-options.ts'
import { measurePerformance } from '../reference/performance.ts'
import type { Reference } from '../reference/reference.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import { binOf } from '../summaries/bins.ts'
import type { CategoricalCells, ColumnCells, NumericCells } from '../summaries/layout.ts'
import { FIRST_CATEGORY, OTHER, UNSEEN } from '../summaries/layout.ts'

export interface ColumnComparison {
  readonly name: string
  readonly kind: ColumnCells['kind']
  readonly role: 'feature' | 'prediction'
  /** Whether both count in the same bins. Otherwise rows of the second are put into those of the first, spread evenly over each of its own. */
  readonly isExact: boolean
  /** Why they cannot be held against each other; null when they can, and what follows says how far they lie apart. */
  readonly because: string | null
  readonly psi: number | null
  /** Jensen-Shannon distance, 0 to 1. */
  readonly js: number | null
  /** First Wasserstein distance in standard deviations of the first. */
  readonly wasserstein: number | null
  readonly missing: readonly [first: number | null, second: number | null]
  readonly mean: readonly [first: number | null, second: number | null]
  /** How far its values lie apart in the first, about a standard deviation; null where they are no numbers. */
  readonly spread: number | null
  /** Shares of the rows with a value: `reference` of the first, `current` of the second. */
  readonly bars: ReadonlyArray<{ readonly label: string; readonly reference: number; readonly current: number }>
}

export interface MetricView {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  /** Why there is no value; null when there is one. */
  readonly reason: string | null
}

export interface MetricComparison {
  readonly metric: string
  readonly name: string
  readonly first: MetricView
  readonly second: MetricView
  /** Whether they differ by more than chance would have it (95 %); null where one has no value. */
  readonly differs: boolean | null
}

/** Columns that lie farthest apart first; those that cannot be held against each other last. */
export function compareColumns(first: Reference, second: Reference): ColumnComparison[] {
  const others = new Map(second.layout.inputs.columns.map((cells) => [cells.column.name, cells]))
  const compared = first.layout.inputs.columns.map((cells) => {
    const other = others.get(cells.column.name)
    others.delete(cells.column.name)
    return compareOne(cells, first, other, second)
  })
  const added = [...others.values()].map((cells) => ({
    ...incomparable(cells, 'the first reference does not have it'),
    missing: [null, shareMissing(cells, second)] as const,
    mean: [null, meanOf(cells, second)] as const,
  }))
  return [...compared, ...added].sort((a, b) => (b.psi ?? -1) - (a.psi ?? -1))
}

function incomparable(cells: ColumnCells, because: string): ColumnComparison {
  const { name, kind, role } = cells.column
  return {
    ...{ name, kind, role, because, isExact: false, psi: null, js: null, wasserstein: null },
    ...{ missing: [null, null], mean: [null, null], spread: spreadOf(cells), bars: [] },
  }
}

function compareOne(
  cells: ColumnCells,
  first: Reference,
  other: ColumnCells | undefined,
  second: Reference,
): ColumnComparison {
  const facts = {
    missing: [shareMissing(cells, first), other === undefined ? null : shareMissing(other, second)],
    mean: [meanOf(cells, first), other === undefined ? null : meanOf(other, second)],
    spread: spreadOf(cells),
  } as const
  const not = (because: string) => ({ ...incomparable(cells, because), ...facts })
  if (other === undefined) return not('the second reference does not have it')
  const counted = countedIn(cells, other, second.inputs, first.inputs.length)
  if (counted === undefined) return not('it is counted in another way in each')
  const { inputs, isExact } = counted
  if (rowsWithValue(cells, first.inputs) === 0) return not('the first reference has no value of it')
  if (rowsWithValue(cells, inputs) === 0) return not('the second reference has no value of it')
  const column = prepareColumn(cells, first.inputs)
  const { psi, divergence, wasserstein } = compareColumn(column, inputs).distances()
  const { name, kind, role } = cells.column
  return {
    ...{ name, kind, role, isExact, because: null, psi, js: Math.sqrt(Math.max(0, divergence)), ...facts },
    // Without the sums of the other's bins only shares are known.
    wasserstein: isExact ? wasserstein : null,
    bars: distributionBars(column, inputs)?.bars ?? [],
  }
}

/** A column of another layout, counted in the cells of this one. undefined where that cannot be. */
function countedIn(
  cells: ColumnCells,
  other: ColumnCells,
  inputs: Float64Array,
  size: number,
): { readonly inputs: Float64Array; readonly isExact: boolean } | undefined {
  const moved = new Float64Array(size)
  if (isSameColumn(cells, other)) {
    const width = widthOf(cells)
    moved.set(inputs.subarray(other.absent, other.absent + width), cells.absent)
    return { inputs: moved, isExact: true }
  }
  if (cells.kind === 'numeric' && other.kind === 'numeric') spread(cells, other, inputs, moved)
  else if (cells.kind === 'categorical' && other.kind === 'categorical') rename(cells, other, inputs, moved)
  else return undefined
  return { inputs: moved, isExact: cells.kind === 'categorical' && hasSameNames(cells, other as CategoricalCells) }
}

/** Whether each has a cell for the same categories, in whatever order. */
function hasSameNames({ column: one }: CategoricalCells, { column: other }: CategoricalCells): boolean {
  const same = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && new Set([...a, ...b]).size === a.length
  return same(one.categories, other.categories) && same(one.others, other.others)
}

function isSameColumn(one: ColumnCells, other: ColumnCells): boolean {
  const plain = ({ column }: ColumnCells) =>
    column.kind === 'categorical'
      ? [column.kind, column.categories, column.others]
      : { ...column, name: '', role: '', facts: null, ...(column.kind === 'numeric' && { edges: [...column.edges] }) }
  return widthOf(one) === widthOf(other) && JSON.stringify(plain(one)) === JSON.stringify(plain(other))
}

/** Cells of a column, which stand together. */
function widthOf(cells: ColumnCells): number {
  switch (cells.kind) {
    case 'numeric':
      return cells.sums + cells.bins - cells.absent
    case 'categorical':
      return cells.counts + cells.bins - cells.absent
    case 'embedding':
      return cells.counts + cells.bins - cells.absent
  }
}

/** Smaller parts of a row are not told apart. */
const PARTS = 1e6

/** Rows of a bin are taken to lie evenly in it; those of an open one at its edge. */
function spread(cells: NumericCells, other: NumericCells, inputs: Float64Array, moved: Float64Array): void {
  const { edges } = other.column
  const add = (bin: number, rows: number) => {
    moved[cells.counts + bin] = (moved[cells.counts + bin] as number) + Math.round(rows * PARTS) / PARTS
  }
  for (let bin = 0; bin < other.bins; bin++) {
    const rows = inputs[other.counts + bin] as number
    if (rows === 0) continue
    const [low, high] = [edges[bin - 1], edges[bin]]
    if (low === undefined || high === undefined) add(binOf(cells.finder, (high ?? low) as number), rows)
    else spreadOne(cells, { low, high, rows }, add)
  }
}

function spreadOne(
  { finder, column }: NumericCells,
  { low, high, rows }: { low: number; high: number; rows: number },
  add: (bin: number, rows: number) => void,
): void {
  const last = binOf(finder, high)
  let from = low
  for (let bin = Math.min(last, binOf(finder, low)); bin <= last; bin++) {
    const to = Math.min(high, bin < column.edges.length ? (column.edges[bin] as number) : high)
    // A bin of one value has no width that could be told in shares.
    const share = high > low ? Math.max(0, to - from) / (high - low) : 0
    if (bin === last) add(bin, rows * ((high - from) / (high - low)))
    else add(bin, rows * share)
    from = Math.max(from, to)
  }
}

/** By name. What one counts by itself and the other among the rest stays with the rest. */
function rename(cells: CategoricalCells, other: CategoricalCells, inputs: Float64Array, moved: Float64Array): void {
  const add = (cell: number, rows: number) => {
    moved[cell] = (moved[cell] as number) + rows
  }
  add(cells.counts + OTHER, inputs[other.counts + OTHER] as number)
  add(cells.counts + UNSEEN, inputs[other.counts + UNSEEN] as number)
  for (const [i, name] of other.column.categories.entries())
    add(cells.cellOf.get(name) ?? cells.counts + UNSEEN, inputs[other.counts + FIRST_CATEGORY + i] as number)
}

function shareMissing(cells: ColumnCells, { inputs }: Reference): number | null {
  const rows = inputs[0] as number
  return rows === 0 ? null : countFault(cells, 'missing', inputs) / rows
}

function meanOf(cells: ColumnCells, { inputs }: Reference): number | null {
  if (cells.kind !== 'numeric') return null
  let [rows, sum] = [0, 0]
  for (let bin = 0; bin < cells.bins; bin++) {
    rows += inputs[cells.counts + bin] as number
    sum += inputs[cells.sums + bin] as number
  }
  return rows === 0 ? null : cells.column.center + (cells.column.quantum * sum) / rows
}

function spreadOf({ kind, column }: ColumnCells): number | null {
  return kind === 'numeric' ? column.spread : null
}

export function performanceOf(
  { layout, outcomes }: Reference,
  metrics: readonly string[],
  options: MetricOptions | undefined,
): ReadonlyArray<readonly [string, Metric]> {
  const measured = measurePerformance(layout.outcomes, outcomes, options)
  return metrics.flatMap((metric) => {
    const found = measured[metric]
    return found === undefined ? [] : [[metric, found] as const]
  })
}

export function metricView(metric: Metric | undefined): MetricView {
  if (metric === undefined) return { value: null, low: null, high: null, reason: 'it is not measured' }
  if (metric.value === null) return { value: null, low: null, high: null, reason: metric.reason }
  const { value, low, high } = metric
  return { value, low, high, reason: null }
}

/** Two standard errors of a difference. */
const Z_95 = 1.96

export function comparePerformance(
  first: ReadonlyArray<readonly [string, Metric]>,
  second: ReadonlyArray<readonly [string, Metric]>,
): MetricComparison[] {
  const [before, after] = [new Map(first), new Map(second)]
  return [...new Set([...before.keys(), ...after.keys()])].map((metric) => {
    const [one, other] = [before.get(metric), after.get(metric)]
    return {
      ...{ metric, name: metricName(metric), first: metricView(one), second: metricView(other) },
      differs: differs(one, other),
    }
  })
}

function differs(one: Metric | undefined, other: Metric | undefined): boolean | null {
  if (one == null || other == null || one.value === null || other.value === null) return null
  return Math.abs(one.value - other.value) > Z_95 * Math.hypot(one.standardError, other.standardError)
}
