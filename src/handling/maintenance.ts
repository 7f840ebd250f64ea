// Maintenance: times that are known beforehand, in which nobody is told. They stand in the configuration; silences are for the rest.

import type { Instant } from '../time.ts'
import type { TimeOfDay, Weekday } from './local-time.ts'
import { dayOf, instantOf, weekdayOf } from './local-time.ts'
import type { Matchable, Matchers } from './silence.ts'
import { matches } from './silence.ts'

/** Once, or on days of each week: from a time of day to another one, on the next day where that is not later. */
export type Calendar =
  | { readonly is: 'once'; readonly from: Instant; readonly to: Instant }
  | {
      readonly is: 'weekly'
      /** Days on which it begins. */
      readonly days: readonly Weekday[]
      readonly from: TimeOfDay
      readonly to: TimeOfDay
      readonly timeZone: string
    }

export interface Maintenance {
  readonly name: string
  /** No matcher: everything. */
  readonly matchers: Matchers
  readonly calendar: Calendar
}

/** The time of maintenance in which an instant lies; undefined when it lies in none. */
export function spanAt(calendar: Calendar, now: Instant): { readonly from: Instant; readonly to: Instant } | undefined {
  for (const span of spansNear(calendar, now)) if (span.from <= now && now < span.to) return span
  return undefined
}

/** The next one that begins after an instant; undefined when there is none. */
export function spanAfter(
  calendar: Calendar,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } | undefined {
  for (const span of spansNear(calendar, now)) if (span.from > now) return span
  return undefined
}

/** In order; those of a week from yesterday on. */
function* spansNear(calendar: Calendar, now: Instant): Iterable<{ from: Instant; to: Instant }> {
  if (calendar.is === 'once') {
    yield calendar
    return
  }
  const { days, from, to, timeZone } = calendar
  const today = dayOf(now, timeZone)
  for (let day = today - 2; day <= today + 8; day++) {
    if (!days.includes(weekdayOf(day))) continue
    const begin = instantOf(day, from, timeZone)
    const end = instantOf(to > from ? day : day + 1, to, timeZone)
    // Where clocks skip all of it, it does not take place.
    if (end > begin) yield { from: begin, to: end }
  }
}

/** The names of what goes on now for an incident. */
export function maintenanceAt(calendars: readonly Maintenance[], about: Matchable, now: Instant): string[] {
  return calendars
    .filter(({ matchers, calendar }) => matches(matchers, about) && spanAt(calendar, now) !== undefined)
    .map(({ name }) => name)
}
