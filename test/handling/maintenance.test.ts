import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  dateOf,
  dayOf,
  instantOf,
  isTimeZone,
  offsetAt,
  parseTimeOfDay,
  weekdayOf,
} from '../../src/handling/local-time.ts'
import type { Calendar } from '../../src/handling/maintenance.ts'
import { maintenanceAt, spanAfter, spanAt } from '../../src/handling/maintenance.ts'
import { runs } from '../events/seed.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const at = (text: string) => Date.parse(text)
const time = (text: string) => parseTimeOfDay(text) as number
const weekly = (from: string, to: string, timeZone: string, days = ['saturday'] as const): Calendar => ({
  is: 'weekly',
  days,
  from: time(from),
  to: time(to),
  timeZone,
})
const hoursAt = (calendar: Calendar, text: string) => {
  const span = spanAt(calendar, at(text))
  return span === undefined ? 'none' : `${new Date(span.from).toISOString()} +${(span.to - span.from) / HOUR}h`
}

/** Clocks in Europe are set forward at 2026-03-29T01:00Z, and back at 2026-10-25T01:00Z. */
test('a night of maintenance is an hour shorter in spring and an hour longer in autumn', () => {
  const night = weekly('22:00', '06:00', 'Europe/Berlin')
  assert.equal(hoursAt(night, '2026-03-28T23:00:00Z'), '2026-03-28T21:00:00.000Z +7h')
  assert.equal(hoursAt(night, '2026-03-29T03:59:59Z'), '2026-03-28T21:00:00.000Z +7h')
  assert.equal(hoursAt(night, '2026-03-29T04:00:00Z'), 'none')
  assert.equal(hoursAt(night, '2026-10-25T00:30:00Z'), '2026-10-24T20:00:00.000Z +9h')
  assert.equal(hoursAt(night, '2026-10-25T04:59:59Z'), '2026-10-24T20:00:00.000Z +9h')
  assert.equal(hoursAt(night, '2026-10-25T05:00:00Z'), 'none')
})

test('an hour that clocks skip is the next one, and one that comes twice is its first', () => {
  const early = (from: string, to: string) => weekly(from, to, 'Europe/Berlin', ['sunday'] as never)
  assert.equal(hoursAt(early('02:30', '04:00'), '2026-03-29T01:45:00Z'), '2026-03-29T01:30:00.000Z +0.5h')
  assert.equal(hoursAt(early('02:30', '02:45'), '2026-03-29T01:31:00Z'), '2026-03-29T01:30:00.000Z +0.25h')
  assert.equal(hoursAt(early('02:30', '02:45'), '2026-10-25T00:31:00Z'), '2026-10-25T00:30:00.000Z +0.25h')
  assert.equal(hoursAt(early('02:30', '02:45'), '2026-10-25T01:31:00Z'), 'none')
})

test('the day on which it begins is the day there, not in UTC', () => {
  const calendar = weekly('08:00', '17:00', 'Asia/Tokyo', ['monday'] as never)
  assert.equal(hoursAt(calendar, '2026-11-22T23:30:00Z'), '2026-11-22T23:00:00.000Z +9h')
  assert.equal(hoursAt(calendar, '2026-11-23T23:30:00Z'), 'none')
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Africa/Cairo',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Asia/Tehran',
]
const instants = fc
  .integer({ min: at('1995-01-01T00:00:00Z') / MINUTE, max: at('2037-01-01T00:00:00Z') / MINUTE })
  .map((n) => n * MINUTE)
const zone = fc.constantFrom(...zones)

test('what clocks show at an instant leads back to it, or to the same hour before they were set back', () => {
  fc.assert(
    fc.property(instants, zone, (instant, timeZone) => {
      const shown = instant + offsetAt(instant, timeZone)
      const found = instantOf(Math.floor(shown / DAY), Math.floor((shown % DAY) / MINUTE), timeZone)
      const back = found + offsetAt(found, timeZone)
      assert.equal(back, Math.floor(shown / MINUTE) * MINUTE)
      assert.ok(found <= instant && instant - found < 2 * HOUR + MINUTE, `${instant - found}`)
    }),
    runs(3_000),
  )
})

test('a time that clocks skip lies after the jump, no further than the jump is long', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 9_132, max: 24_000 }),
      fc.integer({ min: 0, max: 1_439 }),
      zone,
      (day, minute, timeZone) => {
        const found = instantOf(day, minute, timeZone)
        const shown = found + offsetAt(found, timeZone) - (day * DAY + minute * MINUTE)
        // Apia left out a whole day, 2011-12-30.
        assert.ok(shown >= 0 && shown <= (timeZone === 'Pacific/Apia' ? DAY : HOUR), `${shown}`)
      },
    ),
    runs(3_000),
  )
})

