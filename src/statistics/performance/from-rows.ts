// What the metrics are computed from, counted from raw rows: for comparison with other software and for diagnosis. The daemon adds the
// same counts and sums row by row and keeps no rows.

import { UndefinedStatisticError } from '../undefined-statistic.ts'
import type { BinaryOutcomes } from './binary-metrics.ts'
import type { CalibrationBins } from './calibration-error.ts'
import type { Confusion } from './confusion-metrics.ts'
import type { LossSums } from './metric.ts'
import type { MulticlassOutcomes } from './multiclass-metrics.ts'
import type { RegressionSums, RelativeSums } from './regression-metrics.ts'
import type { ScoreHistograms } from './score-histograms.ts'

/** Probabilities under this count as this in the log loss. */
const LEAST_PROBABILITY = 1e-15
/** Squares of larger losses would not be finite when they are added up. */
const LOSS_MAX = 1e150
const BINS_MAX = 1_000_000

/** Labels 0 or 1, and scores from 0 to 1. */
export interface ScoredRows {
  readonly labels: Float64Array
  readonly scores: Float64Array
}

/**
 * Counts of a binary model's rows, with a bin for every distinct score; decided positive from the threshold on.
 *
 * @throws RangeError if the lengths differ, a label is not 0 or 1, or a score does not lie between 0 and 1
 */
export function binaryOutcomes(rows: ScoredRows, threshold: number): BinaryOutcomes & ScoreHistograms {
  if (!Number.isFinite(threshold)) throw new RangeError(`binaryOutcomes: threshold is ${threshold}, it must be finite`)
  const histograms = scoreHistograms(rows)
  const { labels, scores } = rows
  for (const [row, score] of scores.entries()) {
    if (!(score >= 0 && score <= 1))
      throw new RangeError(`binaryOutcomes: scores has ${score} in row ${row}; a score must lie between 0 and 1`)
  }
  const decisions = Float64Array.from(scores, (score) => (score >= threshold ? 1 : 0))
  return {
    ...histograms,
    confusion: confusionOf('binaryOutcomes', labels, decisions),
    logLoss: lossSums(scores.map((score, i) => logLoss(labels[i] === 1 ? score : 1 - score))),
    brier: lossSums(scores.map((score, i) => (score - (labels[i] as number)) ** 2)),
  }
}

/** Histograms with a bin for every distinct score. @throws RangeError as `binaryOutcomes`; scores may be any numbers */
export function scoreHistograms({ labels, scores }: ScoredRows): ScoreHistograms {
  sameRows('scoreHistograms', { labels, scores })
  for (const [row, score] of scores.entries()) {
    if (!Number.isFinite(score))
      throw new RangeError(`scoreHistograms: scores has ${score} in row ${row}; it must be finite`)
  }
  checkBinary('scoreHistograms', 'labels', labels)
  const distinct = [...new Set(scores)].sort((a, b) => a - b)
  const bins = new Map(distinct.map((score, bin) => [score, bin]))
  const positives = new Float64Array(distinct.length)
  const negatives = new Float64Array(distinct.length)
  for (const [i, score] of scores.entries()) {
    const bin = bins.get(score) as number
    const side = labels[i] === 1 ? positives : negatives
    side[bin] = (side[bin] as number) + 1
  }
  return { positives, negatives }
}

/**
 * Rows in as many right-closed bins of equal width from 0 to 1.
 *
 * @throws RangeError as `binaryOutcomes`, or if `bins` is no whole number from 1 to 1,000,000
 */
