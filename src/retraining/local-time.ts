// What the clock on the wall of a place says.

import type { Instant } from '../time.ts'
import type { Weekday } from './rule.ts'

export interface LocalTime {
  /** Such as 2026-11-26. */
  readonly date: string
  readonly weekday: Weekday
  /** Since midnight. */
  readonly minutes: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, hourCycle: 'h23', weekday: 'long', year: 'numeric' },
      ...{ month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
    })
    formats.set(timeZone, format)
  }
  return format
}

/** @param timeZone IANA name, such as Europe/Berlin @throws RangeError when there is none of this name */
export function localTime(at: Instant, timeZone: string): LocalTime {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as string
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    weekday: part('weekday').toLowerCase() as Weekday,
    minutes: Number(part('hour')) * 60 + Number(part('minute')),
  }
}

/** Minutes since midnight as a clock shows them. */
export function clockText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
