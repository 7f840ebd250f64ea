// The parts of which pages are made, drawn without a browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToString } from 'preact-render-to-string'
import { ApiError } from '../../src/ui/api.ts'
import { csvText } from '../../src/ui/charts/download.ts'
import { Figure } from '../../src/ui/charts/figure.ts'
import { Ask } from '../../src/ui/dialog.ts'
import { html } from '../../src/ui/html.ts'
import { Moment, spanText } from '../../src/ui/moment.ts'
import { Empty, Failed, Shown } from '../../src/ui/states.ts'
import { Status } from '../../src/ui/status.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'

const hostile = '<img src=x onerror=alert(1)>'

test('a status is told by sign and word', () => {
  const drawn = renderToString(html`<${Status} of="alarm" word="firing 32 min" />`)
  assert.match(drawn, /▲/)
  assert.match(drawn, /firing 32 min/)
  assert.match(
    renderToString(html`<${Status} of="insufficient" isUncalibrated />`),
    /\?.*too few rows.*noise not learnt yet/s,
  )
})

test('a figure has its table, and what came with events stays text', () => {
  const table = { columns: ['bin', hostile], rows: [[hostile, '1']] }
  const drawn = renderToString(
    html`<${Figure} title=${hostile} table=${table} file="x"><svg role="img"></svg></${Figure}>`,
  )
  assert.doesNotMatch(drawn, /<img/)
  assert.equal(drawn.match(/&lt;img/g)?.length, 5)
  assert.doesNotMatch(drawn, /Download/, 'there is nothing to press without a browser')
})

test('a table as CSV is read back by a spreadsheet as it was, and runs nothing there', () => {
  assert.equal(
    csvText({
      columns: ['a', 'b'],
      rows: [
        ['x,"y"', '=1+1'],
        ['-0.5', '-x'],
      ],
    }),
    'a,b\r\n"x,""y""",\'=1+1\r\n-0.5,\'-x\r\n',
  )
})

test('a time says UTC to whoever points at it', () => {
  assert.match(renderToString(html`<${Moment} at="2026-11-23T14:05:00.000Z" />`), /title="2026-11-23 14:05 UTC"/)
  assert.deepEqual([32 * 60_000, 5 * 3_600_000, 12 * 86_400_000].map(spanText), ['32 min', '5 h', '12 d'])
})

test('loading, nothing and a failure each say what to do', () => {
  const show = (of: object) =>
    renderToString(
      html`<${Shown} of=${{ again: () => {}, ...of }} what="the models">${(data: string) => data}</${Shown}>`,
    )
  assert.match(show({}), /Reading the models/)
  assert.match(show({ error: new ApiError(500, hostile) }), /&lt;img.*Try again/s)
  assert.match(show({ data: 'shown', error: new ApiError(0, 'away') }), /away.*shown/s)
  assert.match(renderToString(html`<${Empty} title="No rows yet">send one</${Empty}>`), /No rows yet.*send one/s)
})

test('what a page of a model asks for and is gone leads to what there is', () => {
  const failed = (address: object) =>
    renderToString(
      html`<${InSurroundings.Provider} value=${{ address, href: (to: string) => `/ui/${to}`, go: () => {} } as unknown as Surroundings}>
        <${Failed} error=${new ApiError(404, 'credit-risk has no window 90d')} again=${() => {}} />
      </${InSurroundings.Provider}>`,
    )
  const path = ['models', 'credit-risk', 'features']
  assert.match(
    failed({ path, query: { window: '90d' } }),
    /href="\/ui\/models\/credit-risk"[^>]*>To credit-risk as it is now</,
  )
  for (const address of [
    { path, query: {} },
    { path: ['incidents', 'a'], query: { show: 'deliveries' } },
  ])
    assert.doesNotMatch(failed(address), /as it is now/)
})

test('what costs is asked first', () => {
  const drawn = renderToString(
    html`<${Ask} open="Approve …" title="Approve?" confirm="Approve" act=${async () => {}} kind="primary" />`,
  )
  assert.match(drawn, /<button type="button" class="primary">Approve …<\/button>/)
  assert.doesNotMatch(drawn, /<dialog/)
})
