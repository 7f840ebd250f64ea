import { columnsOf } from './moments.ts'

type Rows = ReadonlyArray<ArrayLike<number>>

/**
 * Squared maximum mean discrepancy of two samples of vectors with the kernel exp(−γ |x − y|²).
 *
 * Needs every pair of rows, so it is for samples, not for streams.
 *
 * @param reference rows of one length, finite
 * @param current rows of the same length, finite
 * @param gamma above 0; 1 / (2 σ²) of a Gaussian kernel
 * @returns the V-statistic (never negative) and the U-statistic (unbiased, may be negative; null with fewer than 2 rows on a side)
 * @throws RangeError if gamma is not above 0, rows differ in length, or a value is not finite
 * @throws UndefinedStatisticError if a side has no rows
 * @see Gretton et al. (2012), A kernel two-sample test, JMLR 13
 * @example mmdRbf([[0], [0]], [[1], [1]], 0.5).biased // 0.786939
 */
export function mmdRbf(reference: Rows, current: Rows, gamma: number): { biased: number; unbiased: number | null } {
  if (!(gamma > 0 && gamma < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`mmdRbf: gamma is ${gamma}, it must be a finite number above 0`)
  }
  const columns = columnsOf(reference, 'mmdRbf: reference')
  const others = columnsOf(current, 'mmdRbf: current')
  if (columns !== others) throw new RangeError(`mmdRbf: current has ${others} columns, reference has ${columns}`)
  const [m, n] = [reference.length, current.length]
  const within = (rows: Rows) => 2 * kernelSum(rows, rows, gamma, true)
  const [before, now, between] = [within(reference), within(current), kernelSum(reference, current, gamma, false)]
  const across = (2 * between) / (m * n)
  return {
    biased: Math.max(0, (before + m) / m ** 2 + (now + n) / n ** 2 - across),
    unbiased: m < 2 || n < 2 ? null : before / (m * (m - 1)) + now / (n * (n - 1)) - across,
  }
}

/** Sum of the kernel over all pairs, or over those of different rows of one sample, each pair once. */
function kernelSum(left: Rows, right: Rows, gamma: number, same: boolean): number {
  let sum = 0
  for (let i = 0; i < left.length; i++) {
    const x = left[i] as ArrayLike<number>
    for (let j = same ? i + 1 : 0; j < right.length; j++) {
      const y = right[j] as ArrayLike<number>
      let squares = 0
      for (let k = 0; k < x.length; k++) squares += ((x[k] as number) - (y[k] as number)) ** 2
      sum += Math.exp(-gamma * squares)
    }
  }
  return sum
}
