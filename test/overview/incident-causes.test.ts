// What may have caused a loss, as the page of the incident ranks it: from events on, through the real pipeline and store.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToString } from 'preact-render-to-string'
import type { Incident } from '../../src/incidents/incident.ts'
import type { Judged } from '../../src/monitors/verdict.ts'
import type { IncidentOverview } from '../../src/overview/incident.ts'
import type { CauseFacts } from '../../src/overview/incident-causes.ts'
import { causesOf } from '../../src/overview/incident-causes.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { freeze } from '../../src/reference/reference.ts'
import { html } from '../../src/ui/html.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'
import { Causes } from '../../src/ui/views/incident.ts'
import { incidentPage } from '../build/incident-page.ts'
import { aucEvidence } from '../build/messages.ts'
import { windowResult } from '../build/metrics.ts'
import { seeded } from '../build/random.ts'
import { HOUR, MINUTE, modelOptions, openDesk, T0 } from '../build/segment-desk.ts'
import { unsureNearZero } from '../build/unsure-rows.ts'

const windows = [{ name: '1d', sizeMs: 24 * HOUR, slideMs: 24 * HOUR }]
const random = seeded(11)
const reference = learnReference(unsureNearZero(6_000, random, { from: T0 - 6_000 * MINUTE }), {
  ...{ model: 'm', task: 'binary', positiveClass: '1', classes: null, columnKinds: {}, multivariate: false },
  ...{ textual: false, source: 'test', windows, minSamples: 20, estimation: true },
})
const { id: _, cells: __, layout: ___, losses: ____, ...content } = reference

const production = unsureNearZero(5_900, random, { moved: { n0: 0.5, n1: 3 }, from: T0, everyMs: 15_000 })
const events = production.flatMap(({ event: { id, time, features, score, prediction }, label }) => [
  { type: 'prediction', id, time, features, score, prediction },
  { type: 'label', id, time: time + 1, label },
])

/** The page of the incident of performance that these events raise. */
async function pageOf(of: Reference): Promise<IncidentOverview> {
  const { settings } = modelOptions()
  const desk = openDesk({
    model: modelOptions({
      reference: of,
      segments: undefined,
      settings: { ...settings, windows, multivariate: false },
    }),
  })
  desk.send(events)
  desk.end()
  const page = await incidentPage(desk, 'performance')
  desk.store.close()
  return page
}

const moved = ({ causes }: IncidentOverview) =>
  causes.filter(({ kind }) => kind === 'drift').map(({ feature, text }) => ({ feature, text }))

test('inputs that moved are ranked by what their mix costs, and it is said how much of the loss that is', async () => {
  const page = await pageOf(reference)
  const [first, second] = moved(page)
  assert.deepEqual([first?.feature, second?.feature], ['n0', 'n1'])
  const told =
    /; by its mix alone log loss is expected to change by \+0\.\d+ ± 0\.\d+, about (\d+) % of its rise by 0\.\d+$/
  const [, share] = told.exec(first?.text ?? '') ?? assert.fail(JSON.stringify(page.causes))
  assert.ok(Number(share) > 70, JSON.stringify(first))
  assert.match(second?.text ?? '', /by its mix alone log loss is expected to change by [+−]0\.0\d+ ± 0\.\d+/)
  const surroundings = { href: (to: string) => to, go: () => {} } as unknown as Surroundings
  const shown = renderToString(
    html`<${InSurroundings.Provider} value=${surroundings}><${Causes} of=${page} /></${InSurroundings.Provider}>`,
  )
  const [at, then] = ['Open n0', 'Open n1'].map((link) => shown.indexOf(link))
  assert.ok(shown.includes('by its mix alone log loss is expected to change by +'), shown)
  assert.ok((at as number) > 0 && (at as number) < (then as number), shown)
})

