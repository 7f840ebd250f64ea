// What the dashboard of one model shows, row by row: drift, performance, quality, volume, and how the daemon is.

/** The meanings of colours are the same everywhere: reference and links, ok, warning, alarm. */
const colours = { reference: '#0072B2', ok: '#009E73', warning: '#E69F00', alarm: '#D55E00', grey: '#8E8E8E' }

const scope = 'job=~"$job", instance=~"$instance", model=~"$model", version=~"$version"'
const windowed = `${scope}, window=~"$window"`
const daemon = 'job=~"$job", instance=~"$instance"'

interface Target {
  readonly expr: string
  readonly legend?: string
}

export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table' | 'state-timeline' | 'bargauge'
  readonly title: string
  readonly description: string
  readonly unit: string
  readonly width: number
  readonly targets: readonly Target[]
  /** Values from which colours change, lowest first; the first has no value. */
  readonly steps?: ReadonlyArray<{ readonly color: string; readonly value: number | null }>
  readonly min?: number
  readonly max?: number
}

export const plain = [{ color: colours.grey, value: null }]
const badFromOne = [
  { color: colours.ok, value: null },
  { color: colours.alarm, value: 1 },
]
const coverage = [
  { color: colours.warning, value: null },
  { color: colours.ok, value: 0.8 },
]
const status = [
  { color: colours.grey, value: null },
  { color: colours.ok, value: 0 },
  { color: colours.warning, value: 1 },
  { color: colours.alarm, value: 2 },
]

