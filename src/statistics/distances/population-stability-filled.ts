import { sharesOf } from './histograms.ts'

/**
 * Population stability index as tools compute it that put a small share in place of an empty cell's, without renormalising.
 *
 * For comparison with them: the value depends on `fill`, and one row in an empty cell can move it far. See `populationStability`.
 *
 * @param fill share of an empty cell, above 0, at most 1
 * @throws RangeError if `fill` lies elsewhere, the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @example populationStabilityFilled(Float64Array.of(10, 30), Float64Array.of(10, 10), 0.0001) // 0.2746531
 */
export function populationStabilityFilled(reference: Float64Array, current: Float64Array, fill: number): number {
  if (!(fill > 0 && fill <= 1)) {
    throw new RangeError(`populationStabilityFilled: fill is ${fill}, it must be above 0 and at most 1`)
  }
  const { p, q } = sharesOf('populationStabilityFilled', reference, current)
  let sum = 0
  for (let i = 0; i < p.length; i++) {
    const [a, b] = [(p[i] as number) || fill, (q[i] as number) || fill]
    sum += (a - b) * (Math.log(a) - Math.log(b))
  }
  return sum
}
