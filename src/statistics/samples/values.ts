import { UndefinedStatisticError } from '../undefined-statistic.ts'

/**
 * The finite values of a sample in ascending order: what is missing or infinite is left out of every statistic on raw values.
 *
 * @param name the function that asks and the sample's role, for its error
 * @throws UndefinedStatisticError if fewer than `needed` values remain
 */
export function sortedValues(name: string, values: Float64Array, needed = 1): Float64Array {
  const finite = values.filter((value) => Number.isFinite(value)).sort()
  if (finite.length < needed) {
    throw new UndefinedStatisticError(`${name} has ${finite.length} finite values, ${needed} needed`)
  }
  return finite
}

/** Two samples, made ready. @throws as `sortedValues` */
export function sortedPair(
  name: string,
  reference: Float64Array,
  current: Float64Array,
  needed = 1,
): { reference: Float64Array; current: Float64Array } {
  return {
    reference: sortedValues(`${name}: reference`, reference, needed),
    current: sortedValues(`${name}: current`, current, needed),
  }
}

/** A stretch on which neither distribution function changes: its length and both values there. */
export interface Step {
  readonly width: number
  readonly reference: number
  readonly current: number
}

/** The stretches between neighbouring values of two sorted samples. */
export function* stepsOf(reference: Float64Array, current: Float64Array): Generator<Step> {
  let i = 0
  let j = 0
  while (i < reference.length || j < current.length) {
    const at = Math.min(reference[i] ?? Number.POSITIVE_INFINITY, current[j] ?? Number.POSITIVE_INFINITY)
    while (i < reference.length && reference[i] === at) i++
    while (j < current.length && current[j] === at) j++
    const next = Math.min(reference[i] ?? Number.POSITIVE_INFINITY, current[j] ?? Number.POSITIVE_INFINITY)
    const last = next === Number.POSITIVE_INFINITY
    yield { width: last ? 0 : next - at, reference: i / reference.length, current: j / current.length }
  }
}
