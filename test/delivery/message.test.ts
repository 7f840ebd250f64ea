import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roundValues, tickText } from '../../src/delivery/charts/scale.ts'
import { compose } from '../../src/delivery/message.ts'
import { planDelivery } from '../../src/delivery/plan.ts'
import { rangeText } from '../../src/delivery/range-wording.ts'
import { numberWithin, plainNumber, rangeWithin, span, withInterval } from '../../src/delivery/wording.ts'
import type { Incident, Severity, Transition } from '../../src/incidents/incident.ts'
import { floatBelow } from '../../src/summaries/bins.ts'
import { DAY } from '../../src/time.ts'
import { AT, aucEvidence, incident, transition } from '../build/messages.ts'

test('a message says what, since when, against which threshold, on how many rows, and where to look', () => {
  const message = compose(transition(), { publicUrl: 'https://leeway.example.org' })
  assert.equal(message.title, 'credit-risk 7: ROC AUC 0.908 → 0.842 (0.812–0.867)')
  assert.deepEqual(message.paragraphs, [
    'ROC AUC 0.842 (0.812–0.867), reference 0.908 (alarm under 0.878)',
    'Since 2026-11-18T14:05:00Z (2 days of event time); over the threshold for 6 windows in a row.',
    'Judged on 4,210 labelled of 5,210 rows in the window of 1d that ends 2026-11-20T14:05:00Z, p = 3e-7.',
    'Features that moved in the same window: income, job.',
  ])
  assert.equal(message.link, 'https://leeway.example.org/ui/incidents/a41c9d3300000001')
})

test('a resolved message says how long it lasted and what the values are now', () => {
  const well = incident({ state: 'resolved', evidence: [{ ...aucEvidence, value: 0.9011, low: 0.88, high: 0.92 }] })
  const message = compose(transition({ change: 'resolved', incident: well, because: 'clear for 12 windows of 1d' }), {
    publicUrl: null,
  })
  assert.equal(message.title, 'credit-risk 7: performance is back to normal')
  assert.deepEqual(message.paragraphs, [
    'It lasted 2 days of event time, since 2026-11-18T14:05:00Z; clear for 12 windows of 1d.',
    'Now: ROC AUC 0.901 (0.880–0.920), reference 0.908 (alarm under 0.878).',
  ])
})

test('noise that was not learnt is said', () => {
  const message = compose(transition({ incident: incident({ evidence: [{ ...aucEvidence, calibrated: false }] }) }), {
    publicUrl: null,
  })
  assert.match(message.paragraphs[2] as string, /by chance could not be learnt/)
})

test('a test that alarms in windows of two sizes is told once, by the worse', () => {
  const evidence = [aucEvidence, { ...aucEvidence, window: '7d', value: 0.86 }]
  const { paragraphs } = compose(transition({ incident: incident({ evidence }) }), { publicUrl: null })
  assert.equal(paragraphs[0], 'ROC AUC 0.842 (0.812–0.867), reference 0.908 (alarm under 0.878)')
})

test('concept drift says which share of the predictions is wrong, and on which evidence', () => {
  const errors = { current: 0.182, reference: 0.106 }
  const evidence = [
    {
      ...aucEvidence,
      monitor: 'concept-drift/error',
      metric: 'log10_e_value',
      value: 4.45,
      threshold: 4.44,
      reference: null,
      low: null,
      high: null,
      pValue: null,
      errors,
    },
  ]
  const { title, paragraphs } = compose(transition({ incident: incident({ evidence }) }), { publicUrl: null })
  assert.equal(title, 'credit-risk 7: more errors, 11 % → 18 %')
  assert.match(paragraphs[0] as string, /^errors in 18 % of the newest rows, 11 % in the reference; /)
})

test('at most five features are named, the worst first', () => {
  const features = ['a', 'b', 'c', 'd', 'e', 'f']
  const { features: named } = compose(transition({ incident: incident({ features }) }), { publicUrl: null })
  assert.deepEqual(
    named.map(({ name }) => name),
    ['a', 'b', 'c', 'd', 'e'],
  )
})

test('a message says when an incident has become critical, and when it has come back after its end', () => {
  const title = (change: Partial<Transition>) => compose(transition(change), { publicUrl: null }).title
  const critical = incident({ severity: 'critical', sequence: 3 })
  assert.equal(
    title({ change: 'update', incident: critical, escalates: true }),
    'credit-risk 7: now critical, ROC AUC 0.908 → 0.842 (0.812–0.867)',
  )
  assert.equal(
    title({ incident: incident({ reopened: 1 }) }),
    'credit-risk 7: again ROC AUC 0.908 → 0.842 (0.812–0.867)',
  )
})

test('other incidents of the model that are active are named', () => {
  const related = incident({ relatedTo: [{ id: 'b52d', kind: 'drift' }] })
  const { paragraphs } = compose(transition({ incident: related }), { publicUrl: null })
  assert.equal(paragraphs.at(-1), 'Active at the same time: data drift (incident b52d).')
})

test('labels that do not come are told in words', () => {
  const silence = {
    of: 'labels',
    lastAt: AT - 15 * DAY,
    after: 15 * DAY,
    source: 's',
    because: null,
    models: ['m'],
  } as const
  const silent = incident({
    model: 'm',
    version: '',
    kind: 'stale_labels',
    severity: 'warning',
    evidence: [],
    features: [],
    silence,
  })
  const { title, paragraphs, features } = compose(transition({ incident: silent, at: AT }), { publicUrl: null })
  assert.equal(title, 'm: no labels for 15 days, while predictions come')
  assert.match(paragraphs[0] as string, /^The last label came at .* \(told after 15 days\)\.$/)
  assert.deepEqual(features, [])
})

