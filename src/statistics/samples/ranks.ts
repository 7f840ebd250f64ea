import { sortedPair } from './values.ts'

/** Ranks of two samples within their union, from 1 on, ties sharing the middle of their ranks. */
export interface Ranks {
  /** In ascending order of the values. */
  readonly reference: Float64Array
  readonly current: Float64Array
  /** Σ (t³ − t) over groups of t equal values. */
  readonly ties: number
}

/** @throws UndefinedStatisticError if a sample has no finite value, naming the function that asks */
export function ranksOf(name: string, reference: Float64Array, current: Float64Array): Ranks {
  const samples = sortedPair(name, reference, current)
  const ranks = {
    reference: new Float64Array(samples.reference.length),
    current: new Float64Array(samples.current.length),
  }
  let [i, j, ties] = [0, 0, 0]
  while (i < samples.reference.length || j < samples.current.length) {
    const at = Math.min(
      samples.reference[i] ?? Number.POSITIVE_INFINITY,
      samples.current[j] ?? Number.POSITIVE_INFINITY,
    )
    const [firstI, firstJ] = [i, j]
    while (samples.reference[i] === at) i++
    while (samples.current[j] === at) j++
    const equal = i - firstI + (j - firstJ)
    const rank = firstI + firstJ + (equal + 1) / 2
    ranks.reference.fill(rank, firstI, i)
    ranks.current.fill(rank, firstJ, j)
    ties += equal ** 3 - equal
  }
  return { ...ranks, ties }
}
