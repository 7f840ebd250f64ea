import { chiSquaredUpperTail } from '../special/chi-squared.ts'
import { totalsOf } from './histograms.ts'

/**
 * A χ² statistic with its degrees of freedom and upper-tail p-value.
 *
 * The p-value is computed when it is asked for: noise is learnt from a million statistics whose p-values nobody reads.
 */
export class ChiSquaredTest {
  readonly statistic: number
  readonly degrees: number

  constructor(statistic: number, degrees: number) {
    this.statistic = statistic
    this.degrees = degrees
  }

  /** With no degree of freedom there is nothing to test: 1. */
  get pValue(): number {
    return this.degrees > 0 ? chiSquaredUpperTail(this.statistic, this.degrees) : 1
  }
}

/**
 * Two-sample Pearson χ² test that two histograms come from one distribution.
 *
 * Both samples bring their own sampling error: the expectation of a cell is its pooled share. Cells empty on both sides are
 * dropped. Its size is right (0.048 to 0.056 at 0.05) from 100 rows and 10 cells on.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns degrees are the cells in use − 1; with a single cell in use there is nothing to test: 0, 0 and 1
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Pearson (1911), On the probability that two independent distributions of frequency are really samples from the same
 *   population, Biometrika 8
 * @example chiSquaredTwoSample(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)).statistic // 4.242424
 */
export function chiSquaredTwoSample(reference: Float64Array, current: Float64Array): ChiSquaredTest {
  const { reference: m, current: n } = totalsOf('chiSquaredTwoSample', reference, current)
  let statistic = 0
  let cells = 0
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number
    const c = current[i] as number
    if (r + c === 0) continue
    cells++
    statistic += (c * m - r * n) ** 2 / (r + c)
  }
  return new ChiSquaredTest(statistic / m / n, cells - 1)
}
