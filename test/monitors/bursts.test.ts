// Rows of one entity that come together, all alike.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeQuality } from '../../src/monitors/quality.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { changed, rows } from '../build/rows.ts'

const MINUTE = 60_000
const BURST = 5
const spec = { name: '100m', sizeMs: 100 * MINUTE, slideMs: 10 * MINUTE }

/** Each row five times, one a minute. */
function bursts(count: number, seed: number): ReferenceRow[] {
  return rows(count / BURST, { seed, numbers: 4 }).flatMap((row, burst) =>
    Array.from({ length: BURST }, (_, i) => {
      const at = burst * BURST + i
      return { ...row, event: { ...row.event, id: String(at), time: at * MINUTE } }
    }),
  )
}

const reference = learnReference(bursts(12_000, 1), {
  model: 'm',
  task: 'binary',
  positiveClass: '1',
  classes: null,
  columnKinds: {},
  multivariate: false,
  estimation: false,
  textual: false,
  source: 'test',
  windows: [spec],
  minSamples: 100,
})
const subject = createSubject(reference, {
  windows: [spec],
  falseAlarmBudget: 1,
  minSamples: 100,
  minCoverage: 0.8,
  metrics: [],
  alarms: {},
  multivariate: false,
  estimation: false,
})

function alarms(window: readonly ReferenceRow[]): string[] {
  const summary = new Float64Array(reference.layout.inputs.size)
  for (const { event } of window) {
    contributeInputs(reference.layout.inputs, summary, {
      features: event.features,
      score: event.score,
      prediction: event.prediction,
    })
  }
  return judgeQuality(subject, spec, summary)
    .filter(({ status }) => status === 'alarm')
    .map(({ monitor }) => monitor)
}

test('one burst beyond the range of the reference is no alarm, several are', () => {
  const beyond = (count: number) => (value: unknown, i: number) => (i < count * BURST ? 50 : value)
  const window = bursts(100, 2)
  assert.deepEqual(alarms(changed(window, 'n1', beyond(1))), [])
  assert.deepEqual(alarms(changed(window, 'n1', beyond(4))), ['quality/out-of-range/n1'])
})
