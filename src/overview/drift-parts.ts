// A column's distribution in parts, each with what it adds to the PSI: the same groups of bins that the drift monitor compares.

import { rangeText } from '../delivery/range-wording.ts'
import type { PreparedColumn } from '../reference/comparison.ts'
import type { CategoricalCells, NumericCells } from '../summaries/layout.ts'
import { FIRST_CATEGORY, OTHER, UNSEEN } from '../summaries/layout.ts'

export interface DriftPart {
  readonly label: string
  /** Shares of the rows that have a value, 0 to 1. */
  readonly reference: number
  readonly current: number
  /** Its term of the PSI. All terms together are the PSI before what chance alone would make of it is taken out. */
  readonly psi: number
  /** Of numbers: over `from` and up to `to`; null: without end. */
  readonly from: number | null
  readonly to: number | null
  /** Values that the reference has never seen. */
  readonly isNew: boolean
}

export interface DriftParts {
  readonly kind: 'numeric' | 'categorical'
  /** Rows with a value. */
  readonly rows: { readonly reference: number; readonly current: number }
  /** Ranges in their order; categories with the most frequent on either side first. */
  readonly parts: readonly DriftPart[]
  /** Categories beyond those that are shown; they are one part together. */
  readonly leftOut: number
  /** The sum over all cells. */
  readonly psi: number
}

/** Categories that are shown by name. */
const CATEGORIES_MAX = 24

interface Cell {
  readonly label: string
  readonly reference: number
  readonly current: number
  readonly from?: number | null
  readonly to?: number | null
  readonly isNew?: boolean
}

