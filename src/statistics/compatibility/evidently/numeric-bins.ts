// How Evidently bins numbers: bins of equal width over reference and current together, as many as Sturges' rule says.

import { evenEdges, histogram, outerEdges, sturgesBins } from '../equal-width.ts'
import type { Shares } from '../shares.ts'
import { sum } from '../shares.ts'
import { countCategories } from '../values.ts'

/** With no more different values than this in the reference, numbers are counted one by one. */
export const DISTINCT_MAX = 20

/** Numbers of both samples, ascending and finite, and whether all of them are integers. */
export interface NumericSamples {
  readonly reference: Float64Array
  readonly current: Float64Array
  readonly whole: boolean
}

/**
 * Shares over Evidently's bins: values one by one when the reference has at most 20 different ones, else bins of equal width over
 * both samples. One far value therefore widens every bin, and hides what happens in them.
 *
 * @see Evidently 0.7.23, get_binned_data
 */
export function evidentlyShares(samples: NumericSamples): Shares {
  const { reference, current } = samples
  if (new Set(reference).size <= DISTINCT_MAX) return sharesIn(countCategories(reference, current), samples)
  const edges = edgesOver(samples, reference.length + current.length)
  return sharesIn({ reference: histogram(reference, edges), current: histogram(current, edges) }, samples)
}

function sharesIn(counts: Shares, { reference, current }: NumericSamples): Shares {
  return {
    reference: counts.reference.map((count) => count / reference.length),
    current: counts.current.map((count) => count / current.length),
  }
}

/** @param rows what Sturges' rule is told the sample's size is */
function edgesOver({ reference, current, whole }: NumericSamples, rows: number): Float64Array {
  const minimum = Math.min(reference[0] as number, current[0] as number)
  const maximum = Math.max(reference[reference.length - 1] as number, current[current.length - 1] as number)
  const { first, last } = outerEdges(minimum, maximum)
  return evenEdges(first, last, sturgesBins(maximum - minimum, rows, whole))
}

/**
 * Evidently's Hellinger distance of numbers: √(1 − Σ √(p q)) over bins of equal width, as many as Sturges' rule makes of the
 * different values of both samples.
 *
 * @see Evidently 0.7.23, hellinger
 */
export function evidentlyHellingerOfNumbers(samples: NumericSamples): number {
  const distinct = new Set([...samples.reference, ...samples.current]).size
  const edges = edgesOver(samples, distinct)
  const density = (sorted: Float64Array) => {
    const counts = histogram(sorted, edges)
    const rows = sum(counts)
    return counts.map((count, i) => count / ((edges[i + 1] as number) - (edges[i] as number)) / rows)
  }
  const [p, q] = [density(samples.reference), density(samples.current)]
  const width = ((edges[edges.length - 1] as number) - (edges[0] as number)) / (edges.length - 1)
  const affinity = sum(p.map((density, i) => Math.sqrt(density * (q[i] as number)) * width))
  return Math.sqrt(1 - Math.min(1, affinity))
}
