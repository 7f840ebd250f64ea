// The metrics of a multiclass model, from its confusion counts and log-loss sums.

import { logitInterval } from '../intervals/logit-interval.ts'
import { confusionMetrics, proportion, signedMetric } from './confusion-metrics.ts'
import type { LossSums, Measured, Metric } from './metric.ts'
import { meanMetric, normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from './metric.ts'
import { multinomialStandardError } from './multinomial.ts'
import { rocAuc } from './roc-auc.ts'
import { classTotals, ROWS_OF_RARER_CLASS } from './score-histograms.ts'

export interface MulticlassOutcomes {
  /** K × K counts, row = truth, column = prediction. */
  readonly confusion: Float64Array
  /** K */
  readonly classes: number
  /** Rows predicted right, when a class of the confusion stands for several (OTHER); left out: the diagonal. */
  readonly right?: number
  /** null without probabilities. */
  readonly logLoss: LossSums | null
  /** Per class the histograms of its probability, over rows that are of it and those that are not; none without probabilities. */
  readonly scores?: readonly ClassScores[]
}

/** What the scores of one class say of it, against all others together. */
export interface ClassScores {
  readonly positives: Float64Array
  readonly negatives: Float64Array
}

export const multiclassMetricNames = [
  'accuracy',
  'precision_macro',
  'recall_macro',
  'f1_micro',
  'f1_macro',
  'f1_weighted',
  'mcc',
  'cohen_kappa',
  'log_loss',
  'roc_auc_ovr_macro',
  'roc_auc_ovr_weighted',
] as const
export type MulticlassMetric = (typeof multiclassMetricNames)[number]

/**
 * Every metric of a multiclass model.
 *
 * F1 macro is over the classes present in the rows, as truth or as prediction; recall macro over those among the labels, precision
 * macro over those that were predicted; the others have no value of their own. The areas under the ROC curve are one class against
 * the rest, averaged plainly or by the classes' shares of labels, over the classes that have one. F1 micro is the accuracy, for each
 * row has one label. Standard errors by the delta method on the shares of all cells; that of an averaged area is at most what is
 * given, for the areas are taken to move together.
 *
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if the confusion does not have classes × classes cells, or a count is negative
 * @see Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient, Computational Biology and
 *   Chemistry 28, for Matthews' correlation; Cohen (1960), Educational and Psychological Measurement 20, for κ
 */
export function multiclassMetrics(
  outcomes: MulticlassOutcomes,
  { minimums = true }: { minimums?: boolean } = {},
): Record<MulticlassMetric, Metric> {
  const { confusion, classes, logLoss, scores } = outcomes
  checkConfusion(confusion, classes)
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  const total = confusion.reduce((sum, count) => sum + count, 0)
  return {
    ...fromDecisions(outcomes, total, needed),
    log_loss: meanMetric(logLoss, needed),
    ...averagedAreas(scores ?? [], minimums ? ROWS_OF_RARER_CLASS : 1),
  }
}

function checkConfusion(confusion: Float64Array, classes: number): void {
  if (confusion.length !== classes ** 2) {
    throw new RangeError(
      `multiclassMetrics: confusion has ${confusion.length} cells, ${classes} classes need ${classes ** 2}`,
    )
  }
  const wrong = confusion.findIndex((count) => !(count >= 0 && count < Number.POSITIVE_INFINITY))
  if (wrong >= 0)
    throw new RangeError(
      `multiclassMetrics: confusion has ${confusion[wrong]} in cell ${wrong}; a count must be 0 or more and finite`,
    )
}

type DecisionMetric = Exclude<MulticlassMetric, 'log_loss' | 'roc_auc_ovr_macro' | 'roc_auc_ovr_weighted'>

function fromDecisions(
  { confusion, classes, right: known }: MulticlassOutcomes,
  total: number,
  needed: number,
): Record<DecisionMetric, Metric> {
  if (total < needed || total === 0) {
    const few = undefinedBecause(`${total} labelled rows with a decision, ${needed} needed`)
    return {
      accuracy: few,
      precision_macro: few,
      recall_macro: few,
      f1_micro: few,
      f1_macro: few,
      f1_weighted: few,
      mcc: few,
      cohen_kappa: few,
    }
  }
  let right = known ?? 0
  if (known === undefined) for (let k = 0; k < classes; k++) right += confusion[k * classes + k] as number
  const accuracy = proportion(right, total, needed, 'labelled rows with a decision')
  const table = marginsOf(confusion, classes, total)
  return {
    accuracy,
    precision_macro: averagedRate(table, 'predictions'),
    recall_macro: averagedRate(table, 'truths'),
    f1_micro: accuracy,
    f1_macro: averagedF1(table, 'macro'),
    f1_weighted: averagedF1(table, 'weighted'),
    ...agreement(table),
  }
}

/** The mean of the classes' areas under the ROC curve, plainly and by their shares of labels. */
function averagedAreas(
  scores: readonly ClassScores[],
  minimum: number,
): Record<'roc_auc_ovr_macro' | 'roc_auc_ovr_weighted', Metric> {
  const areas: Measured[] = []
  const supports: number[] = []
  for (const histograms of scores) {
    const area = rocAuc(histograms, minimum)
    if (area.value === null) continue
    areas.push(area)
    supports.push(classTotals('multiclassMetrics', histograms).p)
  }
  if (areas.length === 0) {
    const none = undefinedBecause(
      scores.length === 0
        ? 'no labelled rows with probabilities'
        : `no class has ${minimum} labelled rows of its own and of the others with a probability`,
    )
    return { roc_auc_ovr_macro: none, roc_auc_ovr_weighted: none }
  }
  const average = (weights: readonly number[]): Metric => {
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    const mean = (of: (area: Measured) => number) =>
      areas.reduce((sum, area, i) => sum + ((weights[i] as number) / whole) * of(area), 0)
    const value = Math.min(
      1,
      mean((area) => area.value),
    )
    const standardError = mean((area) => area.standardError)
    return { value, ...logitInterval(value, standardError), standardError }
  }
  return { roc_auc_ovr_macro: average(areas.map(() => 1)), roc_auc_ovr_weighted: average(supports) }
}

/** A share of rows whose label is among the k classes with the highest probability, from the ranks of the labels. */
export function topAccuracy(ranks: Float64Array, k: number, minimum: number = ROWS_FOR_A_MEAN): Metric {
  if (!(Number.isInteger(k) && k >= 1))
    throw new RangeError(`topAccuracy: k is ${k}, it must be a whole number of at least 1`)
  let [hits, rows] = [0, 0]
  for (const [rank, count] of ranks.entries()) {
    if (rank < k) hits += count
    rows += count
  }
  return proportion(hits, rows, Math.max(1, minimum), 'labelled rows with probabilities')
}

export interface ClassMetrics {
  readonly precision: Metric
  readonly recall: Metric
  readonly f1: Metric
  readonly roc_auc: Metric
  /** Rows whose label it is. */
  readonly support: number
}

/**
 * What each class is recognised by, against all others together, in the order of the classes.
 *
 * @param options as for `multiclassMetrics`
 * @throws RangeError as `multiclassMetrics`
 */
export function perClassMetrics(
  { confusion, classes, scores }: Pick<MulticlassOutcomes, 'confusion' | 'classes' | 'scores'>,
  { minimums = true }: { minimums?: boolean } = {},
): ClassMetrics[] {
  checkConfusion(confusion, classes)
  const count = (truth: number, prediction: number) => confusion[truth * classes + prediction] as number
  const total = confusion.reduce((sum, cell) => sum + cell, 0)
  return Array.from({ length: classes }, (_, k) => {
    let [support, predicted] = [0, 0]
    for (let other = 0; other < classes; other++) {
      support += count(k, other)
      predicted += count(other, k)
    }
    const hits = count(k, k)
    const { precision, recall, f1 } = confusionMetrics(
      {
        truePositives: hits,
        falsePositives: predicted - hits,
        falseNegatives: support - hits,
        trueNegatives: total - support - predicted + hits,
      },
      { minimums },
    )
    const histograms = scores?.[k]
    const roc_auc =
      histograms === undefined
        ? undefinedBecause('no labelled rows with probabilities')
        : rocAuc(histograms, minimums ? ROWS_OF_RARER_CLASS : 1)
    return { precision, recall, f1, roc_auc, support }
  })
}

/** A confusion as shares of all rows. */
interface Shares {
  readonly classes: number
  readonly total: number
  readonly cells: Float64Array
  /** Share of each class among the truths, among the predictions, and both together. */
  readonly truths: Float64Array
  readonly predictions: Float64Array
  readonly sizes: Float64Array
}

function marginsOf(confusion: Float64Array, classes: number, total: number): Shares {
  const cells = confusion.map((count) => count / total)
  const truths = new Float64Array(classes)
  const predictions = new Float64Array(classes)
  const sizes = new Float64Array(classes)
  for (let i = 0; i < classes; i++) {
    for (let j = 0; j < classes; j++) {
      const share = cells[i * classes + j] as number
      truths[i] = (truths[i] as number) + share
      predictions[j] = (predictions[j] as number) + share
      sizes[i] = (sizes[i] as number) + share
      sizes[j] = (sizes[j] as number) + share
    }
  }
  return { classes, total, cells, truths, predictions, sizes }
}

/**
 * F1 averaged over classes, its standard error by the delta method on the multinomial cell shares.
 *
 * With F_k = 2 p_kk / s_k and s_k = truths_k + predictions_k, ∂F_k/∂p_ij = (2·[i=j=k] − F_k·([i=k] + [j=k])) / s_k. A weight by
 * the class's share of truths adds F_i for the row i that a cell is in.
 *
 * @see Takahashi, Yamamoto, Kuchiba and Koyama (2022), Confidence interval for micro-averaged F1 and macro-averaged F1 scores,
 *   Applied Intelligence 52, for the approach
 */
function averagedF1({ classes, total, cells, truths, sizes }: Shares, average: 'macro' | 'weighted'): Metric {
  const present = sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0)
  const f1 = sizes.map((size, k) => (size > 0 ? (2 * (cells[k * classes + k] as number)) / size : 0))
  const weights = average === 'weighted' ? truths : sizes.map((size) => (size > 0 ? 1 / present : 0))
  // What a share that counts once in s_k, and one that also is right, change in the average.
  const inSize = f1.map((score, k) => (sizes[k] === 0 ? 0 : (-(weights[k] as number) * score) / (sizes[k] as number)))
  const right = sizes.map((size, k) => (size === 0 ? 0 : (2 * (weights[k] as number)) / size))
  let value = 0
  for (let k = 0; k < classes; k++) value += (weights[k] as number) * (f1[k] as number)
  const gradient = gradientOf(classes, (i, j) => {
    const hit = i === j ? (right[i] as number) : 0
    const ofWeight = average === 'weighted' ? (f1[i] as number) : 0
    return (inSize[i] as number) + (inSize[j] as number) + hit + ofWeight
  })
  return normalMetric(value, multinomialStandardError(cells, gradient, total), { min: 0, max: 1 })
}

