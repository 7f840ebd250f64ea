// The page of a backtest: drawn without a browser, from what the API answers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render } from 'preact-render-to-string'
import type { TuningView } from '../../src/overview/backtest.ts'
import { tuningYaml } from '../../src/overview/tuning-yaml.ts'
import { SweepChart, sweepTable, sweepText } from '../../src/ui/charts/sweep.ts'
import { html } from '../../src/ui/html.ts'
import { backtestHtml, tuningSvg } from '../../src/ui/report/backtest.ts'
import { CourseFigure, courseOf, SweepFigure, sweepOf } from '../../src/ui/tuning-charts.ts'

const DAY = 86_400_000
const end = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString()

const tuning: TuningView = {
  ...{ monitor: 'drift/<b>income', name: 'drift of <b>income', metric: 'psi', unit: 'distance' },
  ...{ current: 0.1, threshold: 0.2, verdict: 'less', window: '1d', windowsPerPoint: 1, gapMs: 2 * DAY },
  ...{ wholeMs: 10 * DAY, side: 'above', was: [], notes: [], yaml: '' },
  points: [1, 2, 3].map((day) => ({
    ...{ end: end(day), value: day / 10, low: day / 10 - 0.05, high: day / 10 + 0.05 },
    ...{ status: day === 3 ? 'alarm' : 'ok', reference: null, limit: 0.2 },
  })),
  would: [
    {
      ...{ id: 'a', kind: 'drift', severity: 'alarm', since: end(3), firedMs: DAY, monitors: ['drift/<b>income'] },
      firings: [{ from: end(2), to: null, window: '1d' }],
    },
  ],
  known: { found: 1, missed: 0, laterMs: DAY },
  sweep: [
    { floor: 0.1, alarms: 2, firedMs: 2 * DAY, known: { found: 2, missed: 0, laterMs: 0 } },
    { floor: 0.2, alarms: 1, firedMs: DAY, known: { found: 1, missed: 1, laterMs: DAY } },
    { floor: 0.5, alarms: 0, firedMs: 0, known: { found: 0, missed: 2, laterMs: null } },
  ],
  together: { was: 2, would: [] },
}

test('the course shows the threshold that was asked for and shades what would have fired', () => {
  const course = courseOf(tuning)
  assert.equal(course.threshold, 0.2)
  assert.deepEqual(
    course.incidents?.map(({ from, to }) => [from, to]),
    [[end(2), null]],
  )
  const drawn = render(html`<${CourseFigure} tuning=${tuning} />`)
  assert.match(drawn, /chart-episode/)
  assert.doesNotMatch(drawn, /<b>income/)
})

test('the curve says at each threshold how many alarms, for how long and how late, and marks the one in force', () => {
  const sweep = sweepOf(tuning)
  assert.equal(
    sweepText(sweep),
    'Alarms of drift of <b>income at 3 thresholds. Now, threshold 0.1: 2 alarms, 2 days in alarm; threshold 0.2: 1 alarm, 24 hours in alarm, 1 missed, 24 hours later.',
  )
  const drawn = render(html`<${SweepFigure} tuning=${tuning} />`)
  assert.match(drawn, />now</)
  assert.match(drawn, />asked for</)
  assert.deepEqual(sweepTable(sweep).rows[2], ['0.5', '0', '0', '2', ''])
  assert.match(render(html`<${SweepChart} sweep=${{ ...sweep, points: [] }} />`), /No window has been judged/)
})

test('the setting changes one rule and nothing else', () => {
  const metric = (name: string) =>
    ({ monitor: `performance/${name}`, kind: 'performance', feature: null, metric: name }) as const
  const alarms = { accuracy: { share: 0.1 }, log_loss: { rise: 0.04 } }
  assert.equal(
    tuningYaml({ model: 'm', rule: metric('log_loss'), floor: 0.1, unit: 'rise', alarms, tolerance: 0.01 }),
    'models:\n  m:\n    performance:\n      alarm:\n        accuracy:\n          share: 0.1\n        log_loss:\n          rise: 0.1\n    conceptDrift:\n      tolerance: 0.01\n',
  )
  const missing = { monitor: 'quality/out-of-range/a: b', kind: 'quality', feature: 'a: b', metric: 'x' } as const
  assert.equal(
    tuningYaml({ model: 'm', rule: missing, floor: 0.2, unit: 'share of rows', alarms: {}, tolerance: null }),
    'models:\n  m:\n    quality:\n      columns:\n        "a: b":\n          outOfRange: 0.2\n',
  )
})

test('as a file it is a page without script, or a drawing whose colours stand in it', () => {
  const style =
    ':root{--alarm:light-dark(#d55e00,#f80)}.chart{font-family:inherit}.chart-episode{fill:var(--alarm)}.bar{fill:red}'
  const svg = tuningSvg(tuning, style)
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
  assert.match(svg, /\.chart-episode\{fill:#d55e00\}/)
  assert.match(svg, /\.chart\{font-family:sans-serif\}/)
  assert.doesNotMatch(svg, /var\(|\.bar/)
  const page = backtestHtml(
    [
      {
        ...{ model: 'm', version: '', versions: [''], windows: ['1d'], from: end(1), to: end(3), evaluated: 3 },
        ...{ verdict: 'well', alarms: tuning.would, differences: ['one differs'], rules: [], tuning },
      },
    ],
    style,
  )
  assert.match(page, /<title>Backtest of m<\/title>/)
  assert.match(page, /one differs/)
  assert.doesNotMatch(page, /<script|<b>income/)
})
