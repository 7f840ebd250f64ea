import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driftVerdict, filledMetrics, windowResult } from '../build/metrics.ts'

const series = (page: string) => page.split('\n').filter((line) => line.startsWith('leeway_'))
const valueIn = (page: string, name: string) =>
  series(page)
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1)

/** Design 8.4, with the labels that come after model and version. */
const published = [
  'build_info',
  'model_info',
  'predictions_total',
  'labels_total',
  'records_rejected_total',
  'feature_drift',
  'feature_drift_threshold',
  'feature_drift_p_value',
  'feature_drift_status',
  'model_calibrated',
  'features_drifted',
  'features_monitored',
  'prediction_drift',
  'feature_missing_ratio',
  'feature_unseen_ratio',
  'feature_out_of_range_ratio',
  'performance',
  'performance_low',
  'performance_high',
  'performance_reference',
  'window_samples',
  'window_end_timestamp_seconds',
  'label_coverage_ratio',
  'label_delay_seconds_count',
  'incidents_active',
  'incidents_total',
  'notifications_total',
  'outbox_oldest_seconds',
  'retrain_triggers_total',
  'retrain_last_timestamp_seconds',
  'retrain_requests',
  'retrain_automation_stopped',
  'retrain_run_seconds_count',
  'consumer_lag_records',
  'watermark_timestamp_seconds',
  'join_pending',
  'evaluation_duration_seconds_count',
  'commit_duration_seconds_count',
]

test('every published metric is on the page, under its name', async () => {
  const names = new Set(series(await filledMetrics().page()).map((line) => /^leeway_(\w+)/.exec(line)?.[1]))
  assert.deepEqual(
    published.filter((name) => !names.has(name)),
    [],
  )
})

test('the values are those of the newest window', async () => {
  const page = await filledMetrics().page()
  assert.equal(
    valueIn(page, 'leeway_feature_drift{model="credit-risk",version="7",feature="income",method="psi",window="1h"}'),
    '0.3',
  )
  assert.equal(
    valueIn(page, 'leeway_feature_drift_status{model="credit-risk",version="7",feature="age",window="1h"}'),
    '-1',
  )
  assert.equal(
    valueIn(page, 'leeway_performance{model="credit-risk",version="7",metric="roc_auc",window="1h",kind="realized"}'),
    '0.84',
  )
  assert.equal(valueIn(page, 'leeway_label_coverage_ratio{model="credit-risk",version="7",window="1h"}'), '0.8')
  assert.equal(valueIn(page, 'leeway_features_drifted{model="credit-risk",version="7",window="1h"}'), '1')
  assert.equal(valueIn(page, 'leeway_consumer_lag_records{topic="predictions",partition="0"}'), '10')
  assert.equal(valueIn(page, 'leeway_outbox_oldest_seconds'), '10')
})

test('a feature with too few rows has a status and no distance, and a model that is gone has no series at all', async () => {
  let results = [windowResult()]
  const metrics = filledMetrics({ latestResults: () => results })
  const before = await metrics.page()
  assert.ok(!series(before).some((line) => line.startsWith('leeway_feature_drift{') && line.includes('feature="age"')))
  results = []
  assert.ok(
    !series(await metrics.page()).some(
      (line) => line.startsWith('leeway_feature_drift{') || line.startsWith('leeway_performance{'),
    ),
  )
})

test('scraping twice counts nothing twice', async () => {
  const metrics = filledMetrics()
  await metrics.page()
  assert.equal(valueIn(await metrics.page(), 'leeway_predictions_total{model="credit-risk",version="7"}'), '1200')
})

test('beyond the cap alarms stay, the rest is left out and counted', async () => {
  const verdicts = Array.from({ length: 200 }, (_, i) => driftVerdict(`f${i}`, i === 199 ? 'alarm' : 'ok'))
  const page = await filledMetrics({ latestResults: () => [windowResult({ verdicts })] }, 200).page()
  const drift = series(page).filter((line) => line.startsWith('leeway_feature_drift{'))
  assert.ok(
    drift.some((line) => line.includes('feature="f199"')),
    'the alarm was left out',
  )
  assert.ok(Number(valueIn(page, 'leeway_series_dropped_total')) > 0)
  const capped = series(page).filter((line) =>
    /^leeway_(feature_|features_|window_|model_calibrated|label_coverage|performance|prediction_drift)/.test(line),
  )
  assert.ok(capped.length <= 200, `${capped.length} series`)
})

test('not-a-number and infinity are never on the page', async () => {
  assert.ok(!series(await filledMetrics().page()).some((line) => /(NaN|Inf)$/.test(line)))
})

test('segments have what room is left, those that alarm first, and the rest is counted', async () => {
  const of = (segment: string, status: 'ok' | 'alarm' | 'insufficient', value: number | null = 0.7) => ({
    ...{ model: 'm', version: '1', window: '1h', segment, end: 0, samples: 100 },
    performance: [{ metric: 'accuracy', value, status }],
    drifted: status === 'insufficient' ? null : 0,
  })
  const few = [of('country=DE', 'ok'), of('country=FR', 'alarm'), of('country=LI', 'insufficient', null)]
  const page = series(await filledMetrics({ segments: () => few }).page())
  assert.deepEqual(
    page.filter((line) => line.startsWith('leeway_segment_performance{')),
    ['FR', 'DE'].map(
      (name) =>
        `leeway_segment_performance{model="m",version="1",segment="country=${name}",metric="accuracy",window="1h"} 0.7`,
    ),
  )
  assert.equal(page.filter((line) => line.startsWith('leeway_segment_performance_status')).length, 3)
  assert.equal(page.filter((line) => line.startsWith('leeway_segment_features_drifted')).length, 2)
  const many = Array.from({ length: 500 }, (_, i) => of(`country=${i}`, i === 499 ? 'alarm' : 'ok'))
  const cut = series(await filledMetrics({ segments: () => many }, 1_000).page())
  const ofSegments = cut.filter((line) => line.startsWith('leeway_segment_'))
  assert.equal(ofSegments.length, 250)
  assert.ok(ofSegments.some((line) => line.includes('country=499')))
  assert.ok(cut.includes('leeway_series_dropped_total 1750'))
})
