// How long after its prediction a label comes, in ranges that are counted.

import type { Millis } from '../time.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'

/** Beginning of the names of its counters; the number of the range follows. */
export const LABEL_DELAY = 'label_delay/'

/** Upper bounds, inclusive; what takes longer is in a range of its own. */
export const labelDelayBounds: readonly Millis[] = [
  ...[MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY],
]

const names = Array.from({ length: labelDelayBounds.length + 1 }, (_, i) => `${LABEL_DELAY}${i}`)

/** The counter of a delay. */
export function labelDelayCounter(delayMs: Millis): string {
  const range = labelDelayBounds.findIndex((bound) => delayMs <= bound)
  return names[range < 0 ? labelDelayBounds.length : range] as string
}
