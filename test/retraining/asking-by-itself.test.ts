import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Marks } from '../../src/retraining/asking-by-itself.ts'
import { askByItself, noMarks } from '../../src/retraining/asking-by-itself.ts'
import { DAY } from '../../src/time.ts'
import { NOON, rule } from './requests.ts'

const seen = { labels: 0, labelsAtLastRun: 0, versions: [], isOurs: () => false, now: NOON }
const one = { number: 0, version: '1' }
const two = { number: 1, version: '2' }

test('the first version of all is not a new one, the second is', () => {
  const asking = rule({ askAtNewVersion: true })
  const fresh = askByItself(asking, noMarks, seen)
  const first = askByItself(asking, fresh.marks, { ...seen, versions: [one] })
  assert.deepEqual([first.asks, first.marks.version], [[], 0])
  const second = askByItself(asking, first.marks, { ...seen, versions: [one, two] })
  assert.deepEqual(
    second.asks.map(({ version }) => version),
    ['2'],
  )
})

test('a rule that is switched off and on again begins as if it were new', () => {
  const schedule = { at: 60, days: ['thursday', 'friday'] as const, timeZone: 'UTC' }
  const on = rule({ schedule, askAtLabels: 100, askAtNewVersion: true })
  let marks: Marks = askByItself(on, noMarks, { ...seen, versions: [one] }).marks
  assert.deepEqual(marks, { slot: '2026-11-26', version: 0, labels: 0 })
  marks = askByItself(rule(), marks, seen).marks
  assert.deepEqual(marks, noMarks)
  const later = { ...seen, labels: 500, versions: [one, two], now: NOON + DAY }
  assert.deepEqual(askByItself(on, marks, later).asks, [])
})
