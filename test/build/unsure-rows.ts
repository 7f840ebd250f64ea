// A model whose loss hangs on one feature, for tests of what explains a loss.

import type { ReferenceRow } from '../../src/reference/reading.ts'
import { normal, rows } from './rows.ts'

/** Rows of a model that is unsure where n0 is near 0, and right about how sure it is; n1 tells nothing. */
export function unsureNearZero(
  count: number,
  random: () => number,
  { moved = { n0: 1, n1: 0 }, ...placed }: { moved?: { n0: number; n1: number }; from?: number; everyMs?: number } = {},
): ReferenceRow[] {
  return rows(count, { seed: Math.floor(random() * 2 ** 31), numbers: 2, ...placed }).map(({ event }) => {
    const n0 = normal(random) * moved.n0
    const score = 0.5 + 0.48 * Math.tanh(2 * n0)
    const features = { ...event.features, n0, n1: normal(random) + moved.n1 }
    return { event: { ...event, features, score }, label: random() < score ? '1' : '0' }
  })
}
