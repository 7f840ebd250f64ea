// How often segments are marked although nothing has changed. By construction all of them together are marked as often as the
// model's own tests may raise false alarms: here it is counted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usualFloors } from '../../src/monitors/floors.ts'
import type { SegmentSubject } from '../../src/monitors/judge-segment.ts'
import { judgeSegmentInputs, SEGMENT_DRIFT, segmentSubject } from '../../src/monitors/judge-segment.ts'
import { defaultAlarms } from '../../src/monitors/performance.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { NamedSegmentLayout } from '../../src/reference/segments.ts'
import { segmentLayoutOf } from '../../src/reference/segments.ts'
import { coarsened } from '../../src/summaries/segment-layout.ts'
import { seeded, testSeed } from '../build/random.ts'
import { rows } from '../build/rows.ts'

const HOUR = 3_600_000
const SEGMENTS = 20
const WINDOWS = 100
const ROWS = 200
/** One after another, so that a window is marked where it alarms by itself. */
const spec = { name: '1h', sizeMs: HOUR, slideMs: HOUR }
const columns = ['region']

const seed = testSeed()
const random = seeded(seed)

const history = rows(20_000, { seed, numbers: 3, everyMs: HOUR / ROWS }).map((row, i) => ({
  ...row,
  event: { ...row.event, segments: { region: `r${i % SEGMENTS}` } },
}))
const reference = learnReference(history, {
  ...{ model: 'm', task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, multivariate: false },
  ...{ textual: false, source: 'test', windows: [spec], minSamples: 50, estimation: false },
  segments: { columns, valuesMax: SEGMENTS },
})
const layout = segmentLayoutOf(reference)

const metrics = ['accuracy']
/** As learnt, but for the largest statistic of the reference, which keeps marks away too: the rate alone is to hold. */
const noise = Object.fromEntries(
  Object.entries(reference.noise).map(([name, of]) => {
    const tests = Object.entries(of.tests).map(([test, one]) => [test, { ...one, largest: one.largest.map(() => 0) }])
    return [name, { ...of, tests: Object.fromEntries(tests) }]
  }),
)
const subject = createSubject(
  { ...reference, noise },
  {
    ...{
      windows: [spec],
      falseAlarmBudget: 240,
      minSamples: 50,
      minCoverage: 0.8,
      estimation: false,
      multivariate: false,
    },
    ...{ metrics, alarms: defaultAlarms(metrics) },
    // Every distance matters, so that evidence alone decides.
    floors: { ...usualFloors, drift: 1e-6 },
  },
)
/** So often the model's own tests of drift may alarm in these windows. */
const allowed = WINDOWS * subject.columns.length * subject.budget.rate('drift', spec)
/** Windows of a segment in which nothing has changed: each column by itself, as the reference's rows lie. */
const draw = drawnFrom(layout, coarsened(layout, reference.inputs))

function drawnFrom({ inputs: { columns: of, size } }: NamedSegmentLayout, from: Float64Array) {
  const shares = of.map(({ counts, bins }) => {
    const within = from.subarray(counts, counts + bins)
    const total = within.reduce((sum, one) => sum + one, 0)
    return { counts, upTo: within.map((_, i) => within.subarray(0, i + 1).reduce((sum, one) => sum + one, 0) / total) }
  })
  return (): Float64Array => {
    const cells = new Float64Array(size)
    cells[0] = ROWS
    for (const { counts, upTo } of shares) {
      for (let row = 0; row < ROWS; row++) {
        const at = random()
        let bin = 0
        while (bin < upTo.length - 1 && (upTo[bin] as number) < at) bin++
        cells[counts + bin] = (cells[counts + bin] as number) + 1
      }
    }
    return cells
  }
}

const windows = Array.from({ length: SEGMENTS * WINDOWS }, draw)

/** Columns of segments that alarm, and those that were judged. */
function marks(change: (segment: SegmentSubject) => SegmentSubject) {
  let [alarmed, judged] = [0, 0]
  for (let i = 0; i < SEGMENTS; i++) {
    const segment = change(segmentSubject(subject, layout, `region=r${i}`))
    for (let window = 0; window < WINDOWS; window++) {
      const inputs = windows[i * WINDOWS + window] as Float64Array
      const [all] = judgeSegmentInputs(segment, spec, { end: window * HOUR, inputs })
      if (all?.monitor !== SEGMENT_DRIFT || all.status === 'insufficient') continue
      alarmed += all.value
      judged += all.columns?.judged ?? 0
    }
  }
  return { alarmed, judged }
}

test('all segments together are marked in error no more often than the model may be', () => {
  const { alarmed, judged } = marks((segment) => segment)
  assert.equal(judged, SEGMENTS * WINDOWS * subject.columns.length)
  assert.ok(alarmed <= allowed, `${alarmed} marks, ${allowed.toFixed(1)} allowed`)
})

test('the same count finds segments each of which has the whole rate', () => {
  const { budget } = subject
  const { alarmed } = marks((segment) => ({ ...segment, subject: { ...segment.subject, budget } }))
  assert.ok(alarmed > allowed, `${alarmed} marks, ${allowed.toFixed(1)} allowed: it went unnoticed`)
})
