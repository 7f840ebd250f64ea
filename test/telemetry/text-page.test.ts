import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gaugesText, linesOf, shortLabelValue, withinSeries } from '../../src/telemetry/text-page.ts'
import { incident } from '../build/messages.ts'
import { driftVerdict, filledMetrics, windowResult } from '../build/metrics.ts'
import { runs } from '../events/seed.ts'

const seriesOf = (page: string) => page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** A reader of the text format, for one line. */
const line = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/

test('whatever a label holds, the page has one line a series, which can be read and is not long', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 20 }), (values) => {
      const gauges = [['leeway_test', 'Help', ['model', 'feature']]] as const
      const series = values.map((feature, i) => ({ metric: 'leeway_test', labels: { model: 'm', feature }, value: i }))
      const page = gaugesText(gauges, linesOf(gauges, series))
      const lines = seriesOf(page)
      for (const one of lines) assert.match(one, line)
      assert.equal(Buffer.from(page).toString(), page, 'no halves of characters')
    }),
    runs(300),
  )
})

test('label values that differ stay different when they are cut', () => {
  const long = 'x'.repeat(200)
  assert.equal(shortLabelValue(`${long}a`).length, 128)
  assert.notEqual(shortLabelValue(`${long}a`), shortLabelValue(`${long}b`))
  assert.equal(shortLabelValue('credit-risk'), 'credit-risk')
})

test('of two values with the same labels the later one is on the page, once', () => {
  const one = (value: number) => ({ metric: 'leeway_test', labels: { model: 'm' }, value })
  const gauges = [['leeway_test', 'Help', ['model']]] as const
  assert.deepEqual(seriesOf(gaugesText(gauges, linesOf(gauges, [one(1), one(2)]))), ['leeway_test{model="m"} 2'])
})

test('a page is cut where it has most series, and no label set of a histogram is torn', () => {
  const gauge = (name: string, count: number) =>
    `# HELP ${name} h\n# TYPE ${name} gauge\n${Array.from({ length: count }, (_, i) => `${name}{x="${i}"} 1\n`).join('')}`
  const set = (i: number) =>
    `h_bucket{le="1",x="${i}"} 1\nh_bucket{le="+Inf",x="${i}"} 1\nh_sum{x="${i}"} 1\nh_count{x="${i}"} 1\n`
  const page = `${gauge('few', 3)}${gauge('many', 100)}# HELP h h\n# TYPE h histogram\n${Array.from({ length: 50 }, (_, i) => set(i)).join('')}`
  assert.deepEqual(withinSeries(page, 303), { page, series: 303, dropped: 0 })
  const cut = withinSeries(page, 50)
  const count = (name: RegExp) => seriesOf(cut.page).filter((one) => name.test(one)).length
  assert.deepEqual([count(/^few/), count(/^many/), count(/^h_/) % 4, count(/^h_count/) > 3], [3, 23, 0, true])
  assert.deepEqual([seriesOf(cut.page).length, cut.series + cut.dropped], [cut.series, 303])
  assert.ok(cut.series <= 50)
})

test('the whole page stays within the cap, however many versions, incidents and windows there are', async () => {
  const versions = Array.from({ length: 200 }, (_, i) => `v${i}`)
  const results = versions.map((version) =>
    windowResult({ version, verdicts: Array.from({ length: 20 }, (_, i) => driftVerdict(`f${i}`, 'ok')) }),
  )
  const metrics = filledMetrics(
    {
      latestResults: () => results,
      counters: () => versions.map((version) => ({ name: 'predictions', model: 'm', version, value: 1 })),
      openIncidents: () => versions.map((version) => incident({ version })),
    },
    1_000,
  )
  for (const version of versions) metrics.labelDelay('m', version, 1)
  await metrics.page()
  const page = await metrics.page()
  const series = seriesOf(page)
  assert.ok(series.length <= 1_000, `${series.length} series`)
  assert.ok(series.some((one) => one.startsWith('leeway_build_info')))
  const dropped = Number(/^leeway_series_dropped_total (\d+)$/m.exec(page)?.[1])
  assert.ok(dropped > 3_000, `${dropped} dropped`)
})