export const rows: ReadonlyArray<{
  readonly title: string
  readonly height: number
  readonly panels: readonly Panel[]
}> = [
  {
    title: 'Is the model all right?',
    height: 5,
    panels: [
      {
        type: 'stat',
        title: 'Incidents',
        description: 'Incidents that fire now.',
        unit: 'none',
        width: 4,
        steps: badFromOne,
        targets: [{ expr: `sum(leeway_incidents_active{${scope}}) or vector(0)` }],
      },
      {
        type: 'stat',
        title: 'Features drifted',
        description: 'Features that alarm in the newest window.',
        unit: 'none',
        width: 4,
        steps: badFromOne,
        targets: [{ expr: `max(leeway_features_drifted{${windowed}})` }],
      },
      {
        type: 'stat',
        title: 'Features watched',
        description: 'Features that are judged for drift.',
        unit: 'none',
        width: 4,
        steps: plain,
        targets: [{ expr: `max(leeway_features_monitored{${windowed}})` }],
      },
      {
        type: 'stat',
        title: 'Label coverage',
        description:
          'Share of the newest window that is labelled. Performance is judged from 80 % on, unless configured otherwise.',
        unit: 'percentunit',
        width: 4,
        steps: coverage,
        targets: [{ expr: `min(leeway_label_coverage_ratio{${windowed}})` }],
      },
      {
        type: 'stat',
        title: 'Rows',
        description: 'Predictions in the newest window.',
        unit: 'short',
        width: 4,
        steps: plain,
        targets: [{ expr: `sum(leeway_window_samples{${windowed}})` }],
      },
      {
        type: 'stat',
        title: 'Noise learnt',
        description: '1: the noise of every test was learnt from the reference. 0: some of it is assumed, cautiously.',
        unit: 'none',
        width: 4,
        steps: [
          { color: colours.warning, value: null },
          { color: colours.ok, value: 1 },
        ],
        targets: [{ expr: `min(leeway_model_calibrated{${windowed}})` }],
      },
    ],
  },
  {
    title: 'Performance',
    height: 9,
    panels: [
      {
        type: 'timeseries',
        title: 'Performance',
        description: 'Each metric in the newest window, once labels have come.',
        unit: 'none',
        width: 12,
        targets: [{ expr: `leeway_performance{${windowed}, kind="realized"}`, legend: '{{metric}} ({{window}})' }],
      },
      {
        type: 'timeseries',
        title: 'ROC AUC with its interval',
        description: 'The value, the ends of its 95 % interval, and the reference.',
        unit: 'none',
        width: 12,
        targets: [
          { expr: `leeway_performance{${windowed}, kind="realized", metric="roc_auc"}`, legend: 'ROC AUC' },
          { expr: `leeway_performance_low{${windowed}, kind="realized", metric="roc_auc"}`, legend: 'low' },
          { expr: `leeway_performance_high{${windowed}, kind="realized", metric="roc_auc"}`, legend: 'high' },
          { expr: `leeway_performance_reference{${scope}, metric="roc_auc"}`, legend: 'reference' },
        ],
      },
      {
        type: 'timeseries',
        title: 'Estimated beside realised performance',
        description:
          'Metrics that are estimated while labels are late, and what the labels said. The estimate is of the newest window, the realised value too once it is labelled. No estimate: labels have refuted its calibration.',
        unit: 'none',
        width: 12,
        targets: [
          {
            expr: `leeway_performance{${windowed}, kind="estimated"}`,
            legend: '{{metric}} estimated ({{window}})',
          },
          {
            expr: `leeway_performance{${windowed}, kind="realized"} and on (job, instance, model, version, metric, window) leeway_performance{${windowed}, kind="estimated"}`,
            legend: '{{metric}} realised ({{window}})',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Concept drift over threshold',
        description:
          'Evidence that the model errs more often than in the reference, pane by pane: from 1 on it alarms.',
        unit: 'none',
        width: 12,
        targets: [
          {
            expr: `leeway_concept_drift{${windowed}} / leeway_concept_drift_threshold{${windowed}}`,
            legend: '{{model}} {{method}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Drift',
    height: 10,
    panels: [
      {
        type: 'state-timeline',
        title: 'Status of each feature',
        description: '0 ok, 1 warning, 2 alarm, -1 too few rows.',
        unit: 'none',
        width: 12,
        steps: status,
        targets: [{ expr: `leeway_feature_drift_status{${windowed}}`, legend: '{{feature}} ({{window}})' }],
      },
      {
        type: 'bargauge',
        title: 'Furthest from the reference',
        description: 'PSI of the ten features that moved most, bias-corrected. The alarm stands at 0.1.',
        unit: 'none',
        width: 12,
        min: 0,
        steps: [
          { color: colours.ok, value: null },
          { color: colours.warning, value: 0.05 },
          { color: colours.alarm, value: 0.1 },
        ],
        targets: [
          {
            expr: `topk(10, max by (feature) (leeway_feature_drift{${windowed}, method="psi"}))`,
            legend: '{{feature}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Distance over threshold',
        description: 'Each feature by the method that speaks for it: from 1 on it may alarm.',
        unit: 'none',
        width: 12,
        targets: [
          {
            expr: `leeway_feature_drift{${windowed}} / on (job, instance, model, version, feature, method, window) leeway_feature_drift_threshold{${windowed}}`,
            legend: '{{feature}} {{method}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: "The model's output",
        description: 'Distance of score and decision from the reference.',
        unit: 'none',
        width: 12,
        targets: [{ expr: `leeway_prediction_drift{${windowed}}`, legend: '{{method}}' }],
      },
      {
        type: 'timeseries',
        title: 'Features together, over threshold',
        description:
          'Numeric features as a whole: their means (hotelling), their largest change of a correlation, and rows that leave the usual directions (reconstruction). From 1 on each may alarm.',
        unit: 'none',
        width: 24,
        targets: [
          {
            expr: `leeway_multivariate_drift{${windowed}} / leeway_multivariate_drift_threshold{${windowed}}`,
            legend: '{{method}} ({{window}})',
          },
        ],
      },
    ],
  },
  {
    title: 'Data quality and volume',
    height: 8,
    panels: [
      {
        type: 'timeseries',
        title: 'Missing values',
        description: 'Share of rows without a value.',
        unit: 'percentunit',
        width: 6,
        min: 0,
        targets: [{ expr: `topk(10, leeway_feature_missing_ratio{${windowed}})`, legend: '{{feature}}' }],
      },
      {
        type: 'timeseries',
        title: 'Outside the range',
        description: "Share of rows outside the reference's range.",
        unit: 'percentunit',
        width: 6,
        min: 0,
        targets: [{ expr: `topk(10, leeway_feature_out_of_range_ratio{${windowed}})`, legend: '{{feature}}' }],
      },
      {
        type: 'timeseries',
        title: 'Unseen categories',
        description: 'Share of rows with a category that the reference never saw.',
        unit: 'percentunit',
        width: 6,
        min: 0,
        targets: [{ expr: `topk(10, leeway_feature_unseen_ratio{${windowed}})`, legend: '{{feature}}' }],
      },
      {
        type: 'timeseries',
        title: 'Rows in the window',
        description: 'Predictions in the newest window.',
        unit: 'short',
        width: 6,
        min: 0,
        targets: [{ expr: `leeway_window_samples{${windowed}}`, legend: '{{window}}' }],
      },
    ],
  },
  {
    title: 'The daemon',
    height: 8,
    panels: [
      {
        type: 'timeseries',
        title: 'Predictions and labels',
        description: 'Events counted a second.',
        unit: 'ops',
        width: 6,
        min: 0,
        targets: [
          {
            expr: `sum by (model) (rate(leeway_predictions_total{${daemon}}[$__rate_interval]))`,
            legend: 'predictions {{model}}',
          },
          {
            expr: `sum by (model) (rate(leeway_labels_total{${daemon}}[$__rate_interval]))`,
            legend: 'labels {{model}}',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Lag',
        description: 'Records that are not applied yet.',
        unit: 'short',
        width: 6,
        min: 0,
        targets: [{ expr: `leeway_consumer_lag_records{${daemon}}`, legend: '{{topic}}/{{partition}}' }],
      },
      {
        type: 'timeseries',
        title: 'Commit and evaluation',
        description: 'Mean duration of a commit and of the evaluation of a window.',
        unit: 's',
        width: 6,
        min: 0,
        targets: [
          {
            expr: `rate(leeway_commit_duration_seconds_sum{${daemon}}[$__rate_interval]) / rate(leeway_commit_duration_seconds_count{${daemon}}[$__rate_interval])`,
            legend: 'commit',
          },
          {
            expr: `rate(leeway_evaluation_duration_seconds_sum{${daemon}}[$__rate_interval]) / rate(leeway_evaluation_duration_seconds_count{${daemon}}[$__rate_interval])`,
            legend: 'evaluation',
          },
        ],
      },
      {
        type: 'timeseries',
        title: 'Oldest undelivered message',
        description: 'Age of the oldest message in the outbox.',
        unit: 's',
        width: 6,
        min: 0,
        targets: [{ expr: `leeway_outbox_oldest_seconds{${daemon}}`, legend: 'age' }],
      },
    ],
  },
]
