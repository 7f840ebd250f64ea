// When a digest is due: daily or weekly, at a time of day in a time zone.

import type { Instant } from '../time.ts'
import type { TimeOfDay, Weekday } from './local-time.ts'
import { dateOf, dayOf, instantOf, weekdayOf } from './local-time.ts'

export interface DigestSchedule {
  readonly every: 'day' | 'week'
  /** Of a weekly one. */
  readonly on: Weekday
  readonly at: TimeOfDay
  readonly timeZone: string
}

export interface DigestPeriod {
  /** `2026-11-23`, or `week-2026-11-23`: the day it is told on, there; names the digest in its key. */
  readonly date: string
  readonly from: Instant
  /** When it is due. */
  readonly to: Instant
}

/** The newest digest that is due at an instant: after a long rest one is told, not all that were missed. */
export function lastDue(schedule: DigestSchedule, now: Instant): DigestPeriod {
  const { every, on, at, timeZone } = schedule
  const today = dayOf(now, timeZone)
  const days = every === 'day' ? 1 : 7
  let day = today + 1
  while ((every === 'week' && weekdayOf(day) !== on) || instantOf(day, at, timeZone) > now) day--
  return {
    date: every === 'day' ? dateOf(day) : `week-${dateOf(day)}`,
    from: instantOf(day - days, at, timeZone),
    to: instantOf(day, at, timeZone),
  }
}
