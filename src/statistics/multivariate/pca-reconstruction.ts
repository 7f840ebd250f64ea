import { UndefinedStatisticError, withinDoubles } from '../undefined-statistic.ts'
import type { Moments } from './moments.ts'
import { checkMoments, sameColumns, VARIANCE_MIN } from './moments.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

/** The reference's variance that the components kept must reach. */
const SHARE = 0.65

/** The directions that a reference hardly uses: rows that use them are reconstructed badly. */
export interface Residual {
  /** Components that are kept. */
  readonly components: number
  readonly mean: Float64Array
  /** Standard deviation (divisor n) of each column; 1 for one that never varies. */
  readonly scale: Float64Array
  /** Eigenvectors that are not kept, one of length d after another. */
  readonly directions: Float64Array
  /** The reference's variance in each of these directions. */
  readonly variances: Float64Array
}

/**
 * Principal components of the standardised columns: the fewest that explain more than `share` of the variance are kept.
 *
 * @param share above 0, below 1
 * @throws RangeError if the share is out of its range
 * @throws UndefinedStatisticError if no column varies, or there are fewer than 2 rows
 * @see Jolliffe (2002), Principal Component Analysis, 6.1.1
 * @example fitResidual({ count: 9, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0.5, 0.5, 1) }).components // 1
 */
export function fitResidual(moments: Moments, share = SHARE): Residual {
  checkMoments('fitResidual', moments)
  const { count, mean, covariance } = moments
  if (count < 2) throw new UndefinedStatisticError(`fitResidual: ${count} rows, 2 needed`)
  if (!(share > 0 && share < 1)) throw new RangeError(`fitResidual: share is ${share}, it must lie between 0 and 1`)
  const d = mean.length
  const scale = scalesOf(covariance, d, count)
  const { values, vectors } = symmetricEigen(standardised(covariance, scale, count), d)
  let total = 0
  for (const value of values) total += Math.max(0, value)
  if (!(total > VARIANCE_MIN)) throw new UndefinedStatisticError('fitResidual: no column of the reference varies')
  let components = 0
  for (let reached = 0; components < d && reached <= share; components++) {
    reached += Math.max(0, values[components] as number) / total
  }
  return {
    components,
    mean,
    scale,
    directions: vectors.slice(components * d),
    variances: values.slice(components).map((value) => Math.max(0, value)),
  }
}

function scalesOf(covariance: Float64Array, d: number, count: number): Float64Array {
  const divisor = (count - 1) / count
  return Float64Array.from({ length: d }, (_, i) => {
    const variance = (covariance[i * d + i] as number) * divisor
    return variance > VARIANCE_MIN ? Math.sqrt(variance) : 1
  })
}

/** Covariance with divisor n in units of the scales. */
function standardised(covariance: Float64Array, scale: Float64Array, count: number): Float64Array {
  const d = scale.length
  const divisor = (count - 1) / count
  return covariance.map((value, at) => {
    return (value * divisor) / (scale[Math.floor(at / d)] as number) / (scale[at % d] as number)
  })
}

/**
 * Mean squared error of rows rebuilt from the components that were kept: tr((I − P P′)(S + m m′)), exact from second moments.
 *
 * @returns summed over the columns, in units of the reference's variances
 * @throws RangeError if the columns differ in number
 * @example reconstructionError(fitResidual({ count: 9, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0.5, 0.5, 1) }), { count: 9, mean: Float64Array.of(1, -1), covariance: new Float64Array(4) }) // 2.25
 */
export function reconstructionError(residual: Residual, moments: Moments): number {
  checkMoments('reconstructionError', moments)
  const { count, mean, covariance } = moments
  if (count === 0) throw new UndefinedStatisticError('reconstructionError: current has no rows')
  sameColumns('reconstructionError', residual.mean, mean)
  const d = mean.length
  const spread = standardised(covariance, residual.scale, count)
  const offset = mean.map((value, i) => (value - (residual.mean[i] as number)) / (residual.scale[i] as number))
  let error = 0
  for (let first = 0; first < residual.directions.length; first += d) {
    const direction = residual.directions.subarray(first, first + d)
    let along = 0
    for (let i = 0; i < d; i++) {
      const weight = direction[i] as number
      along += weight * (offset[i] as number)
      let row = 0
      for (let j = 0; j < d; j++) row += (spread[i * d + j] as number) * (direction[j] as number)
      error += weight * row
    }
    error += along * along
  }
  return withinDoubles('reconstructionError', Math.max(0, error))
}

/**
 * How badly current rows are rebuilt from the reference's principal components.
 *
 * The mean of squared errors rather than of errors, so that it can be had from sums: NannyML's idea in an additive form.
 *
 * @param reference moments of d columns
 * @param current moments of the same columns
 * @param options.share of the reference's variance that the components must exceed
 * @returns the components kept, the mean squared error of current rows, and that of the reference's own
 * @throws RangeError if the columns differ in number or the share is out of its range
 * @throws UndefinedStatisticError if no column of the reference varies
 * @example pcaReconstruction({ count: 9, mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0.5, 0.5, 1) }, { count: 9, mean: Float64Array.of(1, -1), covariance: new Float64Array(4) }).mse // 2.25
 */
export function pcaReconstruction(
  reference: Moments,
  current: Moments,
  { share = SHARE }: { share?: number } = {},
): { components: number; mse: number; referenceMse: number } {
  sameColumns('pcaReconstruction', reference.mean, current.mean)
  const residual = fitResidual(reference, share)
  return {
    components: residual.components,
    mse: reconstructionError(residual, current),
    referenceMse: reconstructionError(residual, reference),
  }
}
