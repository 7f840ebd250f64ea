import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { ModelPages } from '../../src/assembly/model-pages.ts'
import { loadDocument } from '../../src/config/load.ts'
import { TooManyPages } from '../../src/http/model-routes.ts'
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
import { incident } from '../store/changes.ts'

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

/** Pages of the small daemon on a clock of the test's own, which count how often the newest window was read for one. */
async function countedPages(t: TestContext) {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const { store, pipeline } = small.daemon
  const document = loadDocument(join(small.folder, 'leeway.yaml'))
  const made: string[] = []
  const views = {
    ...store.views,
    results(query: Parameters<typeof store.views.results>[0]) {
      if (query.order === 'newest') made.push(query.window ?? '')
      return store.views.results(query)
    },
  }
  const clock = { now: Date.UTC(2026, 0, 6) }
  const pages = new ModelPages({ store: { views }, inForce: () => ({ document, pipeline }), now: () => clock.now })
  const ask = (hours: number, gone?: AbortSignal) =>
    pages.overview('small', { version: null, window: null, since: hours * 3_600_000, from: null, to: null }, gone)
  return { small, ask, made, clock }
}

test('so many pages wait, and no more: who comes then is told to come again', async (t) => {
  const { ask, made } = await countedPages(t)
  const asked = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => ask(i + 1)))
  const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  assert.deepEqual([refused.length, made.length], [8, 32])
  assert.ok(refused.every((reason) => reason instanceof TooManyPages))
  // There is room again.
  assert.equal((await ask(50))?.model, 'small')
})

test('a page is not made for somebody who has gone, unless somebody else waits for the same', async (t) => {
  const { ask, made } = await countedPages(t)
  const [first, second] = [new AbortController(), new AbortController()]
  const asked = [ask(1), ask(2, first.signal), ask(3, first.signal), ask(3), ask(4, second.signal)]
  first.abort()
  // Whoever comes back gets a page of their own.
  const back = ask(2)
  const shown = await Promise.all(asked)
  assert.deepEqual(
    shown.map((view) => view !== undefined),
    [true, false, true, true, true],
  )
  assert.ok((await back) !== undefined)
  assert.equal(made.length, 4)
})

test('a page that tells for how long nothing has come is kept for half a minute only', async (t) => {
  const { small, ask, made, clock } = await countedPages(t)
  await ask(1)
  clock.now += 60_000
  await ask(1)
  assert.equal(made.length, 1)
  const silence = {
    ...({ of: 'predictions', lastAt: clock.now - 1_800_000, after: 600_000, source: 'history' } as const),
    ...{ because: null, models: ['small'] },
  }
  const silent = incident({ model: 'small', version: '', kind: 'no_data', silence })
  small.daemon.store.writeLiveness({ documents: [], incidents: [silent], transitions: [], notifications: [] })
  assert.match((await ask(2))?.said[0]?.text ?? '', /no predictions for 30 minutes/)
  clock.now += 29_000
  await ask(2)
  assert.equal(made.length, 2)
  clock.now += 31_000
  assert.match((await ask(2))?.said[0]?.text ?? '', /no predictions for 31 minutes/)
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