/** @returns undefined for embeddings, and where one side has no value */
export function driftParts(column: PreparedColumn, current: Float64Array): DriftParts | undefined {
  const { cells, reference } = column
  if (cells.kind === 'embedding') return undefined
  const now = current.subarray(cells.counts, cells.counts + cells.bins)
  const rows = { reference: sum(reference.counts), current: sum(now) }
  if (rows.reference === 0 || rows.current === 0) return undefined
  const all =
    cells.kind === 'numeric'
      ? ranges(cells, column.groups, reference.counts, now)
      : categories(cells, reference.counts, now)
  // As `populationStability` counts: half a row in every cell of both sides.
  const totals = { reference: rows.reference + all.length / 2, current: rows.current + all.length / 2 }
  const parts = all.map((one): DriftPart => {
    const [p, q] = [(one.reference + 0.5) / totals.reference, (one.current + 0.5) / totals.current]
    return {
      label: one.label,
      reference: one.reference / rows.reference,
      current: one.current / rows.current,
      psi: (p - q) * Math.log(p / q),
      from: one.from ?? null,
      to: one.to ?? null,
      isNew: one.isNew === true,
    }
  })
  const psi = parts.reduce((total, part) => total + part.psi, 0)
  if (cells.kind === 'numeric') return { kind: 'numeric', rows, parts, leftOut: 0, psi }
  return { kind: 'categorical', rows, psi, ...mostTelling(parts) }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** The coarse groups of bins, each with the range that it holds. */
function ranges(
  { column: { edges, spread } }: NumericCells,
  groups: Uint16Array,
  reference: Float64Array,
  current: Float64Array,
): Cell[] {
  const found: Array<{ from: number | null; to: number | null; reference: number; current: number; group: number }> = []
  for (let bin = 0; bin < groups.length; bin++) {
    const group = groups[bin] as number
    const to = edges[bin] ?? null
    const [was, is] = [reference[bin] as number, current[bin] as number]
    const open = found.at(-1)
    if (open?.group === group) Object.assign(open, { to, reference: open.reference + was, current: open.current + is })
    else found.push({ group, from: edges[bin - 1] ?? null, to, reference: was, current: is })
  }
  return found.map(({ group: _, ...range }) => ({ ...range, label: rangeText(range, spread) }))
}

function categories({ column }: CategoricalCells, reference: Float64Array, current: Float64Array): Cell[] {
  const at = (label: string, cell: number) => ({
    label,
    reference: reference[cell] as number,
    current: current[cell] as number,
  })
  return [
    ...column.categories.map((name, i) => at(name === '' ? '(empty)' : name, FIRST_CATEGORY + i)),
    at('rare categories', OTHER),
    { ...at('never seen before', UNSEEN), isNew: true },
  ]
}

/** The most frequent of either side; what is new always, and the rest in one part. */
function mostTelling(parts: readonly DriftPart[]): Pick<DriftParts, 'parts' | 'leftOut'> {
  const present = parts.filter(({ reference, current }) => reference + current > 0)
  const weight = ({ reference, current, isNew }: DriftPart) => (isNew ? 2 : Math.max(reference, current))
  const kept = new Set([...present].sort((a, b) => weight(b) - weight(a)).slice(0, CATEGORIES_MAX))
  const rest = present.filter((part) => !kept.has(part))
  const shown = present.filter((part) => kept.has(part))
  if (rest.length === 0) return { parts: shown, leftOut: 0 }
  const total = (read: (part: DriftPart) => number) => rest.reduce((all, one) => all + read(one), 0)
  const others: DriftPart = {
    ...{ label: `${rest.length} others`, from: null, to: null, isNew: false },
    ...{
      reference: total((part) => part.reference),
      current: total((part) => part.current),
      psi: total((part) => part.psi),
    },
  }
  return { parts: [...shown, others], leftOut: rest.length }
}

export interface ScoreBins {
  readonly bins: ReadonlyArray<{
    readonly from: number
    readonly to: number
    readonly reference: number
    readonly current: number
  }>
  readonly rows: { readonly reference: number; readonly current: number }
  readonly mean: { readonly reference: number; readonly current: number }
}

const EQUAL_PARTS = 24
/** Rows of the reference, or of the window, that a picture may leave out at each end. */
const TAIL = 0.002

/**
 * A numeric column on equally wide parts of its range: what lies in a bin of the reference is taken to be spread evenly over it.
 *
 * @returns undefined where one side has no value
 */
export function scoreBins(column: PreparedColumn, current: Float64Array): ScoreBins | undefined {
  const { cells, reference } = column
  if (cells.kind !== 'numeric') return undefined
  const { edges, center, quantum } = cells.column
  const now = current.subarray(cells.counts, cells.counts + cells.bins)
  const rows = { reference: sum(reference.counts), current: sum(now) }
  if (rows.reference === 0 || rows.current === 0) return undefined
  const [low, high] = [edges[0] as number, edges[edges.length - 1] as number]
  const quantile = (counts: Float64Array, total: number, level: number): number => {
    let seen = 0
    for (let bin = 0; bin < counts.length; bin++) {
      seen += counts[bin] as number
      if (seen >= level * total) return Math.min(high, Math.max(low, edges[bin] ?? high))
    }
    return high
  }
  const isProbability = low >= -1e-9 && high <= 1 + 1e-9
  const from = isProbability
    ? 0
    : Math.min(quantile(reference.counts, rows.reference, TAIL), quantile(now, rows.current, TAIL))
  const to = isProbability
    ? 1
    : Math.max(quantile(reference.counts, rows.reference, 1 - TAIL), quantile(now, rows.current, 1 - TAIL))
  if (!(to > from)) return undefined
  const before = spread(edges, reference.counts, { from, to, rows: rows.reference })
  const after = spread(edges, now, { from, to, rows: rows.current })
  const width = (to - from) / EQUAL_PARTS
  const nowSum = now.reduce(
    (total, count, bin) => total + center * count + quantum * (current[cells.sums + bin] as number),
    0,
  )
  return {
    rows,
    mean: { reference: sum(reference.sums) / rows.reference, current: nowSum / rows.current },
    bins: Array.from(before, (share, i) => ({
      from: from + i * width,
      to: from + (i + 1) * width,
      reference: share,
      current: after[i] as number,
    })),
  }
}

/** Shares of the rows in equally wide parts; what lies beyond the ends is in the first and the last. */
function spread(
  edges: Float64Array,
  counts: Float64Array,
  { from, to, rows }: { from: number; to: number; rows: number },
): Float64Array {
  const parts = new Float64Array(EQUAL_PARTS)
  const width = (to - from) / EQUAL_PARTS
  const partOf = (value: number) => Math.min(EQUAL_PARTS - 1, Math.max(0, Math.floor((value - from) / width)))
  for (let bin = 0; bin < counts.length; bin++) {
    const share = (counts[bin] as number) / rows
    if (share === 0) continue
    const [start, end] = [edges[bin - 1] ?? edges[0] ?? from, edges[bin] ?? edges[edges.length - 1] ?? to]
    const [first, last] = [partOf(start), partOf(end)]
    for (let part = first; part <= last; part++) {
      const inside =
        end > start
          ? Math.max(
              0,
              Math.min(end, part === EQUAL_PARTS - 1 ? end : from + (part + 1) * width) -
                Math.max(start, part === 0 ? start : from + part * width),
            ) /
            (end - start)
          : part === last
            ? 1
            : 0
      parts[part] = (parts[part] as number) + share * inside
    }
  }
  return parts
}
