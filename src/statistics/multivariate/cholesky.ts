// A symmetric positive definite matrix as L L′, and distances measured by its inverse.

import { UndefinedStatisticError, withinDoubles } from '../undefined-statistic.ts'

/** A pivot under this share of its own diagonal entry is rounding: the column depends on those before it. */
const DEPENDENT = 1e-13

/**
 * Lower triangle L of a symmetric positive definite matrix A = L L′.
 *
 * @param matrix d × d, row after row; only its lower triangle is read
 * @param d columns
 * @returns d × d, row after row, 0 above the diagonal
 * @throws RangeError if the matrix is not d × d
 * @throws UndefinedStatisticError if a column depends on the others (or never varies)
 * @see Golub and Van Loan (2013), Matrix Computations, 4.2.5
 * @example cholesky(Float64Array.of(4, 2, 2, 5), 2)[2] // 1
 */
export function cholesky(matrix: Float64Array, d: number): Float64Array {
  if (!(Number.isInteger(d) && d >= 0))
    throw new RangeError(`cholesky: d is ${d}, it must be a whole number of 0 or more`)
  if (matrix.length !== d * d) throw new RangeError(`cholesky: matrix has ${matrix.length} entries, ${d} × ${d} needed`)
  const lower = new Float64Array(d * d)
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j] as number
      for (let k = 0; k < j; k++) sum -= (lower[i * d + k] as number) * (lower[j * d + k] as number)
      if (i !== j) lower[i * d + j] = sum / (lower[j * d + j] as number)
      else if (sum > DEPENDENT * (matrix[i * d + i] as number)) lower[i * d + i] = Math.sqrt(sum)
      else throw new UndefinedStatisticError(`cholesky: column ${i} depends on the columns before it, or never varies`)
    }
  }
  return lower
}

/**
 * v′ A⁻¹ v by forward substitution: the squared length of v in units of A.
 *
 * @param lower L of A = L L′, from `cholesky`
 * @throws RangeError if the lengths do not fit, a value is not finite, or an entry on the diagonal is not above 0
 * @throws UndefinedStatisticError if the length is too large for a double
 * @example squaredLength(Float64Array.of(2, 0, 0, 1), Float64Array.of(2, 3)) // 10
 */
export function squaredLength(lower: Float64Array, vector: Float64Array): number {
  const d = vector.length
  if (lower.length !== d * d) throw new RangeError(`squaredLength: vector has ${d} entries, lower is of another size`)
  if (!vector.every(Number.isFinite)) throw new RangeError('squaredLength: vector must be finite')
  const solved = new Float64Array(d)
  let total = 0
  for (let i = 0; i < d; i++) {
    let sum = vector[i] as number
    for (let k = 0; k < i; k++) sum -= (lower[i * d + k] as number) * (solved[k] as number)
    const pivot = lower[i * d + i] as number
    if (!(pivot > 0)) throw new RangeError(`squaredLength: lower has ${pivot} on its diagonal, it must be above 0`)
    const value = sum / pivot
    solved[i] = value
    total += value * value
  }
  return withinDoubles('squaredLength', total)
}