export function calibrationBins({ labels, scores }: ScoredRows, bins: number): CalibrationBins {
  if (!(Number.isInteger(bins) && bins >= 1 && bins <= BINS_MAX))
    throw new RangeError(`calibrationBins: bins is ${bins}, it must be a whole number from 1 to ${BINS_MAX}`)
  sameRows('calibrationBins', { labels, scores })
  checkBinary('calibrationBins', 'labels', labels)
  const edges = Float64Array.from({ length: bins - 1 }, (_, i) => (i + 1) * (1 / bins))
  const counts = new Float64Array(bins)
  const sums = new Float64Array(bins)
  const positives = new Float64Array(bins)
  for (const [row, score] of scores.entries()) {
    if (!(score >= 0 && score <= 1))
      throw new RangeError(`calibrationBins: scores has ${score} in row ${row}; a score must lie between 0 and 1`)
    const found = edges.findIndex((edge) => score <= edge)
    const bin = found < 0 ? bins - 1 : found
    counts[bin] = (counts[bin] as number) + 1
    sums[bin] = (sums[bin] as number) + score
    positives[bin] = (positives[bin] as number) + (labels[row] as number)
  }
  return { counts, scores: sums, positives }
}

/** Decisions and truths, 0 or 1, as counts. @throws RangeError if the lengths differ or a value is neither */
function confusionOf(name: string, labels: Float64Array, predictions: Float64Array): Confusion {
  sameRows(name, { labels, predictions })
  checkBinary(name, 'labels', labels)
  checkBinary(name, 'predictions', predictions)
  const count = (label: number, decision: number) =>
    labels.reduce((sum, value, i) => sum + (value === label && predictions[i] === decision ? 1 : 0), 0)
  return {
    truePositives: count(1, 1),
    falsePositives: count(0, 1),
    falseNegatives: count(1, 0),
    trueNegatives: count(0, 0),
  }
}

/**
 * Decisions and truths, 0 or 1, as counts by group.
 *
 * @throws RangeError if the lengths differ or a value is neither 0 nor 1
 */
export function confusionsByGroup(rows: {
  readonly groups: readonly string[]
  readonly labels: Float64Array
  readonly predictions: Float64Array
}): Record<string, Confusion> {
  const { groups, labels, predictions } = rows
  sameRows('confusionsByGroup', { groups, labels, predictions })
  const of = (values: Float64Array, group: string) => values.filter((_, row) => groups[row] === group)
  const names = [...new Set(groups)].sort()
  return Object.fromEntries(
    names.map((group) => [group, confusionOf('confusionsByGroup', of(labels, group), of(predictions, group))]),
  )
}

/**
 * The median and the largest of absolute errors; a median of two in the middle is their mean.
 *
 * @throws RangeError if there is no error, or one is negative or not finite
 */
export function absoluteErrorExtremes(absoluteErrors: Float64Array): { median: number; maximum: number } {
  sameRows('absoluteErrorExtremes', { absoluteErrors })
  const wrong = absoluteErrors.findIndex((error) => !(error >= 0 && error < Number.POSITIVE_INFINITY))
  if (wrong >= 0)
    throw new RangeError(
      `absoluteErrorExtremes: absoluteErrors has ${absoluteErrors[wrong]} in row ${wrong}; it must be 0 or more and finite`,
    )
  const sorted = absoluteErrors.slice().sort()
  const half = sorted.length / 2
  const [below, above] = [sorted[Math.ceil(half) - 1] as number, sorted[Math.floor(half)] as number]
  return { median: below / 2 + above / 2, maximum: sorted[sorted.length - 1] as number }
}

/** Rows of a multiclass model; a probability per class and row, in the order of the classes. */
export interface ClassifiedRows {
  readonly classes: readonly unknown[]
  readonly labels: readonly unknown[]
  readonly predictions: readonly unknown[]
  readonly probabilities: readonly (readonly number[])[]
}

/**
 * Counts of a multiclass model's rows, with a bin for every distinct probability, and for each rank how many labels have it: among
 * equal probabilities the class listed later comes first.
 *
 * @throws RangeError if the lengths differ, a label or prediction is no class, or a probability is not within 0 and 1
 */
