import { sharesOf } from './histograms.ts'

/**
 * Hellinger distance between two histograms over the same cells.
 *
 * Taken as √(½ Σ (√p − √q)²), which equals √(1 − Σ √(p q)) and does not cancel for histograms that are nearly alike.
 *
 * @param reference counts per cell, not all zero
 * @param current counts per cell, same cells, not all zero
 * @returns 0 (same shape) to 1 (no cell in common)
 * @throws RangeError if the lengths differ or a count is no count
 * @throws UndefinedStatisticError if a histogram is empty
 * @see Hellinger (1909), Neue Begründung der Theorie quadratischer Formen, J. reine angew. Math. 136
 * @example hellinger(Float64Array.of(20, 50, 30), Float64Array.of(10, 60, 30)) // 0.1041925
 */
export function hellinger(reference: Float64Array, current: Float64Array): number {
  const { p, q } = sharesOf('hellinger', reference, current)
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += (Math.sqrt(p[i] as number) - Math.sqrt(q[i] as number)) ** 2
  return Math.sqrt(Math.min(1, sum / 2))
}
