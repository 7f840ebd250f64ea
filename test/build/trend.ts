// How fast something grows, told from samples that are noisy, have outliers, and depend on those before them.

export interface Point {
  readonly at: number
  readonly value: number
}

interface Trend {
  readonly slope: number
  /** The slope lies within so much of it, with 95 % certainty. */
  readonly plusMinus: number
}

/** Neighbours that are more alike than this leave nothing to tell a slope from. */
const LIKENESS_MAX = 0.95

/**
 * The median slope of all pairs (Theil and Sen), with the interval of Sen by Kendall's statistic. Samples that are like their
 * neighbours tell less than independent ones: the interval is widened by how much, as for a process of first order.
 */
export function trendOf(points: readonly Point[]): Trend {
  const n = points.length
  if (n < 3) throw new RangeError(`a slope of ${n} samples says nothing`)
  const slopes = points
    .flatMap((a, i) => points.slice(i + 1).map((b) => (b.value - a.value) / (b.at - a.at)))
    .sort((a, b) => a - b)
  const reach = (1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2
  const middle = (slopes.length - 1) / 2
  const rank = (at: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(at)))] as number
  const slope = rank(middle)
  const plusMinus = ((rank(middle + reach) - rank(middle - reach)) / 2) * Math.sqrt(varianceFactor(points, slope))
  return { slope, plusMinus }
}

/** By how much more the slope varies than if the samples around it were independent. */
function varianceFactor(points: readonly Point[], slope: number): number {
  const rests = points.map(({ at, value }) => value - slope * at)
  const middle = medianOf(rests)
  const spread = medianOf(rests.map((rest) => Math.abs(rest - middle)))
  // Outliers, which are like nobody, would hide how alike the others are.
  const around = rests.map((rest) => Math.max(-3 * spread, Math.min(3 * spread, rest - middle)))
  const squares = around.reduce((sum, rest) => sum + rest * rest, 0)
  if (squares === 0) return 1
  const seen = around.slice(1).reduce((sum, rest, i) => sum + rest * (around[i] as number), 0) / squares
  // A line that was fitted takes some of the likeness with it.
  const alike = Math.min(LIKENESS_MAX, Math.max(0, seen + (2 + 4 * seen) / points.length))
  return (1 + alike) / (1 - alike)
}

/** The middle one, or the upper one of two. */
export function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
