import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { Moments } from './moments.ts'
import { checkMoments, sameColumns, VARIANCE_MIN } from './moments.ts'

/** Correlations are kept this far from ±1, where Fisher's transformation has its poles. */
const CORRELATION_MAX = 1 - 1e-12

/** How the correlation of two columns changed. */
export interface PairChange {
  /** Indices of the columns, the smaller first. */
  readonly pair: readonly [number, number]
  readonly reference: number
  readonly current: number
  /** Difference of Fisher's transforms over its standard error for normal data; never negative. */
  readonly z: number
}

/**
 * The change of every pair's correlation. Pairs of which a column never varies, on either side, have none and are left out.
 *
 * @param reference moments of d columns, at least 4 rows
 * @param current moments of the same columns, at least 4 rows
 * @throws RangeError if the columns differ in number
 * @throws UndefinedStatisticError if a side has fewer than 4 rows
 * @see Fisher (1921), On the probable error of a coefficient of correlation deduced from a small sample, Metron 1
 */
export function* correlationChanges(reference: Moments, current: Moments): Generator<PairChange> {
  sameColumns('correlationChange', reference.mean, current.mean)
  for (const [name, { count }] of Object.entries({ reference, current })) {
    checkMoments('correlationChange', name === 'reference' ? reference : current)
    if (count < 4) throw new UndefinedStatisticError(`correlationChange: ${name} has ${count} rows, 4 needed`)
  }
  const d = reference.mean.length
  const standardError = Math.sqrt(1 / (reference.count - 3) + 1 / (current.count - 3))
  for (let i = 0; i < d; i++) {
    for (let j = i + 1; j < d; j++) {
      const before = correlation(reference.covariance, d, i, j)
      const now = correlation(current.covariance, d, i, j)
      if (before === null || now === null) continue
      const z = Math.abs(Math.atanh(clipped(now)) - Math.atanh(clipped(before))) / standardError
      yield { pair: [i, j], reference: before, current: now, z }
    }
  }
}

/**
 * The pair of columns whose correlation changed most, by Fisher's z.
 *
 * @returns the pair, both correlations and z; of equal changes the first pair
 * @throws as `correlationChanges`
 * @throws UndefinedStatisticError if no pair has a correlation on both sides
 * @example correlationChange({ count: 28, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0, 0, 1) }, { count: 28, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0.5, 0.5, 1) }).z // 1.94209
 */
export function correlationChange(reference: Moments, current: Moments): PairChange {
  let largest: PairChange | undefined
  for (const change of correlationChanges(reference, current)) {
    if (largest === undefined || change.z > largest.z) largest = change
  }
  if (largest === undefined)
    throw new UndefinedStatisticError('correlationChange: no two columns that vary on both sides')
  return largest
}

/** Correlation of two columns; null when one never varies. */
function correlation(covariance: Float64Array, d: number, i: number, j: number): number | null {
  const [one, other] = [covariance[i * d + i] as number, covariance[j * d + j] as number]
  if (!(Math.min(one, other) > VARIANCE_MIN)) return null
  const value = (covariance[i * d + j] as number) / Math.sqrt(one) / Math.sqrt(other)
  return Math.min(1, Math.max(-1, value))
}

function clipped(value: number): number {
  return Math.min(CORRELATION_MAX, Math.max(-CORRELATION_MAX, value))
}
