// What a labelled prediction adds to the outcomes of its pane, or takes away again when the label is corrected.

import { binOf } from './bins.ts'
import type { LossCells, OutcomeLayout } from './layout.ts'
import { regressionSums } from './layout.ts'

/** A prediction with its truth, as numbers: classes by index, a regression by value; NaN where there is none. */
export interface Outcome {
  prediction: number
  /** Binary: [score]. Multiclass: a probability per class. Regression or no probabilities: empty. */
  outputs: Float64Array
  label: number
}

/** Bounded losses are kept in whole multiples of 2⁻³⁰, squares of losses of 2⁻²⁰. */
const LOSS_QUANTUM = 2 ** -30
const SQUARE_QUANTUM = 2 ** -20
/** Probabilities are clipped to this before the logarithm, as scikit-learn does for doubles. */
const PROBABILITY_MIN = 1e-15

/** Regression: first powers in 2⁻¹⁶ of the spread, higher powers likewise of the spread's powers; |e|, |y| at most 64 spreads. */
const REGRESSION_QUANTUM = 2 ** -16
const SPREADS_MAX = 64

/** Counts a row that was predicted, whether or not its label will ever come. */
export function contributePredicted(layout: OutcomeLayout, summary: Float64Array): void {
  bump(summary, layout.predicted, 1)
}

/** Adds (`sign` 1) or takes away (`sign` −1) one labelled row. */
export function contributeOutcome(layout: OutcomeLayout, summary: Float64Array, outcome: Outcome, sign: 1 | -1): void {
  bump(summary, layout.labelled, sign)
  switch (layout.task) {
    case 'binary':
      return contributeBinary(layout, summary, outcome, sign)
    case 'multiclass':
      return contributeMulticlass(layout, summary, outcome, sign)
    case 'regression':
      return contributeRegression(layout, summary, outcome, sign)
  }
}

function contributeBinary(
  layout: Extract<OutcomeLayout, { task: 'binary' }>,
  summary: Float64Array,
  { prediction, outputs, label }: Outcome,
  sign: 1 | -1,
): void {
  const score = outputs[0]
  const positive = label === 1
  if (score !== undefined) {
    bump(summary, (positive ? layout.positives : layout.negatives) + binOf(layout.finder, score), sign)
    addLoss(summary, layout.logLoss, logLoss(positive ? score : 1 - score), sign)
    addLoss(summary, layout.brier, (score - label) ** 2, sign)
  }
  if (prediction === 0 || prediction === 1) {
    // true positives, false positives, false negatives, true negatives
    const cell = prediction === 1 ? (positive ? 0 : 1) : positive ? 2 : 3
    bump(summary, layout.confusion + cell, sign)
  }
}

function contributeMulticlass(
  layout: Extract<OutcomeLayout, { task: 'multiclass' }>,
  summary: Float64Array,
  { prediction, outputs, label }: Outcome,
  sign: 1 | -1,
): void {
  if (!Number.isNaN(prediction)) {
    bump(summary, layout.confusion + label * layout.schema.classes.length + prediction, sign)
  }
  const probability = outputs[label]
  if (probability !== undefined && !Number.isNaN(probability))
    addLoss(summary, layout.logLoss, logLoss(probability), sign)
}

const powers = new Float64Array(regressionSums.length)

function contributeRegression(
  layout: Extract<OutcomeLayout, { task: 'regression' }>,
  summary: Float64Array,
  { prediction, label }: Outcome,
  sign: 1 | -1,
): void {
  if (Number.isNaN(prediction)) return
  const { center, spread } = layout.schema
  const rawError = (prediction - label) / spread
  const rawLabel = (label - center) / spread
  const e = clip(rawError)
  const y = clip(rawLabel)
  if (e !== rawError || y !== rawLabel) bump(summary, layout.clipped, sign)
  powers.set([1, e, Math.abs(e), e * e, e ** 4, y, y * y, y ** 3, y ** 4, e * e * y, e * e * y * y])
  bump(summary, layout.sums, sign)
  for (let i = 1; i < powers.length; i++) {
    bump(summary, layout.sums + i, sign * Math.round((powers[i] as number) / REGRESSION_QUANTUM))
  }
}

function clip(value: number): number {
  return Math.min(SPREADS_MAX, Math.max(-SPREADS_MAX, value))
}

function logLoss(probability: number): number {
  return -Math.log(Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, probability)))
}

function addLoss(summary: Float64Array, cells: LossCells, loss: number, sign: 1 | -1): void {
  bump(summary, cells.count, sign)
  bump(summary, cells.sum, sign * Math.round(loss / LOSS_QUANTUM))
  bump(summary, cells.sumOfSquares, sign * Math.round((loss * loss) / SQUARE_QUANTUM))
}

/** A loss's sums in its own unit. */
export function readLoss(
  summary: Float64Array,
  cells: LossCells,
): { count: number; sum: number; sumOfSquares: number } {
  return {
    count: summary[cells.count] as number,
    sum: (summary[cells.sum] as number) * LOSS_QUANTUM,
    sumOfSquares: (summary[cells.sumOfSquares] as number) * SQUARE_QUANTUM,
  }
}

/** The regression's sums in units of the spread, in the order of `regressionSums`; the first is a plain count. */
export function readRegressionSums(
  layout: Extract<OutcomeLayout, { task: 'regression' }>,
  summary: Float64Array,
): Float64Array {
  const sums = summary.slice(layout.sums, layout.sums + regressionSums.length)
  for (let i = 1; i < sums.length; i++) sums[i] = (sums[i] as number) * REGRESSION_QUANTUM
  return sums
}

function bump(summary: Float64Array, cell: number, by: number): void {
  summary[cell] = (summary[cell] as number) + by
}
