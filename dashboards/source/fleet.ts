// Which model needs a person?

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { daemonVariables, dashboard, modelVariable, windowVariable } from './frame.ts'
import { alarm, badFromOne, coverage, doubtfulFromOne, ok, plain, statusWords, steps, warning } from './look.ts'
import { modelMarks } from './marks.ts'
import { bars, cells, inAddress, lines, number, table, toDashboard, toUi } from './panel.ts'
import { fleetScope as models, roomOfNow, statusOf, fleetWindows as windows } from './query.ts'

/** Room between the threshold (0) and the reference (1). */
const room = steps(alarm, [0, warning], [0.25, ok])
const byVersion = (aggregation: string, expr: string) => `${aggregation} by (model, version) (${expr})`
const severe = `leeway_incidents_active{${models}, severity=~"alarm|critical"} > 0`
const mild = `leeway_incidents_active{${models}, severity="warning"} > 0`

const ofRow = [
  toDashboard('Show the model', 'leeway-model', { model: inAddress('__data.fields.Model') }),
  toUi('Open in Leeway', `models/${inAddress('__data.fields.Model')}`),
]
const ofSeries = [
  toDashboard('Show the model', 'leeway-model', { model: inAddress('__field.labels.model') }),
  toUi('Open in Leeway', `models/${inAddress('__field.labels.model')}`),
]

export function fleet(): Dashboard {
  return dashboard({
    uid: 'leeway-fleet',
    title: 'Leeway: fleet',
    description: 'Every model under watch: which of them needs a person, since when, and how much.',
    variables: [...daemonVariables(), modelVariable(true), windowVariable(true)],
    annotations: modelMarks(models),
    page: '',
    rows: [
      {
        title: 'Who needs you?',
        height: 4,
        panels: [
          number({
            title: 'Models with an alarm',
            description: 'Models of which an incident of severity alarm or critical fires.',
            unit: 'none',
            width: 4,
            colours: badFromOne,
            targets: [{ expr: `count(count by (model) (${severe})) or vector(0)` }],
          }),
          number({
            title: 'Models with a warning',
            description: 'Models of which a warning fires, and no alarm.',
            unit: 'none',
            width: 4,
            colours: doubtfulFromOne,
            targets: [{ expr: `count(count by (model) (${mild}) unless count by (model) (${severe})) or vector(0)` }],
          }),
          number({
            title: 'Models watched',
            description: 'Models of the configuration.',
            unit: 'none',
            width: 4,
            targets: [{ expr: `count(count by (model) (leeway_model_info{${models}}))` }],
          }),
          number({
            title: 'Without a window',
            description:
              'Models of which no window has been judged yet: no events come, or their reference is being learnt.',
            unit: 'none',
            width: 4,
            colours: doubtfulFromOne,
            targets: [
              {
                expr: `count(leeway_model_info{${models}} unless on (job, instance, model) leeway_window_samples{${models}}) or vector(0)`,
              },
            ],
          }),
          number({
            title: 'Features drifted',
            description: 'Features that alarm in the newest windows, of all models.',
            unit: 'none',
            width: 4,
            colours: badFromOne,
            targets: [{ expr: `sum(${byVersion('max', `leeway_features_drifted{${windows}}`)})` }],
          }),
          number({
            title: 'Incidents',
            description: 'Incidents that fire or clear now.',
            unit: 'none',
            width: 4,
            colours: badFromOne,
            targets: [{ expr: `sum(leeway_incidents_active{${models}}) or vector(0)` }],
          }),
        ],
      },
      {
        title: 'Every model',
        height: 11,
        panels: [
          table({
            title: 'Models',
            description:
              'One row for each model and version, worst first. Room: how far the metric that fares worst is from its alarm threshold, 100 % being the reference; while labels are late, by estimates. A row without a version is about all of them, or waits for its first window.',
            width: 24,
            labels: [
              ['model', 'Model'],
              ['version', 'Version'],
            ],
            links: ofRow,
            sortBy: 'Status',
            columns: [
              { name: 'Status', unit: 'none', words: statusWords, expr: statusOf(models) },
              {
                name: 'Incidents',
                unit: 'none',
                colours: badFromOne,
                expr: byVersion('sum', `leeway_incidents_active{${models}}`),
              },
              {
                name: 'Drifted',
                unit: 'none',
                colours: badFromOne,
                expr: byVersion('max', `leeway_features_drifted{${windows}}`),
              },
              { name: 'Features', unit: 'none', expr: byVersion('max', `leeway_features_monitored{${windows}}`) },
              {
                name: 'Room',
                unit: 'percentunit',
                decimals: 0,
                colours: room,
                expr: byVersion('min', roomOfNow(windows, models)),
              },
              {
                name: 'Labelled',
                unit: 'percentunit',
                decimals: 0,
                colours: coverage,
                expr: byVersion('min', `leeway_label_coverage_ratio{${windows}}`),
              },
              { name: 'Rows', unit: 'short', expr: byVersion('max', `leeway_window_samples{${windows}}`) },
              {
                name: 'Newest window ended',
                unit: 'dateTimeFromNow',
                expr: `${byVersion('max', `leeway_window_end_timestamp_seconds{${windows}}`)} * 1000`,
              },
            ],
          }),
        ],
      },
      {
        title: 'Since when?',
        height: 9,
        panels: [
          cells({
            title: 'Status of each model',
            description: 'Whether incidents of the model fire: an alarm, a warning, or none.',
            unit: 'none',
            width: 24,
            words: statusWords,
            links: ofSeries,
            targets: [{ expr: `max by (model) (${statusOf(models)})`, legend: '{{model}}' }],
          }),
          lines({
            title: 'Share of features that drifted',
            description: 'Features that alarm, of those that are watched, in the newest window.',
            unit: 'percentunit',
            width: 12,
            min: 0,
            links: ofSeries,
            targets: [
              {
                expr: `max by (model) (leeway_features_drifted{${windows}} / (leeway_features_monitored{${windows}} > 0))`,
                legend: '{{model}}',
              },
            ],
          }),
          lines({
            title: 'Room of performance',
            description:
              'The metric of each model that fares worst: 100 % as in the reference, at 0 it may alarm. By labels; while too few have come, by estimates.',
            unit: 'percentunit',
            width: 12,
            limit: 0,
            links: ofSeries,
            targets: [{ expr: `min by (model) (${roomOfNow(windows, models)})`, legend: '{{model}}' }],
          }),
        ],
      },
      {
        title: 'Volume, labels, requests',
        height: 8,
        panels: [
          lines({
            title: 'Predictions',
            description: 'Predictions counted a second.',
            unit: 'ops',
            width: 8,
            min: 0,
            links: ofSeries,
            targets: [
              {
                expr: `sum by (model) (rate(leeway_predictions_total{${models}}[$__rate_interval]))`,
                legend: '{{model}}',
              },
            ],
          }),
          lines({
            title: 'Label coverage',
            description: 'Share of the newest window that is labelled; of several windows the smallest.',
            unit: 'percentunit',
            width: 8,
            min: 0,
            max: 1,
            links: ofSeries,
            targets: [{ expr: `min by (model) (leeway_label_coverage_ratio{${windows}})`, legend: '{{model}}' }],
          }),
          bars({
            title: 'Requests to retrain',
            description: 'Requests that are not at their end, by what they wait for.',
            unit: 'none',
            width: 8,
            colours: plain,
            targets: [
              { expr: `sum by (model, state) (leeway_retrain_requests{${models}})`, legend: '{{model}}: {{state}}' },
            ],
          }),
        ],
      },
    ],
  })
}
