/**
 * Standard error of a function of the cell shares of a table of counts, by the delta method: √((Σ p g² − (Σ p g)²) / n), where g is
 * the function's derivative by each share.
 *
 * @param shares of all rows per cell, adding up to 1
 * @param gradient per cell, in the same order
 * @param rows their number, above 0
 * @see Agresti (2013), Categorical Data Analysis, section 16.1.5
 * @example multinomialStandardError([0.2, 0.8], [1, 0], 100) // 0.04
 */
export function multinomialStandardError(shares: ArrayLike<number>, gradient: ArrayLike<number>, rows: number): number {
  let [mean, square] = [0, 0]
  for (let i = 0; i < shares.length; i++) {
    const weighted = (shares[i] as number) * (gradient[i] as number)
    mean += weighted
    square += weighted * (gradient[i] as number)
  }
  return Math.sqrt(Math.max(0, square - mean * mean) / rows)
}