export function multiclassOutcomes(rows: ClassifiedRows): MulticlassOutcomes & { readonly ranks: Float64Array } {
  const { classes, probabilities } = rows
  sameRows('multiclassOutcomes', { labels: rows.labels, predictions: rows.predictions, probabilities })
  const indexOf = (name: 'labels' | 'predictions') =>
    rows[name].map((value, row) => {
      const index = classes.indexOf(value)
      if (index < 0)
        throw new RangeError(
          `multiclassOutcomes: ${name} has ${JSON.stringify(value)} in row ${row}, which is not in classes`,
        )
      return index
    })
  const labels = indexOf('labels')
  const predictions = indexOf('predictions')
  checkProbabilities(probabilities, classes.length)
  const confusion = new Float64Array(classes.length ** 2)
  const ranks = new Float64Array(classes.length)
  for (const [row, label] of labels.entries()) {
    const cell = label * classes.length + (predictions[row] as number)
    confusion[cell] = (confusion[cell] as number) + 1
    const outputs = probabilities[row] as readonly number[]
    const own = outputs[label] as number
    const rank = outputs.filter((other, i) => other > own || (other === own && i > label)).length
    ranks[rank] = (ranks[rank] as number) + 1
  }
  return {
    confusion,
    classes: classes.length,
    logLoss: lossSums(Float64Array.from(labels, (label, row) => logLoss(probabilities[row]?.[label] ?? 0))),
    scores: classes.map((_, k) =>
      scoreHistograms({
        labels: Float64Array.from(labels, (label) => (label === k ? 1 : 0)),
        scores: Float64Array.from(probabilities, (outputs) => outputs[k] as number),
      }),
    ),
    ranks,
  }
}

function checkProbabilities(probabilities: ClassifiedRows['probabilities'], classes: number): void {
  for (const [row, outputs] of probabilities.entries()) {
    if (outputs.length !== classes)
      throw new RangeError(`multiclassOutcomes: probabilities has ${outputs.length} in row ${row}, classes ${classes}`)
    const wrong = outputs.findIndex((output) => !(output >= 0 && output <= 1))
    if (wrong >= 0)
      throw new RangeError(
        `multiclassOutcomes: probabilities has ${outputs[wrong]} in row ${row}; it must lie between 0 and 1`,
      )
  }
}

/**
 * Sums of a regression's rows, labels centred on their mean, with the absolute errors themselves.
 *
 * Sums are in multiples of `unit`, which is 1 unless fourth powers of the numbers would be too large or too small for a double.
 *
 * @throws RangeError if the lengths differ or a number is not finite
 */
export function regressionOutcomes({ labels, predictions }: { labels: Float64Array; predictions: Float64Array }): {
  readonly unit: number
  readonly sums: RegressionSums
  readonly relative: RelativeSums
  readonly absoluteErrors: Float64Array
} {
  sameRows('regressionOutcomes', { labels, predictions })
  for (const [name, values] of Object.entries({ labels, predictions })) {
    const wrong = values.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0)
      throw new RangeError(`regressionOutcomes: ${name} has ${values[wrong]} in row ${wrong}; it must be finite`)
  }
  const errors = predictions.map((prediction, i) => prediction - (labels[i] as number))
  const far = errors.findIndex((error) => !Number.isFinite(error))
  if (far >= 0)
    throw new RangeError(`regressionOutcomes: labels and predictions are too far apart for a double in row ${far}`)
  const unit = unitOf([...labels, ...errors])
  return {
    unit,
    sums: regressionSums(
      labels.map((label) => label / unit),
      errors.map((error) => error / unit),
    ),
    relative: relativeSums(labels, predictions),
    absoluteErrors: errors.map(Math.abs),
  }
}

/** A power of two near the largest of the numbers, where their fourth powers would overflow or vanish. */
function unitOf(numbers: readonly number[]): number {
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0)
  const exponent = Math.floor(Math.log2(largest))
  return largest === 0 || Math.abs(exponent) < 200 ? 1 : 2 ** Math.min(1023, Math.max(-1022, exponent))
}

