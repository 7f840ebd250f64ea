// Time as the rest of the house speaks of it: instants and durations, both whole milliseconds.

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** A length of time in milliseconds. */
export type Millis = number

/** Where the present moment comes from; passed in, so that nothing on the way of an event reads a clock. */
export type Clock = () => Instant

const unitMs: Record<string, Millis> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60_000
export const HOUR: Millis = 3_600_000
export const DAY: Millis = 86_400_000

/**
 * A duration written as a whole number and a unit.
 *
 * @param text such as `250ms`, `90s`, `5m`, `1h`, `7d`
 * @returns milliseconds, or undefined when the text is not a duration
 * @example parseDuration('5m') // 300000
 */
export function parseDuration(text: string): Millis | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text.trim())
  if (match === null) return undefined
  return Number(match[1]) * (unitMs[match[2] as string] as number)
}

/**
 * A duration in its largest whole unit, the form that `parseDuration` reads.
 *
 * @example formatDuration(300_000) // '5m'
 */
export function formatDuration(duration: Millis): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs[unit] as number
    if (duration !== 0 && duration % size === 0) return `${duration / size}${unit}`
  }
  return `${duration}ms`
}

/** An instant as ISO 8601 in UTC, without the milliseconds when they are zero. */
export function formatInstant(instant: Instant): string {
  const text = new Date(instant).toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

const isoDateTime = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * An instant from ISO 8601 text (UTC unless it names an offset), a Date, or an epoch number in s, ms, µs or ns.
 *
 * The unit of a number is told from its size: seconds reach 1e11 (the year 5138), milliseconds 1e14, microseconds 1e17.
 *
 * @returns epoch milliseconds, or undefined when the value is not a time between the years 1970 and 9999
 */
export function parseInstant(value: unknown): Instant | undefined {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value === 'bigint') return fromEpoch(Number(value))
  if (value instanceof Date) return inRange(value.getTime())
  if (typeof value !== 'string') return undefined
  if (isoDateTime.test(value)) {
    if (!isDayOfMonth(value)) return undefined
    const zoned = value.length > 10 && !/(?:Z|[+-]\d{2}:?\d{2})$/.test(value) ? `${value.replace(' ', 'T')}Z` : value
    return inRange(Date.parse(zoned.replace(' ', 'T')))
  }
  return /^\d{1,19}(?:\.\d+)?$/.test(value) ? fromEpoch(Number(value)) : undefined
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isDayOfMonth(text: string): boolean {
  const day = Number(text.slice(8, 10))
  return day <= 28 || day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
}

const lastInstant = Date.UTC(10_000, 0, 1)

function inRange(instant: number): Instant | undefined {
  return instant >= 0 && instant < lastInstant ? Math.floor(instant) : undefined
}

function fromEpoch(value: number): Instant | undefined {
  if (!(value >= 0)) return undefined
  if (value < 1e11) return inRange(value * 1_000)
  if (value < 1e14) return inRange(value)
  if (value < 1e17) return inRange(value / 1_000)
  return inRange(value / 1_000_000)
}