function gradientOf(classes: number, at: (truth: number, prediction: number) => number): Float64Array {
  const gradient = new Float64Array(classes ** 2)
  let cell = 0
  for (let truth = 0; truth < classes; truth++) {
    for (let prediction = 0; prediction < classes; prediction++) gradient[cell++] = at(truth, prediction)
  }
  return gradient
}

/** Precision or recall averaged over the classes that have one: right / size, where the size is that of a column or of a row. */
function averagedRate(table: Shares, of: 'predictions' | 'truths'): Metric {
  const { classes, total, cells } = table
  const sizes = table[of]
  const present = sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0)
  const rates = sizes.map((size, k) => (size > 0 ? (cells[k * classes + k] as number) / size : 0))
  const slope = (k: number) => (sizes[k] === 0 ? 0 : 1 / (sizes[k] as number) / present)
  const gradient = gradientOf(classes, (i, j) => {
    const k = of === 'truths' ? i : j
    return slope(k) * ((i === j ? 1 : 0) - (rates[k] as number))
  })
  const value = rates.reduce((sum, rate) => sum + rate, 0) / present
  return normalMetric(value, multinomialStandardError(cells, gradient, total), { min: 0, max: 1 })
}

/**
 * Matthews' correlation and Cohen's κ. With c = Σ p_kk, truths t, predictions q and e = Σ t q they are
 * (c − e) / √((1 − Σ q²) (1 − Σ t²)) and (c − e) / (1 − e).
 */
