// Histograms over bins of equal width, as NumPy makes them: closed on the left, the last bin closed on both sides.

const BINS_MAX = 1_000_000

/** Smallest and largest value, moved half a unit apart when they are the same. */
export function outerEdges(minimum: number, maximum: number): { first: number; last: number } {
  return minimum === maximum ? { first: minimum - 0.5, last: maximum + 0.5 } : { first: minimum, last: maximum }
}

/**
 * The edges of bins of equal width, first and last included.
 *
 * Each edge is first + i · step, rounded as NumPy's linspace rounds it, so that values on an edge fall into the same bin.
 *
 * @param bins whole number from 1 to 1,000,000
 * @throws RangeError if an argument is out of range, or the edges too far apart for a double
 * @see NumPy's manual, numpy.linspace
 * @example evenEdges(0, 1, 4)[1] // 0.25
 */
export function evenEdges(first: number, last: number, bins: number): Float64Array {
  if (!(Number.isFinite(first) && Number.isFinite(last) && first <= last)) {
    throw new RangeError(`evenEdges: first is ${first} and last ${last}, they must be finite and ascending`)
  }
  if (!(Number.isInteger(bins) && bins >= 1 && bins <= BINS_MAX)) {
    throw new RangeError(`evenEdges: bins is ${bins}, it must be a whole number from 1 to ${BINS_MAX}`)
  }
  if (!Number.isFinite(last - first)) {
    throw new RangeError(`evenEdges: first is ${first} and last ${last}, they are too far apart for a double`)
  }
  const step = (last - first) / bins
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) =>
    step === 0 ? first + (i / bins) * (last - first) : first + i * step,
  )
  edges[bins] = last
  return edges
}

/**
 * How many bins Sturges' rule makes of a sample: log₂ n + 1, rounded up.
 *
 * @param range largest less smallest value, 0 or more
 * @param rows values, 1 or more
 * @param whole whether the values are integers: bins are then at least 1 wide
 * @throws RangeError if an argument is out of range
 * @see Sturges (1926), The choice of a class interval, J. Am. Stat. Assoc. 21
 * @example sturgesBins(10, 100, false) // 8
 */
export function sturgesBins(range: number, rows: number, whole: boolean): number {
  if (!(range >= 0 && range < Number.POSITIVE_INFINITY))
    throw new RangeError(`sturgesBins: range is ${range}, it must be 0 or more and finite`)
  if (!(rows >= 1 && rows < Number.POSITIVE_INFINITY))
    throw new RangeError(`sturgesBins: rows is ${rows}, it must be 1 or more and finite`)
  return binsOf(range, range / (Math.log2(rows) + 1), whole)
}

/**
 * How many bins Doane's rule makes of a sample: Sturges' rule, with more bins for a skewed sample.
 *
 * @param values finite, at least one
 * @throws RangeError if there is no value, one is not finite, or they are too large to be added up
 * @see Doane (1976), Aesthetic frequency classifications, Am. Stat. 30(4)
 * @example doaneBins(Float64Array.of(1, 2, 3, 4, 20)) // 6
 */
export function doaneBins(values: Float64Array): number {
  const rows = values.length
  if (rows === 0) throw new RangeError('doaneBins: values holds no value')
  const range = extreme(values, Math.max) - extreme(values, Math.min)
  if (!Number.isFinite(range))
    throw new RangeError('doaneBins: values must be finite, and not too far apart for a double')
  if (rows <= 2) return 1
  const mean = sum(values) / rows
  const deviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / rows)
  if (!Number.isFinite(deviation)) throw new RangeError('doaneBins: the squares of the values are not finite')
  if (!(deviation > 0)) return 1
  const skewness = sum(values.map((value) => ((value - mean) / deviation) ** 3)) / rows
  const error = Math.sqrt((6 * (rows - 2)) / ((rows + 1) * (rows + 3)))
  return binsOf(range, range / (1 + Math.log2(rows) + Math.log2(1 + Math.abs(skewness) / error)), false)
}

function binsOf(range: number, width: number, whole: boolean): number {
  if (!(width > 0)) return 1
  return Math.max(1, Math.ceil(range / (whole && width < 1 ? 1 : width)))
}

/**
 * Rows per bin; values outside of the edges are not counted.
 *
 * @param sorted ascending, infinities allowed
 * @param edges ascending, at least two
 * @throws RangeError if there are fewer edges
 * @see NumPy's manual, numpy.histogram
 * @example histogram(Float64Array.of(0, 1, 1.5, 2), Float64Array.of(0, 1, 2))[1] // 3
 */
export function histogram(sorted: Float64Array, edges: Float64Array): Float64Array {
  const last = edges.length - 1
  if (last < 1) throw new RangeError(`histogram: edges has ${edges.length} members, two or more are needed`)
  const below = (at: number) => lowerBound(sorted, edges[at] as number)
  const counts = new Float64Array(last)
  let seen = below(0)
  for (let bin = 0; bin < last; bin++) {
    const next = bin === last - 1 ? upperBound(sorted, edges[last] as number) : below(bin + 1)
    counts[bin] = next - seen
    seen = next
  }
  return counts
}

/** How many values of an ascending list are below `limit`. */
export function lowerBound(sorted: Float64Array, limit: number): number {
  return partition(sorted, (value) => value < limit)
}

/** How many values of an ascending list are not above `limit`. */
export function upperBound(sorted: Float64Array, limit: number): number {
  return partition(sorted, (value) => value <= limit)
}

function partition(sorted: Float64Array, isBefore: (value: number) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(sorted[middle] as number)) low = middle + 1
    else high = middle
  }
  return low
}

function extreme(values: Float64Array, pick: (a: number, b: number) => number): number {
  return values.reduce((best, value) => pick(best, value))
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
