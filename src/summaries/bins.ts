// Frozen bins of a numeric column: where the edges lie, and which bin a value falls into.

const interiorLevels = 64
const tailLevels = [1e-4, 3e-4, 1e-3, 3e-3]
const guideCells = 1024

/**
 * Bin edges from the reference's values: quantiles at j/64, tail levels 1e-4 … 3e-3 and their mirrors, minimum and maximum.
 *
 * Bins are right-closed. A value so frequent that it is several quantiles at once gets a bin of its own. The first edge lies
 * just below the minimum, so that bin 0 counts what is below the reference's range; the last edge is the maximum.
 *
 * @param sorted finite values in ascending order, at least one
 * @returns ascending edges, at most 74; there is one bin more than edges
 */
export function quantileEdges(sorted: Float64Array, levels: number = interiorLevels): Float64Array {
  const count = sorted.length
  if (count === 0) throw new RangeError('quantileEdges: no values; a column without any value has no bins')
  const at = (level: number) => quantileOf(sorted, level)
  const edges = interiorEdges(sorted, levels)
  for (const level of tailLevels) edges.add(at(level)).add(at(1 - level))
  const minimum = sorted[0] as number
  edges.add(floatBelow(minimum)).add(sorted[count - 1] as number)
  return Float64Array.from(edges).sort()
}

/**
 * Edges at the quantiles j/levels alone: at most `levels` − 1, for a value so frequent that it is several quantiles at once takes
 * two, so that it has a bin of its own.
 */
export function interiorEdges(sorted: Float64Array, levels: number): Set<number> {
  const edges = new Set<number>()
  let previous: number | undefined
  for (let j = 1; j < levels; j++) {
    const quantile = quantileOf(sorted, j / levels)
    if (quantile === previous) edges.add(floatBelow(quantile))
    edges.add(quantile)
    previous = quantile
  }
  return edges
}

/** The smallest of the values that at least this share of them do not exceed. */
function quantileOf(sorted: Float64Array, level: number): number {
  const count = sorted.length
  return sorted[Math.min(count - 1, Math.max(0, Math.ceil(level * count) - 1))] as number
}

/** The largest double below `value`: the edge that keeps `value` out of the bin before it. */
export function floatBelow(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`floatBelow: ${value} has no neighbour`)
  if (value === 0) return -Number.MIN_VALUE
  scratch.setFloat64(0, value)
  scratch.setBigInt64(0, scratch.getBigInt64(0) + (value > 0 ? -1n : 1n))
  return scratch.getFloat64(0)
}
const scratch = new DataView(new ArrayBuffer(8))

/** The smallest double above `value`. */
export function floatAbove(value: number): number {
  return -floatBelow(-value)
}

/** A guide table over the middle of the edges: nearly every look-up starts in the right bin or one before it. */
export interface BinFinder {
  readonly edges: Float64Array
  readonly low: number
  readonly cellsPerUnit: number
  readonly guide: Uint16Array
}

export function createBinFinder(edges: Float64Array): BinFinder {
  const last = edges.length - 1
  const low = edges[Math.min(tailLevels.length, last)] ?? 0
  const high = edges[Math.max(last - tailLevels.length, 0)] ?? 0
  const cellsPerUnit = high > low ? guideCells / (high - low) : 0
  const guide = new Uint16Array(guideCells)
  for (let cell = 0, bin = 0; cell < guideCells; cell++) {
    const start = cellsPerUnit > 0 ? low + cell / cellsPerUnit : Number.NEGATIVE_INFINITY
    while (bin < edges.length && (edges[bin] as number) < start) bin++
    guide[cell] = bin
  }
  return { edges, low, cellsPerUnit: Number.isFinite(cellsPerUnit) ? cellsPerUnit : 0, guide }
}

/**
 * The bin of a finite value: the number of edges below it. Costs 7 to 15 ns.
 *
 * The guide only says where to start; the two comparisons make the answer exact whatever its rounding.
 */
export function binOf(finder: BinFinder, value: number): number {
  const { edges, guide } = finder
  const cell = (value - finder.low) * finder.cellsPerUnit
  let bin = guide[cell > 0 ? (cell < guideCells ? cell | 0 : guideCells - 1) : 0] as number
  while (bin > 0 && value <= (edges[bin - 1] as number)) bin--
  while (bin < edges.length && value > (edges[bin] as number)) bin++
  return bin
}

/**
 * Groups neighbouring bins so that each group holds about the same share of the reference.
 *
 * @param counts reference counts per bin
 * @returns for each bin the number of its group, ascending from 0
 */
export function coarseGroups(counts: Float64Array, groups: number): Uint16Array {
  let total = 0
  for (const count of counts) total += count
  const groupOf = new Uint16Array(counts.length)
  let seen = 0
  let group = 0
  let filled = 0
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    const middle = seen + count / 2
    const wanted = total > 0 ? Math.min(groups - 1, Math.floor((middle * groups) / total)) : 0
    if (wanted > filled && count > 0) {
      group++
      filled = wanted
    }
    groupOf[bin] = group
    seen += count
  }
  return groupOf
}
