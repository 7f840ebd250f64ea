/**
 * Pools cells that are too rare for a χ² test into one.
 *
 * A cell is rare when the smaller of the two samples is expected to hold fewer than `minimumExpected` of its rows, by the
 * pooled share.
 *
 * @returns the counts that remain; the pool, if any, is the last cell
 */
export function poolSparse(
  reference: Float64Array,
  current: Float64Array,
  minimumExpected = 5,
): { reference: Float64Array; current: Float64Array } {
  let m = 0
  let n = 0
  for (let i = 0; i < reference.length; i++) {
    m += reference[i] as number
    n += current[i] as number
  }
  const needed = (minimumExpected * (m + n)) / Math.min(m, n)
  const kept: Array<[number, number]> = []
  let pooledReference = 0
  let pooledCurrent = 0
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i] as number
    const c = current[i] as number
    if (r + c >= needed) kept.push([r, c])
    else {
      pooledReference += r
      pooledCurrent += c
    }
  }
  if (pooledReference + pooledCurrent > 0) kept.push([pooledReference, pooledCurrent])
  return { reference: Float64Array.from(kept, ([r]) => r), current: Float64Array.from(kept, ([, c]) => c) }
}
