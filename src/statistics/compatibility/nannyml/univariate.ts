// NannyML's univariate drift: a method is fitted to a reference once, and then measures chunks.

import { chiSquaredTwoSample } from '../../distances/chi-squared-two-sample.ts'
import { chiSquaredYates } from '../../distances/chi-squared-yates.ts'
import { hellinger } from '../../distances/hellinger.ts'
import { jensenShannon } from '../../distances/jensen-shannon.ts'
import { lInfinity } from '../../distances/l-infinity.ts'
import { wasserstein } from '../../samples/wasserstein.ts'
import { UndefinedStatisticError } from '../../undefined-statistic.ts'
import { doaneBins, evenEdges, histogram, lowerBound, outerEdges, upperBound } from '../equal-width.ts'
import { largestDifference } from '../kolmogorov-smirnov.ts'
import type { CategoryCounts, ColumnValue } from '../values.ts'
import { categoriesOf, countCategories, numbersOf } from '../values.ts'
import type { NannymlKind, NannymlMethod } from './methods.ts'
import { nannymlMethods } from './methods.ts'

/** A statistic of one chunk. */
export interface ChunkDrift {
  readonly value: number
  /** Of the χ² statistic alone: its alerts go by it. */
  readonly pValue: number | null
}

type Measure = (chunk: readonly ColumnValue[]) => ChunkDrift

/** From this many rows of the reference on, NannyML keeps bins instead of the rows. */
const BINNED_FROM = 10_000
const BINS = 10_000

/**
 * Fits one of NannyML's methods to a column of the reference.
 *
 * @returns measures a chunk; throws UndefinedStatisticError for a chunk without values, as NannyML answers NaN
 * @throws RangeError if the reference has no value, a value that the method does not allow, or the method is not for such columns
 * @see NannyML 0.13.1, nannyml.drift.univariate.methods
 */
export function fitNannyml(
  method: NannymlMethod,
  { type, reference }: { readonly type: NannymlKind; readonly reference: readonly ColumnValue[] },
): Measure {
  const known = nannymlMethods[method]
  if (known === undefined) throw new RangeError(`fitNannyml: method is ${method}, NannyML has no such method`)
  if (!(known.types as readonly string[]).includes(type)) {
    throw new RangeError(`fitNannyml: method ${method} is not for ${type} columns`)
  }
  return type === 'continuous' ? fitNumbers(method, reference) : fitCategories(method, reference)
}

function fitNumbers(method: NannymlMethod, values: readonly ColumnValue[]): Measure {
  const reference = numbersOf('nannyml: reference', values).sort()
  if (reference.length === 0) throw new RangeError('nannyml: reference has no value')
  if (!reference.every(Number.isFinite) && method !== 'kolmogorov_smirnov') {
    throw new RangeError(`nannyml ${method}: reference holds an infinite value, it must be finite`)
  }
  const measure = numericMeasure(method, reference)
  return (chunk) => {
    const current = numbersOf('nannyml: current', chunk).sort()
    if (current.length === 0) throw new UndefinedStatisticError('nannyml: current has no value')
    return { value: measure(current), pValue: null }
  }
}

function numericMeasure(method: NannymlMethod, reference: Float64Array): (current: Float64Array) => number {
  const binned = reference.length >= BINNED_FROM
  switch (method) {
    case 'kolmogorov_smirnov':
      return binned ? binnedKolmogorovSmirnov(reference) : (current) => largestDifference(reference, current)
    case 'wasserstein':
      return binned ? binnedWasserstein(reference) : (current) => finiteWasserstein(reference, current)
    case 'hellinger':
      return overDoaneBins(reference, hellinger)
    default:
      return overDoaneBins(reference, jensenShannon)
  }
}

function finiteWasserstein(reference: Float64Array, current: Float64Array): number {
  refuseInfinite(current)
  return wasserstein(reference, current)
}

function refuseInfinite(current: Float64Array): void {
  if (!current.every(Number.isFinite)) {
    throw new UndefinedStatisticError('nannyml wasserstein: current holds an infinite value')
  }
}

/** NannyML's bins of a reference: of equal width between its smallest and largest value, as many as Doane's rule says. */
export function nannymlEdges(minimum: number, maximum: number, bins: number): Float64Array {
  const { first, last } = outerEdges(minimum, maximum)
  return evenEdges(first, last, bins)
}

/** A distance over NannyML's bins; rows outside of the reference's range share one more. */
function overDoaneBins(
  reference: Float64Array,
  distance: (reference: Float64Array, current: Float64Array) => number,
): (current: Float64Array) => number {
  const edges = nannymlEdges(reference[0] as number, reference[reference.length - 1] as number, doaneBins(reference))
  const before = histogram(reference, edges)
  return (current) => {
    const now = histogram(current, edges)
    const inside = now.reduce((total, count) => total + count, 0)
    return distance(Float64Array.of(...before, 0), Float64Array.of(...now, current.length - inside))
  }
}