test('by a reference that knows no losses they are ranked by how far they moved, as before', async () => {
  const [first, second] = moved(await pageOf(freeze(content)))
  assert.deepEqual([first?.feature, second?.feature], ['n1', 'n0'])
  assert.doesNotMatch(first?.text ?? '', /mix/)
})

/** A verdict on a feature that is over its threshold so many times. */
const said = (kind: 'drift' | 'quality', feature: string, times: number) =>
  ({
    ...{ monitor: `${kind}/${feature}`, kind, feature, metric: kind === 'drift' ? 'psi' : 'missing_ratio' },
    ...{ status: times >= 1 ? 'alarm' : 'ok', value: 0.1 * times, threshold: 0.1, effect: 0, pValue: 1e-9 },
    ...{
      low: null,
      high: null,
      reference: null,
      calibrated: true,
      severe: false,
      holds: [],
      matters: true,
      clear: false,
    },
  }) as const satisfies Judged

const loses = { kind: 'performance', evidence: [aucEvidence] } as unknown as Incident
const mixOf = (changes: Readonly<Record<string, number>>): CauseFacts['mix'] => ({
  ...{ loss: 'log loss', reference: 0.5 },
  features: new Map(
    Object.entries(changes).map(([feature, change]) => [feature, { feature, change, standardError: 0.005 }]),
  ),
})
const facts = (verdicts: readonly Judged[], some: Partial<CauseFacts> = {}): CauseFacts => ({
  ...{ incident: loses, related: [], split: undefined, distribution: undefined, mix: undefined },
  window: windowResult({ verdicts: [...verdicts] }),
  ...some,
})
const ranked = (of: CauseFacts) => causesOf(of).map(({ kind, feature }) => `${kind} ${feature}`)

test('bad data stands before every mix, and what has an effect before what has none or a smaller one', () => {
  const verdicts = [said('drift', 'a', 9), said('drift', 'b', 2), said('drift', 'c', 3), said('quality', 'q', 1)]
  assert.deepEqual(ranked(facts(verdicts, { mix: mixOf({ a: 0.001, b: -0.2, q: 0.3 }) })), [
    'data quality q',
    'drift b',
    'drift a',
    'drift c',
  ])
})

test('an effect that may be chance comes after a smaller one that is sure', () => {
  const mixes = {
    far: { feature: 'far', change: -0.05, standardError: 0.03 },
    near: { feature: 'near', change: 0.03, standardError: 0.005 },
  }
  const mix = { loss: 'log loss', reference: 0.5, features: new Map(Object.entries(mixes)) } as const
  assert.deepEqual(ranked(facts([said('drift', 'far', 9), said('drift', 'near', 2)], { mix })), [
    'drift near',
    'drift far',
  ])
})

test('an input that hardly moved is told where its mix costs much, and not where that may be chance or is little', () => {
  const verdicts = [said('drift', 'costs', 0.5), said('drift', 'little', 0.5), said('drift', 'none', 0.5)]
  assert.deepEqual(ranked(facts(verdicts, { mix: mixOf({ costs: 0.06, little: 0.02 }) })), ['drift costs'])
  const unsure = new Map([['costs', { feature: 'costs', change: 0.06, standardError: 0.03 }]])
  assert.deepEqual(ranked(facts(verdicts, { mix: { loss: 'log loss', reference: 0.5, features: unsure } })), [])
})

test('inputs that have an incident of their own are causes like others; faults that have one stand there as that', () => {
  const verdicts = [said('drift', 'a', 2), said('quality', 'q', 2)]
  const own = (kind: 'drift' | 'quality', verdict: Judged) =>
    ({
      id: kind,
      kind,
      features: [verdict.feature],
      evidence: [{ ...verdict, window: '1d', end: 0 }],
    }) as unknown as Incident
  const related = [own('drift', verdicts[0] as Judged), own('quality', verdicts[1] as Judged)]
  assert.deepEqual(ranked(facts(verdicts, { related })), ['incident q', 'drift a'])
})
