// What the outcomes of all tasks share: a labelled row as numbers, cells given out in order, and sums of a loss.

/** A prediction with its truth, as numbers: classes by index, a regression by value; NaN where there is none. */
export interface Outcome {
  prediction: number
  /** Binary: [score]. Multiclass: a probability per class. Regression or no probabilities: empty. */
  outputs: Float64Array
  label: number
}

/** Gives out the next cells of a layout: the first of `count`. */
export type Take = (count: number) => number

/** Sums of a loss, for its mean and the mean's error: count, sum, sum of squares. */
export interface LossCells {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

/** Probabilities and losses are kept in whole multiples of 2⁻³⁰, squares of losses of 2⁻²⁰. */
const LOSS_QUANTUM = 2 ** -30
const SQUARE_QUANTUM = 2 ** -20
/** Probabilities are clipped to this before the logarithm, as scikit-learn does for doubles. */
const PROBABILITY_MIN = 1e-15

export function takeLoss(take: Take): LossCells {
  return { count: take(1), sum: take(1), sumOfSquares: take(1) }
}

export function bump(summary: Float64Array, cell: number, by: number): void {
  summary[cell] = (summary[cell] as number) + by
}

export function addLoss(summary: Float64Array, cells: LossCells, loss: number, sign: 1 | -1): void {
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

export function logLoss(probability: number): number {
  return -Math.log(Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, probability)))
}

/** A probability in quanta. */
export function probabilityQuanta(probability: number): number {
  return Math.round(probability / LOSS_QUANTUM)
}

/** Sums of probabilities, one per cell. */
export function readProbabilities(summary: Float64Array, first: number, count: number): Float64Array {
  return summary.subarray(first, first + count).map((quanta) => quanta * LOSS_QUANTUM)
}
