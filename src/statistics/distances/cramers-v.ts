import { UndefinedStatisticError } from '../undefined-statistic.ts'
import { chiSquaredTwoSample } from './chi-squared-two-sample.ts'
import { totalsOf } from './histograms.ts'

/**
 * Cramér's V of the 2 × B table of two histograms: √(χ² / rows), the strength of the link between a row's cell and its side.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns 0 (same shape) to 1 (no cell in common)
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty, or all rows of both lie in one cell
 * @see Cramér (1946), Mathematical Methods of Statistics, chapter 21
 * @example cramersV(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.1456438
 */
export function cramersV(reference: Float64Array, current: Float64Array): number {
  const totals = totalsOf('cramersV', reference, current)
  const { statistic, degrees } = chiSquaredTwoSample(reference, current)
  if (degrees === 0) throw new UndefinedStatisticError('cramersV: all rows lie in one cell')
  return Math.min(1, Math.sqrt(statistic / (totals.reference + totals.current)))
}
