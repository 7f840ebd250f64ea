// Charts: what they show, what they leave out, and that what came with an event stays text in them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Course, CoursePoint, Distribution } from '../../src/delivery/charts/chart.ts'
import { courseChart } from '../../src/delivery/charts/course-chart.ts'
import { distributionBars } from '../../src/delivery/charts/distribution-bars.ts'
import { distributionChart } from '../../src/delivery/charts/distribution-chart.ts'
import { createIllustrate } from '../../src/delivery/charts/illustrate.ts'
import { pngOf } from '../../src/delivery/charts/png.ts'
import { roundTimes, roundValues } from '../../src/delivery/charts/scale.ts'
import { evidenceText } from '../../src/delivery/wording.ts'
import { prepareColumn } from '../../src/reference/comparison.ts'
import { createLayout } from '../../src/summaries/layout.ts'
import { AT, aucEvidence, message } from '../build/messages.ts'

const HOUR = 3_600_000

function point(i: number, change: Partial<CoursePoint> = {}): CoursePoint {
  const value = i < 20 ? 0.908 : 0.842
  const status = value < 0.878 ? 'alarm' : 'ok'
  const bounds = { low: value - 0.02, high: value + 0.02 }
  return { end: AT - (29 - i) * HOUR, value, ...bounds, status, isProvisional: false, ...change }
}

function course(change: Partial<Course> = {}): Course {
  return {
    model: 'credit-risk',
    version: '7',
    kind: 'performance',
    feature: null,
    metric: 'roc_auc',
    window: '1h',
    points: Array.from({ length: 30 }, (_, i) => point(i)),
    reference: 0.908,
    threshold: 0.878,
    since: AT - 9 * HOUR,
    until: null,
    ...change,
  }
}

const distribution: Distribution = {
  model: 'credit-risk',
  version: '7',
  feature: 'job',
  window: '1h',
  end: AT,
  rows: { reference: 1000, current: 200 },
  bars: [
    { label: 'skilled', reference: 0.6, current: 0.2 },
    { label: 'never seen before', reference: 0, current: 0.8 },
  ],
}

const outcome = { task: 'multilabel', classes: [] } as const

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) => content)

test('a course names its value, threshold, reference and the beginning of the incident, in the digits of the message', () => {
  const { svg, alternative, table } = courseChart(course())
  const texts = textsOf(svg)
  for (const label of ['ROC AUC', 'now 0.842', 'alarm 0.878', 'reference 0.908', '▲ since 20 Nov 05:05'])
    assert.ok(texts.includes(label), `${label} in ${texts.join(' | ')}`)
  assert.equal(
    alternative,
    'ROC AUC of credit-risk over 30 windows of 1h: now 0.842, reference 0.908, alarm under 0.878.',
  )
  assert.deepEqual(table.rows[0], ['20 Nov 14:05', '0.842 (0.822–0.862)', 'alarm'])
})

test('windows that are missing are a gap, never a line across', () => {
  const whole = courseChart(course())
  const points = course().points.map((one, i) =>
    i === 9 || i === 10 ? point(i, { value: null, low: null, high: null }) : one,
  )
  const broken = courseChart(course({ points }))
  const lines = (svg: string) => svg.match(/<path d="M[^Z"]*" fill="none"/g)?.length
  assert.equal(lines(whole.svg), 1)
  assert.equal(lines(broken.svg), 2)
})

test('labels at the ends of lines that lie together are pushed apart', () => {
  const points = Array.from({ length: 30 }, (_, i) => point(i, { value: 0.9079, low: null, high: null, status: 'ok' }))
  const { svg } = courseChart(course({ points, reference: 0.908, threshold: 0.9078 }))
  const heights = [...svg.matchAll(/<text x="374" y="([\d.]+)"/g)].map(([, y]) => Number(y)).sort((a, b) => a - b)
  assert.equal(heights.length, 3)
  for (const [i, height] of heights.entries()) if (i > 0) assert.ok(height - (heights[i - 1] ?? 0) >= 16)
})

test('a course of fewer than two values is not drawn', () => {
  assert.throws(() => courseChart(course({ points: [point(0)] })), /fewer than two/)
})

test('a name that tries to be an element, or to be longer than the paper, is text of bounded length', () => {
  const feature = `</text><script>alert(1)</script>&${'x'.repeat(500)}\u202e`
  const { svg } = distributionChart({ ...distribution, feature, bars: [{ label: feature, reference: 1, current: 1 }] })
  assert.ok(!svg.includes('<script'))
  assert.ok(!svg.includes('\u202e'))
  for (const content of textsOf(svg)) assert.ok((content ?? '').length < 120)
})

