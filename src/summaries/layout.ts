// Where each number of a summary stands: computed once from a reference, the same for every pane of its model.

import type { BinFinder } from './bins.ts'
import { createBinFinder } from './bins.ts'
import type { CategoricalColumn, Column, NumericColumn, OutcomeSchema } from './schema.ts'

export interface NumericCells {
  readonly kind: 'numeric'
  readonly column: NumericColumn
  /** Cells of values that are not in a bin. */
  readonly absent: number
  readonly missing: number
  readonly wrongType: number
  readonly infinite: number
  /** First of `bins` counts, and first of `bins` sums (in quanta from the column's centre). */
  readonly counts: number
  readonly sums: number
  readonly bins: number
  readonly finder: BinFinder
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

export type ColumnCells = NumericCells | CategoricalCells

/** Offsets of OTHER and UNSEEN from a categorical column's first count. */
export const OTHER = 0
export const UNSEEN = 1
export const FIRST_CATEGORY = 2

export interface InputLayout {
  readonly size: number
  /** The cell that counts rows. */
  readonly rows: 0
  readonly columns: readonly ColumnCells[]
}

/** Sums of a loss, for its mean and the mean's error: count, sum, sum of squares. */
export interface LossCells {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

export type OutcomeLayout = {
  readonly size: number
  /** Rows predicted, whether labelled or not. */
  readonly predicted: 0
  readonly labelled: 1
} & (
  | {
      readonly task: 'binary'
      readonly schema: Extract<OutcomeSchema, { task: 'binary' }>
      readonly finder: BinFinder
      readonly scoreBins: number
      /** First of `scoreBins` counts each. */
      readonly positives: number
      readonly negatives: number
      /** First of 4: true positives, false positives, false negatives, true negatives. */
      readonly confusion: number
      readonly logLoss: LossCells
      readonly brier: LossCells
    }
  | {
      readonly task: 'multiclass'
      readonly schema: Extract<OutcomeSchema, { task: 'multiclass' }>
      /** First of K × K, row = truth, column = prediction. */
      readonly confusion: number
      readonly logLoss: LossCells
    }
  | {
      readonly task: 'regression'
      readonly schema: Extract<OutcomeSchema, { task: 'regression' }>
      /** First of the `regressionSums`, in their order. */
      readonly sums: number
      /** Rows whose error or label was clipped to keep the sums whole numbers below 2⁵³. */
      readonly clipped: number
    }
)

/** What is summed for a regression; e = prediction − label, y = label − centre, both in units of the spread. */
export const regressionSums = ['count', 'e', '|e|', 'e²', 'e⁴', 'y', 'y²', 'y³', 'y⁴', 'e²y', 'e²y²'] as const

export interface Layout {
  readonly inputs: InputLayout
  readonly outcomes: OutcomeLayout
}

export function createLayout(columns: readonly Column[], outcome: OutcomeSchema): Layout {
  return { inputs: inputLayout(columns), outcomes: outcomeLayout(outcome) }
}

function inputLayout(columns: readonly Column[]): InputLayout {
  let next = 1
  const take = (count: number) => {
    const first = next
    next += count
    return first
  }
  const cells = columns.map((column): ColumnCells => {
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
      }
    }
    const bins = FIRST_CATEGORY + column.categories.length
    const counts = take(bins)
    const cellOf = new Map<string, number>()
    for (const name of column.others) cellOf.set(name, counts + OTHER)
    for (const [index, name] of column.categories.entries()) cellOf.set(name, counts + FIRST_CATEGORY + index)
    return { kind: 'categorical', column, absent, missing, wrongType, counts, bins, cellOf }
  })
  return { size: next, rows: 0, columns: cells }
}

function outcomeLayout(schema: OutcomeSchema): OutcomeLayout {
  const base = { predicted: 0, labelled: 1 } as const
  const loss = (first: number): LossCells => ({ count: first, sum: first + 1, sumOfSquares: first + 2 })
  if (schema.task === 'binary') {
    const scoreBins = schema.scoreEdges.length + 1
    const confusion = 2 + 2 * scoreBins
    return {
      ...base,
      task: 'binary',
      schema,
      finder: createBinFinder(schema.scoreEdges),
      scoreBins,
      positives: 2,
      negatives: 2 + scoreBins,
      confusion,
      logLoss: loss(confusion + 4),
      brier: loss(confusion + 7),
      size: confusion + 10,
    }
  }
  if (schema.task === 'multiclass') {
    const cells = schema.classes.length ** 2
    return { ...base, task: 'multiclass', schema, confusion: 2, logLoss: loss(2 + cells), size: 5 + cells }
  }
  const clipped = 2 + regressionSums.length
  return { ...base, task: 'regression', schema, sums: 2, clipped, size: clipped + 1 }
}