/** The largest difference at 10,001 edges of equal width: far off when the values are skewed. */
function binnedKolmogorovSmirnov(reference: Float64Array): (current: Float64Array) => number {
  const edges = evenEdges(reference[0] as number, reference[reference.length - 1] as number, BINS)
  const cumulative = (sorted: Float64Array) =>
    edges
      .subarray(1)
      .map((edge, i) => (i === BINS - 1 ? upperBound(sorted, edge) : lowerBound(sorted, edge)) / sorted.length)
  const before = cumulative(reference)
  return (current) =>
    cumulative(current).reduce((most, share, i) => Math.max(most, Math.abs(share - (before[i] as number))), 0)
}

/** The area between two distribution functions over 10,000 bins of equal width, with NannyML's own treatment of both tails. */
function binnedWasserstein(reference: Float64Array): (current: Float64Array) => number {
  const { first, last } = outerEdges(reference[0] as number, reference[reference.length - 1] as number)
  const edges = evenEdges(first, last, BINS)
  const width = (edges[1] as number) - first
  const before = cumulativeShares(histogram(reference, edges), reference.length)
  return (current) => {
    refuseInfinite(current)
    const smaller = lowerBound(current, first)
    const larger = current.length - upperBound(current, last)
    // One row too many in each tail: NannyML counts the edge itself.
    const shareSmaller = smaller > 0 ? (smaller + 1) / current.length : 0
    const shareLarger = larger > 0 ? (larger + 1) / current.length : 0
    const now = cumulativeShares(histogram(current, edges), current.length)
    const within = now.reduce(
      (area, share, i) => area + Math.abs((before[i] as number) - share - shareSmaller) * width,
      0,
    )
    return (
      within +
      shareSmaller * tailArea(Float64Array.of(...current.subarray(0, smaller), first)) +
      shareLarger *
        tailArea(
          Float64Array.of(...current.subarray(current.length - larger), last)
            .map((value) => -value)
            .sort(),
        )
    )
  }
}

function cumulativeShares(counts: Float64Array, rows: number): Float64Array {
  let seen = 0
  return counts.map((count) => {
    seen += count / rows
    return seen
  })
}

/** The area under the distribution function of ascending values, up to the last of them. */
function tailArea(sorted: Float64Array): number {
  let area = 0
  for (let i = 1; i < sorted.length; i++) {
    area += (i / sorted.length) * ((sorted[i] as number) - (sorted[i - 1] as number))
  }
  return area
}

function fitCategories(method: NannymlMethod, values: readonly ColumnValue[]): Measure {
  const reference = categoriesOf(values)
  if (reference.length === 0) throw new RangeError('nannyml: reference has no value')
  return (chunk) => {
    const current = categoriesOf(chunk)
    if (current.length === 0) throw new UndefinedStatisticError('nannyml: current has no value')
    const counts = countCategories(reference, current)
    const known = method === 'jensen_shannon' || method === 'hellinger' ? withNewTogether(counts) : counts
    return nannymlOfCategories(method, known)
  }
}

/** Categories that the reference has not seen become one cell. */
function withNewTogether({ reference, current }: Pick<CategoryCounts, 'reference' | 'current'>) {
  const isSeen = (_: number, i: number) => (reference[i] as number) > 0
  const unseen = current.reduce((rows, count, i) => (isSeen(count, i) ? rows : rows + count), 0)
  return {
    reference: Float64Array.of(...reference.filter(isSeen), 0),
    current: Float64Array.of(...current.filter(isSeen), unseen),
  }
}

/**
 * One of NannyML's methods from rows per category.
 *
 * @param counts for `jensen_shannon` and `hellinger` all categories that the reference has not seen are one cell
 * @see NannyML 0.13.1, nannyml.drift.univariate.methods
 * @example nannymlOfCategories('l_infinity', { reference: Float64Array.of(20, 50, 30), current: Float64Array.of(5, 60, 35) }).value // 0.15
 */
export function nannymlOfCategories(
  method: NannymlMethod,
  { reference, current }: { readonly reference: Float64Array; readonly current: Float64Array },
): ChunkDrift {
  switch (method) {
    case 'chi2': {
      // SciPy corrects 2 × 2 tables by Yates.
      const test = reference.length === 2 ? chiSquaredYates : chiSquaredTwoSample
      const { statistic, pValue } = test(reference, current)
      return { value: statistic, pValue }
    }
    case 'l_infinity':
      return { value: lInfinity(reference, current).value, pValue: null }
    case 'hellinger':
      return { value: hellinger(reference, current), pValue: null }
    default:
      return { value: jensenShannon(reference, current), pValue: null }
  }
}
