// Distances between shares, as other tools define them. Shares need not sum to 1: some tools put a share into empty cells.

import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** Shares of two samples over the same cells. */
export interface Shares {
  readonly reference: Float64Array
  readonly current: Float64Array
}

/**
 * The shares of counts in their own sum.
 *
 * @throws RangeError if the lengths differ or a count is negative or not finite
 * @throws UndefinedStatisticError if a side has no row
 */
export function sharesOfCounts({ reference, current }: Shares): Shares {
  if (reference.length !== current.length) {
    throw new RangeError(`sharesOfCounts: reference has ${reference.length} cells, current ${current.length}`)
  }
  const rows = { reference: rowsOf('reference', reference), current: rowsOf('current', current) }
  return {
    reference: reference.map((count) => count / rows.reference),
    current: current.map((count) => count / rows.current),
  }
}

function rowsOf(side: string, counts: Float64Array): number {
  const odd = counts.findIndex((count) => !(count >= 0))
  if (odd >= 0) throw new RangeError(`sharesOfCounts: ${side} has ${counts[odd]} in cell ${odd}, it must be 0 or more`)
  const rows = sum(counts)
  if (rows < ROWS_MIN) throw new UndefinedStatisticError(`sharesOfCounts: ${side} has no row`)
  if (rows > Number.MAX_VALUE) throw new RangeError(`sharesOfCounts: ${side} has counts too large to be added up`)
  return rows
}

/** So few rows are none: a share of them would not be a number. */
const ROWS_MIN = 1e-300

/**
 * Jensen-Shannon distance in nats: the root of half of Σ p ln(p / m) + q ln(q / m), m = (p + q) / 2, both made to sum to 1 first.
 *
 * @throws as `sharesOfCounts`
 * @see SciPy's manual, scipy.spatial.distance.jensenshannon
 * @example jensenShannonInNats({ reference: Float64Array.of(1, 0), current: Float64Array.of(0, 1) }) // 0.8325546
 */
export function jensenShannonInNats(shares: Shares): number {
  const { reference, current } = sharesOfCounts(shares)
  let nats = 0
  for (let i = 0; i < reference.length; i++) {
    const [p, q] = [reference[i] as number, current[i] as number]
    const both = p + q
    if (p > 0) nats += p * Math.log((2 * p) / both)
    if (q > 0) nats += q * Math.log((2 * q) / both)
  }
  return Math.sqrt(Math.max(0, nats) / 2)
}

export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
