import { totalsOf } from '../distances/histograms.ts'

/** Rows by cell on both sides, and what is known of the loss in each cell. */
export interface MixByCell {
  readonly reference: Float64Array
  readonly current: Float64Array
  /** Mean loss of the reference's labelled rows. */
  readonly loss: Float64Array
  /** How many rows that mean is of; at least 1. */
  readonly labelled: Float64Array
  /** Variance of the loss of a row within its cell. */
  readonly variance: number
}

export interface MixEffect {
  /** Expected change of the mean loss, in the loss's own unit. */
  readonly change: number
  /** From chance alone in the rows of both sides and in the losses of the reference, for independent rows. */
  readonly standardError: number
}

/**
 * By how much a mean loss is expected to change because rows lie in other cells than they did, each cell losing what it lost before.
 *
 * Needs no label of the current rows. Effects of features that move together are of the same rows, and do not add up.
 *
 * change = Σ (q − p) l₀, with shares p, q of reference and current and mean losses l₀ of the reference.
 *
 * @throws RangeError if the lengths differ, a count is no count, or a loss or its variance is not finite
 * @throws UndefinedStatisticError if a side has no row
 * @see Kitagawa (1955), Components of a difference between two rates, JASA 50: the part of composition, at the reference's rates
 * @example mixEffect({ reference: Float64Array.of(50, 50), current: Float64Array.of(25, 75), loss: Float64Array.of(0.2, 0.6), labelled: Float64Array.of(50, 50), variance: 0.04 }).change // 0.1
 */
export function mixEffect({ reference, current, loss, labelled, variance }: MixByCell): MixEffect {
  const totals = totalsOf('mixEffect', reference, current)
  check('loss', loss, { cells: reference.length, least: -1e150, most: 1e150 })
  check('labelled', labelled, { cells: reference.length, least: 1, most: 2 ** 53 })
  check('variance', [variance], { cells: 1, least: 0, most: 1e300 })
  // Losses are taken from a common level, which changes neither sum: shares add up to 1 on both sides.
  let level = 0
  for (let i = 0; i < loss.length; i++) level += ((reference[i] as number) / totals.reference) * (loss[i] as number)
  let [change, squaresBefore, squaresNow, ofLosses] = [0, 0, 0, 0]
  for (let i = 0; i < loss.length; i++) {
    const p = (reference[i] as number) / totals.reference
    const q = (current[i] as number) / totals.current
    const above = (loss[i] as number) - level
    change += (q - p) * above
    squaresBefore += p * above ** 2
    squaresNow += q * above ** 2
    ofLosses += ((q - p) ** 2 * variance) / (labelled[i] as number)
  }
  const ofShares = squaresBefore / totals.reference + Math.max(0, squaresNow - change ** 2) / totals.current
  return { change, standardError: Math.sqrt(ofShares + ofLosses) }
}

function check(
  name: string,
  values: ArrayLike<number>,
  { cells, least, most }: { cells: number; least: number; most: number },
): void {
  if (values.length !== cells)
    throw new RangeError(`mixEffect: ${name} has ${values.length} cells, the counts ${cells}`)
  for (let i = 0; i < cells; i++) {
    const value = values[i] as number
    if (!(value >= least && value <= most))
      throw new RangeError(`mixEffect: ${name} has ${value} in cell ${i}; it must lie between ${least} and ${most}`)
  }
}
