import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import { metricSeries, testSeries } from '../../src/overview/series.ts'
import { readColumns } from '../../src/overview/window-columns.ts'
import type { ResultQuery } from '../../src/store/views.ts'
import { HOUR } from '../../src/time.ts'

type Status = 'ok' | 'warning' | 'alarm'

const drift = (status: Status, value: number) => ({
  ...{
    monitor: 'drift/age',
    kind: 'drift',
    feature: 'age',
    metric: 'psi',
    status,
    value,
    threshold: 0.1,
    effect: value,
  },
  ...{
    pValue: 0.01,
    low: null,
    high: null,
    reference: null,
    calibrated: true,
    severe: false,
    holds: [],
    matters: false,
  },
  ...{ clear: true, methods: { psi: value, wasserstein: value / 2 } },
})
const auc = (value: number | null, reference = 0.9) => ({
  ...{ monitor: 'performance/roc_auc', kind: 'performance', feature: null, metric: 'roc_auc', status: 'ok', value },
  ...{ threshold: reference - 0.03, effect: 0, pValue: 1, low: null, high: null, reference, calibrated: true },
  ...{ severe: false, holds: [], matters: false, clear: true },
})

const window = (hour: number, verdicts: readonly object[]): WindowResult =>
  ({
    ...{ model: 'm', version: '', segment: '', window: '1h', start: (hour - 1) * HOUR, end: hour * HOUR, revision: 0 },
    ...{ samples: 100, labelled: 90, provisional: false, verdicts },
  }) as WindowResult

/** Views over windows in memory, in the order of their ends. */
function viewsOf(windows: readonly WindowResult[]) {
  let reads = 0
  const results = ({ from = 0, to = Number.POSITIVE_INFINITY, limit }: ResultQuery) => {
    const found = windows.filter(({ end }) => end >= from && end < to).slice(0, limit)
    reads += found.length
    return found
  }
  return { results, reads: () => reads }
}
const sequence = { model: 'm', version: '', spec: { name: '1h', sizeMs: HOUR, slideMs: HOUR } }

test('a long stretch has few columns, and an alarm of a single window is in one of them', async () => {
  const windows = Array.from({ length: 1_000 }, (_, i) =>
    window(i + 1, [drift(i === 500 ? 'alarm' : 'ok', i === 500 ? 0.4 : 0.01)]),
  )
  const columns = await readColumns(viewsOf(windows), sequence, { from: HOUR, to: 1_000 * HOUR })
  assert.ok(columns.ends.length <= 120)
  assert.equal(columns.ends.at(-1), 1_000 * HOUR)
  const [shown] = testSeries(columns)
  assert.equal(shown?.alarms, 1)
  assert.equal(Math.max(...(shown?.values.flatMap((value) => value ?? []) ?? [])), 0.4)
})

test('windows that are missing leave gaps where they are missing', async () => {
  const windows = [1, 2, 5].map((hour) => window(hour, [drift('ok', 0.01)]))
  const columns = await readColumns(viewsOf(windows), sequence, { from: HOUR, to: 5 * HOUR })
  assert.equal(testSeries(columns)[0]?.statuses, 'oo  o')
})

test('of a very long stretch some windows are read, and it is said how many', async () => {
  const views = viewsOf(Array.from({ length: 4_000 }, (_, i) => window(i + 1, [drift('ok', 0.01)])))
  const columns = await readColumns(views, sequence, { from: HOUR, to: 4_000 * HOUR })
  assert.equal(columns.readEvery, 3)
  assert.ok(views.reads() <= 1_500)
  assert.ok(columns.windows.every((one) => one !== undefined))
})

test('a column of a metric is its newest window; a reference that was replaced is told by column', async () => {
  const windows = [window(1, [auc(0.9)]), window(2, [auc(0.8)]), window(3, [auc(0.7, 0.75)])]
  const [metric] = metricSeries(await readColumns(viewsOf(windows), sequence, { from: HOUR, to: 3 * HOUR }))
  assert.deepEqual(metric?.values, [0.9, 0.8, 0.7])
  assert.deepEqual(metric?.references, [0.9, 0.9, 0.75])
  assert.deepEqual([metric?.reference, metric?.threshold, metric?.alarms], [0.75, 0.72, 'below'])
})