test('a chart becomes an image in which its text is drawn', async () => {
  const { svg, width } = courseChart(course())
  const png = await pngOf({ svg, width })
  assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47])
  const { width: pixels, height } = {
    width: new DataView(png.buffer).getUint32(16),
    height: new DataView(png.buffer).getUint32(20),
  }
  assert.deepEqual([pixels, height], [960, 600])
  const mute = await pngOf({ svg: svg.replace(/<text.*?<\/text>/g, ''), width })
  assert.ok(png.length > mute.length * 1.3, 'without a font the text would be missing')
})

test('a feature of numbers has some ten bars of equal parts of the reference, and one for what lies outside', () => {
  const edges = Float64Array.from({ length: 41 }, (_, i) => i * 10)
  const column = { kind: 'numeric', role: 'feature', name: 'age', edges, center: 0, quantum: 1, spread: 100 } as const
  const { inputs } = createLayout([column], outcome)
  const [cells] = inputs.columns
  assert.ok(cells?.kind === 'numeric')
  const filled = (at: (bin: number) => number) => {
    const summary = new Float64Array(inputs.size)
    for (let bin = 0; bin < cells.bins; bin++) summary[cells.counts + bin] = at(bin)
    return summary
  }
  const reference = filled((bin) => (bin === 0 || bin === cells.bins - 1 ? 0 : 10))
  const shown = distributionBars(
    prepareColumn(cells, reference),
    filled((bin) => (bin === cells.bins - 1 ? 100 : 10)),
  )
  assert.ok(shown !== undefined)
  assert.ok(shown.bars.length >= 9 && shown.bars.length <= 12, `${shown.bars.length} bars`)
  assert.equal(shown.bars.at(-1)?.label, '> 400')
  assert.equal(shown.bars.at(-1)?.reference, 0)
  assert.match(shown.bars[1]?.label ?? '', /^\d+ – \d+$/)
  const total = shown.bars.reduce((sum, { current }) => sum + current, 0)
  assert.ok(Math.abs(total - 1) < 1e-9)
})

test('of many categories the most frequent are shown, the rest together, and the unseen by itself', () => {
  const names = Array.from({ length: 30 }, (_, i) => `job ${i}`)
  const column = { kind: 'categorical', role: 'feature', name: 'job', categories: names, others: ['rare'] } as const
  const { inputs } = createLayout([column], outcome)
  const [cells] = inputs.columns
  assert.ok(cells?.kind === 'categorical')
  const summary = Float64Array.from({ length: inputs.size }, (_, i) => (i >= cells.counts ? 100 - i : 0))
  const shown = distributionBars(prepareColumn(cells, summary), summary)
  const labels = shown?.bars.map(({ label }) => label) ?? []
  assert.equal(labels.length, 10)
  assert.deepEqual([labels[0], ...labels.slice(-2)], ['job 0', 'never seen before', 'all others'])
})

test('round values and times are few, and in reach', () => {
  assert.deepEqual(roundValues([0.81, 0.93], 4), [0.85, 0.9])
  assert.deepEqual(roundValues([0, 12_900], 5), [0, 5000, 10_000])
  const day = Date.UTC(2026, 10, 26)
  assert.deepEqual(
    roundTimes([day - 7 * HOUR, day + 14 * HOUR], 4).map(({ label }) => label),
    ['25 Nov 18:00', '26 Nov', '06:00', '12:00'],
  )
})

test('a chart that cannot be drawn is left out, told once, and the other is drawn', async () => {
  const failures: unknown[] = []
  const illustrate = createIllustrate(
    {
      course: async () => {
        throw new Error('the disk is gone')
      },
      distribution: async () => distribution,
    },
    (error) => failures.push(error),
  )
  const drawn = await illustrate(message())
  assert.deepEqual(
    drawn.map(({ name }) => name),
    ['distribution'],
  )
  assert.equal(failures.length, 1)
  assert.equal(await illustrate(message()), drawn, 'another channel gets the same drawings')
})

test('where nothing has moved nothing is drawn', async () => {
  const source = { course: async () => assert.fail('asked'), distribution: async () => assert.fail('asked') }
  const illustrate = createIllustrate(source, () => assert.fail('told'))
  assert.deepEqual(await illustrate({ ...message(), change: 'handled' }), [])
})

test('a bias alarms on both sides of 0, in the drawing and in words', () => {
  const biased = course({ metric: 'bias', reference: 0, threshold: 0.5 })
  const { svg, alternative } = courseChart(biased)
  const lines = (text: string) => text.split('stroke-width="1.5"').length - 1
  assert.equal(lines(svg), lines(courseChart(course()).svg) + 1)
  assert.match(alternative, /alarm beyond ±0\.5/)
  const text = evidenceText({ ...aucEvidence, metric: 'bias', value: -13.6, reference: -1, threshold: 5 })
  assert.match(text, /reference -1 \(alarm beyond ±5\)$/)
})
