import { smoothedSharesOf, totalsOf } from './histograms.ts'

/**
 * Population stability index: Σ (p − q) ln(p / q) over cells, with half a row added to every cell of both sides so that an empty
 * cell has a finite weight.
 *
 * Its mean without any change is (B − 1)(1/n + 1/M): see `populationStabilityCorrected`.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Kullback and Leibler (1951), On information and sufficiency, Ann. Math. Statist. 22(1): their divergence J
 * @example populationStability(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.0837162
 */
export function populationStability(reference: Float64Array, current: Float64Array): number {
  const { p, q } = smoothedSharesOf('populationStability', reference, current)
  let sum = 0
  for (let i = 0; i < p.length; i++) {
    const a = p[i] as number
    const b = q[i] as number
    sum += (a - b) * Math.log(a / b)
  }
  return sum
}

/**
 * Population stability index without what chance alone makes of it: less (B − 1)(1/n + 1/M) times the design effect, and not
 * below 0.
 *
 * @param designEffect how many times the variance of clustered rows exceeds that of independent ones; above 0
 * @throws RangeError if the design effect lies elsewhere, the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Yurdakul and Naranjo (2020), Statistical properties of the population stability index, Journal of Risk Model Validation
 * @example populationStabilityCorrected(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.0437162
 */
export function populationStabilityCorrected(reference: Float64Array, current: Float64Array, designEffect = 1): number {
  if (!(designEffect > 0 && designEffect < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`populationStabilityCorrected: designEffect is ${designEffect}, it must be above 0 and finite`)
  }
  const totals = totalsOf('populationStabilityCorrected', reference, current)
  const chance = designEffect * (reference.length - 1) * (1 / totals.reference + 1 / totals.current)
  return Math.max(0, populationStability(reference, current) - chance)
}
