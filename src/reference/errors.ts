// Right or wrong: the one loss that every task has, counted from any summary of outcomes.

import type { Errors } from '../statistics/detectors/e-detector.ts'
import type { OutcomeLayout } from '../summaries/layout.ts'
import { multilabelSums } from '../summaries/outcomes/multilabel.ts'

/** Share of a regression's reference rows whose error is small; the others count as wrong. */
const SMALL_ERRORS = 0.9

/** Counts the labelled rows of a summary that have a prediction, and those of them that are wrong. */
export type CountErrors = (outcomes: Float64Array) => Errors

/**
 * How errors are counted under a reference: a class that is not the label's; of a multilabel model, labels that are not exactly the true ones; of a regression, an error beyond nine tenths of those of
 * the reference (to the next edge of their histogram).
 */
export function countingErrors(layout: OutcomeLayout, reference: Float64Array): CountErrors {
  switch (layout.task) {
    case 'binary': {
      const { confusion } = layout
      return (outcomes) => {
        const [truePositives, falsePositives, falseNegatives, trueNegatives] = outcomes.subarray(
          confusion,
          confusion + 4,
        ) as unknown as [number, number, number, number]
        const errors = falsePositives + falseNegatives
        return { trials: truePositives + trueNegatives + errors, errors }
      }
    }
    case 'multiclass': {
      const { confusion, groups, right } = layout
      return (outcomes) => {
        const trials = sum(outcomes, confusion, confusion + groups ** 2)
        return { trials, errors: trials - (outcomes[right] as number) }
      }
    }
    case 'multilabel': {
      const [rows, exact] = [layout.sums, layout.sums + multilabelSums.indexOf('exact')]
      return (outcomes) => ({
        trials: outcomes[rows] as number,
        errors: (outcomes[rows] as number) - (outcomes[exact] as number),
      })
    }
    case 'regression': {
      const { errors, errorBins } = layout
      const large = firstLargeBin(reference.subarray(errors, errors + errorBins))
      return (outcomes) => ({
        trials: sum(outcomes, errors, errors + errorBins),
        errors: sum(outcomes, errors + large, errors + errorBins),
      })
    }
  }
}

/** The first bin of which all rows lie beyond the small errors. */
function firstLargeBin(counts: Float64Array): number {
  const enough = SMALL_ERRORS * sum(counts, 0, counts.length)
  let below = 0
  let bin = 0
  while (bin < counts.length && below < enough) below += counts[bin++] as number
  return bin
}

function sum(cells: Float64Array, from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += cells[i] as number
  return total
}
