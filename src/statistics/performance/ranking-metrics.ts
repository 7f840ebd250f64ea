// The metrics of a ranking: computed per query (a complete list of items), averaged over queries.

import type { LossSums, Metric } from './metric.ts'
import { meanMetric, ROWS_FOR_A_MEAN } from './metric.ts'

/** The items of one query. */
export interface RankedQuery {
  /** How relevant each item is, 0 or more; above 0 is relevant. */
  readonly relevance: ArrayLike<number>
  /** The score that ranks each item, highest first. */
  readonly scores: ArrayLike<number>
}

export interface QueryQuality {
  /** Discounted gain of the first k ranks over the largest possible: 0 to 1. */
  readonly ndcg: number
  /** Mean over relevant items of the precision at their rank. */
  readonly averagePrecision: number
  /** 1 over the rank of the first relevant item. */
  readonly reciprocalRank: number
  /** Whether a relevant item is among the first k: 1 or 0. */
  readonly hit: number
}

/**
 * How good the ranking of one query is.
 *
 * The gain of an item is its relevance, discounted by log₂(1 + rank); items with equal scores share the discounts of their ranks
 * evenly. Average precision and reciprocal rank look at all ranks, with items of equal scores in the order given.
 *
 * @param k ranks that NDCG and the hit look at, at least 1
 * @returns null when no item is relevant, for which there is no best ranking to compare with
 * @throws RangeError if the lengths differ, k is no whole number above 0, a relevance is negative or a number is not finite
 * @see Järvelin and Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4); McSherry and Najork (2008),
 *   Computing information retrieval performance measures efficiently in the presence of tied scores, ECIR
 * @example rankQuery({ relevance: [0, 2, 1], scores: [0.9, 0.8, 0.1] }, 2)?.reciprocalRank // 0.5
 */
export function rankQuery({ relevance, scores }: RankedQuery, k: number): QueryQuality | null {
  checkQuery(relevance, scores, k)
  const order = Array.from({ length: scores.length }, (_, item) => item).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  )
  const ideal = Float64Array.from(relevance).sort().reverse()
  const best = discounted(ideal, k)
  if (best === 0) return null
  let [relevant, precisions, first] = [0, 0, 0]
  for (const [rank, item] of order.entries()) {
    if (relevance[item] === 0) continue
    relevant++
    precisions += relevant / (rank + 1)
    if (first === 0) first = rank + 1
  }
  const ranked = sharedGains(order, { relevance, scores })
  return {
    ndcg: Math.min(1, discounted(ranked, k) / best),
    averagePrecision: precisions / relevant,
    reciprocalRank: 1 / first,
    hit: first <= k ? 1 : 0,
  }
}

function checkQuery(relevance: ArrayLike<number>, scores: ArrayLike<number>, k: number): void {
  if (!(Number.isInteger(k) && k >= 1))
    throw new RangeError(`rankQuery: k is ${k}, it must be a whole number of at least 1`)
  if (relevance.length !== scores.length)
    throw new RangeError(
      `rankQuery: relevance has ${relevance.length} items, scores ${scores.length}; they must be the same`,
    )
  for (let item = 0; item < scores.length; item++) {
    const [grade, score] = [relevance[item] as number, scores[item] as number]
    if (!(grade >= 0 && grade < Number.POSITIVE_INFINITY))
      throw new RangeError(`rankQuery: relevance has ${grade} for item ${item}; it must be 0 or more and finite`)
    if (!Number.isFinite(score))
      throw new RangeError(`rankQuery: scores has ${score} for item ${item}; it must be finite`)
  }
}

/** The gains in the order of ranks, those of equal scores replaced by their mean. */
function sharedGains(order: readonly number[], { relevance, scores }: RankedQuery): Float64Array {
  const gains = Float64Array.from(order, (item) => relevance[item] as number)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) to++
    const mean = gains.subarray(from, to).reduce((sum, gain) => sum + gain, 0) / (to - from)
    gains.fill(mean, from, to)
    from = to
  }
  return gains
}

function discounted(gains: Float64Array, k: number): number {
  let sum = 0
  for (let rank = 0; rank < Math.min(k, gains.length); rank++) sum += (gains[rank] as number) / Math.log2(rank + 2)
  return sum
}

/** Sums over the queries that have a relevant item. */
export interface RankingSums {
  readonly ndcg: LossSums
  readonly averagePrecision: LossSums
  readonly reciprocalRank: LossSums
  readonly hit: LossSums
}

export type RankingMetric = 'ndcg' | 'map' | 'mrr' | 'hit_rate'

/**
 * Means over queries of what `rankQuery` tells of each, with normal intervals. Queries without a relevant item are left out.
 *
 * @param minimum queries below which there is no value
 */
export function rankingMetrics(
  { ndcg, averagePrecision, reciprocalRank, hit }: RankingSums,
  minimum: number = ROWS_FOR_A_MEAN,
): Record<RankingMetric, Metric> {
  const mean = (sums: LossSums) => atMostOne(meanMetric(sums, minimum, 'a relevant item'))
  return { ndcg: mean(ndcg), map: mean(averagePrecision), mrr: mean(reciprocalRank), hit_rate: mean(hit) }
}

function atMostOne(metric: Metric): Metric {
  return metric.value === null ? metric : { ...metric, high: Math.min(1, metric.high) }
}
