// A range of values in words.

import { floatBelow } from '../summaries/bins.ts'
import { numberWithin, rangeWithin } from './wording.ts'

/**
 * `≤ 1,200`, `1,200 – 1,650`, `-121.4 to -119.2`, `> 9,900`, or the one value that a range holds.
 *
 * @param range.from values over it; null: without end
 * @param range.to values up to it; null: without end
 * @param spread how far the values of the column lie apart
 */
export function rangeText({ from, to }: { from: number | null; to: number | null }, spread: number | null): string {
  if (to === null) return from === null ? 'all values' : `> ${numberWithin(from, spread)}`
  if (from === null) return `≤ ${numberWithin(to, spread)}`
  return from === floatBelow(to) ? numberWithin(to, spread) : rangeWithin(from, to, spread)
}
