import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VNode } from 'preact'
import { render } from 'preact-render-to-string'
import type { FeatureView } from '../../src/overview/feature.ts'
import type { ModelOverview } from '../../src/overview/model.ts'
import { formatInstant } from '../../src/time.ts'
import { html } from '../../src/ui/html.ts'
import type { Surroundings } from '../../src/ui/surroundings.ts'
import { InSurroundings } from '../../src/ui/surroundings.ts'
import { FeatureContent } from '../../src/ui/views/feature.ts'
import { FeaturesContent } from '../../src/ui/views/features.ts'
import { ModelContent } from '../../src/ui/views/model.ts'
import { smallDaemon, smallDocument } from '../build/small-daemon.ts'

test('the page of a model says what its windows say', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const read = async <View>(path: string) =>
    JSON.parse((await small.as('viewer', `/api/v1/models/${path}`)).text) as View
  const shown = await read<ModelOverview>('small/overview?since=1d')
  const stored = small.daemon.store.views.results({ model: 'small', window: '6h', order: 'oldest', limit: 100 })
  const newest = stored.at(-1)
  assert.ok(newest !== undefined)
  assert.deepEqual(
    [shown.model, shown.task, shown.window, shown.newest?.end, shown.newest?.rows],
    ['small', 'binary', '6h', formatInstant(newest.end), newest.samples],
  )
  assert.deepEqual(
    shown.ends.slice(-stored.length),
    stored.map(({ end }) => formatInstant(end)),
  )
  const said = new Map(newest.verdicts.map((verdict) => [verdict.monitor, verdict.value]))
  for (const { monitor, values } of shown.tests.filter(({ about }) => about === 'feature')) {
    assert.equal(values.at(-1) === null, said.get(monitor) === null)
  }
  const labels = shown.delays?.bins.reduce((sum, { count }) => sum + count, 0)
  assert.equal(labels, small.daemon.pipeline.counters().find(({ name }) => name === 'labels')?.value)
  assert.equal(shown.outputs.find(({ name }) => name === 'score')?.scores?.rows.current, newest.samples)

  const feature = await read<FeatureView>('small/features/job')
  assert.equal(feature.kind, 'categorical')
  assert.equal(feature.statistics?.current.rows, newest.samples)
  assert.deepEqual(feature.unseen?.names, [])
  const earlier = await read<FeatureView>(`small/features/age?end=${formatInstant(newest.end - 3_600_000)}`)
  assert.equal(earlier.at?.end, formatInstant(newest.end - 3_600_000))
})

/** Drawn as on a page. */
function drawn(view: VNode): string {
  const surroundings = {
    address: { path: ['models', 'small'], query: {} },
    href: (to: string) => `/ui/${to}`,
    go: () => {},
  }
  return render(
    html`<${InSurroundings.Provider} value=${surroundings as unknown as Surroundings}>${view}</${InSurroundings.Provider}>`,
  )
}

test('the pages say it in words, in charts with tables, and with a way to each feature', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const read = async <View>(path: string) =>
    JSON.parse((await small.as('viewer', `/api/v1/models/${path}`)).text) as View
  const overview = await read<ModelOverview>('small/overview')
  const hostile = '<img src=x onerror=alert(1)>'
  const [first, ...rest] = overview.tests
  assert.ok(first !== undefined)
  const withMarkup = { ...overview, tests: [{ ...first, name: hostile, feature: hostile }, ...rest] }
  const page = drawn(html`<${ModelContent} overview=${withMarkup} query=${{}} />`)
  const list = drawn(html`<${FeaturesContent} overview=${withMarkup} query=${{ sort: 'name' }} />`)
  assert.match(page, /class="verdict/)
  assert.match(page, /ROC AUC/)
  assert.match(page, /role="gridcell"/)
  for (const text of [page, list]) {
    assert.ok(text.includes('&lt;img src=x'), 'its name is shown')
    assert.doesNotMatch(text, /<img|NaN|undefined|Infinity|\[object/)
    assert.doesNotMatch(text, / style=/, 'the policy of the page allows no styles of elements')
  }
  assert.match(list, /href="\/ui\/models\/small\/features\/job"/)

  const feature = drawn(html`<${FeatureContent} view=${await read<FeatureView>('small/features/age')} query=${{}} />`)
  assert.match(feature, /class="bar-psi/)
  assert.match(feature, /standard deviation/)
  assert.doesNotMatch(feature, /NaN|undefined|Infinity|\[object| style=/)
  const byValue = drawn(
    html`<${FeatureContent} view=${await read<FeatureView>('small/features/age')} query=${{ by: 'value' }} />`,
  )
  assert.doesNotMatch(byValue, /class="bar-psi/)
  const nothing = drawn(html`<${ModelContent} overview=${{ ...overview, newest: null }} query=${{}} />`)
  assert.match(nothing, /No window has been evaluated yet/)
})

test('a page is made once, and again when the configuration was reloaded', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const { views } = small.daemon.store
  let reads = 0
  const results = views.results
  Object.assign(views, {
    results: (query: Parameters<typeof results>[0]) => {
      reads++
      return results(query)
    },
  })
  const ask = async () => (await small.as('viewer', '/api/v1/models/small/overview')).status
  assert.equal(await ask(), 200)
  const first = reads
  assert.ok(first > 0)
  assert.equal(await ask(), 200)
  assert.equal(reads, first)
  small.write(smallDocument({ model: ', falseAlarmBudget: 2' }))
  assert.equal((await small.as('operator', '/api/v1/reload', { method: 'POST' })).status, 200)
  assert.equal(await ask(), 200)
  assert.ok(reads > first)
})

test('what is not there is named, with what there is', async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  for (const [path, status, words] of [
    ['none/overview', 404, /there is no model none/],
    ['small/overview?version=9', 404, /no version 9 under watch; it has: rows without a version/],
    ['small/overview?window=2h', 404, /no window 2h; it has: 6h/],
    ['small/overview?since=soon', 400, /not a span such as 24h/],
    ['small/features/wage', 404, /no feature wage; it has: age, income, job/],
    ['small/features/age?end=x', 400, /not a time/],
  ] as const) {
    const reply = await small.as('viewer', `/api/v1/models/${path}`)
    assert.equal(reply.status, status, path)
    assert.match(reply.text, words)
  }
})
