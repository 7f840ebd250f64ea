import { sharesOf } from './histograms.ts'

/**
 * Total variation distance: half the sum of absolute differences of shares; the share of rows that would have to move.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns 0 to 1
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Gibbs and Su (2002), On choosing and bounding probability metrics, International Statistical Review 70(3)
 * @example totalVariation(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.1
 */
export function totalVariation(reference: Float64Array, current: Float64Array): number {
  const { p, q } = sharesOf('totalVariation', reference, current)
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += Math.abs((p[i] as number) - (q[i] as number))
  return sum / 2
}
