// Charts, drawn to text as the report draws them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { HOUR } from '../../src/time.ts'
import { CourseChart } from '../../src/ui/charts/course.ts'
import type { CourseData, CoursePoint } from '../../src/ui/charts/course-data.ts'
import { courseTable, courseText, readout } from '../../src/ui/charts/course-words.ts'
import { DelayChart, delayTable, delayText } from '../../src/ui/charts/delay.ts'
import type { DistributionData } from '../../src/ui/charts/distribution.ts'
import { DistributionChart, distributionTable, distributionText } from '../../src/ui/charts/distribution.ts'
import { Figure } from '../../src/ui/charts/figure.ts'
import type { HeatMapData } from '../../src/ui/charts/heat-map.ts'
import { cellText, HeatMap, heatMapTable, heatMapText, thinned } from '../../src/ui/charts/heat-map.ts'
import { ScoreDistribution, scoreTable, scoreText } from '../../src/ui/charts/score-distribution.ts'
import { Sparkline } from '../../src/ui/charts/sparkline.ts'
import { stepOf } from '../../src/ui/charts/touch.ts'
import { exactTimeText, roundTimesIn } from '../../src/ui/charts/zone.ts'
import { html } from '../../src/ui/html.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'

const start = Date.parse('2026-11-24T03:00:00Z')
const endOf = (i: number) => new Date(start + i * HOUR).toISOString()

const point = (i: number, value: number | null, more: Partial<CoursePoint> = {}): CoursePoint => ({
  end: endOf(i),
  value,
  low: value === null ? null : value - 0.02,
  high: value === null ? null : value + 0.02,
  status: value === null ? 'insufficient' : value < 0.76 ? 'alarm' : 'ok',
  rows: 4000,
  ...more,
})

const course = (points: readonly CoursePoint[], more: Partial<CourseData> = {}): CourseData => ({
  name: 'ROC AUC',
  form: 'number',
  points,
  gapMs: 1.5 * HOUR,
  reference: 0.81,
  threshold: 0.76,
  alarms: 'below',
  ...more,
})

/** As in the report, where nothing can be pointed at. */
const drawn = (node: VNode): string => render(node)
/** As on a page. */
const onPage = (node: VNode): string =>
  render(html`<${InSurroundings.Provider} value=${{} as Surroundings}>${node}</${InSurroundings.Provider}>`)
const count = (text: string, part: string | RegExp): number => text.split(part).length - 1

test('a course has its line broken where windows are missing, however they are missing', () => {
  const withNull = course([point(0, 0.8), point(1, 0.81), point(2, null), point(3, 0.8), point(4, 0.8)])
  const withHole = course([point(0, 0.8), point(1, 0.81), point(4, 0.8), point(5, 0.8)])
  for (const one of [withNull, withHole])
    assert.equal(count(drawn(html`<${CourseChart} course=${one} />`), 'class="chart-line"'), 2)
  const whole = course([point(0, 0.8), point(1, 0.81), point(2, 0.8)])
  assert.equal(count(drawn(html`<${CourseChart} course=${whole} />`), 'class="chart-line"'), 1)
})

