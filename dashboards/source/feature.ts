// How has this feature moved?

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { daemonVariables, dashboard, modelVariable, ofModel, windowVariable } from './frame.ts'
import { overThreshold, plain, statusWords } from './look.ts'
import { modelMarks } from './marks.ts'
import { cells, inAddress, lines, number, toUi } from './panel.ts'
import { driftOverThreshold, featureScope as feature, modelScope as model, windowScope as windows } from './query.ts'

const inUi = `models/${inAddress('model')}/features/${inAddress('feature')}?window=${inAddress('window')}`
const here = [toUi('Open in Leeway', inUi)]

export function featureDashboard(): Dashboard {
  return dashboard({
    uid: 'leeway-feature',
    title: 'Leeway: feature',
    description:
      'How one feature has moved: its distances with their thresholds, the evidence, and its faults. Its distribution beside the reference is in the UI.',
    variables: [
      ...daemonVariables(),
      modelVariable(false),
      ofModel('version'),
      windowVariable(false),
      ofModel('feature'),
    ],
    annotations: modelMarks(model),
    page: inUi,
    rows: [
      {
        title: 'Has it drifted?',
        height: 4,
        panels: [
          number({
            title: 'Status',
            description: 'What is said of the newest window; of several versions the worst.',
            unit: 'none',
            width: 4,
            words: statusWords,
            links: here,
            targets: [{ expr: `max(leeway_feature_drift_status{${feature}})` }],
          }),
          number({
            title: 'Over the threshold',
            description: 'Its distance over the threshold, by the method that speaks for it: from 1 on it may alarm.',
            unit: 'none',
            width: 4,
            decimals: 2,
            colours: overThreshold,
            links: here,
            targets: [{ expr: `max(${driftOverThreshold(feature)})` }],
          }),
          number({
            title: 'p-value',
            description: 'Of the test that speaks loudest. It says how evident a change is, not how large.',
            unit: 'sci',
            decimals: 1,
            width: 4,
            targets: [{ expr: `min(leeway_feature_drift_p_value{${feature}})` }],
          }),
          number({
            title: 'Missing',
            description: 'Share of rows without a value.',
            unit: 'percentunit',
            width: 4,
            targets: [{ expr: `max(leeway_feature_missing_ratio{${feature}})` }],
          }),
          number({
            title: 'Outside, or never seen',
            description:
              "Share of rows outside the reference's range (a number), or with a category that the reference never saw.",
            unit: 'percentunit',
            width: 4,
            targets: [
              {
                expr: `max(leeway_feature_out_of_range_ratio{${feature}}) or max(leeway_feature_unseen_ratio{${feature}})`,
              },
            ],
          }),
          number({
            title: 'Rows',
            description: 'Predictions in the newest window.',
            unit: 'short',
            width: 4,
            colours: plain,
            targets: [{ expr: `sum(leeway_window_samples{${windows}})` }],
          }),
        ],
      },
      {
        title: 'Since when?',
        height: 5,
        panels: [
          cells({
            title: 'Status',
            description: 'What was said of the feature in each window, by version.',
            unit: 'none',
            width: 24,
            words: statusWords,
            links: here,
            targets: [{ expr: `leeway_feature_drift_status{${feature}}`, legend: 'status {{version}}' }],
          }),
        ],
      },
      {
        title: 'How far, and how evident?',
        height: 10,
        panels: [
          lines({
            title: 'Distance',
            description:
              'Distance from the reference by every method, bias-corrected, and the threshold of the one that speaks for the feature (dashed).',
            unit: 'none',
            width: 12,
            min: 0,
            links: here,
            targets: [
              { expr: `leeway_feature_drift{${feature}}`, legend: '{{method}} {{version}}' },
              {
                expr: `leeway_feature_drift_threshold{${feature}}`,
                legend: 'alarm {{method}} {{version}}',
                as: 'threshold',
              },
            ],
          }),
          lines({
            title: 'Evidence',
            description:
              'p-value of the test that speaks loudest: the smaller, the more evident; 1e-12 stands for whatever is smaller. Many rows make small changes evident, so an alarm needs both.',
            unit: 'sci',
            width: 12,
            isLogarithmic: true,
            links: here,
            targets: [{ expr: `clamp_min(leeway_feature_drift_p_value{${feature}}, 1e-12)`, legend: 'p {{version}}' }],
          }),
        ],
      },
      {
        title: 'Faults of the data',
        height: 8,
        panels: [
          lines({
            title: 'Missing values',
            description: 'Share of rows without a value.',
            unit: 'percentunit',
            width: 8,
            min: 0,
            atLeastTo: 0.05,
            links: here,
            targets: [{ expr: `leeway_feature_missing_ratio{${feature}}`, legend: 'missing {{version}}' }],
          }),
          lines({
            title: 'Outside, or never seen',
            description:
              "Share of rows outside the reference's range (a number), or with a category that the reference never saw.",
            unit: 'percentunit',
            width: 8,
            min: 0,
            atLeastTo: 0.05,
            links: here,
            targets: [
              { expr: `leeway_feature_out_of_range_ratio{${feature}}`, legend: 'outside {{version}}' },
              { expr: `leeway_feature_unseen_ratio{${feature}}`, legend: 'never seen {{version}}' },
            ],
          }),
          lines({
            title: 'Rows',
            description: 'Predictions in the newest window.',
            unit: 'short',
            width: 8,
            min: 0,
            targets: [{ expr: `leeway_window_samples{${windows}}`, legend: 'rows {{version}}' }],
          }),
        ],
      },
    ],
  })
}