function agreement({ classes, total, cells, truths, predictions }: Shares): Record<'mcc' | 'cohen_kappa', Metric> {
  let [hits, chance, truthSquares, predictionSquares] = [0, 0, 0, 0]
  for (let k = 0; k < classes; k++) {
    hits += cells[k * classes + k] as number
    chance += (truths[k] as number) * (predictions[k] as number)
    truthSquares += (truths[k] as number) ** 2
    predictionSquares += (predictions[k] as number) ** 2
  }
  // Only one class: its share is 1 but for rounding.
  const single = (squares: number) => 1 - squares < 1e-12
  if (single(truthSquares)) {
    const none = undefinedBecause('all labels are of one class')
    return { mcc: none, cohen_kappa: none }
  }
  const slopeOfChance = (i: number, j: number) => (predictions[i] as number) + (truths[j] as number)
  const kappa = (hits - chance) / (1 - chance)
  const ofKappa = gradientOf(classes, (i, j) => ((i === j ? 1 : 0) - slopeOfChance(i, j) * (1 - kappa)) / (1 - chance))
  const cohen_kappa = signedMetric(kappa, multinomialStandardError(cells, ofKappa, total))
  if (single(predictionSquares)) return { mcc: undefinedBecause('all decisions are alike'), cohen_kappa }
  const root = Math.sqrt((1 - predictionSquares) * (1 - truthSquares))
  const correlation = (hits - chance) / root
  const ofCorrelation = gradientOf(
    classes,
    (i, j) =>
      ((i === j ? 1 : 0) - slopeOfChance(i, j)) / root +
      correlation * ((predictions[j] as number) / (1 - predictionSquares) + (truths[i] as number) / (1 - truthSquares)),
  )
  return { mcc: signedMetric(correlation, multinomialStandardError(cells, ofCorrelation, total)), cohen_kappa }
}
