import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeInputs } from '../../src/monitors/judge-inputs.ts'
import { createSubject, subjectAt } from '../../src/monitors/subject.ts'
import { learnWithPeriod } from '../../src/reference/learn.ts'
import { testSeed } from '../build/random.ts'
import { changed, rows } from '../build/rows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const seed = testSeed()
const spec = { name: '1h', sizeMs: HOUR, slideMs: HOUR / 2 }
const settings = {
  windows: [spec],
  falseAlarmBudget: 1,
  minSamples: 20,
  minCoverage: 0.8,
  estimation: false,
  metrics: [],
  alarms: {},
  multivariate: true,
}

test('a column that has values by day only, another by night only: nothing alarms, and every number is one', () => {
  const isDay = (time: number) => (time / HOUR) % 24 >= 12
  const everyMs = 2 * MINUTE
  const from = rows(11 * 24 * 30, { seed, numbers: 4, everyMs })
  const byDay = changed(from, 'n0', (value, i) => (isDay(i * everyMs) ? value : null))
  const both = changed(byDay, 'n1', (value, i) => (isDay(i * everyMs) ? null : value))
  const known = both.filter(({ event }) => event.time < 10 * 24 * HOUR)
  const options = { model: 'm', task: 'binary', positiveClass: '1', classes: null, columnKinds: {} } as const
  const { reference, period } = learnWithPeriod(known, {
    ...options,
    multivariate: true,
    textual: false,
    source: 'test',
    windows: [spec],
    minSamples: 20,
    estimation: false,
    baseline: 'same_hour_of_day',
  })
  const subject = createSubject(reference, settings)
  for (let start = 240 * HOUR; start + HOUR <= 264 * HOUR; start += HOUR / 2) {
    const part = both.filter(({ event }) => event.time >= start && event.time < start + HOUR)
    const { inputs } = period.summarise(part)
    for (const verdict of judgeInputs(subjectAt(subject, start, start + HOUR), spec, inputs, null)) {
      assert.notEqual(verdict.status, 'alarm', JSON.stringify(verdict))
      for (const [name, value] of Object.entries(verdict))
        if (typeof value === 'number') assert.ok(Number.isFinite(value), `${verdict.monitor}.${name} is ${value}`)
    }
    // A day without that column's values is told at any hour.
    const lost = changed(part, 'n2', () => null)
    const verdicts = judgeInputs(subjectAt(subject, start, start + HOUR), spec, period.summarise(lost).inputs, null)
    assert.equal(verdicts.find(({ monitor }) => monitor === 'quality/missing/n2')?.status, 'alarm')
  }
})
