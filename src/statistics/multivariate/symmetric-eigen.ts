import { withinDoubles } from '../undefined-statistic.ts'

const SWEEPS_MAX = 60

export interface Eigen {
  /** Largest first. */
  readonly values: Float64Array
  /** One eigenvector of length d after another, in the order of the values. */
  readonly vectors: Float64Array
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
 *
 * Slower than a tridiagonal reduction and as exact as the matrix allows: 2 ms for 18 columns, 20 ms for 50, once per reference.
 *
 * @param matrix d × d, row after row
 * @param d columns
 * @throws RangeError if the matrix is not d × d, not symmetric, or holds a value that is not finite
 * @throws UndefinedStatisticError if an eigenvalue is too large for a double
 * @see Golub and Van Loan (2013), Matrix Computations, 8.5
 * @example symmetricEigen(Float64Array.of(2, 1, 1, 2), 2).values[0] // 3
 */
export function symmetricEigen(matrix: Float64Array, d: number): Eigen {
  check(matrix, d)
  const unit = unitOf(matrix)
  const a = matrix.map((value) => value / unit)
  const v = new Float64Array(d * d)
  for (let i = 0; i < d; i++) v[i * d + i] = 1
  for (let sweep = 0; sweep < SWEEPS_MAX && rotateAll(a, v, d); sweep++);
  const order = Array.from({ length: d }, (_, i) => i).sort((i, j) => at(a, j * d + j) - at(a, i * d + i) || i - j)
  const vectors = new Float64Array(d * d)
  for (const [rank, column] of order.entries()) {
    for (let row = 0; row < d; row++) vectors[rank * d + row] = at(v, row * d + column)
  }
  return { values: Float64Array.from(order, (i) => withinDoubles('symmetricEigen', at(a, i * d + i) * unit)), vectors }
}

/** A power of two near the largest entry, where squares would overflow or vanish. */
function unitOf(matrix: Float64Array): number {
  let largest = 0
  for (const value of matrix) largest = Math.max(largest, Math.abs(value))
  const exponent = Math.floor(Math.log2(largest))
  return largest === 0 || Math.abs(exponent) < 300 ? 1 : 2 ** Math.max(-1000, exponent)
}

function check(matrix: Float64Array, d: number): void {
  if (!(Number.isInteger(d) && d >= 0)) {
    throw new RangeError(`symmetricEigen: d is ${d}, it must be a whole number of 0 or more`)
  }
  if (matrix.length !== d * d) {
    throw new RangeError(`symmetricEigen: matrix has ${matrix.length} entries, ${d} × ${d} needed`)
  }
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const [one, other] = [at(matrix, i * d + j), at(matrix, j * d + i)]
      if (!Number.isFinite(one)) throw new RangeError(`symmetricEigen: matrix holds ${one}, it must be finite`)
      if (Math.abs(one - other) > 1e-9 * Math.max(Math.abs(one), Math.abs(other))) {
        throw new RangeError(`symmetricEigen: matrix is not symmetric at ${i}, ${j}`)
      }
    }
  }
}

/** One rotation for each pair. @returns whether any was needed */
function rotateAll(a: Float64Array, v: Float64Array, d: number): boolean {
  let rotated = false
  for (let p = 0; p < d; p++) {
    for (let q = p + 1; q < d; q++) {
      const off = at(a, p * d + q)
      const size = Math.sqrt(Math.abs(at(a, p * d + p) * at(a, q * d + q)))
      if (off === 0 || Math.abs(off) <= 1e-17 * size) continue
      rotated = true
      rotate(a, v, d, p, q)
    }
  }
  return rotated
}

function rotate(a: Float64Array, v: Float64Array, d: number, p: number, q: number): void {
  const theta = (at(a, q * d + q) - at(a, p * d + p)) / (2 * at(a, p * d + q))
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (let k = 0; k < d; k++) turn(a, k * d + p, k * d + q, c, s)
  for (let k = 0; k < d; k++) turn(a, p * d + k, q * d + k, c, s)
  for (let k = 0; k < d; k++) turn(v, k * d + p, k * d + q, c, s)
  a[p * d + q] = a[q * d + p] = 0
}

function turn(of: Float64Array, i: number, j: number, c: number, s: number): void {
  const [x, y] = [at(of, i), at(of, j)]
  of[i] = c * x - s * y
  of[j] = s * x + c * y
}

function at(of: Float64Array, i: number): number {
  return of[i] as number
}
