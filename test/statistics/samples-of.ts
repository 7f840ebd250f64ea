// Samples for property tests, and the bins that summarise them.

import fc from 'fast-check'

/** Values with ties, far outliers and long runs, as columns have them. */
export const sample = fc.array(
  fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.double({ min: -3, max: 3, noNaN: true }),
    fc.constantFrom(-1000, 0, 0.1, 1000),
  ),
  { minLength: 1, maxLength: 60 },
)

export const edges = fc
  .uniqueArray(fc.oneof(fc.integer({ min: -6, max: 6 }), fc.double({ min: -4, max: 4, noNaN: true })), {
    minLength: 1,
    maxLength: 12,
  })
  // −0 and 0 are one edge.
  .map((values) => Float64Array.from(new Set(values.map((value) => value + 0))).sort())

export interface Binned {
  readonly counts: Float64Array
  readonly sums: Float64Array
}

/** Counts and sums of values over right-closed bins. */
export function bin(values: readonly number[], inner: Float64Array): Binned {
  const counts = new Float64Array(inner.length + 1)
  const sums = new Float64Array(inner.length + 1)
  for (const value of values) {
    let at = 0
    while (at < inner.length && value > (inner[at] as number)) at++
    counts[at] = (counts[at] as number) + 1
    sums[at] = (sums[at] as number) + value
  }
  return { counts, sums }
}

/** The summary of two parts: their cells added up. */
export function merge(one: Binned, other: Binned): Binned {
  const add = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + (b[i] as number))
  return { counts: add(one.counts, other.counts), sums: add(one.sums, other.sums) }
}

/** Counts of a histogram that is not empty, and another over the same cells. */
export const histograms = fc
  .integer({ min: 1, max: 20 })
  .chain((cells) => fc.tuple(...[0, 1].map(() => fc.array(fc.nat(200), { minLength: cells, maxLength: cells }))))
  .filter((sides) => sides.every((counts) => counts.some((count) => count > 0)))
  .map((sides) => sides.map((counts) => Float64Array.from(counts)) as [Float64Array, Float64Array])