test('values of a column have the digits that its spread supports, and two that differ are told apart', () => {
  assert.deepEqual(
    [-120.6312, -121, 2012.534, 41.27, 0.31416, 0.00004].map((value) => numberWithin(value, 1.4)),
    ['-120.63', '-121', '2,012.53', '41.27', '0.314', '4.0e-5'],
  )
  assert.deepEqual(
    [20_640.3, 53.217].map((value) => numberWithin(value, 11_000)),
    ['20,640', '53.2'],
  )
  assert.equal(numberWithin(-120.6312, null), '-121')
  assert.equal(rangeWithin(-121.4, -119.2, 1.4), '-121.4 to -119.2')
  assert.equal(rangeWithin(20, 35, 12), '20 – 35')
  assert.equal(rangeWithin(-118.3004, -118.3001, 1.4), '-118.3004 to -118.3001')
  assert.equal(rangeWithin(0.5, 0.5 + 1e-7, null), '0.5 – 0.5000001')
  assert.equal(rangeText({ from: null, to: -121.37 }, 1.4), '≤ -121.37')
  assert.equal(rangeText({ from: floatBelow(-121.37), to: -121.37 }, 1.4), '-121.37')
})

test('neighbours at an axis are written with as many digits as keep them apart', () => {
  for (const [range, isShare] of [
    [[-121.2, -119.9], false],
    [[0.897, 0.909], true],
    [[2011.5, 2014.5], false],
  ] as const) {
    const ticks = roundValues(range, 5).map((value) => tickText(value, range, isShare))
    assert.equal(new Set(ticks).size, ticks.length, ticks.join(' '))
  }
  assert.equal(tickText(0.5, [0, 1], true), '50 %')
})

test('numbers have the digits that their interval supports', () => {
  assert.equal(withInterval(0.7184, 0.70112, 0.7353), '0.718 (0.701–0.735)')
  assert.equal(withInterval(851.37, 803.1, 899.9), '851 (803–900)')
  assert.equal(withInterval(0.5, null, null), '0.5')
  assert.equal(plainNumber(0.00012), '1.2e-4')
  assert.equal(plainNumber(8232), '8,232')
  assert.equal(span(90 * 60_000), '2 hours')
})

test('a transition goes to the channels of all matching routes, each once', () => {
  const routes = [
    { model: null, kind: 'performance', severity: null, to: ['pager', 'team'] },
    { model: 'credit-risk', kind: null, severity: null, to: ['team'] },
    { model: 'other', kind: null, severity: null, to: ['nobody'] },
  ] as const
  const { notifications } = planDelivery(transition(), { routes, retraining: new Map(), publicUrl: null }, AT)
  assert.deepEqual(
    notifications.map(({ key }) => key),
    ['a41c9d3300000001:2:pager', 'a41c9d3300000001:2:team'],
  )
})

test('who asks for alarms is told what is critical, and who is told of a model is told of its source', () => {
  const told = (about: Partial<Incident>, route: { severity?: Severity; model?: string }) => {
    const routes = [{ model: null, kind: null, severity: null, to: ['team'], ...route }]
    const settings = { routes, retraining: new Map(), publicUrl: null }
    return planDelivery(transition({ incident: incident(about) }), settings, AT).notifications.length
  }
  assert.equal(told({ severity: 'critical' }, { severity: 'alarm' }), 1)
  assert.equal(told({ severity: 'critical' }, { severity: 'warning' }), 0)
  assert.equal(told({ severity: 'alarm' }, { severity: 'critical' }), 0)
  const silence = {
    of: 'source',
    lastAt: AT,
    after: DAY,
    source: 's',
    because: 'no broker answers',
    models: ['m'],
  } as const
  const away = { model: 'source s', kind: 'no_data', evidence: [], silence } as const
  assert.equal(told(away, { model: 'm' }), 1)
  assert.equal(told(away, { model: 'n' }), 0)
})

test('a pending or withdrawn incident tells nobody', () => {
  const routes = [{ model: null, kind: null, severity: null, to: ['team'] }]
  for (const change of ['pending', 'withdrawn'] as const) {
    assert.deepEqual(
      planDelivery(transition({ change }), { routes, retraining: new Map(), publicUrl: null }, AT).notifications,
      [],
    )
  }
})

test('retraining is asked for once, when an incident of the right kind starts to fire', () => {
  const plan = (change: Parameters<typeof transition>[0], on: Array<'performance' | 'drift'>) =>
    planDelivery(
      transition(change),
      { routes: [], retraining: new Map([['credit-risk', { target: 'webhook', on }]]), publicUrl: null },
      AT,
    )
  const asked = plan({}, ['performance'])
  assert.equal(asked.trigger?.id, 'a41c9d3300000001')
  assert.equal(asked.trigger?.askedAt, AT)
  assert.deepEqual(asked.notifications, [])
  assert.equal(plan({ change: 'update' }, ['performance']).trigger, null)
  assert.equal(plan({ incident: incident({ reopened: 1 }) }, ['performance']).trigger, null)
  assert.equal(plan({}, ['drift']).trigger, null)
  assert.match(plan({}, ['drift']).because, /performance is not among the kinds/)
})
