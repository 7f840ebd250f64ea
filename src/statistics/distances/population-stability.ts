/**
 * Population stability index: Σ (p − q) ln(p / q) over cells, with 0.5 added to every count on both sides so that an empty cell
 * has a finite weight.
 *
 * Its mean without any change is (B−1)(1/n + 1/M): take that out before comparing it with a threshold.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, not all zero
 * @throws RangeError if the lengths differ or a histogram is empty
 */
export function populationStability(reference: Float64Array, current: Float64Array): number {
  if (reference.length !== current.length) {
    throw new RangeError(`populationStability: ${reference.length} reference cells, ${current.length} current cells; they must be the same cells`)
  }
  let m = 0
  let n = 0
  let cells = 0
  for (let i = 0; i < reference.length; i++) {
    m += reference[i] as number
    n += current[i] as number
    cells++
  }
  if (m === 0 || n === 0) throw new RangeError('populationStability: a histogram is empty')
  m += cells / 2
  n += cells / 2
  let sum = 0
  for (let i = 0; i < reference.length; i++) {
    const p = ((reference[i] as number) + 0.5) / m
    const q = ((current[i] as number) + 0.5) / n
    sum += (p - q) * Math.log(p / q)
  }
  return sum
}
