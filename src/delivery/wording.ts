// Numbers and names in words, with the digits that their uncertainty supports.

import type { Evidence } from '../incidents/incident.ts'
import type { Millis } from '../time.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'

const metricWords: Readonly<Record<string, string>> = {
  psi: 'PSI',
  wasserstein: 'shift (W1/sd)',
  js: 'Jensen-Shannon distance',
  tvd: 'total variation',
  centroid: 'distance of the centre',
  clusters: 'share of vectors in other clusters',
  distances: 'share of vectors at other distances from their cluster',
  hotelling: 'joint shift of the means (squared Mahalanobis distance)',
  correlation: 'change of a correlation',
  reconstruction: "errors rebuilt from the reference's main directions, times the reference's own",
  missing_ratio: 'missing values',
  type_error_ratio: 'values of the wrong type',
  unseen_ratio: 'values never seen in the reference',
  out_of_range_ratio: "values outside the reference's range",
  rows: 'rows',
  roc_auc: 'ROC AUC',
  gini: 'Gini coefficient',
  ks: 'Kolmogorov-Smirnov statistic',
  average_precision: 'average precision',
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  specificity: 'specificity',
  negative_predictive_value: 'negative predictive value',
  false_positive_rate: 'false-positive rate',
  f1: 'F1',
  f2: 'F2',
  'f0.5': 'F0.5',
  balanced_accuracy: 'balanced accuracy',
  mcc: "Matthews' correlation",
  cohen_kappa: "Cohen's κ",
  jaccard: 'Jaccard index',
  lift: 'lift',
  gain: 'gain',
  ece: 'calibration error',
  ece_by_chance: 'calibration error by chance',
  business_value: 'business value per prediction',
  business_value_total: 'business value',
  precision_macro: 'macro precision',
  recall_macro: 'macro recall',
  f1_micro: 'micro F1',
  roc_auc_ovr_macro: 'macro ROC AUC',
  roc_auc_ovr_weighted: 'weighted ROC AUC',
  top_k_accuracy: 'top-k accuracy',
  precision_micro: 'micro precision',
  recall_micro: 'micro recall',
  subset_accuracy: 'rows right in all labels',
  hamming_loss: 'share of wrong labels',
  f1_macro: 'macro F1',
  f1_weighted: 'weighted F1',
  log_loss: 'log loss',
  brier: 'Brier score',
  mae: 'MAE',
  mse: 'MSE',
  rmse: 'RMSE',
  median_absolute_error: 'median absolute error',
  mape: 'MAPE',
  smape: 'sMAPE',
  rmsle: 'RMSLE',
  explained_variance: 'explained variance',
  r2: 'R²',
  bias: 'bias',
  log10_e_value: 'evidence of more errors than in the reference (log10 of the e-value)',
  adwin: 'rise of the error rate, 1 is significant (ADWIN)',
  page_hinkley: 'errors more than expected (Page-Hinkley)',
  ddm: 'error rate and its standard deviation (DDM)',
}

/** A metric's name as people say it. */
export function metricName(metric: string): string {
  const quantile = /^pinball_(.+)$/.exec(metric)?.[1]
  return metricWords[metric] ?? (quantile === undefined ? metric : `pinball loss at ${quantile}`)
}

/** Digits after the point that an interval of this width supports: one more than its first significant digit, at most 4. */
function digitsFor(width: number): number {
  if (!(width > 0)) return 3
  return Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(width))))
}

/** `0.72 (0.70–0.74)`: a value with its interval, in the digits that the interval supports. */
export function withInterval(value: number, low: number | null, high: number | null): string {
  if (low === null || high === null) return plainNumber(value)
  const digits = digitsFor((high - low) / 2)
  const text = (number: number) => fixed(number, digits)
  // A dash before a minus cannot be read.
  return `${text(value)} (${text(low)}${low < 0 || high < 0 ? ' to ' : '–'}${text(high)})`
}

/** Never `-0.0`. */
function fixed(number: number, digits: number): string {
  const text = number.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text
}

/** A number by itself: three significant digits, whole numbers whole. */
export function plainNumber(value: number): string {
  if (Number.isInteger(value)) return count(value)
  const size = Math.abs(value)
  if (size >= 1000) return count(Math.round(value))
  if (size < 0.001) return value === 0 ? '0' : value.toExponential(1)
  return String(Number(value.toPrecision(3)))
}

/** Digits after the point that values with this spread are told apart by: a hundredth of it, and no more than can be told. */
function digitsWithin(spread: number): number {
  return spread > 0 ? Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(spread)))) : 0
}

