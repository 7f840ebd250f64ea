// Which leaf of its reference's loss tree a row falls into. The hot path of regressions.

import type { Fork, LossTree } from '../statistics/estimation/loss-tree.ts'
import type { ScoredRow } from './contribute.ts'
import { cellOf, readColumn } from './contribute.ts'
import type { ColumnCells } from './layout.ts'

/** A loss tree in flat arrays: for each fork its column, where its sides begin in `sides`, and its two children. */
export interface LeafFinder {
  readonly columns: readonly ColumnCells[]
  readonly columnOf: Uint16Array
  readonly sidesFrom: Uint32Array
  /** Per fork and code: 0 = left, 1 = right. */
  readonly sides: Uint8Array
  /** Per fork: left, right; −1 − leaf where it is one. */
  readonly children: Int32Array
}

/** How many ways a column's value can be counted: its codes, 0 = absent. */
export function codesOf(cells: ColumnCells): number {
  return cells.counts + cells.bins - cells.absent
}

export function createLeafFinder(tree: LossTree, columns: readonly ColumnCells[]): LeafFinder {
  const { forks } = tree
  const sizes = forks.map(({ column }) => codesOf(columns[column] as ColumnCells))
  const sidesFrom = new Uint32Array(forks.length)
  for (let fork = 1; fork < forks.length; fork++)
    sidesFrom[fork] = (sidesFrom[fork - 1] as number) + (sizes[fork - 1] as number)
  const sides = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0))
  for (const [fork, { right }] of forks.entries())
    for (const code of right) sides[(sidesFrom[fork] as number) + code] = 1
  return {
    columns,
    columnOf: Uint16Array.from(forks, ({ column }: Fork) => column),
    sidesFrom,
    sides,
    children: Int32Array.from(forks.flatMap(({ children }) => children)),
  }
}

/** The leaf of a row: six look-ups or so. A column is looked up again where the tree asks twice; no row asks often. */
export function leafOf(finder: LeafFinder, row: ScoredRow): number {
  const { columns, columnOf, sidesFrom, sides, children } = finder
  if (columnOf.length === 0) return 0
  let fork = 0
  while (fork >= 0) {
    const cells = columns[columnOf[fork] as number] as ColumnCells
    const code = cellOf(cells, readColumn(row, cells.column)) - cells.absent
    fork = children[2 * fork + (sides[(sidesFrom[fork] as number) + code] as number)] as number
  }
  return -1 - fork
}
