import { totalsOf } from './histograms.ts'

/** A pool of fewer rows joins the smallest cell: χ² would take one row in a cell that expects none for certainty. */
const ROWS_OF_A_POOL = 3

/**
 * Pools cells that are too rare for a χ² test into one.
 *
 * A cell is rare when the smaller of the two samples is expected to hold fewer than `minimumExpected` of its rows, by the
 * pooled share.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns the counts that remain, in their order; the pool, if it holds three rows, is the last cell; a smaller one
 *   has joined the smallest
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Cochran (1954), Some methods for strengthening the common χ² tests, Biometrics 10(4), for the 5 expected rows
 * @example poolSparse(Float64Array.of(90, 2, 3), Float64Array.of(95, 1, 2)).reference.length // 2
 */
export function poolSparse(
  reference: Float64Array,
  current: Float64Array,
  minimumExpected = 5,
): { reference: Float64Array; current: Float64Array } {
  const { reference: m, current: n } = totalsOf('poolSparse', reference, current)
  const needed = (minimumExpected * (m + n)) / Math.min(m, n)
  // One pass over typed arrays: this is called for every column of every window.
  const keptReference = new Float64Array(reference.length + 1)
  const keptCurrent = new Float64Array(reference.length + 1)
  let kept = 0
  let pooledReference = 0
  let pooledCurrent = 0
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number
    const c = current[i] as number
    if (r + c >= needed) {
      keptReference[kept] = r
      keptCurrent[kept++] = c
    } else {
      pooledReference += r
      pooledCurrent += c
    }
  }
  if (pooledReference + pooledCurrent > 0) {
    if (pooledReference + pooledCurrent < ROWS_OF_A_POOL && kept > 0) {
      const smallest = smallestOf(keptReference, keptCurrent, kept)
      keptReference[smallest] = (keptReference[smallest] as number) + pooledReference
      keptCurrent[smallest] = (keptCurrent[smallest] as number) + pooledCurrent
      return { reference: keptReference.subarray(0, kept), current: keptCurrent.subarray(0, kept) }
    }
    keptReference[kept] = pooledReference
    keptCurrent[kept++] = pooledCurrent
  }
  return { reference: keptReference.subarray(0, kept), current: keptCurrent.subarray(0, kept) }
}

function smallestOf(reference: Float64Array, current: Float64Array, cells: number): number {
  let smallest = 0
  const rows = (cell: number) => (reference[cell] as number) + (current[cell] as number)
  for (let cell = 1; cell < cells; cell++) if (rows(cell) < rows(smallest)) smallest = cell
  return smallest
}
