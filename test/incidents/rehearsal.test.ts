// The alarm policy replayed on references that are unlike the usual ones.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rehearsal } from '../../src/incidents/rehearsal.ts'
import { rehearse } from '../../src/incidents/rehearsal.ts'
import { learnWithPeriod } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { MINUTE } from '../../src/time.ts'
import { changed, rows } from '../build/rows.ts'

function rehearsed(reference: readonly ReferenceRow[], spec: { sizeMs: number; slideMs: number }): Rehearsal {
  const windows = [{ name: 'w', ...spec }]
  const learnt = learnWithPeriod(reference, {
    model: 'm',
    task: 'binary',
    positiveClass: '1',
    classes: null,
    columnKinds: { v: 'embedding' },
    multivariate: true,
    textual: false,
    source: 'test',
    windows,
    minSamples: 50,
    estimation: false,
  })
  const steps = rehearse(learnt.period, learnt.reference, {
    windows,
    falseAlarmBudget: 1,
    minSamples: 50,
    minCoverage: 0.8,
    estimation: false,
    multivariate: true,
    metrics: [],
    alarms: {},
  })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

test('a column whose values all lie in one window of the reference has nothing to be compared with there', () => {
  const early = (value: (row: number) => unknown) => (_: unknown, row: number) => (row < 80 ? value(row) : null)
  let reference = rows(1000, { seed: 1, numbers: 2 })
  reference = changed(
    reference,
    'n1',
    early((row) => row),
  )
  reference = changed(
    reference,
    'v',
    early((row) => [row, row % 7]),
  )
  const { incidents } = rehearsed(reference, { sizeMs: 100 * MINUTE, slideMs: 50 * MINUTE })
  assert.ok(incidents >= 0)
})

test('a half of the reference that holds a single window was watched for as long as that window', () => {
  const { days } = rehearsed(rows(1000, { seed: 2, numbers: 2 }), { sizeMs: 450 * MINUTE, slideMs: 450 * MINUTE })
  assert.equal(days, (2 * 450) / 1440)
})
