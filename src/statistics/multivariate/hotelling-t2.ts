import { UndefinedStatisticError, withinDoubles } from '../undefined-statistic.ts'
import { cholesky, squaredLength } from './cholesky.ts'
import type { Moments } from './moments.ts'
import { checkMoments, sameColumns, VARIANCE_MIN } from './moments.ts'

/** Added to the covariance's diagonal as a share of its mean, so that columns that nearly depend on each other do not explode. */
const RIDGE = 1e-3

/** The measure of mean vectors that a reference gives: the Cholesky factor of its covariance with a ridge. */
export interface MeanMeasure {
  readonly mean: Float64Array
  readonly lower: Float64Array
}

/**
 * Makes a reference ready for many comparisons of means.
 *
 * @param ridge share of the mean variance that is added to every variance
 * @throws RangeError if the ridge is negative or not finite, or the moments are not those of columns
 * @throws UndefinedStatisticError if the columns depend on each other and there is no ridge, or none of them varies
 * @example measureOfMeans({ count: 9, mean: Float64Array.of(0), covariance: Float64Array.of(4) }, 0).lower[0] // 2
 */
export function measureOfMeans(moments: Moments, ridge = RIDGE): MeanMeasure {
  checkMoments('measureOfMeans', moments)
  const { mean, covariance } = moments
  if (!(ridge >= 0 && ridge < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`measureOfMeans: ridge is ${ridge}, it must be a finite number of 0 or more`)
  }
  const d = mean.length
  let trace = 0
  for (let i = 0; i < d; i++) trace += covariance[i * d + i] as number
  if (!(trace > d * VARIANCE_MIN))
    throw new UndefinedStatisticError('measureOfMeans: no column of the reference varies')
  const ridged = covariance.slice()
  for (let i = 0; i < d; i++) ridged[i * d + i] = (ridged[i * d + i] as number) + (ridge * trace) / d
  return { mean, lower: cholesky(ridged, d) }
}

/**
 * Squared Mahalanobis distance of two mean vectors: how many standard deviations apart they are, squared, in the direction in
 * which that is most.
 *
 * @throws RangeError if the lengths differ
 * @example mahalanobisSquared({ mean: Float64Array.of(1), lower: Float64Array.of(2) }, Float64Array.of(5)) // 4
 */
export function mahalanobisSquared({ mean, lower }: MeanMeasure, current: Float64Array): number {
  sameColumns('mahalanobisSquared', mean, current)
  return squaredLength(
    lower,
    current.map((value, i) => value - (mean[i] as number)),
  )
}

/**
 * Hotelling's T² of two mean vectors: n_e Δ′ S⁻¹ Δ, n_e = nM / (n + M), S the reference's covariance with a ridge of 10⁻³ tr(S)/d.
 *
 * Without change, and with a reference much larger than its columns are many, it is χ² with d degrees of freedom. Without a
 * ridge it is the same after any invertible linear map of the columns.
 *
 * @param reference moments of d columns, at least 2 rows
 * @param current moments of the same columns
 * @param options.ridge share of the mean variance that is added to every variance
 * @returns 0 or more
 * @throws RangeError if the columns differ in number
 * @throws UndefinedStatisticError if no column varies, or columns depend on each other and there is no ridge
 * @see Hotelling (1931), The generalization of Student's ratio, Annals of Mathematical Statistics 2(3)
 * @example hotellingT2({ count: 8, mean: Float64Array.of(0), covariance: Float64Array.of(4) }, { count: 8, mean: Float64Array.of(3), covariance: Float64Array.of(4) }, { ridge: 0 }) // 9
 */
export function hotellingT2(reference: Moments, current: Moments, { ridge = RIDGE }: { ridge?: number } = {}): number {
  sameColumns('hotellingT2', reference.mean, current.mean)
  checkMoments('hotellingT2', reference)
  checkMoments('hotellingT2', current)
  if (current.count === 0) throw new UndefinedStatisticError('hotellingT2: current has no rows')
  const effective = (reference.count * current.count) / (reference.count + current.count)
  const squared = mahalanobisSquared(measureOfMeans(reference, ridge), current.mean)
  return withinDoubles('hotellingT2', effective * squared)
}
