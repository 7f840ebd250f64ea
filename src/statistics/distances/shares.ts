/** The shares of two histograms over the same cells. @throws RangeError if the lengths differ or a histogram is empty */
export function sharesOf(name: string, reference: Float64Array, current: Float64Array): { p: Float64Array; q: Float64Array } {
  if (reference.length !== current.length) {
    throw new RangeError(`${name}: ${reference.length} reference cells, ${current.length} current cells; they must be the same cells`)
  }
  const m = reference.reduce((sum, count) => sum + count, 0)
  const n = current.reduce((sum, count) => sum + count, 0)
  if (m === 0 || n === 0) throw new RangeError(`${name}: the ${m === 0 ? 'reference' : 'current'} histogram is empty`)
  return { p: reference.map((count) => count / m), q: current.map((count) => count / n) }
}
