// First and second moments of several columns at once: all that Hotelling's T², correlations and principal components need.

import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** Means and covariances of d columns. */
export interface Moments {
  readonly count: number
  /** Length d. */
  readonly mean: Float64Array
  /** d × d, row after row; divisor n − 1. */
  readonly covariance: Float64Array
}

/** What an additive summary keeps of the rows of d columns. */
export interface CrossSums {
  readonly count: number
  /** Σ z, length d. */
  readonly sums: Float64Array
  /** Σ z z′, the upper triangle with its diagonal, row after row: length d (d + 1) / 2. */
  readonly products: Float64Array
}

/**
 * Moments from sums and sums of products. Sums of whole numbers below 2⁵³ are exact, so that of two summaries added up the
 * moments are those of all their rows.
 *
 * @throws RangeError if the lengths do not fit, the count is no count, or a sum is not finite
 * @throws UndefinedStatisticError if the count is under 2, or a covariance too large for a double
 * @see Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, The American Statistician 37(3)
 * @example momentsFromCrossSums({ count: 2, sums: Float64Array.of(4, 6), products: Float64Array.of(10, 16, 26) }).covariance[1] // 4
 */
export function momentsFromCrossSums({ count, sums, products }: CrossSums): Moments {
  const d = sums.length
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`momentsFromCrossSums: count is ${count}, it must be a whole number of 0 or more`)
  }
  if (d === 0) throw new RangeError('momentsFromCrossSums: sums is empty, one column or more is needed')
  if (products.length !== (d * (d + 1)) / 2) {
    throw new RangeError(
      `momentsFromCrossSums: products has ${products.length} entries, ${(d * (d + 1)) / 2} belong to ${d} columns`,
    )
  }
  if (!sums.every(Number.isFinite)) throw new RangeError('momentsFromCrossSums: sums must be finite')
  if (!products.every(Number.isFinite)) throw new RangeError('momentsFromCrossSums: products must be finite')
  if (count < 2) throw new UndefinedStatisticError(`momentsFromCrossSums: ${count} rows, 2 needed for a covariance`)
  const mean = sums.map((sum) => sum / count)
  const covariance = new Float64Array(d * d)
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = i; j < d; j++, at++) {
      const value = ((products[at] as number) - (sums[i] as number) * (mean[j] as number)) / (count - 1)
      covariance[i * d + j] = covariance[j * d + i] = i === j ? Math.max(0, value) : value
    }
  }
  if (!covariance.every(Number.isFinite))
    throw new UndefinedStatisticError('momentsFromCrossSums: a covariance is too large for a double')
  return { count, mean, covariance }
}

/**
 * Moments of raw rows, in two passes.
 *
 * @param rows values by row; all rows of one length, every value finite
 * @param name the argument's name, for the errors
 * @throws RangeError if rows differ in length, are empty, or hold a value that is not a finite number
 * @throws UndefinedStatisticError if there are fewer than 2 rows
 * @example momentsOfRows([[1, 2], [3, 4]]).mean[1] // 3
 */
export function momentsOfRows(rows: ReadonlyArray<ArrayLike<number>>, name = 'rows'): Moments {
  const mean = meanOfRows(rows, name)
  const d = mean.length
  if (rows.length < 2) throw new UndefinedStatisticError(`${name} has ${rows.length} row, 2 needed for a covariance`)
  const covariance = new Float64Array(d * d)
  for (const row of rows) {
    for (let i = 0; i < d; i++) {
      const off = (row[i] as number) - (mean[i] as number)
      for (let j = i; j < d; j++) {
        covariance[i * d + j] = (covariance[i * d + j] as number) + off * ((row[j] as number) - (mean[j] as number))
      }
    }
  }
  for (let i = 0; i < d; i++) {
    for (let j = i; j < d; j++) {
      covariance[i * d + j] = covariance[j * d + i] = (covariance[i * d + j] as number) / (rows.length - 1)
    }
  }
  if (!covariance.every(Number.isFinite)) throw new RangeError(`${name}: the squares of the values are not finite`)
  return { count: rows.length, mean, covariance }
}

/**
 * The mean of raw rows: the centroid of vectors.
 *
 * @param name the argument's name, for the errors
 * @throws as `momentsOfRows`; one row is enough
 * @example meanOfRows([[1, 2], [3, 4]])[0] // 2
 */
export function meanOfRows(rows: ReadonlyArray<ArrayLike<number>>, name = 'rows'): Float64Array {
  const columns = columnsOf(rows, name)
  const mean = new Float64Array(columns)
  for (const row of rows) for (let i = 0; i < columns; i++) mean[i] = (mean[i] as number) + (row[i] as number)
  for (let i = 0; i < columns; i++) mean[i] = (mean[i] as number) / rows.length
  if (!mean.every(Number.isFinite)) throw new RangeError(`${name}: the values are too large to be added up`)
  return mean
}

/** Columns of raw rows. @throws as `meanOfRows` */
export function columnsOf(rows: ReadonlyArray<ArrayLike<number>>, name: string): number {
  const columns = rows[0]?.length
  if (columns === undefined) throw new UndefinedStatisticError(`${name} has no rows`)
  if (columns === 0) throw new RangeError(`${name}: a row is empty, one column or more is needed`)
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns) {
      throw new RangeError(`${name}: row ${i} has ${row.length} columns, the first has ${columns}`)
    }
    for (let j = 0; j < columns; j++) {
      if (!Number.isFinite(row[j]))
        throw new RangeError(`${name}: row ${i} holds ${row[j]}, every value must be finite`)
    }
  }
  return columns
}

/** Under this a variance is what is left of rounding, and its reciprocal is not finite. */
export const VARIANCE_MIN = 1e-300

/** @throws RangeError if moments are not those of d columns: a count, d means and d × d covariances, all finite */
export function checkMoments(name: string, { count, mean, covariance }: Moments): void {
  if (!(Number.isInteger(count) && count >= 0 && count <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`${name}: count is ${count}, it must be a whole number of 0 or more`)
  }
  if (covariance.length !== mean.length ** 2) {
    throw new RangeError(`${name}: covariance has ${covariance.length} entries, mean has ${mean.length} columns`)
  }
  if (!mean.every(Number.isFinite)) throw new RangeError(`${name}: mean must be finite`)
  if (!covariance.every(Number.isFinite)) throw new RangeError(`${name}: covariance must be finite`)
}

/** @throws RangeError unless both have the same columns */
export function sameColumns(name: string, reference: ArrayLike<number>, current: ArrayLike<number>): void {
  if (reference.length !== current.length) {
    throw new RangeError(`${name}: current has ${current.length} columns, reference has ${reference.length}`)
  }
}