test('an instant lies in maintenance exactly when clocks there say so, except in the hours that are set', () => {
  const days = fc.uniqueArray(fc.constantFrom('monday', 'wednesday', 'saturday', 'sunday'), { minLength: 1 })
  const minutes = fc.integer({ min: 0, max: 1_439 })
  fc.assert(
    fc.property(instants, zone, days, minutes, minutes, (instant, timeZone, on, from, to) => {
      const isSteady = [-26, 26].every((h) => offsetAt(instant + h * HOUR, timeZone) === offsetAt(instant, timeZone))
      fc.pre(isSteady && from !== to)
      const calendar: Calendar = { is: 'weekly', days: on, from, to, timeZone } as Calendar
      const shown = instant + offsetAt(instant, timeZone)
      const [today, clock] = [Math.floor(shown / DAY), (shown % DAY) / MINUTE]
      const begins = (day: number) => (on as string[]).includes(weekdayOf(day))
      const wanted =
        to > from
          ? begins(today) && clock >= from && clock < to
          : (begins(today) && clock >= from) || (begins(today - 1) && clock < to)
      assert.equal(spanAt(calendar, instant) !== undefined, wanted)
    }),
    runs(3_000),
  )
})

test('the next time begins after now, and now lies in none that begins later', () => {
  fc.assert(
    fc.property(instants, zone, (instant, timeZone) => {
      const calendar = weekly('22:00', '06:00', timeZone)
      const next = spanAfter(calendar, instant)
      assert.ok(next !== undefined && next.from > instant && next.from - instant < 8 * DAY)
      assert.equal(weekdayOf(dayOf(next.from, timeZone)), 'saturday')
      assert.equal(spanAt(calendar, next.from)?.from, next.from)
    }),
    runs(500),
  )
})

test('maintenance once has its two instants, and what it does not match goes on', () => {
  const once = { name: 'move', matchers: { model: 'a*' }, calendar: { is: 'once', from: 10, to: 20 } as const }
  const about = { model: 'abc', version: '1', kind: 'drift', severity: 'alarm', features: [] }
  assert.deepEqual(
    [9, 10, 19, 20].map((now) => maintenanceAt([once], about, now).length),
    [0, 1, 1, 0],
  )
  assert.deepEqual(maintenanceAt([once], { ...about, model: 'b' }, 15), [])
  assert.deepEqual(
    [5, 10].map((now) => spanAfter(once.calendar, now)?.from),
    [10, undefined],
  )
})

test('times of day, dates and time zones are told from what is none', () => {
  assert.deepEqual(['00:00', '23:59', '24:00', '7:00', '07:60'].map(parseTimeOfDay), [
    0,
    1_439,
    undefined,
    undefined,
    undefined,
  ])
  assert.deepEqual(['Europe/Berlin', 'UTC', 'Mars/Olympus'].map(isTimeZone), [true, true, false])
  assert.equal(dateOf(dayOf(at('2026-11-25T23:30:00Z'), 'Europe/Berlin')), '2026-11-26')
})
