// Distances between shares, as other tools define them. Shares need not sum to 1: some tools put a share into empty cells.

/** Shares of two samples over the same cells. */
export interface Shares {
  readonly reference: Float64Array
  readonly current: Float64Array
}

/** The shares of counts in their own sum. */
export function sharesOfCounts({ reference, current }: Shares): Shares {
  const rows = { reference: sum(reference), current: sum(current) }
  return {
    reference: reference.map((count) => count / rows.reference),
    current: current.map((count) => count / rows.current),
  }
}

/**
 * Jensen-Shannon distance in nats: the root of half of Σ p ln(p / m) + q ln(q / m), m = (p + q) / 2, both made to sum to 1 first.
 *
 * @see SciPy's manual, scipy.spatial.distance.jensenshannon
 * @example jensenShannonInNats({ reference: Float64Array.of(1, 0), current: Float64Array.of(0, 1) }) // 0.8325546
 */
export function jensenShannonInNats(shares: Shares): number {
  const { reference, current } = sharesOfCounts(shares)
  let nats = 0
  for (let i = 0; i < reference.length; i++) {
    const [p, q] = [reference[i] as number, current[i] as number]
    const middle = (p + q) / 2
    if (p > 0) nats += p * Math.log(p / middle)
    if (q > 0) nats += q * Math.log(q / middle)
  }
  return Math.sqrt(Math.max(0, nats) / 2)
}

export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
