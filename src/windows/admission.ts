// Whether a prediction's time lets it into its pane.

import type { Instant, Millis } from '../time.ts'

export interface TimeRules {
  /** How far ahead of the clock an event may be; Infinity where the past is replayed. */
  readonly maxFutureSkewMs: Millis
  readonly allowedLatenessMs: Millis
}

export type Admission =
  /** Counted; it may move the watermark. */
  | { readonly is: 'admitted' }
  /** Counted as late and sampled. */
  | { readonly is: 'late'; readonly because: string }
  /** Quarantined: it must never move the watermark, for that would close every window before it. */
  | { readonly is: 'future'; readonly because: string }

const ADMITTED: Admission = { is: 'admitted' }

/**
 * Judges the time of a prediction.
 *
 * @param now the clock that is trusted: see `assembly/trusted-clock.ts`
 * @param watermark undefined while there is none; nothing is late then
 */
export function admit(
  time: Instant,
  { now, watermark }: { readonly now: Instant; readonly watermark: Instant | undefined },
  { maxFutureSkewMs, allowedLatenessMs }: TimeRules,
): Admission {
  if (time > now + maxFutureSkewMs) {
    return { is: 'future', because: `event time ${iso(time)} is more than ${maxFutureSkewMs} ms ahead of the clock` }
  }
  if (watermark !== undefined && time < watermark - allowedLatenessMs) {
    return { is: 'late', because: `event time ${iso(time)}, the watermark is ${iso(watermark)}` }
  }
  return ADMITTED
}

const iso = (instant: Instant) => new Date(instant).toISOString()
