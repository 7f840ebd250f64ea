// Isotonic regression: the non-decreasing values closest to what was observed. It makes a probability of a score.

import { withinDoubles } from '../undefined-statistic.ts'

/** Differences of larger values, and sums of larger weights, might not be finite. */
const VALUE_MAX = 1e300
const OF_SIZE = `it must be finite and at most ${VALUE_MAX} in size`

/** Points of a non-decreasing curve, by ascending x; between them it is a straight line, beyond them it is constant. */
export interface IsotonicCurve {
  readonly x: Float64Array
  readonly values: Float64Array
}

/**
 * Pool adjacent violators: the non-decreasing sequence with the least weighted squared distance from `values`.
 *
 * A pool's value is the weighted mean of its members, so the weighted mean of the whole is kept.
 *
 * @param values in the order in which they must not fall; empty gives empty
 * @param weights 0 or more, same length; a member without weight takes the value of the pool to its left (the first: to its right)
 * @returns a new array
 * @throws RangeError if the lengths differ, a value is not finite, or a weight is negative or not finite
 * @see Ayer, Brunk, Ewing, Reid and Silverman (1955), An empirical distribution function for sampling with incomplete information
 * @example poolAdjacentViolators(Float64Array.of(1, 3, 2), Float64Array.of(1, 1, 3))[1] // 2.25
 */
export function poolAdjacentViolators(values: Float64Array, weights: Float64Array): Float64Array {
  const count = values.length
  if (weights.length !== count)
    throw new RangeError(`poolAdjacentViolators: weights has ${weights.length} members, values has ${count}`)
  const means = new Float64Array(count)
  const masses = new Float64Array(count)
  const ends = new Uint32Array(count)
  let pools = 0
  for (let i = 0; i < count; i++) {
    const value = values[i] as number
    const weight = weights[i] as number
    if (!(Math.abs(value) <= VALUE_MAX))
      throw new RangeError(`poolAdjacentViolators: values[${i}] is ${value}, ${OF_SIZE}`)
    if (!(weight >= 0 && weight <= VALUE_MAX))
      throw new RangeError(`poolAdjacentViolators: weights[${i}] is ${weight}, it must be 0 or more; ${OF_SIZE}`)
    if (weight === 0) {
      if (pools > 0) ends[pools - 1] = i + 1
      continue
    }
    means[pools] = value
    masses[pools] = weight
    ends[pools++] = i + 1
    while (pools > 1 && (means[pools - 2] as number) >= (means[pools - 1] as number)) {
      pools--
      const mass = (masses[pools - 1] as number) + (masses[pools] as number)
      const share = (masses[pools] as number) / mass
      means[pools - 1] =
        (means[pools - 1] as number) + share * ((means[pools] as number) - (means[pools - 1] as number))
      masses[pools - 1] = mass
      ends[pools - 1] = ends[pools] as number
    }
  }
  const pooled = new Float64Array(count)
  let start = 0
  for (let pool = 0; pool < pools; pool++) {
    pooled.fill(means[pool] as number, start, ends[pool] as number)
    start = ends[pool] as number
  }
  return pooled
}

/**
 * Isotonic regression of y on x. Rows with the same x are one point with their mean.
 *
 * @param x, y finite, same length, at least one row, in any order
 * @param weights above 0; all 1 when left out
 * @throws RangeError if the lengths differ, there is no row, a value is not finite or a weight is not above 0
 * @see `poolAdjacentViolators`; the same as scikit-learn's IsotonicRegression(out_of_bounds="clip")
 * @example isotonicRegression(Float64Array.of(1, 2, 3), Float64Array.of(0, 1, 0)).values[2] // 0.5
 */
export function isotonicRegression(x: Float64Array, y: Float64Array, weights?: Float64Array): IsotonicCurve {
  const count = x.length
  if (count === 0) throw new RangeError('isotonicRegression: x has no member, at least one is needed')
  if (y.length !== count) throw new RangeError(`isotonicRegression: y has ${y.length} members, x has ${count}`)
  if (weights !== undefined && weights.length !== count)
    throw new RangeError(`isotonicRegression: weights has ${weights.length} members, x has ${count}`)
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(x[i])) throw new RangeError(`isotonicRegression: x[${i}] is ${x[i]}, it must be finite`)
    if (!(Math.abs(y[i] as number) <= VALUE_MAX))
      throw new RangeError(`isotonicRegression: y[${i}] is ${y[i]}, ${OF_SIZE}`)
    const weight = weights?.[i] ?? 1
    if (!(weight > 0 && weight <= VALUE_MAX))
      throw new RangeError(`isotonicRegression: weights[${i}] is ${weight}, it must be above 0; ${OF_SIZE}`)
  }
  const order = Uint32Array.from(x.keys()).sort((a, b) => (x[a] as number) - (x[b] as number) || a - b)
  const [points, means, masses] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  let used = 0
  for (const i of order) {
    const at = x[i] as number
    if (used === 0 || at !== points[used - 1]) points[used++] = at
    const weight = weights?.[i] ?? 1
    const mass = (masses[used - 1] as number) + weight
    masses[used - 1] = mass
    means[used - 1] = (means[used - 1] as number) + (weight / mass) * ((y[i] as number) - (means[used - 1] as number))
  }
  return {
    x: points.slice(0, used),
    values: poolAdjacentViolators(means.slice(0, used), masses.slice(0, used)),
  }
}

/**
 * The curve's value at a point.
 *
 * @throws RangeError if the curve has no point, not as many values as points, or `at` is not a number
 * @throws UndefinedStatisticError if the value is not finite
 * @example isotonicAt({ x: Float64Array.of(0, 1), values: Float64Array.of(0.2, 0.6) }, 0.25) // 0.3
 */
export function isotonicAt({ x, values }: IsotonicCurve, at: number): number {
  if (x.length === 0) throw new RangeError('isotonicAt: x has no member, at least one is needed')
  if (x.length !== values.length)
    throw new RangeError(`isotonicAt: values has ${values.length} members, x has ${x.length}`)
  if (Number.isNaN(at)) throw new RangeError('isotonicAt: at is NaN, it must be a number')
  let [low, high] = [0, x.length - 1]
  if (at <= (x[low] as number)) return withinDoubles('isotonicAt', values[low] as number)
  if (at >= (x[high] as number)) return withinDoubles('isotonicAt', values[high] as number)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((x[middle] as number) <= at) low = middle
    else high = middle
  }
  const share = (at - (x[low] as number)) / ((x[high] as number) - (x[low] as number))
  const [below, above] = [values[low] as number, values[high] as number]
  return withinDoubles('isotonicAt', below === above ? below : below + share * (above - below))
}
