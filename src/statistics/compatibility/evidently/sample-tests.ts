// Evidently's tests of numbers that need the values themselves. All take ascending finite values.

import { cramerVonMises } from '../../samples/cramer-von-mises.ts'
import { momentsOf } from '../../samples/moments.ts'
import { ranksOf } from '../../samples/ranks.ts'
import { normalUpperTail } from '../../special/normal.ts'
import { studentTUpperTail } from '../../special/student-t.ts'
import { UndefinedStatisticError } from '../../undefined-statistic.ts'
import { lowerBound, upperBound } from '../equal-width.ts'

type Sample = Float64Array

/**
 * p-value of Student's t test with one variance for both samples, two-sided.
 *
 * @throws UndefinedStatisticError if there are two values in all, or both samples are constant and equal
 * @see Evidently 0.7.23, t_test; SciPy's manual, scipy.stats.ttest_ind
 * @example evidentlyT(Float64Array.of(1, 2, 3), Float64Array.of(3, 4, 8)) // 0.1400660
 */
export function evidentlyT(reference: Sample, current: Sample): number {
  const [before, now] = [momentsOf(reference), momentsOf(current)]
  const degrees = before.count + now.count - 2
  if (degrees < 1) throw new UndefinedStatisticError('evidently t_test: reference and current have a single value each')
  if (isConstant(reference) && isConstant(current)) {
    if (reference[0] === current[0])
      throw new UndefinedStatisticError('evidently t_test: reference and current hold one and the same value')
    return 0
  }
  const pooled = ((before.variance ?? 0) * (before.count - 1) + (now.variance ?? 0) * (now.count - 1)) / degrees
  const change = Math.abs(now.mean - before.mean)
  return 2 * studentTUpperTail(change / Math.sqrt(pooled * (1 / before.count + 1 / now.count)), degrees)
}

function isConstant(sorted: Sample): boolean {
  return sorted[0] === sorted[sorted.length - 1]
}

/** Up to this many values of the smaller sample, and without ties, the p-value of Mann-Whitney is exact. */
const MANN_WHITNEY_EXACT_MAX = 8

/**
 * p-value of the Mann-Whitney test that the reference's values are smaller than the current ones: one-sided, so that a fall of
 * the values is never seen.
 *
 * @see Evidently 0.7.23, mannw; SciPy's manual, scipy.stats.mannwhitneyu
 * @example evidentlyMannWhitney(Float64Array.of(1, 2, 3), Float64Array.of(2.5, 4, 5)) // 0.1
 */
export function evidentlyMannWhitney(reference: Sample, current: Sample): number {
  const ranks = ranksOf('evidently mannw', reference, current)
  const [m, n] = [ranks.reference.length, ranks.current.length]
  const larger = ranks.current.reduce((total, rank) => total + rank, 0) - (n * (n + 1)) / 2
  if (Math.min(m, n) <= MANN_WHITNEY_EXACT_MAX && ranks.ties === 0) return atLeastAsManyPairs(larger, m, n)
  const rows = m + n
  const variance = ((m * n) / 12) * (rows + 1 - ranks.ties / (rows * (rows - 1)))
  return variance > 0 ? normalUpperTail((larger - (m * n) / 2 - 0.5) / Math.sqrt(variance)) : 1
}

/**
 * P(U ≥ u) when all orders of the values are as likely: coefficients of the Gaussian binomial, summed from the nearer end.
 *
 * @see Mann and Whitney (1947), Ann. Math. Statist. 18(1)
 */
function atLeastAsManyPairs(u: number, m: number, n: number): number {
  const [few, many] = [Math.min(m, n), Math.max(m, n)]
  const most = m * n
  const fromAbove = 2 * u >= most
  const reach = fromAbove ? most - u : u - 1
  if (reach < 0) return 1
  const ways = new Float64Array(reach + 1)
  ways[0] = 1
  let all = 1
  for (let i = 1; i <= few; i++) {
    for (let k = reach; k >= many + i; k--) ways[k] = (ways[k] as number) - (ways[k - many - i] as number)
    for (let k = i; k <= reach; k++) ways[k] = (ways[k] as number) + (ways[k - i] as number)
    all *= (many + i) / i
  }
  const tail = ways.reduce((total, count) => total + count, 0) / all
  return fromAbove ? Math.min(1, tail) : Math.max(0, 1 - tail)
}

/** Up to this many values in the larger sample the p-value of Cramér-von Mises is exact. */
const CRAMER_VON_MISES_EXACT_MAX = 20
/** Evidently's series of the limit ends here, so that its p-values under about 1e-7 are what is left of it. */
const LEAST_TERM = 1e-7

/**
 * p-value of the Cramér-von Mises test: exact for samples of up to 20 values, else by the limit.
 *
 * Beside NumPy 2 Evidently's own exact values fail, or are rounded to three digits; these are the ones it means.
 *
 * @throws RangeError if a sample has a single value
 * @see Evidently 0.7.23, cramer_von_mises; Xiao, Gordon and Yakovlev (2006), J. Stat. Soft. 17(8)
 * @example evidentlyCramerVonMises(Float64Array.of(1, 2, 3, 4), Float64Array.of(3.5, 5, 6, 7)) // 0.0571429
 */
