// What is kept of the labelled rows of a binary model.

import type { BinFinder } from '../bins.ts'
import { binOf, createBinFinder } from '../bins.ts'
import type { OutcomeSchema } from '../schema.ts'
import type { LossCells, Outcome, Take } from './cells.ts'
import { addLoss, bump, logLoss, probabilityQuanta, takeLoss } from './cells.ts'

type BinarySchema = Extract<OutcomeSchema, { task: 'binary' }>

export interface BinaryCells {
  readonly task: 'binary'
  readonly schema: BinarySchema
  readonly finder: BinFinder
  readonly scoreBins: number
  /** First of `scoreBins` counts each. */
  readonly positives: number
  readonly negatives: number
  /** First of `scoreBins` sums of scores, in quanta of a probability. */
  readonly scoreSums: number
  /** First of 4: true positives, false positives, false negatives, true negatives. */
  readonly confusion: number
  readonly logLoss: LossCells
  readonly brier: LossCells
}

export function binaryCells(schema: BinarySchema, take: Take): BinaryCells {
  const scoreBins = schema.scoreEdges.length + 1
  return {
    task: 'binary',
    schema,
    finder: createBinFinder(schema.scoreEdges),
    scoreBins,
    positives: take(scoreBins),
    negatives: take(scoreBins),
    scoreSums: take(scoreBins),
    confusion: take(4),
    logLoss: takeLoss(take),
    brier: takeLoss(take),
  }
}

export function contributeBinary(cells: BinaryCells, summary: Float64Array, outcome: Outcome, sign: 1 | -1): void {
  const { prediction, outputs, label } = outcome
  const score = outputs[0]
  const positive = label === 1
  if (score !== undefined) {
    const bin = binOf(cells.finder, score)
    bump(summary, (positive ? cells.positives : cells.negatives) + bin, sign)
    bump(summary, cells.scoreSums + bin, sign * probabilityQuanta(score))
    addLoss(summary, cells.logLoss, logLoss(positive ? score : 1 - score), sign)
    addLoss(summary, cells.brier, (score - label) * (score - label), sign)
  }
  if (prediction === 0 || prediction === 1) {
    // true positives, false positives, false negatives, true negatives
    const cell = prediction === 1 ? (positive ? 0 : 1) : positive ? 2 : 3
    bump(summary, cells.confusion + cell, sign)
  }
}
