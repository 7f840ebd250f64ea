// What every comparison of two histograms checks first.

import { UndefinedStatisticError } from '../undefined-statistic.ts'

/** Rows of two histograms over the same cells. */
export interface Totals {
  readonly reference: number
  readonly current: number
}

/**
 * The sums of two histograms, once they are known to be histograms over the same cells.
 *
 * @param name the function that asks, for its errors
 * @throws RangeError if there is no cell, the lengths differ, or a count is negative or beyond 2^53
 * @throws UndefinedStatisticError if a histogram is empty
 */
export function totalsOf(name: string, reference: Float64Array, current: Float64Array): Totals {
  if (reference.length !== current.length) {
    throw new RangeError(
      `${name}: reference has ${reference.length} cells, current ${current.length}; they must be the same cells`,
    )
  }
  if (reference.length === 0) throw new RangeError(`${name}: reference and current have no cells`)
  const totals = { reference: sumOf(name, 'reference', reference), current: sumOf(name, 'current', current) }
  if (totals.reference === 0) throw new UndefinedStatisticError(`${name}: the reference histogram is empty`)
  if (totals.current === 0) throw new UndefinedStatisticError(`${name}: the current histogram is empty`)
  return totals
}

/** What a count is: as much as an additive cell holds exactly, and never so small that its share is no number. */
export function isCount(count: number): boolean {
  return count === 0 || (count >= 1e-9 && count <= 2 ** 53)
}
/** In an error's words. */
export const COUNT = 'a count must be 0 or lie between 1e-9 and 2^53'

function sumOf(name: string, side: string, counts: Float64Array): number {
  let sum = 0
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] as number
    if (!isCount(count)) throw new RangeError(`${name}: ${side} has ${count} in cell ${cell}; ${COUNT}`)
    sum += count
  }
  return sum
}

/** The shares of two histograms over the same cells. @throws as `totalsOf` */
export function sharesOf(
  name: string,
  reference: Float64Array,
  current: Float64Array,
): { p: Float64Array; q: Float64Array } {
  const totals = totalsOf(name, reference, current)
  return { p: divided(reference, 0, totals.reference), q: divided(current, 0, totals.current) }
}

/** Shares after half a row was added to every cell of both sides, so that no share is 0. @throws as `totalsOf` */
export function smoothedSharesOf(
  name: string,
  reference: Float64Array,
  current: Float64Array,
): { p: Float64Array; q: Float64Array } {
  const totals = totalsOf(name, reference, current)
  const added = reference.length / 2
  return {
    p: divided(reference, 0.5, totals.reference + added),
    q: divided(current, 0.5, totals.current + added),
  }
}

/** A plain loop: every column of every window comes through here, and a callback per cell takes several times as long. */
function divided(counts: Float64Array, added: number, total: number): Float64Array {
  const shares = new Float64Array(counts.length)
  for (let i = 0; i < counts.length; i++) shares[i] = ((counts[i] as number) + added) / total
  return shares
}
