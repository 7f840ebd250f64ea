// Is this model still right? What changed, since when, which feature?

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { daemonVariables, dashboard, modelVariable, ofModel, windowVariable } from './frame.ts'
import { badFromOne, coverage, noiseWords, plain, statusWords, stoppedWords } from './look.ts'
import { modelMarks } from './marks.ts'
import { bars, cells, inAddress, lines, number, toDashboard, toUi } from './panel.ts'
import {
  driftOverThreshold,
  meanOf,
  modelScope as model,
  quantileOf,
  roomOfNow,
  statusOf,
  versionScope as versions,
  windowScope as windows,
} from './query.ts'
import { segmentsRow } from './segments-row.ts'

const inWindow = `?window=${inAddress('window')}`
const inUi = `models/${inAddress('model')}`
const ofFeature = [
  toDashboard('Show the feature', 'leeway-feature', {
    model: inAddress('model'),
    window: inAddress('window'),
    feature: inAddress('__field.labels.feature'),
  }),
  toUi('Open in Leeway', `${inUi}/features/${inAddress('__field.labels.feature')}${inWindow}`),
]
const here = [toUi('Open in Leeway', `${inUi}${inWindow}`)]
const one = `${windows}, metric="$metric"`

export function modelDashboard(): Dashboard {
  return dashboard({
    uid: 'leeway-model',
    title: 'Leeway: model',
    description: 'Is the model still right? What moved, since when, which feature.',
    variables: [
      ...daemonVariables(),
      modelVariable(false),
      ofModel('version'),
      windowVariable(false),
      ofModel('metric'),
      ofModel('segment'),
    ],
    annotations: modelMarks(model),
    page: `${inUi}${inWindow}`,
    rows: [
      {
        title: 'Is it all right?',
        height: 4,
        panels: [
          number({
            title: 'Status',
            description: 'Whether incidents of the model fire: an alarm, a warning, or none.',
            unit: 'none',
            width: 3,
            words: statusWords,
            links: here,
            targets: [{ expr: `max(${statusOf(model)})` }],
          }),
          number({
            title: 'Incidents',
            description: 'Incidents that fire or clear now.',
            unit: 'none',
            width: 3,
            colours: badFromOne,
            links: [toUi('Open in Leeway', `incidents?model=${inAddress('model')}`)],
            targets: [{ expr: `sum(leeway_incidents_active{${model}}) or vector(0)` }],
          }),
          number({
            title: 'Features drifted',
            description: 'Features that alarm in the newest window.',
            unit: 'none',
            width: 3,
            colours: badFromOne,
            targets: [{ expr: `max(leeway_features_drifted{${windows}})` }],
          }),
          number({
            title: 'Features watched',
            description: 'Features that are judged for drift.',
            unit: 'none',
            width: 3,
            targets: [{ expr: `max(leeway_features_monitored{${windows}})` }],
          }),
          number({
            title: 'Label coverage',
            description:
              'Share of the newest window that is labelled. Performance is judged from 80 % on, unless configured otherwise.',
            unit: 'percentunit',
            width: 3,
            decimals: 0,
            colours: coverage,
            targets: [{ expr: `min(leeway_label_coverage_ratio{${windows}})` }],
          }),
          number({
            title: 'Rows',
            description: 'Predictions in the newest window.',
            unit: 'short',
            width: 3,
            targets: [{ expr: `sum(leeway_window_samples{${windows}})` }],
          }),
          number({
            title: 'Noise',
            description:
              'Learnt from the reference, or assumed: a reference that is too short cannot tell how noisy it is by itself, and a cautious noise is taken.',
            unit: 'none',
            width: 3,
            words: noiseWords,
            targets: [{ expr: `min(leeway_model_calibrated{${windows}})` }],
          }),
          number({
            title: 'Newest window ended',
            description: 'Event time at which the newest window ended that was judged.',
            unit: 'dateTimeFromNow',
            width: 3,
            targets: [{ expr: `max(leeway_window_end_timestamp_seconds{${windows}}) * 1000` }],
          }),
        ],
      },
      {
        title: 'Performance',
        height: 9,
        panels: [
          lines({
            title: '$metric',
            description:
              'The metric in the newest window by the labels that have come, with its 95 % interval, the reference (blue) and the value from which it may alarm (red). It is judged once the label coverage suffices. One version chosen: the interval is a band.',
            unit: 'none',
            width: 12,
            links: here,
            targets: [
              { expr: `leeway_performance{${one}, kind="realized"}`, legend: '$metric {{version}}' },
              { expr: `leeway_performance_low{${one}, kind="realized"}`, legend: 'low', as: 'low' },
              { expr: `leeway_performance_high{${one}, kind="realized"}`, legend: 'high', as: 'high' },
              {
                // Of a window that waits for its labels there is that of its estimate.
                expr: `max without (kind) (leeway_performance_threshold{${one}})`,
                legend: 'alarm {{version}}',
                as: 'threshold',
              },
              {
                expr: `leeway_performance_reference{${versions}, metric="$metric"}`,
                legend: 'reference {{version}}',
                as: 'reference',
              },
            ],
          }),
          lines({
            title: 'Room to the alarm',
            description:
              'Every metric on one scale: 100 % as in the reference, at 0 it may alarm. By labels; while too few have come, by estimates.',
            unit: 'percentunit',
            width: 12,
            limit: 0,
            links: here,
            targets: [{ expr: roomOfNow(windows, versions), legend: '{{metric}} {{version}}' }],
          }),
          lines({
            title: '$metric: estimated beside realised',
            description:
              'What is estimated while labels are late, with its 95 % interval, and what the labels said. No estimate: labels have refuted its calibration, or the metric cannot be estimated. One version chosen: the interval is a band.',
            unit: 'none',
            width: 12,
            links: here,
            targets: [
              { expr: `leeway_performance{${one}, kind="estimated"}`, legend: 'estimated {{version}}' },
              { expr: `leeway_performance_low{${one}, kind="estimated"}`, legend: 'low', as: 'low' },
              { expr: `leeway_performance_high{${one}, kind="estimated"}`, legend: 'high', as: 'high' },
              { expr: `leeway_performance{${one}, kind="realized"}`, legend: 'realised {{version}}' },
            ],
          }),
          lines({
            title: 'Errors, over the threshold',
            description:
              'Evidence that the model errs more often than in the reference, pane by pane: from 1 on it alarms.',
            unit: 'none',
            width: 12,
            min: 0,
            limit: 1,
            links: here,
            targets: [
              {
                expr: `leeway_concept_drift{${windows}} / leeway_concept_drift_threshold{${windows}}`,
                legend: '{{method}} {{version}}',
              },
            ],
          }),
        ],
      },
      {
        title: 'Drift: which feature, since when?',
        height: 10,
        panels: [
          cells({
            title: 'Status of each feature',
            description: 'What was said of each feature in each window.',
            unit: 'none',
            width: 24,
            words: statusWords,
            links: ofFeature,
            targets: [{ expr: `leeway_feature_drift_status{${windows}}`, legend: '{{feature}} {{version}}' }],
          }),
          lines({
            title: 'Distance, over the threshold',
            description: 'Each feature by the method that speaks for it: from 1 on it may alarm.',
            unit: 'none',
            width: 12,
            min: 0,
            limit: 1,
            evenTo: 1,
            links: ofFeature,
            targets: [{ expr: driftOverThreshold(windows), legend: '{{feature}} ({{method}}) {{version}}' }],
          }),
          bars({
            title: 'Furthest from the reference',
            description: 'The ten features that are furthest now, over their thresholds: from 1 on they may alarm.',
            unit: 'none',
            width: 12,
            links: ofFeature,
            targets: [{ expr: `topk(10, max by (feature) (${driftOverThreshold(windows)}))`, legend: '{{feature}}' }],
          }),
          lines({
            title: "The model's output",
            description: 'Distance of score and decision from the reference, and where it may alarm.',
            unit: 'none',
            width: 12,
            min: 0,
            links: here,
            targets: [
              { expr: `leeway_prediction_drift{${windows}}`, legend: '{{method}} {{version}}' },
              {
                expr: `leeway_prediction_drift_threshold{${windows}}`,
                legend: 'alarm {{method}} {{version}}',
                as: 'threshold',
              },
            ],
          }),
          lines({
            title: 'Features together, over the threshold',
            description:
              'Numeric features as a whole: their means (hotelling), their largest change of a correlation, and rows that leave the usual directions (reconstruction). From 1 on each may alarm.',
            unit: 'none',
            width: 12,
            min: 0,
            limit: 1,
            evenTo: 1,
            links: here,
            targets: [
              {
                expr: `leeway_multivariate_drift{${windows}} / leeway_multivariate_drift_threshold{${windows}}`,
                legend: '{{method}} {{version}}',
              },
            ],
          }),
        ],
      },
      segmentsRow(),
      {
        title: 'Data quality and volume',
        height: 8,
        panels: [
          lines({
            title: 'Missing values',
            description: 'Share of rows without a value; the ten features with most.',
            unit: 'percentunit',
            width: 6,
            min: 0,
            atLeastTo: 0.05,
            links: ofFeature,
            targets: [
              { expr: `topk(10, leeway_feature_missing_ratio{${windows}})`, legend: '{{feature}} {{version}}' },
            ],
          }),
          lines({
            title: 'Outside the range',
            description: "Share of rows outside the reference's range; the ten features with most.",
            unit: 'percentunit',
            width: 6,
            min: 0,
            atLeastTo: 0.05,
            links: ofFeature,
            targets: [
              { expr: `topk(10, leeway_feature_out_of_range_ratio{${windows}})`, legend: '{{feature}} {{version}}' },
            ],
          }),
          lines({
            title: 'Unseen categories',
            description: 'Share of rows with a category that the reference never saw; the ten features with most.',
            unit: 'percentunit',
            width: 6,
            min: 0,
            atLeastTo: 0.05,
            links: ofFeature,
            targets: [{ expr: `topk(10, leeway_feature_unseen_ratio{${windows}})`, legend: '{{feature}} {{version}}' }],
          }),
          lines({
            title: 'Rows',
            description: 'Predictions in the newest window.',
            unit: 'short',
            width: 6,
            min: 0,
            targets: [{ expr: `leeway_window_samples{${windows}}`, legend: 'rows {{version}}' }],
          }),
        ],
      },
      {
        title: 'Labels',
        height: 8,
        isFolded: true,
        panels: [
          lines({
            title: 'Coverage',
            description: 'Share of the newest window that is labelled.',
            unit: 'percentunit',
            width: 8,
            min: 0,
            max: 1,
            targets: [{ expr: `leeway_label_coverage_ratio{${windows}}`, legend: 'labelled {{version}}' }],
          }),
          lines({
            title: 'Delay',
            description:
              'Time from a prediction to its label, of labels that came of late: half of them, and nine of ten, came within.',
            unit: 's',
            width: 8,
            min: 0,
            targets: [
              { expr: quantileOf(0.5, 'leeway_label_delay_seconds', versions), legend: 'median' },
              { expr: quantileOf(0.9, 'leeway_label_delay_seconds', versions), legend: '90 %' },
            ],
          }),
          lines({
            title: 'What became of labels',
            description:
              'Labels a second by what became of them: when they came, and of those that waited for their prediction, when that came.',
            unit: 'ops',
            width: 8,
            min: 0,
            targets: [
              {
                expr: `sum by (fate) (rate(leeway_label_fates_total{${model}}[$__rate_interval]))`,
                legend: '{{fate}}',
              },
              {
                expr: `sum by (fate) (rate(leeway_early_labels_total{${model}}[$__rate_interval]))`,
                legend: '{{fate}}, having waited',
              },
            ],
          }),
        ],
      },
      {
        title: 'Incidents and retraining',
        height: 8,
        isFolded: true,
        panels: [
          lines({
            title: 'Incidents',
            description:
              'Incidents that fire or clear, by kind and severity; and those of them that are under their thresholds of late.',
            unit: 'none',
            width: 9,
            min: 0,
            links: [toUi('Open in Leeway', `incidents?model=${inAddress('model')}`)],
            targets: [
              {
                expr: `sum by (kind, severity) (leeway_incidents_active{${model}})`,
                legend: '{{kind}}, {{severity}}',
              },
              { expr: `sum by (kind) (leeway_incidents_clearing{${model}})`, legend: '{{kind}}, clearing' },
            ],
          }),
          bars({
            title: 'Requests to retrain',
            description: 'Requests that are not at their end, by what they wait for.',
            unit: 'none',
            width: 6,
            colours: plain,
            targets: [{ expr: `sum by (state) (leeway_retrain_requests{${model}})`, legend: '{{state}}' }],
          }),
          number({
            title: 'Last run asked for',
            description: 'When a retraining run was last asked for, since the start of the daemon.',
            unit: 'dateTimeFromNow',
            width: 3,
            targets: [{ expr: `max(leeway_retrain_last_timestamp_seconds{${model}}) * 1000` }],
          }),
          number({
            title: 'Mean time of a run',
            description: 'Mean time that retraining runs took which ended of late.',
            unit: 's',
            width: 3,
            targets: [{ expr: meanOf('leeway_retrain_run_seconds', model, 'model') }],
          }),
          number({
            title: 'Automation',
            description: 'Whether Leeway may ask for runs by itself, or people have stopped it.',
            unit: 'none',
            width: 3,
            words: stoppedWords,
            targets: [{ expr: `max(leeway_retrain_automation_stopped{${model}})` }],
          }),
        ],
      },
    ],
  })
}
