/** Tables whose probability is this close to the observed one's count as equally likely. */
const ROUNDING = 1e-7

/** Beyond such counts the tables that matter are too many to be added up. */
const COUNT_MAX = 1e12

/**
 * Fisher's exact test of a 2 × 2 table, two-sided: the probability, with all margins fixed, of a table that is no more likely
 * than the observed one.
 *
 * Probabilities are taken relative to the most likely table and built up from it by their ratios, so nothing cancels.
 *
 * @param table two rows of two counts, whole numbers of 0 to 10¹²
 * @returns p-value, above 0 (0 where it is below the smallest double) to 1
 * @throws RangeError if a count is not a whole number of 0 to 10¹²
 * @see Fisher (1922), On the interpretation of χ² from contingency tables, J. R. Statist. Soc. 85(1)
 * @example fisherExact([[8, 2], [1, 5]]) // 0.0349650
 */
export function fisherExact(table: readonly (readonly [number, number])[]): number {
  const counts = table.flat()
  if (
    table.length !== 2 ||
    counts.length !== 4 ||
    !counts.every((count) => Number.isInteger(count) && count >= 0 && count <= COUNT_MAX)
  ) {
    throw new RangeError(
      `fisherExact: table is ${JSON.stringify(table)}, it must hold 2 × 2 whole numbers of 0 to 1e12`,
    )
  }
  const [a, b, c, d] = counts as [number, number, number, number]
  const row = a + b
  const column = a + c
  const total = row + c + d
  const least = Math.max(0, row + column - total)
  const most = Math.min(row, column)
  const mode = Math.min(most, Math.max(least, Math.floor(((row + 1) * (column + 1)) / (total + 2))))
  /** How much likelier the table with k + 1 in the first cell is than that with k. */
  const ratio = (k: number) => ((row - k) * (column - k)) / ((k + 1) * (total - row - column + k + 1))
  let observed = 1
  for (let k = mode; k < a && observed > 0; k++) observed *= ratio(k)
  for (let k = mode; k > a && observed > 0; k--) observed /= ratio(k - 1)
  const limit = observed * (1 + ROUNDING)
  let all = 1
  let extreme = 1 <= limit ? 1 : 0
  const add = (weight: number) => {
    all += weight
    if (weight <= limit) extreme += weight
  }
  for (let k = mode, weight = ratio(k); k < most && weight > 0; k++, weight *= ratio(k)) add(weight)
  for (let k = mode - 1, weight = 1 / ratio(k); k >= least && weight > 0; k--, weight /= ratio(k)) add(weight)
  return Math.min(1, extreme / all)
}
