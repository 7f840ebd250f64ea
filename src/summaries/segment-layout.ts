// What is kept of one segment: every cell of it is the sum of some cells of the whole model's pane, so that the segments of a column
// add up to the whole, cell by cell.
//
// Inputs are coarse: bins of a number are merged into a few groups, and sums are left out, as are embeddings, estimates and cross
// moments. Outcomes are what performance is measured by, bin for bin: the first cells of the whole's outcomes.

import { createBinFinder } from './bins.ts'
import type { ColumnCells, InputLayout, Layout, OutcomeLayout } from './layout.ts'
import { createLayout, NO_SUMS } from './layout.ts'
import type { OutcomeSchema } from './schema.ts'

export interface SegmentLayout extends Layout {
  /** For each cell of the whole's inputs the segment's cell that it is counted in; −1 where it is in none. */
  readonly cellOf: Int32Array
  /** The cells in which the row at hand was counted: those of the whole's layout. */
  readonly touched: Int32Array
}

/**
 * @param groupsOf the group of each bin of a numeric column, ascending from 0
 */
export function segmentLayout(
  whole: InputLayout,
  outcome: OutcomeSchema,
  groupsOf: (cells: Extract<ColumnCells, { kind: 'numeric' }>) => Uint16Array,
): SegmentLayout {
  const cellOf = new Int32Array(whole.size).fill(-1)
  cellOf[whole.rows] = 0
  let size = 1
  const take = (from: number, count = 1) => {
    const first = size
    for (let i = 0; i < count; i++) cellOf[from + i] = size++
    return first
  }
  const columns = whole.columns.flatMap((cells): ColumnCells[] => {
    if (cells.kind === 'embedding') return []
    const [absent, missing, wrongType] = [take(cells.absent), take(cells.missing), take(cells.wrongType)]
    const common = { absent, missing, wrongType }
    if (cells.kind === 'categorical') {
      const counts = take(cells.counts, cells.bins)
      const moved = new Map([...cells.cellOf].map(([name, cell]) => [name, cell - cells.counts + counts]))
      return [{ ...cells, ...common, counts, cellOf: moved }]
    }
    const groups = groupsOf(cells)
    const infinite = take(cells.infinite)
    const counts = size
    for (let bin = 0; bin < cells.bins; bin++) cellOf[cells.counts + bin] = counts + (groups[bin] as number)
    const bins = (groups[cells.bins - 1] as number) + 1
    size += bins
    const edges = cells.column.edges.filter((_, i) => groups[i] !== groups[i + 1])
    const column = { ...cells.column, edges }
    return [
      {
        ...cells,
        ...common,
        infinite,
        counts,
        bins,
        column,
        sums: NO_SUMS,
        finder: createBinFinder(edges),
        moment: -1,
      },
    ]
  })
  const inputs: InputLayout = { size, rows: 0, columns, touched: new Int32Array(0), estimation: null, moments: null }
  return { inputs, outcomes: outcomesOf(outcome), cellOf, touched: whole.touched }
}

function outcomesOf(outcome: OutcomeSchema): OutcomeLayout {
  return createLayout([], outcome).outcomes
}

/** Counts the row that `contributeInputs` has just counted into the whole. A row of 25 features costs about 50 ns. */
export function contributeSegment({ cellOf, touched }: SegmentLayout, summary: Float64Array): void {
  summary[0] = (summary[0] as number) + 1
  for (let i = 0; i < touched.length; i++) {
    const cell = cellOf[touched[i] as number] as number
    if (cell > 0) summary[cell] = (summary[cell] as number) + 1
  }
}

/** What the segment's inputs would be if all rows of the whole were its own. */
export function coarsened({ cellOf, inputs }: SegmentLayout, whole: Float64Array): Float64Array {
  const coarse = new Float64Array(inputs.size)
  for (let i = 0; i < cellOf.length; i++) {
    const cell = cellOf[i] as number
    if (cell >= 0) coarse[cell] = (coarse[cell] as number) + (whole[i] as number)
  }
  return coarse
}
