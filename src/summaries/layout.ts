// Where each number of a summary stands: computed once from a reference, the same for every pane of its model.

import type { BinFinder } from './bins.ts'
import { createBinFinder } from './bins.ts'
import type { CrossMomentCells } from './cross-moments.ts'
import { crossMomentCells, quantaPerUnit } from './cross-moments.ts'
import type { EmbeddingCells } from './embedding-cells.ts'
import { embeddingCells } from './embedding-cells.ts'
import type { EstimationCells, LabelledEstimationCells } from './estimation-cells.ts'
import { estimationCells, labelledEstimationCells } from './estimation-cells.ts'
import type { Estimator } from './estimator.ts'
import type { BinaryCells } from './outcomes/binary.ts'
import { binaryCells } from './outcomes/binary.ts'
import type { Take } from './outcomes/cells.ts'
import type { MulticlassCells } from './outcomes/multiclass.ts'
import { multiclassCells } from './outcomes/multiclass.ts'
import type { MultilabelCells } from './outcomes/multilabel.ts'
import { multilabelCells } from './outcomes/multilabel.ts'
import type { RegressionCells } from './outcomes/regression.ts'
import { regressionCells } from './outcomes/regression.ts'
import type { CategoricalColumn, Column, NumericColumn, OutcomeSchema } from './schema.ts'

export interface NumericCells {
  readonly kind: 'numeric'
  readonly column: NumericColumn
  /** Cells of values that are not in a bin. */
  readonly absent: number
  readonly missing: number
  readonly wrongType: number
  readonly infinite: number
  /** First of `bins` counts, and first of `bins` sums (in quanta from the column's centre), or NO_SUMS. */
  readonly counts: number
  readonly sums: number
  readonly bins: number
  readonly finder: BinFinder
  /** Its place among the features of the cross moments, −1 when it has none; and how its values are standardised there. */
  readonly moment: number
  readonly momentScale: number
}

export interface CategoricalCells {
  readonly kind: 'categorical'
  readonly column: CategoricalColumn
  readonly absent: number
  readonly missing: number
  readonly wrongType: number
  /** First of `bins` counts: OTHER, UNSEEN, then the categories in the column's order. */
  readonly counts: number
  readonly bins: number
  readonly cellOf: ReadonlyMap<string, number>
}

export type ColumnCells = NumericCells | CategoricalCells | EmbeddingCells

/** In the place of the first sum: the values of a bin are counted only. */
export const NO_SUMS = -1

/** Offsets of OTHER and UNSEEN from a categorical column's first count. */
export const OTHER = 0
export const UNSEEN = 1
export const FIRST_CATEGORY = 2

export interface InputLayout {
  readonly size: number
  /** The cell that counts rows. */
  readonly rows: 0
  readonly columns: readonly ColumnCells[]
  /** By column the cell in which the row at hand was counted; 0 for a vector. */
  readonly touched: Int32Array
  /** null where performance is not estimated without labels. */
  readonly estimation: EstimationCells | null
  /** How numeric features move together; null when that is not watched. */
  readonly moments: CrossMomentCells | null
}

export type OutcomeLayout = {
  readonly size: number
  /** Rows predicted, whether labelled or not. */
  readonly predicted: 0
  readonly labelled: 1
  readonly estimation: LabelledEstimationCells | null
} & (BinaryCells | MulticlassCells | MultilabelCells | RegressionCells)

export interface Layout {
  readonly inputs: InputLayout
  readonly outcomes: OutcomeLayout
}

/** What a layout may hold beside its columns. */
export interface Extras {
  /** How performance is estimated without labels; null = not at all. */
  readonly estimator: Estimator | null
  /** Numeric features that are watched together, by name. */
  readonly crossed: readonly string[]
}

const nothing: Extras = { estimator: null, crossed: [] }

export function createLayout(columns: readonly Column[], outcome: OutcomeSchema, extras: Extras = nothing): Layout {
  return { inputs: inputLayout(columns, outcome, extras), outcomes: outcomeLayout(outcome, extras.estimator) }
}

/** Gives out cells one after the other, from `next` on. */
function counter(next: number): { readonly take: Take; readonly size: () => number } {
  let size = next
  const take = (count: number) => {
    const first = size
    size += count
    return first
  }
  return { take, size: () => size }
}

function inputLayout(columns: readonly Column[], outcome: OutcomeSchema, { estimator, crossed }: Extras): InputLayout {
  const { take, size } = counter(1)
  const cells = columns.map((column): ColumnCells => {
    if (column.kind === 'embedding') return embeddingCells(column, take)
    const absent = take(1)
    const missing = take(1)
    const wrongType = take(1)
    if (column.kind === 'numeric') {
      const bins = column.edges.length + 1
      const finder = createBinFinder(column.edges)
      const infinite = take(1)
      return {
        kind: 'numeric',
        column,
        absent,
        missing,
        wrongType,
        infinite,
        counts: take(bins),
        sums: take(bins),
        bins,
        finder,
        moment: column.role === 'feature' ? crossed.indexOf(column.name) : -1,
        momentScale: quantaPerUnit(column),
      }
    }
    const bins = FIRST_CATEGORY + column.categories.length
    const counts = take(bins)
    const cellOf = new Map<string, number>()
    for (const name of column.others) cellOf.set(name, counts + OTHER)
    for (const [index, name] of column.categories.entries()) cellOf.set(name, counts + FIRST_CATEGORY + index)
    return { kind: 'categorical', column, absent, missing, wrongType, counts, bins, cellOf }
  })
  const estimation = estimator === null ? null : estimationCells(estimator, outcome, take)
  const moments = crossMomentCells(crossed, take)
  return { size: size(), rows: 0, columns: cells, touched: new Int32Array(cells.length), estimation, moments }
}

function outcomeLayout(schema: OutcomeSchema, estimator: Estimator | null): OutcomeLayout {
  const { take, size } = counter(2)
  const cells = outcomeCells(schema, take)
  const estimation = estimator === null ? null : labelledEstimationCells(estimator, schema, take)
  return { ...cells, predicted: 0, labelled: 1, estimation, size: size() }
}

function outcomeCells(
  schema: OutcomeSchema,
  take: Take,
): BinaryCells | MulticlassCells | MultilabelCells | RegressionCells {
  switch (schema.task) {
    case 'binary':
      return binaryCells(schema, take)
    case 'multiclass':
      return multiclassCells(schema, take)
    case 'multilabel':
      return multilabelCells(schema, take)
    case 'regression':
      return regressionCells(schema, take)
  }
}
