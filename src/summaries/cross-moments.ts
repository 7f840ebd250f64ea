// Sums of products of numeric features: what is kept of how they move together.

import type { Take } from './outcomes/cells.ts'
import type { NumericColumn } from './schema.ts'

/** Values are standardised by the reference, clipped at this many of its standard deviations, for a single row that is far out in two features would be a correlation … */
const DEVIATIONS_MAX = 3
/** … and kept in whole multiples of this, so that a product is a whole number under 2²⁴ and 10⁸ rows add up exactly. */
export const MOMENT_QUANTUM = 2 ** -10
const QUANTA_MAX = DEVIATIONS_MAX / MOMENT_QUANTUM

/**
 * Cells of d features. A value that is missing (or no number) counts as 0, the reference's mean: so every row counts for every
 * pair, one count of rows serves all, and a feature that begins to be missing shows here only by what it no longer tells.
 */
export interface CrossMomentCells {
  /** Names of the features, in the order of the cells. */
  readonly features: readonly string[]
  /** First of d sums. */
  readonly sums: number
  /** First of d (d + 1) / 2 sums of products: the upper triangle with its diagonal, row after row. */
  readonly products: number
  /** The row that is being counted, standardised, in quanta: written value by value, added once it is complete. */
  readonly row: Float64Array
}

export function crossMomentCells(features: readonly string[], take: Take): CrossMomentCells | null {
  const d = features.length
  if (d === 0) return null
  return { features, sums: take(d), products: take((d * (d + 1)) / 2), row: new Float64Array(d) }
}

/** How many quanta one unit of the column's value is. */
export function quantaPerUnit({ spread }: NumericColumn): number {
  return 1 / (spread * MOMENT_QUANTUM)
}

/** Added and taken off again, it leaves the nearest whole number of anything under 2⁵¹: a third of the time of Math.round. */
const ROUNDER = 1.5 * 2 ** 52

/** A value's distance from the reference's centre, in whole quanta. */
export function standardise(distance: number, perUnit: number): number {
  const quanta = distance * perUnit
  if (quanta >= QUANTA_MAX) return QUANTA_MAX
  if (quanta <= -QUANTA_MAX) return -QUANTA_MAX
  return quanta + ROUNDER - ROUNDER
}

/** Adds the row that has been written. With the standardising about 0.4 µs for 18 features, 0.6 µs for 25, on a busy machine. */
export function addRow({ row, sums, products }: CrossMomentCells, summary: Float64Array): void {
  const d = row.length
  let cell = products
  for (let i = 0; i < d; i++) {
    const value = row[i] as number
    if (value === 0) {
      cell += d - i
      continue
    }
    summary[sums + i] = (summary[sums + i] as number) + value
    for (let j = i; j < d; j++, cell++) summary[cell] = (summary[cell] as number) + value * (row[j] as number)
  }
}
