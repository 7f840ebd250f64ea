import { sharesOf } from './histograms.ts'

/**
 * Jensen-Shannon distance between two histograms over the same cells.
 *
 * Lies between 0 (same shape) and 1 (no cell in common), so it can be compared across columns.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns distance, 0 to 1 (base-2 logarithm, square root taken, nothing smoothed)
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Endres and Schindelin (2003), A new metric for probability distributions, IEEE Trans. Inf. Theory 49(7)
 * @example jensenShannon(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.12466
 */
export function jensenShannon(reference: Float64Array, current: Float64Array): number {
  const { p, q } = sharesOf('jensenShannon', reference, current)
  let bits = 0
  for (let i = 0; i < p.length; i++) {
    const a = p[i] as number
    const b = q[i] as number
    const middle = (a + b) / 2
    if (a > 0) bits += (a * Math.log2(a / middle)) / 2
    if (b > 0) bits += (b * Math.log2(b / middle)) / 2
  }
  return Math.sqrt(Math.min(1, Math.max(0, bits)))
}
