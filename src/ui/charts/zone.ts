// Times as they are written beside a chart: in the viewer's own zone, and in UTC where one wants to know exactly.

import { dayOf, hourOf, roundTimes } from '../../delivery/charts/scale.ts'
import type { Instant, Millis } from '../../time.ts'
import { MINUTE } from '../../time.ts'

export type Zone = 'viewer' | 'UTC'

/** How far the zone's clocks are ahead of UTC at a time. */
function aheadMs(at: Instant, zone: Zone): Millis {
  return zone === 'UTC' ? 0 : -new Date(at).getTimezoneOffset() * MINUTE
}

/** `26 Nov 14:05` */
function timeText(at: Instant, zone: Zone): string {
  const there = at + aheadMs(at, zone)
  return `${dayOf(there)} ${hourOf(there)}`
}

/** `26 Nov 14:05 (13:05 UTC)`; with the day where that is another one, and once where both are the same. */
export function exactTimeText(at: Instant, zone: Zone): string {
  const ahead = aheadMs(at, zone)
  if (ahead === 0) return `${timeText(at, 'UTC')} UTC`
  const day = dayOf(at) === dayOf(at + ahead) ? '' : `${dayOf(at)} `
  return `${timeText(at, zone)} (${day}${hourOf(at)} UTC)`
}

/** `2026-11-26 14:05`, in UTC: for tables. */
export function tableTime(at: Instant): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}

/** Round times of the zone inside a range, each with how it is written. */
export function roundTimesIn(
  [from, to]: readonly [Instant, Instant],
  most: number,
  zone: Zone,
): ReadonlyArray<{ readonly at: Instant; readonly label: string }> {
  const ahead = aheadMs(from, zone)
  // Where clocks are changed in between, later times have another distance from UTC.
  return roundTimes([from + ahead, to + ahead], most).map(({ at, label }) => ({
    at: at - aheadMs(at - ahead, zone),
    label,
  }))
}
