// Learns from the labelled rows of the reference how performance can be estimated where there are no labels.

import { calibrationGain, isotonicChances } from '../statistics/estimation/calibration-gain.ts'
import type { IsotonicCurve } from '../statistics/estimation/isotonic.ts'
import { isotonicRegression } from '../statistics/estimation/isotonic.ts'
import type { CodedColumn } from '../statistics/estimation/loss-tree.ts'
import { growLossTree } from '../statistics/estimation/loss-tree.ts'
import { binOf, createBinFinder } from '../summaries/bins.ts'
import { cellOf, readColumn } from '../summaries/contribute.ts'
import type { Estimator } from '../summaries/estimator.ts'
import type { ColumnCells } from '../summaries/layout.ts'
import { createLayout } from '../summaries/layout.ts'
import { codesOf } from '../summaries/leaf.ts'
import type { Column, OutcomeSchema } from '../summaries/schema.ts'
import type { Reading, ReferenceRow } from './reading.ts'

/** Fewer labelled rows than this do not tell one kind of row from another. */
const ROWS_FOR_A_TREE = 100

interface Question {
  readonly columns: readonly Column[]
  readonly outcome: OutcomeSchema
  readonly reading: Reading
}

/** @returns null where nothing can be estimated: no scores, a class without cells of its own, a multilabel model, or too few labels of a regression */
export function learnEstimator(
  rows: readonly ReferenceRow[],
  { columns, outcome, reading }: Question,
): Estimator | null {
  switch (outcome.task) {
    case 'binary':
      return outcome.scoreEdges.length === 0 ? null : learnChances(rows, outcome, reading)
    case 'multiclass': {
      const isWhole = outcome.own.length === outcome.classes.length && outcome.scoreEdges.length > 0
      return isWhole ? learnCurves(rows, outcome, reading) : null
    }
    case 'multilabel':
      return null
    case 'regression':
      return learnTree(rows, columns, outcome.spread, reading)
  }
}

/** Labelled rows by score bin. */
interface ScoreTable {
  readonly positives: Float64Array
  readonly negatives: Float64Array
  readonly scoreSums: Float64Array
}

function learnChances(
  rows: readonly ReferenceRow[],
  { scoreEdges }: Extract<OutcomeSchema, { task: 'binary' }>,
  reading: Reading,
): Estimator {
  const finder = createBinFinder(scoreEdges)
  const table = emptyTable(scoreEdges.length + 1)
  for (const { event, label } of rows) {
    const score = reading.score(event)
    const truth = label === null ? Number.NaN : reading.label(label)
    if (score !== null && !Number.isNaN(truth)) count(table, binOf(finder, score), score, truth === 1)
  }
  return chancesFrom(scoreEdges, table)
}

/** The chances of a binary model's score bins: isotonic where that makes them more right, else the scores themselves. */
export function chancesFrom(scoreEdges: Float64Array, table: ScoreTable): Extract<Estimator, { task: 'binary' }> {
  const { positives, negatives } = table
  const scores = meanScores(scoreEdges, table).map((score) => Math.min(1, Math.max(0, score)))
  return helps(table, scores)
    ? { task: 'binary', calibrated: true, chances: isotonicChances(positives, negatives) }
    : { task: 'binary', calibrated: false, chances: scores }
}

function learnCurves(
  rows: readonly ReferenceRow[],
  { classes, scoreEdges }: Extract<OutcomeSchema, { task: 'multiclass' }>,
  reading: Reading,
): Estimator {
  const curves = classes.map((_, k): IsotonicCurve | null => {
    const edges = scoreEdges[k] as Float64Array
    const finder = createBinFinder(edges)
    const table = emptyTable(edges.length + 1)
    const [scores, truths]: [number[], number[]] = [[], []]
    for (const { event, label } of rows) {
      const score = reading.outputs(event)[k]
      const truth = label === null ? Number.NaN : reading.label(label)
      if (score === undefined || !Number.isFinite(score) || Number.isNaN(truth)) continue
      count(table, binOf(finder, score), score, truth === k)
      scores.push(score)
      truths.push(truth === k ? 1 : 0)
    }
    if (!helps(table, meanScores(edges, table))) return null
    return corners(isotonicRegression(Float64Array.from(scores), Float64Array.from(truths)))
  })
  return { task: 'multiclass', curves }
}

function emptyTable(bins: number): ScoreTable {
  return { positives: new Float64Array(bins), negatives: new Float64Array(bins), scoreSums: new Float64Array(bins) }
}

function count({ positives, negatives, scoreSums }: ScoreTable, bin: number, score: number, isPositive: boolean): void {
  const side = isPositive ? positives : negatives
  side[bin] = (side[bin] as number) + 1
  scoreSums[bin] = (scoreSums[bin] as number) + score
}

function helps({ positives, negatives }: ScoreTable, scores: Float64Array): boolean {
  if (!positives.some((rows) => rows > 0) && !negatives.some((rows) => rows > 0)) return false
  const { before, after } = calibrationGain({ positives, negatives, scores })
  return after < before
}

/** The mean score of each bin; of a bin without rows the middle between its edges, at the ends the edge. */
function meanScores(edges: Float64Array, { positives, negatives, scoreSums }: ScoreTable): Float64Array {
  return scoreSums.map((sum, bin) => {
    const rows = (positives[bin] as number) + (negatives[bin] as number)
    if (rows > 0) return sum / rows
    const [below, above] = [edges[bin - 1] ?? edges[bin] ?? 0, edges[bin] ?? edges[bin - 1] ?? 1]
    return (below + above) / 2
  })
}

/** The same curve without the points on its level stretches. */
function corners({ x, values }: IsotonicCurve): IsotonicCurve {
  const kept = [...x.keys()].filter((i) => values[i] !== values[i - 1] || values[i] !== values[i + 1])
  return {
    x: Float64Array.from(kept, (i) => x[i] as number),
    values: Float64Array.from(kept, (i) => values[i] as number),
  }
}

function learnTree(
  rows: readonly ReferenceRow[],
  columns: readonly Column[],
  spread: number,
  reading: Reading,
): Estimator | null {
  const labelled: Array<{ row: ReferenceRow; error: number }> = []
  for (const row of rows) {
    const truth = row.label === null ? Number.NaN : reading.label(row.label)
    const error = (reading.prediction(row.event) - truth) / spread
    if (Number.isFinite(error)) labelled.push({ row, error: Math.min(64, Math.max(-64, error)) })
  }
  if (labelled.length < ROWS_FOR_A_TREE) return null
  const { inputs } = createLayout(columns, { task: 'regression', center: 0, spread, errorEdges: new Float64Array(1) })
  const coded = inputs.columns.map(
    (cells): CodedColumn => ({
      codes: Uint16Array.from(labelled, ({ row }) => codeOf(cells, row)),
      size: codesOf(cells),
      orderedFrom: cells.kind === 'numeric' ? cells.counts - cells.absent : codesOf(cells),
    }),
  )
  return {
    task: 'regression',
    tree: growLossTree(
      coded,
      Float64Array.from(labelled, ({ error }) => error),
    ),
  }
}

function codeOf(cells: ColumnCells, { event: { features, prediction } }: ReferenceRow): number {
  return cellOf(cells, readColumn({ features, score: null, prediction }, cells.column)) - cells.absent
}
