import assert from 'node:assert/strict'
import { test } from 'node:test'
import { segmentsOf } from '../../src/assembly/segments.ts'
import { NoSuch } from '../../src/http/segments-routes.ts'
import type { Verdict } from '../../src/monitors/verdict.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { SegmentsQuestion } from '../../src/overview/segments.ts'
import { segmentsView } from '../../src/overview/segments.ts'
import { HOUR, openDesk, story } from '../build/segment-desk.ts'

const question: SegmentsQuestion = {
  model: 'm',
  version: '7',
  versions: ['7'],
  window: '1h',
  windows: ['1h'],
  metric: 'accuracy',
  metrics: ['accuracy'],
  column: 'country',
  columns: ['country'],
  stepMs: HOUR / 4,
  since: null,
  before: null,
  after: null,
}

interface Shown {
  readonly value: number | null
  readonly reference?: number | null
  readonly status?: 'ok' | 'warning' | 'alarm' | 'insufficient'
  readonly without?: number
  readonly samples?: number
}

function result(
  segment: string,
  { value, reference = 0.8, status = 'ok', without, samples = 1_000 }: Shown,
): WindowResult {
  const identity = { monitor: 'performance/accuracy', kind: 'performance', feature: null, metric: 'accuracy' } as const
  const [low, high] = value === null ? [null, null] : [value - 0.02, value + 0.02]
  const told = { ...identity, low, high, reference, calibrated: true, ...(without !== undefined && { without }) }
  const verdict =
    status === 'insufficient'
      ? { ...told, status, value, reason: '41 labelled rows, 100 needed to judge' }
      : {
          ...told,
          status,
          value,
          threshold: 0.77,
          effect: 0,
          pValue: 0.5,
          severe: false,
          holds: [],
          matters: false,
          clear: false,
        }
  const frame = { model: 'm', version: '7', window: '1h', start: 0, end: HOUR, revision: 0 }
  return { ...frame, segment, samples, labelled: samples, provisional: false, verdicts: [verdict as Verdict] }
}

const shown = (whole: Shown, segments: Readonly<Record<string, Shown>>) =>
  segmentsView(question, {
    whole: result('', whole),
    segments: Object.entries(segments).map(([name, one]) => result(`country=${name}`, one)),
    history: null,
  })

test('segments stand worst first: by status, then by how much worse than their reference, then what has no value', () => {
  const view = shown(
    { value: 0.75, status: 'ok' },
    {
      ok: { value: 0.81 },
      low: { value: 0.4, reference: 0.41 },
      none: { value: null, reference: null, status: 'insufficient' },
      few: { value: 0.1, status: 'insufficient' },
      bad: { value: 0.7, status: 'alarm' },
      warned: { value: 0.6, status: 'warning' },
    },
  )
  assert.deepEqual(
    view.segments.map(({ label }) => label),
    ['bad', 'warned', 'low', 'ok', 'few', 'none'],
  )
})

test('the segment without which most of the loss would be gone carries it, and the words say so', () => {
  const view = shown(
    { value: 0.71, status: 'alarm' },
    { FR: { value: 0.28, status: 'alarm', without: 0.79 }, DE: { value: 0.79, without: 0.68 } },
  )
  assert.deepEqual(view.carrier, { segment: 'country=FR', label: 'FR', share: 1 - 0.01 / 0.09 })
  assert.equal(
    view.verdict,
    'country FR carries most of the loss of accuracy: 0.280 (0.260–0.300), reference 0.8, 1,000 labelled rows; without it the model would be at 0.79 instead of 0.71.',
  )
})

test('nothing is carried where nothing is lost, or where no single segment explains half of it', () => {
  const spread = shown(
    { value: 0.71, status: 'alarm' },
    { FR: { value: 0.7, status: 'alarm', without: 0.72 }, DE: { value: 0.72, status: 'alarm', without: 0.7 } },
  )
  assert.equal(spread.carrier, null)
  assert.match(spread.verdict, /^country FR is losing accuracy: .*, and 1 more: DE\.$/)
  const fine = shown(
    { value: 0.81 },
    { FR: { value: 0.82, without: 0.9 }, few: { value: 0.5, status: 'insufficient' } },
  )
  assert.equal(fine.carrier, null)
  assert.equal(
    fine.verdict,
    'By accuracy no segment of country is worse than it was in the reference (1 judged). 1 of 2 could not be judged.',
  )
})

test('segments that stand for others or for none have words, and nobody is judged before there are windows', () => {
  const view = shown({ value: 0.8 }, { __other__: { value: 0.8 }, __missing__: { value: 0.79 } })
  assert.deepEqual(view.segments.map(({ label }) => label).sort(), ['all others', 'no value'])
  const none = segmentsView(question, { whole: undefined, segments: [], history: null })
  assert.equal(none.verdict, 'No window of 1h has been judged by country yet.')
  const without = segmentsView(
    { ...question, column: null, columns: [] },
    { whole: undefined, segments: [], history: null },
  )
  assert.equal(without.verdict, 'm tells no segments apart.')
})

test('what was stored is found: the newest window, an earlier one, and the course of a segment', async () => {
  const desk = openDesk()
  desk.send(story(4, 500).events)
  desk.end()
  const ask = segmentsOf(desk.store.views, () => desk.pipeline)
  const newest = await ask({ model: 'm' })
  assert.equal(newest.window, '1h')
  assert.equal(newest.column, 'country')
  assert.ok(newest.segments.length >= 5)
  assert.equal(
    newest.segments.reduce((sum, { samples }) => sum + samples, 0),
    newest.whole?.samples,
  )
  const before = await ask({ model: 'm', end: Date.parse(newest.before as string), segment: 'country=DE' })
  assert.equal(before.after, newest.end)
  const { points = [] } = before.history ?? {}
  assert.ok(points.length > 3)
  assert.equal(points.at(-1)?.end, before.end)
  assert.equal(points[0]?.start, '2026-01-05T00:00:00Z')
  const byFeature = await ask({ model: 'm', segment: 'c=v0', metric: 'log_loss', window: '6h' })
  assert.deepEqual([byFeature.column, byFeature.better], ['c', 'lower'])
  await assert.rejects(ask({ model: 'x' }), NoSuch)
  await assert.rejects(ask({ model: 'm', metric: 'recall' }), /there is no metric recall; there is: roc_auc/)
  await assert.rejects(ask({ model: 'm', column: 'city' }), /there is no segment column city; there is: country, c/)
  JSON.stringify(newest, (_, value) => assert.ok(!Number.isNaN(value)) ?? value)
  desk.store.close()
})
