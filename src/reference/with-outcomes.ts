// A reference learnt from the stream, completed by the labels of its period once they have come.

import { readProbabilities } from '../summaries/outcomes/cells.ts'
import { chancesFrom } from './learn-estimator.ts'
import type { Reference, ReferenceContent } from './reference.ts'

/**
 * The reference with the outcomes of its period, and the chances of a binary model's scores learnt from them.
 *
 * Other tasks keep the estimator they had without labels: their panes are counted by it.
 */
export function withOutcomes(reference: Reference, labelled: number, outcomes: Float64Array): ReferenceContent {
  // Losses by feature are of rows, which are no longer at hand.
  const { id: _, cells: __, losses: ___, layout, ...content } = reference
  const completed = { ...content, labelled, outcomes }
  const { estimator } = reference
  if (estimator?.task !== 'binary' || layout.outcomes.task !== 'binary') return completed
  const { positives, negatives, scoreSums, scoreBins, schema } = layout.outcomes
  const table = {
    positives: outcomes.subarray(positives, positives + scoreBins),
    negatives: outcomes.subarray(negatives, negatives + scoreBins),
    scoreSums: readProbabilities(outcomes, scoreSums, scoreBins),
  }
  return { ...completed, estimator: chancesFrom(schema.scoreEdges, table) }
}
