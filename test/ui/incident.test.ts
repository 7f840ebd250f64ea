// The parts of an incident's page, drawn without a browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToString } from 'preact-render-to-string'
import type { IncidentOverview } from '../../src/overview/incident.ts'
import type { TimeLineEntry, Told } from '../../src/overview/incident-time-line.ts'
import { showWith } from '../../src/ui/fold.ts'
import { html } from '../../src/ui/html.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'
import { Causes, Facts, isAboutIncident, LikelyCauses, WorstSegments } from '../../src/ui/views/incident.ts'
import { courseDataOf } from '../../src/ui/views/incident-charts.ts'
import { TimeLine } from '../../src/ui/views/incident-time-line.ts'
import { IncidentStatus } from '../../src/ui/views/incident-words.ts'
import { isAboutList, spanOf } from '../../src/ui/views/incidents.ts'
import { untilOf } from '../../src/ui/views/lasting.ts'
import { silenceOf } from '../../src/ui/views/silence-fields.ts'
import { Worded } from '../../src/ui/worded.ts'

const hostile = '<img src=x onerror=steal()>'
const drawn = (text: string) => renderToString(html`<${Worded} text=${text} />`)

test('times in the words of the daemon are those of the reader, with UTC to point at; incidents are named short', () => {
  const text = drawn(`since 2026-11-23T14:05:00Z ${hostile}, follows from the quality incident 33dd1b5637954285 of it`)
  assert.match(text, /<time datetime="2026-11-23T14:05:00Z" title="2026-11-23 14:05 UTC">/)
  assert.match(text, /incident <span[^>]*>#33dd1b56<\/span> of it/)
  assert.doesNotMatch(text, /<img/)
  assert.match(text, /&lt;img src=x/)
  assert.equal(drawn('a hash 33dd1b5637954285 alone').includes('#'), false)
})

const told = (channel: string, some: Partial<Told> = {}): Told => ({
  ...{ channel, outcome: 'delivered', because: '', attempts: 1, at: null, isGathered: false },
  ...some,
})
const entry = (some: Partial<TimeLineEntry>): TimeLineEntry => ({
  ...{ at: '2026-11-23T14:05:00Z', window: null, kind: 'verdict', what: 'firing', title: 'It fires', text: '' },
  ...{ by: null, via: null, told: [] },
  ...some,
})

test('channels of which the same is to be said stand together, and each outcome has its sign and word', () => {
  const text = renderToString(
    html`<${TimeLine} entries=${[
      entry({
        told: [
          told('team'),
          told('mail'),
          told('pager', { outcome: 'dead', because: 'refused', attempts: 3 }),
          told('board', { outcome: 'suppressed', because: 'snoozed by anna' }),
        ],
      }),
      entry({ kind: 'person', what: 'comment', title: 'ben commented', text: hostile, via: 'ui' }),
    ]} />`,
  ).replace(/<[^>]+>/g, '')
  assert.match(text, /✓ told: team, mail/)
  assert.match(text, /▲ could not be told: pager – refused; 3 attempts/)
  assert.match(text, /∅ not told: board – snoozed by anna/)
  assert.match(text, /ben commented .* by this page&lt;img/)
})

test('the state of an incident has a sign and a word, critical is said, and what is over is well', () => {
  const of = (state: string, severity: string) =>
    renderToString(html`<${IncidentStatus} state=${state} severity=${severity} />`).replace(/<[^>]+>/g, '')
  assert.deepEqual(
    [of('firing', 'critical'), of('firing', 'warning'), of('clearing', 'alarm'), of('resolved', 'critical')],
    ['▲ critical, firing', '◆ firing', '◆ clearing', '✓ over'],
  )
})

test('a course knows which side alarms, and where windows are missing', () => {
  const course = {
    kind: 'performance',
    ...{ model: 'm', version: '', feature: null, metric: 'roc_auc', window: '1h' },
    points: ['2026-11-23T10:00:00Z', '2026-11-23T11:00:00Z', '2026-11-23T14:00:00Z'].map((end) => ({
      ...{ end, value: 0.8, low: null, high: null, status: 'alarm' as const, isProvisional: false },
    })),
    ...{ reference: 0.9, threshold: 0.87, since: '2026-11-23T10:00:00Z', until: null },
  } as const
  const data = courseDataOf(course)
  assert.deepEqual([data.name, data.alarms, data.gapMs], ['ROC AUC', 'below', 1.5 * 3_600_000])
  assert.equal(courseDataOf({ ...course, metric: 'mae', reference: 1, threshold: 1.1 }).alarms, 'above')
  assert.equal(courseDataOf({ ...course, metric: 'bias', reference: 0, threshold: 5 }).alarms, 'outside')
})

test('what a silence is about leaves out what is empty, and it lasts as long as was chosen', () => {
  const data = new FormData()
  for (const [name, value] of Object.entries({
    model: ' credit-* ',
    kind: '',
    reason: 'a campaign',
    lasting: '3600000',
  }))
    data.set(name, value)
  const { matchers, reason } = silenceOf(data) as { matchers: object; reason: string }
  assert.deepEqual([matchers, reason], [{ model: 'credit-*' }, 'a campaign'])
  const now = Date.UTC(2026, 10, 26, 12)
  assert.equal(untilOf(data, now), '2026-11-26T13:00:00.000Z')
  data.set('lasting', 'morning')
  assert.equal(new Date(untilOf(data, now)).getHours(), 9)
  assert.ok(Date.parse(untilOf(data, now)) > now)
})

const overview = (some: Partial<IncidentOverview>) =>
  ({
    ...{ id: 'a', model: 'credit risk', version: '7', name: 'credit risk 7', kind: 'drift', severity: 'alarm' },
    ...{ state: 'firing', since: '2026-11-23T10:00:00Z', at: '2026-11-23T14:00:00Z', until: null, silence: null },
    evidence: [{ window: '6h', end: '2026-11-23T14:00:00Z' }],
    care: { acknowledgedBy: null, acknowledgedAt: null, assignee: null, snoozedUntil: null, calledIn: [], quiet: null },
    segments: [],
    causes: [{ kind: 'drift', text: 'age moved', feature: 'age', incident: null, weight: 2 }],
    ...some,
  }) as unknown as IncidentOverview

/** Where its links lead. */
function linksOf(view: typeof Facts, of: IncidentOverview): string[] {
  const surroundings = { href: (to: string) => `/ui/${to}`, go: () => {} } as unknown as Surroundings
  const text = renderToString(
    html`<${InSurroundings.Provider} value=${surroundings}><${view} of=${of} /></${InSurroundings.Provider}>`,
  )
  return [...text.matchAll(/href="([^"]*)"/g)].map(([, to = '']) => to.replaceAll('&amp;', '&'))
}

test('links lead to the version and the windows that the incident is about, and of what is over to where it was', () => {
  assert.deepEqual(linksOf(Facts, overview({})), ['/ui/models/credit%20risk?version=7&window=6h'])
  assert.deepEqual(linksOf(Causes, overview({})), ['/ui/models/credit%20risk/features/age?version=7&window=6h'])
  assert.deepEqual(linksOf(Causes, overview({ state: 'resolved' })), [
    '/ui/models/credit%20risk/features/age?version=7&window=6h&end=2026-11-23T14%3A00%3A00Z',
  ])
})

test('in which part of the rows it is worst is told in a line that leads to the segments of that window', () => {
  const segment = { text: 'country FR is losing accuracy: 0.6', column: 'country', metric: 'accuracy', window: '6h' }
  const of = overview({ segments: [{ ...segment, end: '2026-11-23T12:00:00Z' }] })
  assert.deepEqual(linksOf(WorstSegments, of), [
    '/ui/models/credit%20risk/segments?version=7&column=country&metric=accuracy&window=6h&end=2026-11-23T12%3A00%3A00Z',
  ])
})

test('of what does not come nobody says that the data is complete, and beside a segment that it is all there is', () => {
  const said = (some: Partial<IncidentOverview>) =>
    renderToString(html`<${LikelyCauses} of=${overview({ causes: [], segments: [], ...some })} />`)
  const silence = { of: 'source', source: 'houses', models: [] } as const
  assert.equal(said({ kind: 'no_data', evidence: [], silence }), '')
  assert.match(said({}), />Nothing else stands out/)
  // A link needs a place to lead to.
  const segment = {
    text: 'country FR carries most of it',
    column: 'country',
    metric: 'accuracy',
    window: '6h',
    end: '',
  }
  const of = overview({ causes: [], segments: [segment] })
  assert.match(renderToString(html`<${Causes} of=${of} />`), />Apart from that, nothing else stands out/)
})

test('what does not come leads to the model of all versions, and an incident of a source to the sources and who waits', () => {
  const silence = { of: 'predictions', source: 'houses', models: ['credit risk'] } as const
  const silent = { kind: 'no_data', version: '', evidence: [], silence } as const
  assert.deepEqual(linksOf(Facts, overview(silent)), ['/ui/models/credit%20risk'])
  const ofSource = { ...silent, model: 'source houses', name: 'source houses' }
  assert.deepEqual(
    linksOf(Facts, overview({ ...ofSource, silence: { ...silence, of: 'source', models: ['a', 'b'] } })),
    ['/ui/system', '/ui/models/a', '/ui/models/b'],
  )
})

test('a page of an incident hears of deeds and deliveries by its id, of newer evidence and of runs by its model', () => {
  const nothing = { models: [], incidents: [], retraining: [] }
  const hears = (change: object, model?: string) => isAboutIncident({ ...nothing, ...change }, 'a', model)
  assert.deepEqual([hears({}, 'm'), hears({ incidents: ['b'], models: ['n'], retraining: ['n'] }, 'm')], [false, false])
  assert.deepEqual(
    [{ incidents: ['a'] }, { models: ['m'] }, { retraining: ['m'] }, { incidents: undefined }].map((one) =>
      hears(one, 'm'),
    ),
    [true, true, true, true],
  )
  assert.equal(hears({ models: ['m'] }), false, 'while it is not known what it is about')
})

test('a list of incidents hears of what happens to any, and of newer evidence of what goes on in it', () => {
  const shown = {
    incidents: [
      { model: 'm', state: 'firing' },
      { model: 'n', state: 'resolved' },
    ],
  }
  const hears = (change: object) => isAboutList({ models: [], incidents: [], ...change }, shown)
  assert.deepEqual([hears({}), hears({ models: ['n', 'o'] })], [false, false])
  assert.deepEqual(
    [hears({ incidents: ['x'] }), hears({ models: ['m'] }), hears({ models: undefined })],
    [true, true, true],
  )
})

test('what is folded away is opened beside what is open', () => {
  assert.equal(showWith([], 'retraining', true), 'retraining')
  assert.equal(showWith(['retraining'], 'deliveries', true), 'retraining,deliveries')
  assert.equal(showWith(['retraining', 'deliveries'], 'retraining', false), 'deliveries')
  assert.equal(showWith(['deliveries'], 'deliveries', false), undefined)
})

test('how long an incident lasts is what the daemon says: until then, or until now', () => {
  const since = new Date(Date.now() - 3 * 3_600_000).toISOString()
  const until = '2021-03-02T00:00:00Z'
  const past = { since: '2021-03-01T22:00:00Z', until }
  assert.equal(spanOf({ state: 'firing', since, until: null }), '3 h')
  assert.equal(spanOf({ state: 'firing', ...past }), '2 h')
  assert.equal(spanOf({ state: 'resolved', ...past }), 'after 2 h')
  const said = (some: Partial<IncidentOverview>) => {
    const surroundings = { href: (to: string) => `/ui/${to}`, go: () => {} } as unknown as Surroundings
    const of = overview(some)
    return renderToString(
      html`<${InSurroundings.Provider} value=${surroundings}><${Facts} of=${of} /></${InSurroundings.Provider}>`,
    ).replace(/<[^>]+>/g, '')
  }
  assert.match(said({ since, until: null }), /, 3 h ago/)
  assert.match(said(past), /, for 2 h of event time/)
  assert.match(said({ ...past, state: 'resolved' }), /, until [^,]*, .*2 h/)
})
