// What is kept of the labelled rows of a multiclass model.

import type { BinFinder } from '../bins.ts'
import { binOf, createBinFinder } from '../bins.ts'
import type { OutcomeSchema } from '../schema.ts'
import type { LossCells, Outcome, Take } from './cells.ts'
import { addLoss, bump, logLoss, takeLoss } from './cells.ts'

type MulticlassSchema = Extract<OutcomeSchema, { task: 'multiclass' }>

/** The scores of one class against all others: first of `bins` counts each. */
export interface OneVersusRest {
  /** Index of the class. */
  readonly of: number
  readonly finder: BinFinder
  readonly bins: number
  readonly positives: number
  readonly negatives: number
}

export interface MulticlassCells {
  readonly task: 'multiclass'
  readonly schema: MulticlassSchema
  /** Rows and columns of the confusion: the classes with cells of their own, in the schema's order, then OTHER if there are more. */
  readonly groups: number
  /** For each class its row and column. */
  readonly groupOf: Uint8Array
  /** First of groups × groups, row = truth, column = prediction. */
  readonly confusion: number
  /** Rows whose prediction is their label, also among the classes of OTHER. */
  readonly right: number
  readonly logLoss: LossCells
  /** First of `ranks` counts: rows whose label has the 1st, 2nd … highest probability; then those further down. */
  readonly labelRanks: number
  readonly ranks: number
  /** Empty when the reference has no probabilities. */
  readonly scores: readonly OneVersusRest[]
}

/** Ranks of the label that are counted one by one. */
export const RANKS_MAX = 20

export function multiclassCells(schema: MulticlassSchema, take: Take): MulticlassCells {
  const { classes, own, scoreEdges } = schema
  const groups = own.length < classes.length ? own.length + 1 : own.length
  const groupOf = new Uint8Array(classes.length).fill(groups - 1)
  for (const [group, index] of own.entries()) groupOf[index] = group
  const ranks = Math.min(classes.length, RANKS_MAX)
  return {
    task: 'multiclass',
    schema,
    groups,
    groupOf,
    confusion: take(groups ** 2),
    right: take(1),
    logLoss: takeLoss(take),
    labelRanks: take(ranks + 1),
    ranks,
    scores: scoreEdges.map((edges, i) => {
      const bins = edges.length + 1
      const finder = createBinFinder(edges)
      return { of: own[i] as number, finder, bins, positives: take(bins), negatives: take(bins) }
    }),
  }
}

export function contributeMulticlass(
  cells: MulticlassCells,
  summary: Float64Array,
  { prediction, outputs, label }: Outcome,
  sign: 1 | -1,
): void {
  const { groupOf, groups } = cells
  if (!Number.isNaN(prediction)) {
    const cell = (groupOf[label] as number) * groups + (groupOf[prediction] as number)
    bump(summary, cells.confusion + cell, sign)
    if (prediction === label) bump(summary, cells.right, sign)
  }
  const probability = outputs[label]
  if (probability === undefined || Number.isNaN(probability)) return
  addLoss(summary, cells.logLoss, logLoss(probability), sign)
  bump(summary, cells.labelRanks + Math.min(cells.ranks, rankOf(outputs, label)), sign)
  const { scores } = cells
  for (let i = 0; i < scores.length; i++) {
    const { of, finder, positives, negatives } = scores[i] as OneVersusRest
    const score = outputs[of] as number
    if (!Number.isNaN(score)) bump(summary, (label === of ? positives : negatives) + binOf(finder, score), sign)
  }
}

/** How many classes come before the label by probability; among equals the class that stands later in the list comes first. */
function rankOf(outputs: Float64Array, label: number): number {
  const own = outputs[label] as number
  let before = 0
  for (let i = 0; i < outputs.length; i++) {
    const other = outputs[i] as number
    if (other > own || (other === own && i > label)) before++
  }
  return before
}
