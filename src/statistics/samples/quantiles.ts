import { sortedValues } from './values.ts'

/**
 * Quantiles of a sample, linear between neighbouring values (type 7: the smallest is at 0, the largest at 1).
 *
 * @param values those that are not finite are left out
 * @param levels 0 to 1, in any order
 * @returns one value per level
 * @throws RangeError if a level lies elsewhere
 * @throws UndefinedStatisticError if no finite value remains
 * @see Hyndman and Fan (1996), Sample quantiles in statistical packages, The American Statistician 50(4)
 * @example quantilesOf(Float64Array.of(4, 1, 3, 2), Float64Array.of(0.25))[0] // 1.75
 */
export function quantilesOf(values: Float64Array, levels: Float64Array): Float64Array {
  for (const [i, level] of levels.entries()) {
    if (!(level >= 0 && level <= 1))
      throw new RangeError(`quantilesOf: levels[${i}] is ${level}, it must lie between 0 and 1`)
  }
  const finite = sortedValues('quantilesOf: values', values)
  return levels.map((level) => {
    const position = level * (finite.length - 1)
    const below = Math.floor(position)
    const left = finite[below] as number
    const right = finite[Math.min(below + 1, finite.length - 1)] as number
    const step = right - left
    // Two values at either end of what a double holds lie further apart than that.
    return Number.isFinite(step)
      ? left + step * (position - below)
      : left * (1 - position + below) + right * (position - below)
  })
}