/**
 * `-120.63`: a value among others of its kind, in the digits that their spread supports where three significant ones would not tell
 * them apart.
 *
 * @param spread how far such values lie apart: a standard deviation, or the length of an axis; null: not known
 */
export function numberWithin(value: number, spread: number | null): string {
  const plain = plainNumber(value)
  const digits = digitsWithin(spread ?? 0)
  if (Math.abs(value) < 0.001 || (plain.split('.')[1] ?? '').length >= digits) return plain
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** `20 – 35`, `-121.4 to -119.2`: two values that differ are never written alike. */
export function rangeWithin(from: number, to: number, spread: number | null): string {
  let [low, high] = [numberWithin(from, spread), numberWithin(to, spread)]
  for (let finer = Math.abs(to - from); low === high && from !== to && finer > 1e-10; finer /= 10)
    [low, high] = [numberWithin(from, finer), numberWithin(to, finer)]
  // A dash before a minus cannot be read.
  return `${low}${from < 0 || to < 0 ? ' to ' : ' – '}${high}`
}

/** `12,345` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `12 %`, `3.4 %`, `0.02 %`; `90.2 %` where others lie within a `spread` that calls for it. */
export function percent(share: number, spread = 0): string {
  const value = share * 100
  const digits = digitsWithin(spread * 100)
  if (value >= 10 && digits > 0) return `${Number(value.toFixed(digits))} %`
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`
}

/** A p-value as people can weigh it. */
export function pValueText(pValue: number): string {
  if (pValue < 1e-12) return 'p < 1e-12'
  return pValue < 0.001 ? `p = ${pValue.toExponential(0)}` : `p = ${Number(pValue.toPrecision(2))}`
}

/** `3 days`, `90 minutes`: a span in its largest unit that leaves at least two of it. */
export function span(duration: Millis): string {
  for (const [size, unit] of [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
  ] as const) {
    const amount = Math.round(duration / size)
    if (amount >= 2 || (amount === 1 && unit === 'minute')) return `${amount} ${unit}${amount === 1 ? '' : 's'}`
  }
  return `${Math.round(duration / 1000)} seconds`
}

/** Several features at once: `correlation of age and income 0.12, reference 0.61 (change 0.49, alarm from 0.2)`. */
function jointText({ metric, value, threshold, pair }: Evidence): string {
  const alarm = `alarm from ${plainNumber(threshold ?? 0)}`
  if (pair === undefined) return `features together: ${metricName(metric)} ${plainNumber(value)} (${alarm})`
  const [one, other] = pair.features
  const now = `correlation of ${one} and ${other} ${plainNumber(pair.current)}, reference ${plainNumber(pair.reference)}`
  return `${now} (change ${plainNumber(value)}, ${alarm})`
}

/** Where a drift verdict becomes an alarm: a distance from its threshold on, a p-value below it. */
function driftLimit({ value, threshold, pValue }: Evidence): string {
  if (threshold === null) return 'by its p-value'
  return `${value === pValue ? 'up to' : 'from'} ${plainNumber(threshold)}`
}

function errorsText({ errors }: Evidence): string {
  return errors === undefined
    ? ''
    : `errors in ${percent(errors.current)} of the newest rows, ${percent(errors.reference)} in the reference; `
}

/** One test's last word: `ROC AUC 0.84 (0.82–0.86), reference 0.908, alarm under 0.878`. */
export function evidenceText(evidence: Evidence): string {
  const { kind, metric, feature, value, reference, threshold, low, high } = evidence
  const name = metricName(metric)
  switch (kind) {
    case 'drift':
      if (feature === null) return jointText(evidence)
      return `${feature}: ${name} ${plainNumber(value)} (alarm ${driftLimit(evidence)})`
    case 'quality':
      return `${feature}: ${percent(value)} ${name}, reference ${percent(reference ?? 0)} (alarm from ${percent(threshold ?? 0)})`
    case 'volume':
      return `${count(value)} rows in a window, ${count(reference ?? 0)} expected (alarm under ${count(threshold ?? 0)})`
    case 'estimated':
    case 'performance': {
      if (reference === null)
        return `${errorsText(evidence)}${name} ${plainNumber(value)} (alarm over ${plainNumber(threshold ?? 0)})`
      const side = metric === 'bias' ? 'beyond ±' : (threshold ?? 0) >= (reference ?? 0) ? 'over ' : 'under '
      const [prefix, what] = kind === 'estimated' ? ['estimated ', 'warning'] : ['', 'alarm']
      return `${prefix}${name} ${withInterval(value, low, high)}, reference ${plainNumber(reference ?? 0)} (${what} ${side}${plainNumber(threshold ?? 0)})`
    }
  }
}
