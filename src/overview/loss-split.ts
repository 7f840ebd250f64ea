// Why performance changed: are there other rows, or do the same rows turn out otherwise?

import { lossChange } from '../statistics/performance/loss-change.ts'
import { readLeafLoss } from '../summaries/estimation-cells.ts'
import type { OutcomeLayout } from '../summaries/layout.ts'
import { readProbabilities } from '../summaries/outcomes/cells.ts'

/** A change of the mean loss in two parts that add up to it. */
export interface LossSplit {
  /** What is lost, and among what it is told apart. */
  readonly loss: 'log loss' | 'absolute error'
  readonly among: 'scores' | 'kinds of rows'
  readonly reference: number
  readonly current: number
  /** Because there are more rows where the model errs more, or fewer. */
  readonly mix: number
  /** Because rows that look the same to the model turn out otherwise. */
  readonly rate: number
}

/** Labelled rows and the sum of their losses, by cell. */
interface LossByCell {
  readonly rows: Float64Array
  readonly losses: Float64Array
}

/** Fewer labelled rows say nothing of where they lie. */
const ROWS_MIN = 100

/**
 * Splits the change of the mean loss: of a binary model over the bins of its score, of a regression over the leaves of its loss tree.
 * Outcomes of other tasks keep no losses by cell.
 *
 * @param reference and current summaries of outcomes in the layout
 */
export function splitLoss(
  layout: OutcomeLayout,
  reference: Float64Array,
  current: Float64Array,
): LossSplit | undefined {
  const [before, now] = [lossesOf(layout, reference), lossesOf(layout, current)]
  if (before === undefined || now === undefined) return undefined
  const [rowsBefore, rowsNow] = [sum(before.rows), sum(now.rows)]
  if (rowsBefore < ROWS_MIN || rowsNow < ROWS_MIN) return undefined
  // A cell that one side has no row in has the other's loss: what it brings is mix.
  const mean = (own: LossByCell, other: LossByCell) =>
    own.rows.map((rows, i) => {
      const from = rows > 0 ? own : other
      const count = from.rows[i] as number
      return count > 0 ? (from.losses[i] as number) / count : 0
    })
  const { mix, rate } = lossChange({
    reference: before.rows,
    current: now.rows,
    referenceLoss: mean(before, now),
    currentLoss: mean(now, before),
  })
  const isBinary = layout.task === 'binary'
  return {
    loss: isBinary ? 'log loss' : 'absolute error',
    among: isBinary ? 'scores' : 'kinds of rows',
    reference: sum(before.losses) / rowsBefore,
    current: sum(now.losses) / rowsNow,
    mix: sum(mix),
    rate: sum(rate),
  }
}

function lossesOf(layout: OutcomeLayout, outcomes: Float64Array): LossByCell | undefined {
  if (layout.task === 'binary') {
    const { positives, negatives, scoreSums, scoreBins } = layout
    const scores = readProbabilities(outcomes, scoreSums, scoreBins)
    const rows = new Float64Array(scoreBins)
    const losses = new Float64Array(scoreBins)
    for (let bin = 0; bin < scoreBins; bin++) {
      const [yes, no] = [outcomes[positives + bin] as number, outcomes[negatives + bin] as number]
      const count = yes + no
      if (count === 0) continue
      // Every row of a narrow bin is taken to have its mean score.
      const score = Math.min(1 - SCORE_MIN, Math.max(SCORE_MIN, (scores[bin] as number) / count))
      rows[bin] = count
      losses[bin] = -yes * Math.log(score) - no * Math.log(1 - score)
    }
    return { rows, losses }
  }
  const { estimation } = layout
  if (layout.task !== 'regression' || estimation?.leafLoss == null || estimation.block.task !== 'regression')
    return undefined
  const { counts, leaves } = estimation.block
  const { absolute, spread } = estimation.leafLoss
  return {
    rows: outcomes.slice(counts, counts + leaves),
    losses: readLeafLoss(outcomes, absolute, leaves).map((loss) => loss * spread),
  }
}

/** A score of 0 or 1 that is wrong once would outweigh all others. */
const SCORE_MIN = 1e-6

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