export function evidentlyCramerVonMises(reference: Sample, current: Sample): number {
  for (const [side, { length }] of [
    ['reference', reference],
    ['current', current],
  ] as const) {
    if (length < 2)
      throw new RangeError(`evidently cramer_von_mises: ${side} has a single value, it must have two or more`)
  }
  if (Math.max(reference.length, current.length) > CRAMER_VON_MISES_EXACT_MAX)
    return cramerVonMises(reference, current, LEAST_TERM).pValue
  const ranks = ranksOf('evidently cramer_von_mises', reference, current)
  const offsets = (sample: Sample) => sample.reduce((total, rank, i) => total + (rank - (i + 1)) ** 2, 0)
  const [m, n] = [reference.length, current.length]
  return cramerVonMisesExact(m * offsets(ranks.reference) + n * offsets(ranks.current), m, n)
}

/** Share of the ways to merge two samples whose statistic is as large: all of them are counted, step by step, by their statistic. */
function cramerVonMisesExact(u: number, m: number, n: number): number {
  const common = (m * n) / greatestCommonDivisor(m, n)
  const [a, b] = [common / m, common / n]
  const product = m * n
  const limit = Math.floor((common ** 2 * (m + n) * (6 * u - product * (4 * product - 1))) / (6 * product ** 2))
  // Rows of the current sample in turn; paths[v]: how many paths to v rows of the reference have which statistic so far.
  let paths: Map<number, number>[] = Array.from({ length: m + 1 }, () => new Map())
  for (let row = 0; row <= n; row++) {
    const next: Map<number, number>[] = []
    for (let v = 0; v <= m; v++) {
      const reached = new Map<number, number>()
      const step = (a * v - b * row) ** 2
      const from = [paths[v], next[v - 1]]
      for (const earlier of from) {
        for (const [value, ways] of earlier ?? []) reached.set(value + step, (reached.get(value + step) ?? 0) + ways)
      }
      if (row === 0 && v === 0) reached.set(0, 1)
      next.push(reached)
    }
    paths = next
  }
  let extreme = 0
  let all = 0
  for (const [value, ways] of paths[m] as Map<number, number>) {
    all += ways
    if (value >= limit) extreme += ways
  }
  return extreme / all
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** Least and largest critical value of the Anderson-Darling statistic of two samples, and ln p as a parabola between them. */
const ANDERSON = {
  least: 0.325,
  largest: 6.546,
  coefficients: [0.018198094574111343, -1.0082265644652515, -1.077770279820486],
} as const

/**
 * p-value of the Anderson-Darling test of two samples, between .001 and .25: it is interpolated in a table of seven levels.
 *
 * @throws RangeError if all values are equal, or there are under four of them
 * @see Evidently 0.7.23, anderson; Scholz and Stephens (1987), K-sample Anderson-Darling tests, J. Am. Stat. Assoc. 82
 * @example evidentlyAnderson(Float64Array.of(1, 2, 3, 4), Float64Array.of(3.5, 5, 6, 7)) // 0.0325739
 */
export function evidentlyAnderson(reference: Sample, current: Sample): number {
  const pooled = Float64Array.of(...reference, ...current).sort()
  const rows = pooled.length
  if (rows < 4) throw new RangeError(`evidently anderson: reference and current hold ${rows} values, four are needed`)
  const values = pooled.filter((value, i) => i === 0 || value !== pooled[i - 1])
  if (values.length < 2) throw new RangeError('evidently anderson: reference and current hold one and the same value')
  let statistic = 0
  for (const sample of [reference, current]) {
    let part = 0
    for (const value of values) {
      const equal = upperBound(pooled, value) - lowerBound(pooled, value)
      const middle = lowerBound(pooled, value) + equal / 2
      const [below, upTo] = [lowerBound(sample, value), upperBound(sample, value)]
      const own = upTo - (upTo - below) / 2
      part +=
        ((equal / rows) * (rows * own - middle * sample.length) ** 2) / (middle * (rows - middle) - (rows * equal) / 4)
    }
    statistic += part / sample.length
  }
  statistic *= (rows - 1) / rows
  const standardised = (statistic - 1) / Math.sqrt(andersonVariance(reference.length, current.length))
  if (standardised < ANDERSON.least) return 0.25
  if (standardised > ANDERSON.largest) return 0.001
  const [square, linear, constant] = ANDERSON.coefficients
  return Math.exp((square * standardised + linear) * standardised + constant)
}

function andersonVariance(m: number, n: number): number {
  const rows = m + n
  const inverses = 1 / m + 1 / n
  let h = 0
  let g = 0
  for (let i = 1; i < rows - 1; i++) {
    h += 1 / (rows - i)
    g += h / (i + 1)
  }
  h += 1
  const a = 4 * g - 6 + (10 - 6 * g) * inverses
  const b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6
  const c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverses + 4 * h
  const d = (2 * h + 6) * 4 - 8 * h
  return (a * rows ** 3 + b * rows ** 2 + c * rows + d) / ((rows - 1) * (rows - 2) * (rows - 3))
}
