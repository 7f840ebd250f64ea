// When a failed delivery is tried again, and when it is given up.

import type { Millis } from '../time.ts'
import { HOUR, MINUTE, SECOND } from '../time.ts'

const FIRST_WAIT: Millis = SECOND
const LONGEST_WAIT: Millis = 5 * MINUTE

/** A message that could not be delivered for this long becomes a dead letter. */
export const DELIVERY_BUDGET: Millis = 72 * HOUR

/**
 * Wait before the next attempt: exponential with full jitter, 1 s to 5 min; never shorter than the receiver asked for.
 *
 * @param attempts attempts that failed so far, at least 1
 * @param random a number from 0 to 1
 * @see Brooker (2015), Exponential backoff and jitter
 */
export function backoffMs(attempts: number, random: number, retryAfterMs = 0): Millis {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(30, attempts - 1))
  return Math.max(Math.round(random * longest), Math.min(retryAfterMs, DELIVERY_BUDGET))
}
