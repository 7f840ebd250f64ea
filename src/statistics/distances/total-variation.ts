import { sharesOf } from './shares.ts'

/**
 * Total variation distance: half the sum of absolute differences of shares; the share of rows that would have to move.
 *
 * @returns 0 to 1
 * @throws RangeError if the lengths differ or a histogram is empty
 */
export function totalVariation(reference: Float64Array, current: Float64Array): number {
  const { p, q } = sharesOf('totalVariation', reference, current)
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += Math.abs((p[i] as number) - (q[i] as number))
  return sum / 2
}
