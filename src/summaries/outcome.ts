// What a labelled prediction adds to the outcomes of its pane, or takes away again when the label is corrected.

import { contributeLabelledEstimation } from './estimation-cells.ts'
import type { OutcomeLayout } from './layout.ts'
import { contributeBinary } from './outcomes/binary.ts'
import type { Outcome } from './outcomes/cells.ts'
import { bump } from './outcomes/cells.ts'
import { contributeMulticlass } from './outcomes/multiclass.ts'
import { contributeMultilabel } from './outcomes/multilabel.ts'
import { contributeRegression } from './outcomes/regression.ts'

/** Counts a row that was predicted, whether or not its label will ever come. */
export function contributePredicted(layout: OutcomeLayout, summary: Float64Array): void {
  bump(summary, layout.predicted, 1)
}

/** Adds (`sign` 1) or takes away (`sign` −1) one labelled row. */
export function contributeOutcome(layout: OutcomeLayout, summary: Float64Array, outcome: Outcome, sign: 1 | -1): void {
  bump(summary, layout.labelled, sign)
  if (layout.estimation !== null) contributeLabelledEstimation(layout.estimation, summary, outcome, sign)
  switch (layout.task) {
    case 'binary':
      return contributeBinary(layout, summary, outcome, sign)
    case 'multiclass':
      return contributeMulticlass(layout, summary, outcome, sign)
    case 'multilabel':
      return contributeMultilabel(layout, summary, outcome, sign)
    case 'regression':
      return contributeRegression(layout, summary, outcome, sign)
  }
}
