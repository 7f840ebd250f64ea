import type { Shares } from '../shares.ts'
import { sum } from '../shares.ts'

/** Share that stands in for that of an empty cell, unless the smallest occupied cell holds no more than this. */
const FILL = 0.0001
/** Less than one row of as many as can be counted. */
const SHARE_MIN = 1e-100

/**
 * Shares with something in every empty cell, as Evidently fills them for PSI and Kullback-Leibler: 0.0001, or a millionth of the
 * smallest occupied share when that is at most 0.0001. Nothing is renormalised.
 *
 * A single row that lands in an empty cell moves these distances far; see docs/compatibility.md.
 *
 * @see Evidently 0.7.23, get_binned_data
 */
function filledShares(name: string, { reference, current }: Shares): Shares {
  if (reference.length !== current.length)
    throw new RangeError(`${name}: reference has ${reference.length} cells, current ${current.length}`)
  for (const [side, shares] of Object.entries({ reference, current })) {
    const odd = shares.findIndex((share) => !(share === 0 || (share >= SHARE_MIN && share <= 1)))
    if (odd >= 0)
      throw new RangeError(
        `${name}: ${side} has ${shares[odd]} in cell ${odd}, it must be a share: 0, or ${SHARE_MIN} to 1`,
      )
  }
  return { reference: filled(reference), current: filled(current) }
}

function filled(shares: Float64Array): Float64Array {
  const least = shares.reduce((best, share) => (share > 0 && share < best ? share : best), Number.POSITIVE_INFINITY)
  const fill = least <= FILL ? least / 1e6 : FILL
  return shares.map((share) => (share === 0 ? fill : share))
}

/**
 * Population stability index as Evidently has it: Σ (p − q) ln(p / q) over filled shares.
 *
 * @param shares none of them filled yet
 * @throws RangeError if the lengths differ or a share is none
 * @example evidentlyPsi({ reference: Float64Array.of(0.25, 0.75), current: Float64Array.of(0.5, 0.5) }) // 0.2746531
 */
export function evidentlyPsi(shares: Shares): number {
  const { reference, current } = filledShares('evidentlyPsi', shares)
  return sum(reference.map((p, i) => (p - (current[i] as number)) * Math.log(p / (current[i] as number))))
}

/**
 * Kullback-Leibler divergence as Evidently has it, in nats: Σ p ln(p / q), p reference, over filled shares that are then made to
 * sum to 1.
 *
 * @param shares none of them filled yet
 * @throws RangeError if the lengths differ or a share is none
 * @example evidentlyKullbackLeibler({ reference: Float64Array.of(0.25, 0.75), current: Float64Array.of(0.5, 0.5) }) // 0.1308120
 */
export function evidentlyKullbackLeibler(shares: Shares): number {
  const { reference, current } = filledShares('evidentlyKullbackLeibler', shares)
  if (reference.length === 0) throw new RangeError('evidentlyKullbackLeibler: reference and current have no cells')
  const rows = { reference: sum(reference), current: sum(current) }
  return sum(
    reference.map(
      (p, i) => (p / rows.reference) * Math.log(p / rows.reference / ((current[i] as number) / rows.current)),
    ),
  )
}