function regressionSums(labels: Float64Array, errors: Float64Array): RegressionSums {
  const centre = labels.reduce((sum, label) => sum + label, 0) / labels.length
  const total = (of: (error: number, label: number) => number) =>
    errors.reduce((sum, error, i) => sum + of(error, (labels[i] as number) - centre), 0)
  return {
    count: labels.length,
    error: total((e) => e),
    absoluteError: total((e) => Math.abs(e)),
    errorSquared: total((e) => e ** 2),
    errorSignedSquare: total((e) => e * Math.abs(e)),
    errorCubed: total((e) => e ** 3),
    errorFourth: total((e) => e ** 4),
    label: total((_, y) => y),
    labelSquared: total((_, y) => y ** 2),
    labelCubed: total((_, y) => y ** 3),
    labelFourth: total((_, y) => y ** 4),
    errorLabel: total((e, y) => e * y),
    errorLabelSquared: total((e, y) => e * y ** 2),
    errorSquaredLabel: total((e, y) => e ** 2 * y),
    errorSquaredLabelSquared: total((e, y) => e ** 2 * y ** 2),
  }
}

function relativeSums(labels: Float64Array, predictions: Float64Array): RelativeSums {
  const rows = Array.from(labels, (label, i) => ({ label, prediction: predictions[i] as number }))
  const nonZero = rows.filter(({ label }) => label !== 0)
  const positive = rows.filter(({ label, prediction }) => label >= 0 && prediction >= 0)
  const sumsOf = (some: typeof rows, loss: (row: (typeof rows)[number]) => number) =>
    lossSums(Float64Array.from(some, loss))
  return {
    percentage: sumsOf(nonZero, ({ label, prediction }) =>
      // A label so near 0 that a double cannot hold the sum.
      Math.min(LOSS_MAX, Math.abs(prediction - label) / Math.abs(label)),
    ),
    zeroLabels: rows.length - nonZero.length,
    symmetricPercentage: sumsOf(rows, ({ label, prediction }) => {
      const size = Math.abs(prediction / 2) + Math.abs(label / 2)
      return size === 0 ? 0 : (2 * Math.abs(prediction / 2 - label / 2)) / size
    }),
    logSquare: sumsOf(positive, ({ label, prediction }) => (Math.log1p(prediction) - Math.log1p(label)) ** 2),
    negatives: rows.length - positive.length,
  }
}

/** Count, sum and sum of squares. @throws RangeError if a loss is not finite, or its square would not be */
export function lossSums(losses: Float64Array): LossSums {
  const wrong = losses.findIndex((loss) => !(Math.abs(loss) <= LOSS_MAX))
  if (wrong >= 0)
    throw new RangeError(
      `lossSums: losses has ${losses[wrong]} in row ${wrong}; it must be finite and at most ${LOSS_MAX}`,
    )
  const add = (sum: number, loss: number) => sum + loss
  return {
    count: losses.length,
    sum: losses.reduce(add, 0),
    sumOfSquares: losses.map((loss) => loss * loss).reduce(add, 0),
  }
}

function logLoss(probability: number): number {
  return -Math.log(Math.max(probability, LEAST_PROBABILITY))
}

function sameRows(name: string, lists: Readonly<Record<string, ArrayLike<unknown>>>): void {
  const entries = Object.entries(lists)
  const rows = entries[0]?.[1].length ?? 0
  const lengths = entries.map(([list, values]) => `${list} has ${values.length} rows`).join(', ')
  if (entries.some(([, values]) => values.length !== rows))
    throw new RangeError(`${name}: ${lengths}; they must be the same rows`)
  if (rows === 0) throw new UndefinedStatisticError(`${name}: no rows`)
}

function checkBinary(name: string, list: string, values: Float64Array): void {
  const wrong = values.findIndex((value) => value !== 0 && value !== 1)
  if (wrong >= 0) throw new RangeError(`${name}: ${list} has ${values[wrong]} in row ${wrong}; it must be 0 or 1`)
}
