import { withinDoubles } from '../undefined-statistic.ts'
import { sameColumns } from './moments.ts'

/**
 * Distance of two centroids of embeddings.
 *
 * @param reference mean vector, finite
 * @param current mean vector of the same length, finite
 * @returns the Euclidean distance, and 1 − cos of the angle (0 same direction, 2 opposite); the cosine is null where a centroid is 0
 * @throws RangeError if the lengths differ, are 0, or a value is not finite
 * @see Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, 6.3
 * @example embeddingDistance(Float64Array.of(1, 0), Float64Array.of(1, 1)).cosine // 0.292893
 */
export function embeddingDistance(
  reference: Float64Array,
  current: Float64Array,
): { euclidean: number; cosine: number | null } {
  sameColumns('embeddingDistance', reference, current)
  if (reference.length === 0)
    throw new RangeError('embeddingDistance: reference is empty, one column or more is needed')
  for (const [name, centroid] of Object.entries({ reference, current })) {
    if (!centroid.every(Number.isFinite)) throw new RangeError(`embeddingDistance: ${name} must be finite`)
  }
  const [before, now] = [largestOf(reference), largestOf(current)]
  const scale = Math.max(before, now)
  if (scale === 0) return { euclidean: 0, cosine: null }
  let squares = 0
  for (let i = 0; i < reference.length; i++)
    squares += ((current[i] as number) / scale - (reference[i] as number) / scale) ** 2
  return {
    euclidean: withinDoubles('embeddingDistance', scale * Math.sqrt(squares)),
    cosine: before > 0 && now > 0 ? oneMinusCosine(reference, current, before, now) : null,
  }
}

/** Half the squared distance of the two directions: does not cancel where they are nearly the same. */
function oneMinusCosine(reference: Float64Array, current: Float64Array, before: number, now: number): number {
  const [r, c] = [lengthOf(reference, before), lengthOf(current, now)]
  let squares = 0
  for (let i = 0; i < reference.length; i++) {
    squares += ((current[i] as number) / now / c - (reference[i] as number) / before / r) ** 2
  }
  return Math.min(2, squares / 2)
}

function largestOf(vector: Float64Array): number {
  let largest = 0
  for (const value of vector) largest = Math.max(largest, Math.abs(value))
  return largest
}

function lengthOf(vector: Float64Array, scale: number): number {
  let squares = 0
  for (const value of vector) squares += (value / scale) ** 2
  return Math.sqrt(squares)
}
