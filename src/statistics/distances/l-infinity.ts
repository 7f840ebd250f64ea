import { sharesOf } from './histograms.ts'

/**
 * The largest difference of a cell's share, and the cell it is in (the first of several).
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns value 0 to 1; cell is an index
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Gibbs and Su (2002), On choosing and bounding probability metrics, International Statistical Review 70(3)
 * @example lInfinity(Float64Array.of(20, 50, 30), Float64Array.of(5, 60, 35)).value // 0.15
 */
export function lInfinity(reference: Float64Array, current: Float64Array): { value: number; cell: number } {
  const { p, q } = sharesOf('lInfinity', reference, current)
  let value = 0
  let cell = 0
  for (let i = 0; i < p.length; i++) {
    const difference = Math.abs((p[i] as number) - (q[i] as number))
    if (difference > value) {
      value = difference
      cell = i
    }
  }
  return { value, cell }
}
