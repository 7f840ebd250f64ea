import { momentsOf } from '../../samples/moments.ts'
import { chiSquaredUpperTail } from '../../special/chi-squared.ts'
import { UndefinedStatisticError } from '../../undefined-statistic.ts'
import { sum } from '../shares.ts'

/** Where the characteristic functions are compared, in units of the middle half's half width. */
const POINTS = [0.4, 0.8] as const
const LEAST_ROWS = 5
/** Under this many values in each sample the statistic is shrunk. */
const SMALL = 25

/**
 * p-value of the Epps-Singleton test: characteristic functions of both samples compared at two points.
 *
 * @param reference ascending finite values
 * @param current likewise
 * @throws RangeError if the middle half of all values is a single value
 * @throws UndefinedStatisticError if a sample has under five values
 * @see Evidently 0.7.23, es; Epps and Singleton (1986), An omnibus test for the two-sample problem using the empirical
 *   characteristic function, J. Stat. Comput. Simul. 26
 * @example eppsSingleton(Float64Array.of(1, 2, 3, 4, 5, 6), Float64Array.of(3, 5, 6, 7, 9, 12)) // 0.5137706
 */
export function eppsSingleton(reference: Float64Array, current: Float64Array): number {
  const [m, n] = [reference.length, current.length]
  if (Math.min(m, n) < LEAST_ROWS) {
    throw new UndefinedStatisticError(
      `evidently es: reference has ${m} values and current ${n}, ${LEAST_ROWS} are needed`,
    )
  }
  const pooled = Float64Array.of(...reference, ...current).sort()
  const width = (quantile(pooled, 0.75) - quantile(pooled, 0.25)) / 2
  if (width === 0)
    throw new RangeError('evidently es: the middle half of reference and current is one value, it must vary')
  const before = waves(reference, width)
  const now = waves(current, width)
  const rows = m + n
  const covariance = before.covariance.map((row, i) =>
    row.map((value, j) => (rows / m) * value + (rows / n) * ((now.covariance[i] as number[])[j] as number)),
  )
  const difference = before.means.map((mean, i) => mean - (now.means[i] as number))
  const { form, rank } = inverseForm(covariance, difference)
  const shrink = Math.max(m, n) < SMALL ? 1 / (1 + rows ** -0.45 + 10.1 * (m ** -1.7 + n ** -1.7)) : 1
  return chiSquaredUpperTail(Math.max(0, rows * form * shrink), rank)
}

/** Means and covariances (divisor n) of cosine and sine at the points. */
function waves(values: Float64Array, width: number): { means: number[]; covariance: number[][] } {
  const columns = [Math.cos, Math.sin].flatMap((wave) =>
    POINTS.map((point) => values.map((value) => wave((point / width) * value))),
  )
  const means = columns.map((column) => momentsOf(column).mean)
  const centred = columns.map((column, i) => column.map((value) => value - (means[i] as number)))
  const covariance = centred.map((a) =>
    centred.map((b) => sum(a.map((value, row) => value * (b[row] as number))) / values.length),
  )
  return { means, covariance }
}

/** Between neighbouring values, in proportion. */
function quantile(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1)
  const low = Math.floor(at)
  const value = sorted[low] as number
  return value + (at - low) * ((sorted[Math.min(low + 1, sorted.length - 1)] as number) - value)
}

/** Directions in which a matrix is this small against its largest are taken as 0. */
const NEGLIGIBLE = 1e-14

/** x' A⁺ x of a symmetric matrix, and the rank of A, from its eigenvectors (Jacobi's rotations). */
function inverseForm(matrix: readonly (readonly number[])[], x: readonly number[]): { form: number; rank: number } {
  const size = x.length
  const a = matrix.map((row) => [...row])
  // The vector is turned along with the axes.
  const turned = [...x]
  const at = (i: number, j: number) => (a[i] as number[])[j] as number
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(at(p, q)) < 1e-300) continue
        const angle = Math.atan2(2 * at(p, q), at(p, p) - at(q, q)) / 2
        const [c, s] = [Math.cos(angle), Math.sin(angle)]
        for (let k = 0; k < size; k++) {
          const [kp, kq] = [at(k, p), at(k, q)]
          ;(a[k] as number[])[p] = c * kp + s * kq
          ;(a[k] as number[])[q] = c * kq - s * kp
        }
        for (let k = 0; k < size; k++) {
          const [pk, qk] = [at(p, k), at(q, k)]
          ;(a[p] as number[])[k] = c * pk + s * qk
          ;(a[q] as number[])[k] = c * qk - s * pk
        }
        const [xp, xq] = [turned[p] as number, turned[q] as number]
        turned[p] = c * xp + s * xq
        turned[q] = c * xq - s * xp
      }
    }
  }
  const largest = Math.max(...a.map((row, i) => Math.abs(row[i] as number)))
  let form = 0
  let rank = 0
  for (let i = 0; i < size; i++) {
    if (Math.abs(at(i, i)) <= NEGLIGIBLE * largest) continue
    form += (turned[i] as number) ** 2 / at(i, i)
    rank++
  }
  return { form, rank }
}
