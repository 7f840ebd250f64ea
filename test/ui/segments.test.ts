// The chart of segments, drawn without a browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render } from 'preact-render-to-string'
import type { SegmentsView } from '../../src/overview/segments.ts'
import { Figure } from '../../src/ui/charts/figure.ts'
import type { SegmentBar, SegmentBarsData } from '../../src/ui/charts/segment-bars.ts'
import { SegmentBars, segmentBarsTable, segmentBarsText } from '../../src/ui/charts/segment-bars.ts'
import { html } from '../../src/ui/html.ts'
import { ReportSegments } from '../../src/ui/report/segments.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'

const bar = (label: string, value: number | null, more: Partial<SegmentBar> = {}): SegmentBar => ({
  label,
  value,
  low: value === null ? null : value - 0.05,
  high: value === null ? null : value + 0.05,
  reference: 0.75,
  status: 'ok',
  rows: 1_000,
  labelled: 900,
  without: 0.7,
  ...more,
})
const data = (...bars: SegmentBar[]): SegmentBarsData => ({
  name: 'accuracy by country',
  bars,
  whole: { value: 0.71, reference: 0.75 },
})
const drawn = (of: SegmentBarsData) => render(html`<${SegmentBars} data=${of} />`)
const onPage = (of: SegmentBarsData) =>
  render(
    html`<${InSurroundings.Provider} value=${{} as Surroundings}><${SegmentBars} data=${of} /></${InSurroundings.Provider}>`,
  )
const count = (text: string, part: string) => text.split(part).length - 1

test('each segment has its interval, its value, its own reference and its labelled rows; the whole has a line', () => {
  const text = drawn(
    data(bar('FR', 0.5, { status: 'alarm' }), bar('DE', 0.76), bar('LI', null, { status: 'insufficient' })),
  )
  assert.equal(count(text, 'class="segment-bar '), 2)
  assert.equal(count(text, 'class="segment-value '), 2)
  assert.equal(count(text, 'class="segment-reference"'), 3)
  assert.equal(count(text, 'class="segment-whole"'), 1)
  assert.match(text, /class="segment-value mark-alarm"/)
  assert.match(text, />900</)
  assert.doesNotMatch(text, /NaN|Infinity|undefined/)
  assert.doesNotMatch(text, /style=/)
})

test('it says in words and in a table what it shows', () => {
  const shown = data(bar('FR', 0.5, { status: 'alarm', labelled: 783 }), bar('DE', 0.76))
  assert.equal(
    segmentBarsText(shown),
    'accuracy by country, 2 segments, worst first: 1 of 2 alarm. FR: 0.500 (0.450–0.550), reference 0.75, alarm, 783 labelled rows of 1,000.',
  )
  assert.deepEqual(segmentBarsTable(shown).rows[0], [
    'FR',
    '0.5',
    '0.45',
    '0.55',
    '0.75',
    'alarm',
    '1000',
    '783',
    '0.7',
  ])
  assert.match(
    render(
      html`<${Figure} title="t" table=${segmentBarsTable(shown)} file="f"><${SegmentBars} data=${shown} /></${Figure}>`,
    ),
    /the model without it/,
  )
})

test('keyboard and pointer find each segment; without labelled rows there is nothing to draw', () => {
  const text = onPage(data(bar('FR', 0.5), bar('DE', 0.76)))
  assert.match(text, /role="slider"[^>]*aria-valuemax="2"/)
  assert.match(drawn(data(bar('FR', null))), /No segment has labelled rows yet/)
})

test('an interval as wide as the metric leaves the others readable, and names that are markup stay text', () => {
  const hostile = '<img src=x>'
  const text = drawn(data(bar(hostile, 0.5, { low: -20, high: 20 }), bar('DE', 0.76)))
  assert.doesNotMatch(text, /<img/)
  assert.match(text, /&lt;img/)
  const ticks = [...text.matchAll(/text-anchor="middle">([^<]*)</g)].map(([, tick]) => Number(tick))
  assert.ok(Math.min(...ticks) > 0 && Math.max(...ticks) < 1.2, String(ticks))
})

test('a report whose period has no window with all its labels says so of the one that it shows', () => {
  const said = (provisional: boolean) => {
    const view = {
      ...{ start: '2026-11-29T00:00:00Z', end: '2026-11-30T00:00:00Z', metric: 'accuracy', column: 'country' },
      ...{
        whole: { provisional, samples: 4_000, labelled: 12, value: null, reference: 0.75 },
        segments: [],
        verdict: '',
      },
    } as unknown as SegmentsView
    return render(html`<${ReportSegments} views=${[view]} />`)
  }
  assert.match(said(true), /So far 12 of its 4,000 predictions are labelled: its performance is provisional\./)
  assert.doesNotMatch(said(false), /provisional/)
})
