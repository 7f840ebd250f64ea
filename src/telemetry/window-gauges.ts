// The gauges about windows: name, help, labels. Their values are in `series.ts`.

import type { GaugeDefinition } from './text-page.ts'

const perWindow = ['model', 'version', 'window']
const perFeature = ['model', 'version', 'feature', 'window']
const perSegment = ['model', 'version', 'segment', 'window']
const perMetric = ['model', 'version', 'metric', 'window', 'kind']

export const windowGauges: readonly GaugeDefinition[] = [
  [
    'leeway_feature_drift',
    'Distance of a feature from its reference in the newest window, bias-corrected',
    ['model', 'version', 'feature', 'method', 'window'],
  ],
  [
    'leeway_feature_drift_threshold',
    'Distance from which the feature may alarm',
    ['model', 'version', 'feature', 'method', 'window'],
  ],
  [
    'leeway_feature_drift_p_value',
    'p-value of the test that speaks loudest of a feature: of ranks, or two-sample chi-squared',
    perFeature,
  ],
  ['leeway_feature_drift_status', '0 ok, 1 warning, 2 alarm, -1 too few rows', perFeature],
  [
    'leeway_model_calibrated',
    'Whether the noise of all tests was learnt from the reference (1) or is assumed (0)',
    perWindow,
  ],
  ['leeway_features_drifted', 'Features that alarm in the newest window', perWindow],
  ['leeway_features_monitored', 'Features that are watched for drift', perWindow],
  [
    'leeway_prediction_drift',
    "Distance of the model's output from its reference in the newest window",
    ['model', 'version', 'method', 'window'],
  ],
  [
    'leeway_prediction_drift_threshold',
    'Distance from which the output may alarm',
    ['model', 'version', 'method', 'window'],
  ],
  [
    'leeway_multivariate_drift',
    "Numeric features together: hotelling (squared Mahalanobis distance of the means), correlation (largest change that is evident), reconstruction (error over the reference's own)",
    ['model', 'version', 'method', 'window'],
  ],
  [
    'leeway_multivariate_drift_threshold',
    'Distance from which features together may alarm',
    ['model', 'version', 'method', 'window'],
  ],
  [
    'leeway_concept_drift',
    'Evidence that the model errs more often than in the reference, in the newest window',
    ['model', 'version', 'method', 'window'],
  ],
  ['leeway_concept_drift_threshold', 'Evidence from which errors alarm', ['model', 'version', 'method', 'window']],
  ['leeway_feature_missing_ratio', 'Share of rows without a value', perFeature],
  ['leeway_feature_unseen_ratio', 'Share of rows with a category the reference never saw', perFeature],
  ['leeway_feature_out_of_range_ratio', "Share of rows outside the reference's range", perFeature],
  [
    'leeway_performance',
    'A performance metric in the newest window; kind is realized, or estimated without labels',
    perMetric,
  ],
  ['leeway_performance_low', 'Lower end of its 95 % interval', perMetric],
  ['leeway_performance_high', 'Upper end of its 95 % interval', perMetric],
  ['leeway_performance_threshold', 'Value from which the metric may alarm, above or below as it is worse', perMetric],
  ['leeway_performance_reference', 'The metric in the reference', ['model', 'version', 'metric']],
  ['leeway_window_samples', 'Predictions in the newest window', perWindow],
  ['leeway_window_end_timestamp_seconds', 'Event time at which the newest window ends', perWindow],
  ['leeway_label_coverage_ratio', 'Share of the predictions of the newest window that are labelled', perWindow],
  [
    'leeway_segment_performance',
    'A performance metric of one segment in its newest window; segments are judged in fewer windows than models',
    ['model', 'version', 'segment', 'metric', 'window'],
  ],
  [
    'leeway_segment_performance_status',
    "0 ok, 1 warning, 2 alarm, -1 too few rows: a segment's metric against its own reference. It opens no incident",
    ['model', 'version', 'segment', 'metric', 'window'],
  ],
  ['leeway_segment_features_drifted', 'Columns of one segment that have moved in its newest window', perSegment],
  ['leeway_segment_samples', 'Predictions of one segment in its newest window', perSegment],
]
