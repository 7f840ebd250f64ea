// The first page and the system's, drawn without a browser: what they say of what the API gives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToString } from 'preact-render-to-string'
import type { FleetRow } from '../../src/overview/fleet.ts'
import { systemView } from '../../src/overview/system.ts'
import { html } from '../../src/ui/html.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'
import { FleetTable, NoneFit, restOf } from '../../src/ui/views/fleet.ts'
import { SystemState } from '../../src/ui/views/system.ts'
import { systemFacts } from '../build/system.ts'

const hostile = '<img src=x onerror=alert(1)>'
const row: FleetRow = {
  ...{
    model: hostile,
    version: '7',
    task: 'binary',
    source: 'production',
    status: 'alarm',
    needsYou: true,
    isEarlier: false,
    isCalibrated: false,
  },
  ...{
    what: 'recall 0.81 → 0.72 (0.70–0.74)',
    since: '2026-11-26T07:28:00Z',
    until: '2026-11-26T08:00:00Z',
    acknowledgedBy: 'maria',
    window: '1h',
  },
  ...{
    evaluatedTo: '2026-11-26T08:00:00Z',
    volume: { last: 1_234, points: [1, null, 3] },
    drift: { drifted: 3, monitored: 25 },
  },
  performance: {
    ...{
      metric: 'recall',
      name: 'recall',
      value: 0.72,
      text: '0.72 (0.70–0.74)',
      reference: 0.81,
      isProvisional: true,
    },
    ...{ end: '2026-11-26T08:00:00Z', points: [0.8, null, 0.72] },
  },
  ...{ labelCoverage: 0.64, incidents: { count: 1, ids: ['a41c'] } },
}

const text = (drawn: string) => drawn.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('a model that needs somebody says what, for how long, on what numbers, and who is on it; its name is text', () => {
  const drawn = renderToString(html`<${FleetTable} rows=${[row]} />`)
  assert.doesNotMatch(drawn, /<img/)
  for (const said of [
    /▲ alarm for 32 min/,
    /noise not learnt yet/,
    /recall 0\.81 → 0\.72/,
    /maria looks after it/,
    /3 \/ 25/,
    /64 %/,
    /1,234/,
    /ref\. 0\.81/,
    /provisional/,
  ])
    assert.match(text(drawn), said)
})

test('a row leads to the windows and the version that it tells of, be that without a name', () => {
  const surroundings = {
    address: { path: ['fleet'], query: {} },
    href: (to: string) => `/ui/${to}`,
    go: () => {},
  }
  const linkOf = (change: Partial<FleetRow>) =>
    renderToString(
      html`<${InSurroundings.Provider} value=${surroundings as unknown as Surroundings}><${FleetTable} rows=${[{ ...row, model: 'a', ...change }]} /></${InSurroundings.Provider}>`,
    ).match(/href="([^"]*)"/)?.[1]
  assert.equal(linkOf({}), '/ui/models/a?version=7&amp;window=1h')
  assert.equal(linkOf({ version: '' }), '/ui/models/a?version=&amp;window=1h')
  assert.equal(linkOf({ version: '', evaluatedTo: null }), '/ui/models/a')
})

test('the daemon is asked for what is looked for only where not all of the fleet is here', () => {
  assert.equal(restOf({ leftOut: 0 }, { search: 'a' }), null)
  assert.equal(restOf({ leftOut: 3 }, { window: '1h' }), null)
  assert.equal(restOf({ leftOut: 3 }, { window: '1h', search: 'a b' }), 'fleet?window=1h&search=a+b')
  assert.equal(restOf({ leftOut: 3 }, { show: 'waiting', search: '' }), 'fleet?show=waiting')
})

test('where nothing fits, the way to the versions that were not looked at is told', () => {
  const address = { path: [], query: { search: 'risk 6' } }
  const surroundings = { address, href: (to: string) => `/ui/${to}`, go: () => {} } as unknown as Surroundings
  const drawn = (earlier: number) =>
    renderToString(
      html`<${InSurroundings.Provider} value=${surroundings}><${NoneFit} earlier=${earlier} /></${InSurroundings.Provider}>`,
    ).replaceAll('&amp;', '&')
  assert.match(drawn(2), /href="[^"]*\?search=risk\+6&show=earlier"[^>]*>Look among the earlier versions \(2\)</)
  assert.doesNotMatch(drawn(0), /earlier/)
})

test('a silent model has the sign of an alarm only where somebody was told of it', () => {
  const silent: FleetRow = {
    ...row,
    status: 'no_data',
    what: 'no predictions for 3 hours',
    performance: null,
    volume: null,
    drift: null,
    labelCoverage: null,
  }
  const told = text(renderToString(html`<${FleetTable} rows=${[silent]} />`))
  assert.match(told, /▲ no data for 32 min/)
  const waiting = { ...silent, needsYou: false, what: 'waits for its first rows', acknowledgedBy: null, since: null }
  assert.match(text(renderToString(html`<${FleetTable} rows=${[waiting]} />`)), /\? no data/)
})

test('the system says first what is wrong, and that all is well where it is', () => {
  const well = text(renderToString(html`<${SystemState} data=${systemView(systemFacts())} isOpen="" />`))
  for (const said of [
    /✓ All is well/,
    /production kafka ✓ reading 10 records/,
    /Quarantined: bad time/,
    /team/,
    /3 messages wait, the oldest for 2 min/,
  ])
    assert.match(well, said)
  const checks = [
    { name: 'partition predictions/1 of source production', ok: false, because: `${hostile} was created anew` },
  ]
  const drawn = renderToString(
    html`<${SystemState} data=${systemView(systemFacts({ isReady: false, checks }))} isOpen="" />`,
  )
  assert.doesNotMatch(drawn, /<img/)
  assert.match(text(drawn), /▲ partition predictions\/1 of source production : &lt;img.*▲ halted/)
})