test('a course shows what it is compared with, the side that alarms, incidents, retrainings and few labels', () => {
  const text = drawn(
    html`<${CourseChart}
      course=${course([point(0, 0.81), point(1, 0.75), point(2, 0.7, { isProvisional: true })], {
        incidents: [{ from: endOf(1), to: null, label: 'incident a41c' }],
        retrainings: [{ at: endOf(2), label: 'retraining asked for' }],
        estimates: [
          { end: endOf(1), value: 0.78, low: null, high: null },
          { end: endOf(2), value: 0.77, low: null, high: null },
        ],
      })}
    />`,
  )
  for (const part of ['alarm-side', 'reference', 'threshold', 'incident', 'retraining', 'band', 'estimate'])
    assert.ok(text.includes(`class="chart-${part}"`), part)
  assert.match(text, /url\(#hatch-/)
  assert.match(text, /now 0\.700</)
  assert.match(text, /mark-alarm/)
  assert.doesNotMatch(text, /NaN|undefined|Infinity|style=/)
})

test('a reference that was replaced is drawn where it was in force', () => {
  const points = [point(0, 0.81), point(1, 0.8), point(2, 0.7, { reference: 0.7, threshold: 0.67 }), point(3, 0.7)]
  const text = drawn(
    html`<${CourseChart} course=${course(points.map((one, i) => (i === 3 ? { ...one, reference: 0.7, threshold: 0.67 } : one)))} />`,
  )
  assert.equal(count(text, 'class="chart-reference"'), 2)
})

test('what the pointer tells is what the keyboard tells: time, value in its digits, verdict, rows, and what went on', () => {
  const one = course([point(0, 0.81), point(1, 0.7234)], {
    incidents: [{ from: endOf(1), to: null, label: 'incident a41c' }],
    estimates: [{ end: endOf(1), value: 0.75, low: null, high: null }],
  })
  const last = { ...point(1, 0.7234), at: start + HOUR }
  const expected = '24 Nov 04:00 UTC · 0.723 (0.703–0.743) · estimated 0.75 · alarm · 4,000 rows · incident a41c'
  assert.equal(readout(one, last, 'UTC'), expected)
  assert.ok(onPage(html`<${CourseChart} course=${one} />`).includes(`aria-valuetext="${readout(one, last, 'viewer')}"`))
})

test('a course tells in a sentence where it stands, and in a table each window, newest first', () => {
  const one = course([point(0, 0.81), point(1, 0.75)])
  assert.equal(
    courseText(one),
    'ROC AUC, 2 windows: now 0.750 (0.730–0.770), reference 0.81, alarm under 0.76, 1 of them alarm.',
  )
  assert.match(
    courseText({ ...one, windowsPerPoint: 3 }),
    /, 2 points: now .* alarm; each point is the worst of 3 windows\.$/,
  )
  assert.deepEqual(courseTable(one).rows[0], ['2026-11-24 04:00', '0.75', '0.73', '0.77', 'alarm', '4000'])
})

test('a course without a value says so', () => {
  assert.match(drawn(html`<${CourseChart} course=${course([point(0, null)])} />`), /No window has been judged/)
})

test('a bias alarms on both sides', () => {
  const one = course([point(0, 3), point(1, -3)], { alarms: 'outside', threshold: 2, reference: 0 })
  assert.equal(count(drawn(html`<${CourseChart} course=${one} />`), 'class="chart-threshold"'), 2)
})

const map: HeatMapData = {
  ends: [0, 1, 2, 3, 4].map(endOf),
  windowsPerColumn: 1,
  rows: [
    {
      ...{ name: 'income', metric: 'PSI', href: 'features/income', threshold: 0.2 },
      ...{ statuses: 'oawoa', values: [0.1, 0.5, 0.2, 0.1, 0.31] },
    },
    { name: '<b>job</b>', metric: 'JS', threshold: 0.1, statuses: 'oi oo', values: [0.01, null, null, 0.01, 0.02] },
  ],
}

test('a heat map shows each status by its own shape, and event strings as text', () => {
  const text = drawn(html`<${HeatMap} map=${map} />`)
  const [cells = '', legend = ''] = text.split('chart-legend')
  for (const status of ['ok', 'warning', 'alarm', 'insufficient'])
    assert.ok(cells.includes(`mark-${status}`) && legend.includes(`mark-${status}`), status)
  assert.ok(text.includes('&lt;b>job') || text.includes('&lt;b&gt;job'))
  assert.doesNotMatch(text, /NaN|undefined|style=/)
  assert.equal(heatMapText(map), '2 tests, 5 windows: 1 of 2 have alarmed, in the newest window: income.')
  assert.equal(cellText(map, { row: 0, column: 4 }, 'UTC'), 'income · 24 Nov 07:00 UTC · PSI 0.31 · alarm')
  assert.equal(heatMapTable(map).rows[1]?.[4], 'too few rows')
})

test('columns that stand for several windows show the worst of them, and the newest stays the newest', () => {
  const thin = thinned(map, 3)
  assert.deepEqual(thin.ends, [endOf(0), endOf(2), endOf(4)])
  assert.equal(thin.rows[0]?.statuses, 'oaa')
  assert.deepEqual(thin.rows[0]?.values, [0.1, 0.5, 0.31])
  assert.equal(thin.windowsPerColumn, 2)
  assert.match(cellText(thin, { row: 0, column: 1 }, 'UTC'), /worst of 2 windows/)
})

test('one cell of a heat map takes the keyboard', () => {
  const text = onPage(html`<${HeatMap} map=${map} />`)
  assert.equal(count(text, 'role="gridcell"'), 1)
  assert.match(text, /role="gridcell"[^>]*tabindex="0"|tabindex="0"[^>]*role="gridcell"/)
  assert.equal(stepOf('ArrowLeft', 0, 5), 0)
  assert.equal(stepOf('End', 0, 5), 4)
  assert.equal(stepOf('a', 0, 5), undefined)
})

const numeric: DistributionData = {
  name: 'income',
  kind: 'numeric',
  rows: { reference: 10_000, current: 4_210 },
  psi: 0.12,
  parts: [
    { label: '≤ 500', from: null, to: 500, reference: 0.5, current: 0.4, psi: 0.02 },
    { label: '500 – 1,000', from: 500, to: 1000, reference: 0.5, current: 0.6, psi: 0.1 },
  ],
}

test('a distribution shows for each part what it adds to the distance, and new categories by name', () => {
  const ranges = drawn(html`<${DistributionChart} distribution=${numeric} />`)
  assert.equal(count(ranges, 'class="bar-current"'), 2)
  assert.equal(count(ranges, /class="bar-psi/), 2)
  assert.match(distributionText(numeric), /Most has moved at 500 – 1,000: 60 % now, 50 % in the reference/)
  const categories: DistributionData = {
    ...numeric,
    kind: 'categorical',
    parts: [
      { label: 'car', reference: 1, current: 0.8, psi: 0.1 },
      { label: '<i>boat</i>', reference: 0, current: 0.2, psi: 1.5, isNew: true },
    ],
  }
  const bars = drawn(html`<${DistributionChart} distribution=${categories} />`)
  assert.match(bars, /\+ &lt;i/)
  assert.deepEqual(distributionTable(categories).rows[1], ['<i>boat</i> (new)', '0.2', '0', '1.5'])
})

test('scores are drawn on the axis of their values, delays with their median in words', () => {
  const score = {
    name: 'score',
    rows: { reference: 100, current: 50 },
    mean: { reference: 0.2, current: 0.3 },
    bins: [
      { from: 0, to: 0.5, reference: 0.9, current: 0.7 },
      { from: 0.5, to: 1, reference: 0.1, current: 0.3 },
    ],
  }
  assert.equal(count(drawn(html`<${ScoreDistribution} score=${score} />`), 'class="bar-current"'), 2)
  assert.match(scoreText(score), /Mean 0\.3 now, 0\.2 in the reference/)
  assert.equal(scoreTable(score).rows.length, 2)
  const delay = {
    bins: [
      { label: '1 hour', count: 10 },
      { label: '1 day', count: 80 },
      { label: 'later', count: 10 },
    ],
  }
  assert.equal(delayText(delay), 'Half of 100 labels came within 1 day, 90 % within 1 day.')
  assert.equal(count(drawn(html`<${DelayChart} delay=${delay} />`), 'class="bar-current"'), 3)
  assert.equal(delayTable(delay).rows.length, 3)
})

test('a small course breaks at gaps and carries the sign of its status', () => {
  const text = drawn(html`<${Sparkline} label="PSI of income" values=${[0.1, null, 0.2, 0.3]} status="alarm" />`)
  assert.equal(count(text.match(/spark-line" d="([^"]*)"/)?.[1] ?? '', 'M'), 2)
  assert.match(text, /mark-alarm/)
})

test('every chart has its table behind it; in a file the table is there and nothing asks to be pressed', () => {
  const figure = html`<${Figure} title="Drift" file="x" table=${() => heatMapTable(map)}><p>drawing</p></${Figure}>`
  assert.match(drawn(figure), /<table/)
  assert.doesNotMatch(drawn(figure), /<button/)
  assert.match(onPage(figure), /Download CSV/)
  assert.doesNotMatch(onPage(figure), /<table/, 'a large table is made when it is opened')
})

test('times stand in the zone that is asked for, and in UTC beside it', () => {
  assert.equal(exactTimeText(start, 'UTC'), '24 Nov 03:00 UTC')
  const ticks = roundTimesIn([start, start + 24 * HOUR], 6, 'UTC')
  assert.deepEqual(ticks.at(-1), { at: start + 21 * HOUR, label: '25 Nov' })
})
