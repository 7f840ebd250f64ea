// Clocks on walls: which instant a date and a time of day are in a time zone. Time zones are those of the runtime (Intl).

import type { Instant, Millis } from '../time.ts'
import { DAY, MINUTE } from '../time.ts'

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof weekdays)[number]

/** A day on the calendar: days since 1970-01-01. */
export type CalendarDay = number

/** Minutes since midnight, as a clock on the wall shows them. */
export type TimeOfDay = number

/** @example parseTimeOfDay('22:30') // 1350 */
export function parseTimeOfDay(text: string): TimeOfDay | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

export function weekdayOf(day: CalendarDay): Weekday {
  // 1970-01-01 was a Thursday.
  return weekdays[(((day + 3) % 7) + 7) % 7] as Weekday
}

/** `2026-11-26` */
export function dateOf(day: CalendarDay): string {
  return new Date(day * DAY).toISOString().slice(0, 10)
}

/** The day on which an instant falls there. */
export function dayOf(instant: Instant, timeZone: string): CalendarDay {
  return Math.floor((instant + offsetAt(instant, timeZone)) / DAY)
}

/**
 * The instant at which clocks there show this time on this day.
 *
 * A time that comes twice, because clocks are set back, is its first. One that does not come, because they are set forward, is as
 * long after the last midnight as on other days: 02:30 is then what clocks show as 03:30.
 *
 * @see RFC 5545, 3.3.5 (form 3)
 */
export function instantOf(day: CalendarDay, time: TimeOfDay, timeZone: string): Instant {
  const shown = day * DAY + time * MINUTE
  const [before, after] = [offsetAt(shown - DAY, timeZone), offsetAt(shown + DAY, timeZone)]
  const earlier = shown - Math.max(before, after)
  if (earlier + offsetAt(earlier, timeZone) === shown) return earlier
  const later = shown - Math.min(before, after)
  if (later + offsetAt(later, timeZone) === shown) return later
  return shown - before
}

/** What clocks there are ahead of UTC. */
export function offsetAt(instant: Instant, timeZone: string): Millis {
  const whole = Math.floor(instant / 1000) * 1000
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(whole)) parts[type] = Number(value)
  const { year, month, day, hour, minute, second } = parts as Record<
    'year' | 'month' | 'day' | 'hour' | 'minute' | 'second',
    number
  >
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** @throws RangeError when there is no such time zone */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  return format
}
