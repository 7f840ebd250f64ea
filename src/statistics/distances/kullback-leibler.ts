import { smoothedSharesOf } from './histograms.ts'

/**
 * Kullback-Leibler divergence of the current histogram from the reference: Σ q ln(q / p), q current, in nats, with half a row
 * added to every cell of both sides.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Kullback and Leibler (1951), On information and sufficiency, Ann. Math. Statist. 22(1)
 * @example kullbackLeibler(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.0384780
 */
export function kullbackLeibler(reference: Float64Array, current: Float64Array): number {
  const { p, q } = smoothedSharesOf('kullbackLeibler', reference, current)
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += (q[i] as number) * Math.log((q[i] as number) / (p[i] as number))
  return Math.max(0, sum)
}
