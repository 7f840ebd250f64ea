// The errors of a regression without labels, from how many rows fall into each leaf of its loss tree.

import { COUNT, isCount } from '../distances/histograms.ts'
import type { Metric } from '../performance/metric.ts'
import { normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from '../performance/metric.ts'
import type { Leaf } from './loss-tree.ts'

export type LeafMetric = 'mae' | 'mse' | 'rmse'

/**
 * Mean absolute and mean squared error as they are to be expected of rows in these leaves, and the root of the latter.
 *
 * Assumes that rows of a leaf are as wrong as they were where the tree was grown. Standard errors are those of what will come out
 * about the estimate: the variance of the loss within each leaf, for the rows to come and for the rows its mean was learnt from.
 *
 * @param counts rows per leaf
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if the lengths differ, a count is negative, or a leaf's rows or losses are not finite
 * @example estimateFromLeaves(Float64Array.of(30, 10), [{ rows: 50, absolute: 1, squared: 2, fourth: 9 }, { rows: 50, absolute: 3, squared: 10, fourth: 200 }]).mae.value // 1.5
 */
export function estimateFromLeaves(
  counts: Float64Array,
  leaves: readonly Leaf[],
  { minimums = true }: { minimums?: boolean } = {},
): Record<LeafMetric, Metric> {
  const total = totalOf('estimateFromLeaves', counts, leaves)
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  if (total < needed) {
    const few = undefinedBecause(`${total} rows, ${needed} needed`)
    return { mae: few, mse: few, rmse: few }
  }
  let [absolute, squared, absoluteVariance, squaredVariance] = [0, 0, 0, 0]
  for (const [i, leaf] of leaves.entries()) {
    const count = counts[i] as number
    const rows = count + (leaf.rows > 0 ? (count * count) / leaf.rows : 0)
    absolute += count * leaf.absolute
    squared += count * leaf.squared
    absoluteVariance += rows * Math.max(0, leaf.squared - leaf.absolute ** 2)
    squaredVariance += rows * Math.max(0, leaf.fourth - leaf.squared ** 2)
  }
  const mse = squared / total
  const mseError = Math.sqrt(squaredVariance) / total
  const rmse = Math.sqrt(mse)
  return {
    mae: normalMetric(absolute / total, Math.sqrt(absoluteVariance) / total, { min: 0 }),
    mse: normalMetric(mse, mseError, { min: 0 }),
    rmse: normalMetric(rmse, rmse > 0 ? mseError / (2 * rmse) : 0, { min: 0 }),
  }
}

/**
 * What each leaf adds to the change of the expected mean absolute error: (share now − share before) × its mean loss.
 *
 * The sum is the whole change of the estimate. A leaf that became more frequent adds its loss; seen against the mean, subtract that.
 *
 * @param reference, current rows per leaf
 * @throws RangeError if lengths differ, a count is negative or a side has no row
 * @see Kitagawa (1955), Components of a difference between two rates, JASA 50
 * @example leafContributions(Float64Array.of(50, 50), Float64Array.of(25, 75), [{ rows: 50, absolute: 1, squared: 2, fourth: 9 }, { rows: 50, absolute: 3, squared: 10, fourth: 200 }])[1] // 0.75
 */
export function leafContributions(
  reference: Float64Array,
  current: Float64Array,
  leaves: readonly Leaf[],
): Float64Array {
  const before = totalOf('leafContributions', reference, leaves)
  const now = totalOf('leafContributions', current, leaves)
  if (before === 0 || now === 0)
    throw new RangeError(`leafContributions: ${before === 0 ? 'reference' : 'current'} holds no row`)
  return Float64Array.from(
    leaves,
    ({ absolute }, i) => ((current[i] as number) / now - (reference[i] as number) / before) * absolute,
  )
}

/** The fourth power of the largest error that a loss tree takes. */
const LEAF_MAX = 1e300

function totalOf(name: string, counts: Float64Array, leaves: readonly Leaf[]): number {
  if (counts.length !== leaves.length)
    throw new RangeError(`${name}: counts has ${counts.length} members, there are ${leaves.length} leaves`)
  const odd = counts.findIndex((count) => !isCount(count))
  if (odd >= 0) throw new RangeError(`${name}: counts[${odd}] is ${counts[odd]}; ${COUNT}`)
  for (const [i, leaf] of leaves.entries()) {
    for (const [of, value] of Object.entries(leaf)) {
      if (!(value >= 0 && value <= LEAF_MAX))
        throw new RangeError(`${name}: leaves[${i}].${of} is ${value}, it must lie between 0 and ${LEAF_MAX}`)
    }
    if (leaf.rows > 0 && leaf.rows < 1)
      throw new RangeError(`${name}: leaves[${i}].rows is ${leaf.rows}, it must be 0, or 1 or more`)
  }
  return counts.reduce((sum, count) => sum + count, 0)
}
