import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readInstant } from '../../src/events/event-time.ts'
import { parseInstant } from '../../src/time.ts'
import { runs } from './seed.ts'

const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

test('the quick way of reading a time agrees with the thorough one on every instant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: last }), (instant) => {
      const text = new Date(instant).toISOString()
      assert.equal(readInstant(text), instant)
      const wholeSeconds = `${text.slice(0, 19)}Z`
      assert.equal(readInstant(wholeSeconds), parseInstant(wholeSeconds))
    }),
    runs(2_000),
  )
})

test('the quick way agrees with the thorough one on leap days and ends of months', () => {
  for (let day = Date.UTC(1970, 0, 1); day < Date.UTC(2405, 0, 1); day += 86_400_000) {
    assert.equal(readInstant(new Date(day).toISOString()), day)
  }
})

test('the quick way agrees with the thorough one on text that is nearly a time', () => {
  const nearly = fc
    .tuple(
      fc.date({ min: new Date(0), max: new Date(last), noInvalidDate: true }),
      fc.nat(23),
      fc.constantFrom(...'0123456789 TZ.:-+x'),
    )
    .map(([date, at, character]) => {
      const text = date.toISOString()
      return text.slice(0, at) + character + text.slice(at + 1)
    })
  fc.assert(
    fc.property(nearly, (text) => assert.equal(readInstant(text), parseInstant(text))),
    runs(5_000),
  )
})

test('other ways to write a time are read too', () => {
  const instant = Date.UTC(2026, 10, 23, 8)
  for (const value of [
    '2026-11-23T09:00:00+01:00',
    '2026-11-23 08:00:00',
    instant,
    instant / 1000,
    `${instant}`,
    instant * 1e6,
  ]) {
    assert.equal(readInstant(value), instant)
  }
})
