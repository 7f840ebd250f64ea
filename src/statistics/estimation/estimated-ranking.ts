// What ROC AUC and average precision will be, from how many rows each score bin holds and how many of them should be positive.

import { COUNT, isCount } from '../distances/histograms.ts'
import { logitInterval } from '../intervals/logit-interval.ts'
import type { Metric } from '../performance/metric.ts'
import { undefinedBecause } from '../performance/metric.ts'
import { ROWS_OF_RARER_CLASS } from '../performance/score-histograms.ts'

/** Rows per ascending score bin, and each bin's chance that a row is positive. */
export interface ChanceBins {
  readonly rows: Float64Array
  readonly chances: Float64Array
}

/** Expected rows per class. @throws RangeError if there are not as many chances as bins, or one is no chance */
export function expectedTotals(name: string, { rows, chances }: ChanceBins): { p: number; n: number } {
  if (rows.length !== chances.length)
    throw new RangeError(`${name}: chances has ${chances.length} members, rows has ${rows.length} bins`)
  let [p, n] = [0, 0]
  for (let bin = 0; bin < rows.length; bin++) {
    const count = rows[bin] as number
    const chance = chances[bin] as number
    if (!isCount(count)) throw new RangeError(`${name}: rows[${bin}] is ${count}; ${COUNT}`)
    if (!(chance >= 0 && chance <= 1))
      throw new RangeError(`${name}: chances[${bin}] is ${chance}, it must lie between 0 and 1`)
    p += count * chance
    n += count * (1 - chance)
  }
  return { p, n }
}

/**
 * The area under the ROC curve that is to be expected, if each row is positive by its bin's chance and independent of the others.
 *
 * Pairs within a bin count half. The standard error is that of what will come out about the estimate (the labels' own chance,
 * delta method), not the estimate's about the truth of another population.
 *
 * @param minimum expected rows of the rarer class, below which there is no value
 * @throws RangeError if there are not as many chances as bins, a count is negative or a chance is none
 * @example estimatedRocAuc({ rows: Float64Array.of(7, 4, 8), chances: Float64Array.of(1 / 7, 0.5, 7 / 8) }, 1).value // 0.8609576
 */
export function estimatedRocAuc(bins: ChanceBins, minimum: number = ROWS_OF_RARER_CLASS): Metric {
  const { rows, chances } = bins
  const { p, n } = expectedTotals('estimatedRocAuc', bins)
  const few = tooFew(p, n, minimum)
  if (few !== null) return undefinedBecause(few)
  const count = rows.length
  let negativesBelow = 0
  let won = 0
  let pairs = p * n
  for (let bin = 0; bin < count; bin++) {
    const positives = (rows[bin] as number) * (chances[bin] as number)
    const negatives = (rows[bin] as number) - positives
    // A row is no pair with itself.
    const within = positives * negatives - positives * (1 - (chances[bin] as number))
    won += positives * negativesBelow + within / 2
    pairs -= positives * (1 - (chances[bin] as number))
    negativesBelow += negatives
  }
  if (!(pairs > 0)) return undefinedBecause('no pair of a positive and a negative is to be expected')
  const value = Math.min(1, Math.max(0, won / pairs))
  let variance = 0
  negativesBelow = 0
  let positivesAbove = p
  for (let bin = 0; bin < count; bin++) {
    const chance = chances[bin] as number
    const positives = (rows[bin] as number) * chance
    const negatives = (rows[bin] as number) - positives
    positivesAbove -= positives
    // Wins as a positive, less wins as a negative; and what its class changes in the number of pairs.
    const change = (negativesBelow + negatives / 2 - positivesAbove - positives / 2 - value * (n - p)) / pairs
    variance += (rows[bin] as number) * chance * (1 - chance) * change * change
    negativesBelow += negatives
  }
  const standardError = Math.sqrt(variance)
  return { value, ...logitInterval(value, standardError), standardError }
}

/**
 * The average precision that is to be expected, under the same assumption; rows within a bin in random order.
 *
 * A positive counts itself for certain, and the others above it by their chances. The standard error is of the labels' own chance.
 *
 * @param minimum expected rows of the rarer class, below which there is no value
 * @throws RangeError if there are not as many chances as bins, a count is negative or a chance is none
 * @example estimatedAveragePrecision({ rows: Float64Array.of(2, 2), chances: Float64Array.of(0, 1) }, 1).value // 1
 */
export function estimatedAveragePrecision(bins: ChanceBins, minimum: number = ROWS_OF_RARER_CLASS): Metric {
  const { rows, chances } = bins
  const { p, n } = expectedTotals('estimatedAveragePrecision', bins)
  const few = tooFew(p, n, minimum)
  if (few !== null) return undefinedBecause(few)
  const count = rows.length
  const precision = new Float64Array(count)
  let above = 0
  let positivesAbove = 0
  let sum = 0
  for (let bin = count - 1; bin >= 0; bin--) {
    const size = rows[bin] as number
    const chance = chances[bin] as number
    precision[bin] = size === 0 ? 0 : meanPrecision({ size, chance, above, positivesAbove })
    sum += size * chance * (precision[bin] as number)
    above += size
    positivesAbove += size * chance
  }
  const value = Math.min(1, sum / p)
  // From the lowest bin up: what one positive more in a bin adds to the precision of the positives below it.
  let variance = 0
  let lifts = 0
  let rowsAbove = above
  for (let bin = 0; bin < count; bin++) {
    const size = rows[bin] as number
    if (size === 0) continue
    const chance = chances[bin] as number
    rowsAbove -= size
    const own = (size * chance) / (rowsAbove + (size + 1) / 2)
    const change = ((precision[bin] as number) + own / 2 + lifts - value) / p
    variance += size * chance * (1 - chance) * change * change
    lifts += own
  }
  const standardError = Math.sqrt(variance)
  return { value, ...logitInterval(value, standardError), standardError }
}

/** Ranks of a bin that are summed one by one; longer bins are summed by this many equal steps. */
const STEPS = 16

/** The precision at a positive of a bin, on average over its ranks. */
function meanPrecision(bin: { size: number; chance: number; above: number; positivesAbove: number }): number {
  const { size, chance, above, positivesAbove } = bin
  const steps = Math.max(1, Math.min(STEPS, Math.round(size)))
  let sum = 0
  for (let step = 0; step < steps; step++) {
    const before = ((step + 0.5) * size) / steps - 0.5
    sum += (positivesAbove + before * chance + 1) / (above + before + 1)
  }
  return sum / steps
}

function tooFew(p: number, n: number, minimum: number): string | null {
  const rarer = Math.min(p, n)
  if (rarer >= minimum && rarer > 0) return null
  return `${Number(rarer.toFixed(1))} rows of the rarer class expected, ${minimum} needed`
}
