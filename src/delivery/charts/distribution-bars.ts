// From the cells of a column to the bars of its distribution: some ten, whatever the number of bins or categories.

import type { PreparedColumn } from '../../reference/comparison.ts'
import { coarseGroups } from '../../summaries/bins.ts'
import type { CategoricalCells, NumericCells } from '../../summaries/layout.ts'
import { FIRST_CATEGORY, OTHER, UNSEEN } from '../../summaries/layout.ts'
import { rangeText } from '../range-wording.ts'
import type { DistributionBar } from './chart.ts'

const GROUPS = 10
const CATEGORIES_MAX = 8
/** Values outside the reference's range have a bar of their own from this share on. */
const OUTSIDE_MIN = 0.005

/** Counts of one bar on both sides. */
interface Counted extends Pick<DistributionBar, 'from' | 'to'> {
  readonly label: string
  readonly reference: number
  readonly current: number
}

/**
 * The bars of a column, or none when it has no bins that could be named, or no value on one of the sides.
 *
 * @param current a summary of inputs in the column's layout
 */
export function distributionBars(
  { cells, reference }: PreparedColumn,
  current: Float64Array,
): { readonly rows: { reference: number; current: number }; readonly bars: readonly DistributionBar[] } | undefined {
  if (cells.kind === 'embedding') return undefined
  const now = current.subarray(cells.counts, cells.counts + cells.bins)
  const rows = { reference: sum(reference.counts), current: sum(now) }
  if (rows.reference === 0 || rows.current === 0) return undefined
  const counted =
    cells.kind === 'numeric' ? ranges(cells, reference.counts, now) : categories(cells, reference.counts, now)
  const share = ({ reference, current, ...rest }: Counted) => ({
    ...rest,
    reference: reference / rows.reference,
    current: current / rows.current,
  })
  return { rows, bars: counted.map(share) }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** Ranges that hold about the same share of the reference each, and what lies outside of it. */
function ranges(
  { column: { edges, spread } }: NumericCells,
  reference: Float64Array,
  current: Float64Array,
): Counted[] {
  const groupOf = coarseGroups(reference, GROUPS)
  const rows = sum(current)
  const last = reference.length - 1
  const isOutside = (bin: number) => (bin === 0 || bin === last) && (current[bin] as number) >= OUTSIDE_MIN * rows
  const found: Array<{ group: number; over: number | undefined; to: number | undefined; was: number; is: number }> = []
  for (let bin = 0; bin <= last; bin++) {
    // Bins outside of the reference's range get groups that no other bin has.
    const group = isOutside(bin) ? -1 - bin : (groupOf[bin] as number)
    const [was, is] = [reference[bin] as number, current[bin] as number]
    const range = found.at(-1)
    if (range?.group === group) Object.assign(range, { to: edges[bin], was: range.was + was, is: range.is + is })
    else found.push({ group, over: edges[bin - 1], to: edges[bin], was, is })
  }
  return found
    .filter(({ was, is }) => was + is > 0)
    .map(({ over = null, to = null, was, is }) => ({
      ...{ label: rangeText({ from: over, to }, spread), reference: was, current: is },
      ...{ from: over, to },
    }))
}

/** The most frequent categories of either side; the rest in one bar, and what the reference has never seen in another. */
function categories({ column }: CategoricalCells, reference: Float64Array, current: Float64Array): Counted[] {
  const countedAt = (label: string, cell: number): Counted => ({
    label,
    reference: reference[cell] as number,
    current: current[cell] as number,
  })
  const named = column.categories.map((name, i) => countedAt(name === '' ? '(empty)' : name, FIRST_CATEGORY + i))
  const [rowsBefore, rowsNow] = [sum(reference), sum(current)]
  const weight = ({ reference, current }: Counted) => Math.max(reference / rowsBefore, current / rowsNow)
  const shown = new Set([...named].sort((a, b) => weight(b) - weight(a)).slice(0, CATEGORIES_MAX))
  const rest = [countedAt('', OTHER), ...named.filter((one) => !shown.has(one))].reduce((all, one) => ({
    label: 'all others',
    reference: all.reference + one.reference,
    current: all.current + one.current,
  }))
  return [
    ...named.filter((one) => shown.has(one)),
    countedAt('never seen before', UNSEEN),
    { ...rest, label: 'all others' },
  ].filter(({ reference, current }) => reference + current > 0)
}
