import { totalsOf } from '../distances/histograms.ts'

/** Rows and their mean loss per cell, on both sides. */
export interface LossByCell {
  readonly reference: Float64Array
  readonly current: Float64Array
  readonly referenceLoss: Float64Array
  readonly currentLoss: Float64Array
}

export interface LossChange {
  /** Per cell, what of the change is due to more or fewer rows there. */
  readonly mix: Float64Array
  /** Per cell, what of the change is due to another loss of its rows. */
  readonly rate: Float64Array
  /** Change of the mean loss: the sum of both. */
  readonly total: number
}

/**
 * Splits the change of a mean loss over cells (bins of a feature, segments) into a mix and a rate effect, exactly.
 *
 * mix = (q − p)(l₀ + l₁)/2 and rate = (l₁ − l₀)(p + q)/2, with shares p, q and mean losses l₀, l₁ of reference and current.
 *
 * @throws RangeError if the lengths differ, a count is no count or a loss is not finite
 * @throws UndefinedStatisticError if a side has no row
 * @see Kitagawa (1955), Components of a difference between two rates, JASA 50
 * @example lossChange({ reference: Float64Array.of(1, 1), current: Float64Array.of(1, 3), referenceLoss: Float64Array.of(0.2, 0.4), currentLoss: Float64Array.of(0.2, 0.6) }).total // 0.2
 */
export function lossChange({ reference, current, referenceLoss, currentLoss }: LossByCell): LossChange {
  const totals = totalsOf('lossChange', reference, current)
  checkLosses('referenceLoss', referenceLoss, reference.length)
  checkLosses('currentLoss', currentLoss, reference.length)
  const mix = new Float64Array(reference.length)
  const rate = new Float64Array(reference.length)
  let total = 0
  for (let i = 0; i < reference.length; i++) {
    const p = (reference[i] as number) / totals.reference
    const q = (current[i] as number) / totals.current
    const [before, now] = [referenceLoss[i] as number, currentLoss[i] as number]
    mix[i] = ((q - p) * (before + now)) / 2
    rate[i] = ((now - before) * (p + q)) / 2
    total += q * now - p * before
  }
  return { mix, rate, total }
}

function checkLosses(name: string, losses: Float64Array, cells: number): void {
  if (losses.length !== cells)
    throw new RangeError(`lossChange: ${name} has ${losses.length} cells, the counts ${cells}`)
  for (const [i, loss] of losses.entries()) {
    if (!(Math.abs(loss) <= 1e300))
      throw new RangeError(`lossChange: ${name} has ${loss} in cell ${i}; a loss must be finite (to 1e300)`)
  }
}
