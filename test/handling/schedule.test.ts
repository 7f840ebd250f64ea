import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTimeOfDay } from '../../src/handling/local-time.ts'
import type { DigestSchedule } from '../../src/handling/schedule.ts'
import { lastDue } from '../../src/handling/schedule.ts'
import { runs } from '../events/seed.ts'

const HOUR = 3_600_000
const schedule = (every: 'day' | 'week', text: string, timeZone = 'Europe/Berlin'): DigestSchedule => ({
  every,
  on: 'monday',
  at: parseTimeOfDay(text) as number,
  timeZone,
})
const due = (one: DigestSchedule, now: string) => {
  const { date, from, to } = lastDue(one, Date.parse(now))
  return [date, new Date(from).toISOString(), (to - from) / HOUR]
}

test('a digest is due at its time there, and its period is as long as the clocks make it', () => {
  const daily = schedule('day', '08:00')
  assert.deepEqual(due(daily, '2026-11-26T06:59:59Z'), ['2026-11-25', '2026-11-24T07:00:00.000Z', 24])
  assert.deepEqual(due(daily, '2026-11-26T07:00:00Z'), ['2026-11-26', '2026-11-25T07:00:00.000Z', 24])
  assert.deepEqual(due(daily, '2026-03-29T12:00:00Z'), ['2026-03-29', '2026-03-28T07:00:00.000Z', 23])
  assert.deepEqual(due(daily, '2026-10-25T12:00:00Z'), ['2026-10-25', '2026-10-24T06:00:00.000Z', 25])
  const weekly = schedule('week', '00:00', 'Asia/Tokyo')
  assert.deepEqual(due(weekly, '2026-11-22T15:00:00Z'), ['week-2026-11-23', '2026-11-15T15:00:00.000Z', 168])
  assert.deepEqual(due(weekly, '2026-11-22T14:59:59Z'), ['week-2026-11-16', '2026-11-08T15:00:00.000Z', 168])
})

test('periods follow each other without a gap, and the newest that is due is never in the future', () => {
  const minutes = fc.integer({ min: 0, max: 1_439 })
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tehran')
  const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2037, 0, 1) })
  fc.assert(
    fc.property(instants, minutes, zones, fc.constantFrom('day', 'week'), (now, at, timeZone, every) => {
      const one = { every, on: 'monday', at, timeZone } as DigestSchedule
      const { from, to } = lastDue(one, now)
      assert.ok(to <= now && now - to < (every === 'day' ? 26 : 170) * HOUR)
      const before = lastDue(one, to - 1)
      assert.equal(before.to, from)
    }),
    runs(1_000),
  )
})
