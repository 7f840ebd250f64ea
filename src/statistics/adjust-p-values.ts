/** What an adjusted p-value controls: the chance of any false finding (first two), or the share of false ones among findings. */
export type Adjustment = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli'

/**
 * P-values of several tests, adjusted for their number: a test is a finding at a level when its adjusted value is at or under it.
 *
 * Holds within one set of tests. It does not bound false alarms of tests that are repeated every few minutes.
 *
 * @param pValues 0 to 1, in any order
 * @returns adjusted values, 0 to 1, in the order given
 * @throws RangeError if a p-value lies elsewhere
 * @see Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6(2)
 * @see Benjamini and Hochberg (1995), Controlling the false discovery rate, J. R. Statist. Soc. B 57(1)
 * @see Benjamini and Yekutieli (2001), The control of the false discovery rate under dependency, Ann. Statist. 29(4)
 * @example adjustPValues(Float64Array.of(0.01, 0.04, 0.03), 'benjamini-hochberg')[1] // 0.04
 */
export function adjustPValues(pValues: Float64Array, adjustment: Adjustment): Float64Array {
  for (const [i, p] of pValues.entries()) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`adjustPValues: pValues[${i}] is ${p}, it must lie between 0 and 1`)
  }
  const count = pValues.length
  switch (adjustment) {
    case 'bonferroni':
      return pValues.map((p) => Math.min(1, p * count))
    case 'holm':
      return stepDown(pValues)
    case 'benjamini-hochberg':
      return stepUp(pValues, 1)
    case 'benjamini-yekutieli':
      return stepUp(pValues, harmonic(count))
  }
}

/** The sum of 1/i for i from 1 to count. */
function harmonic(count: number): number {
  let sum = 0
  for (let i = count; i >= 1; i--) sum += 1 / i
  return sum
}

/** From the smallest on: each times the number of tests not yet passed, never under the one before. */
function stepDown(pValues: Float64Array): Float64Array {
  const adjusted = new Float64Array(pValues.length)
  let largest = 0
  for (const [rank, i] of ascending(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, (pValues[i] as number) * (pValues.length - rank)))
    adjusted[i] = largest
  }
  return adjusted
}

/** From the largest down: each times number of tests over rank, never above the one before. */
function stepUp(pValues: Float64Array, factor: number): Float64Array {
  const adjusted = new Float64Array(pValues.length)
  const order = ascending(pValues)
  let smallest = 1
  for (let rank = order.length; rank >= 1; rank--) {
    const i = order[rank - 1] as number
    smallest = Math.min(smallest, ((pValues[i] as number) * pValues.length * factor) / rank)
    adjusted[i] = smallest
  }
  return adjusted
}

function ascending(pValues: Float64Array): number[] {
  return Array.from(pValues.keys()).sort((i, j) => (pValues[i] as number) - (pValues[j] as number))
}
