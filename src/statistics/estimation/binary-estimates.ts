// CBPE: the performance of a binary model without labels, from calibrated probabilities.

import type { BinaryMetric } from '../performance/binary-metrics.ts'
import type { Metric } from '../performance/metric.ts'
import { normalMetric, ROWS_FOR_A_MEAN, undefinedBecause } from '../performance/metric.ts'
import { ROWS_OF_RARER_CLASS } from '../performance/score-histograms.ts'
import { estimatedAveragePrecision, estimatedRocAuc, expectedTotals } from './estimated-ranking.ts'

/** Rows without labels, by ascending score bin. */
export interface UnlabelledScores {
  /** Rows decided negative, decided positive, and without a decision. */
  readonly negativeDecisions: Float64Array
  readonly positiveDecisions: Float64Array
  readonly undecided: Float64Array
  /** Sums of the scores. */
  readonly scoreSums: Float64Array
}

/** The metrics that can be estimated. */
export type BinaryEstimate = Extract<
  BinaryMetric,
  'roc_auc' | 'average_precision' | 'accuracy' | 'precision' | 'recall' | 'f1' | 'log_loss' | 'brier'
>

/** Positives, predicted or expected, below which precision, recall or F1 says too little to be shown. */
const POSITIVES_NEEDED = 5
/** Scores are clipped to this before the logarithm, as for realised losses. */
const PROBABILITY_MIN = 1e-15

/**
 * Every metric of a binary model as it is to be expected when each row is positive by the chance of its score bin.
 *
 * Assumes that the chance of being positive, given the score, is what it was where the chances were learnt (covariate shift).
 * Standard errors and intervals are those of what will come out about the estimate: labels are independent draws
 * (Poisson-binomial variance, delta method for ratios).
 *
 * @param chances calibrated chance of being positive per bin, 0 to 1
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 * @throws RangeError if lengths differ, a count is negative or a chance is none
 * @see NannyML, Confidence-based performance estimation
 * @example estimateBinary({ negativeDecisions: Float64Array.of(60, 10), positiveDecisions: Float64Array.of(0, 30), undecided: Float64Array.of(0, 0), scoreSums: Float64Array.of(6, 32) }, Float64Array.of(0.1, 0.8)).accuracy.value // 0.8
 */
export function estimateBinary(
  scores: UnlabelledScores,
  chances: Float64Array,
  { minimums = true }: { minimums?: boolean } = {},
): Record<BinaryEstimate, Metric> {
  const rows = rowsOf(scores)
  const bins = { rows, chances }
  expectedTotals('estimateBinary', bins)
  const ranking = minimums ? ROWS_OF_RARER_CLASS : 0
  const needed = minimums ? ROWS_FOR_A_MEAN : 1
  return {
    roc_auc: estimatedRocAuc(bins, ranking),
    average_precision: estimatedAveragePrecision(bins, ranking),
    ...fromDecisions(scores, chances, { rows: needed, positives: minimums ? POSITIVES_NEEDED : 0 }),
    ...losses(scores, rows, chances, needed),
  }
}

function rowsOf({ negativeDecisions, positiveDecisions, undecided, scoreSums }: UnlabelledScores): Float64Array {
  const length = negativeDecisions.length
  for (const [name, array] of Object.entries({ positiveDecisions, undecided, scoreSums })) {
    if (array.length !== length)
      throw new RangeError(`estimateBinary: ${name} has ${array.length} bins, negativeDecisions has ${length}`)
  }
  for (const [name, counts] of Object.entries({ negativeDecisions, positiveDecisions, undecided })) {
    const bin = counts.findIndex((count) => !(count >= 0))
    if (bin >= 0) throw new RangeError(`estimateBinary: ${name}[${bin}] is ${counts[bin]}, it must be 0 or more`)
  }
  return negativeDecisions.map((count, i) => count + (positiveDecisions[i] as number) + (undecided[i] as number))
}

type DecisionMetric = 'accuracy' | 'precision' | 'recall' | 'f1'

function fromDecisions(
  { negativeDecisions, positiveDecisions }: UnlabelledScores,
  chances: Float64Array,
  needed: { rows: number; positives: number },
): Record<DecisionMetric, Metric> {
  let [decidedPositive, decidedNegative, truePositives, falseNegatives] = [0, 0, 0, 0]
  // Σ c (1 − c), by decision.
  let [spreadPositive, spreadNegative] = [0, 0]
  for (let bin = 0; bin < chances.length; bin++) {
    const chance = chances[bin] as number
    const above = positiveDecisions[bin] as number
    const below = negativeDecisions[bin] as number
    decidedPositive += above
    decidedNegative += below
    truePositives += above * chance
    falseNegatives += below * chance
    spreadPositive += above * chance * (1 - chance)
    spreadNegative += below * chance * (1 - chance)
  }
  const decided = decidedPositive + decidedNegative
  const positives = truePositives + falseNegatives
  const either = decidedPositive + falseNegatives
  const size = decidedPositive + positives
  const f1 = (2 * truePositives) / size
  /** A share of rows, with what one label more adds to it where the decision is positive and where it is negative. */
  const share = (value: number, ifPositive: number, ifNegative: number): Metric =>
    normalMetric(value, Math.sqrt(spreadPositive * ifPositive ** 2 + spreadNegative * ifNegative ** 2), {
      min: 0,
      max: 1,
    })
  const recall = truePositives / positives
  return {
    accuracy:
      decided < needed.rows
        ? few(decided, needed.rows, 'rows with a score and a decision')
        : share((truePositives + decidedNegative - falseNegatives) / decided, 1 / decided, -1 / decided),
    precision:
      decidedPositive < needed.positives || decidedPositive === 0
        ? few(decidedPositive, needed.positives, 'predicted positives')
        : share(truePositives / decidedPositive, 1 / decidedPositive, 0),
    recall:
      positives < needed.positives || positives === 0
        ? few(positives, needed.positives, 'positives expected')
        : share(recall, (1 - recall) / positives, -recall / positives),
    f1:
      either < needed.positives || either === 0
        ? few(either, needed.positives, 'positives, predicted or expected')
        : share(f1, (2 - f1) / size, -f1 / size),
  }
}

function few(count: number, needed: number, what: string): Metric {
  return undefinedBecause(`${Number(count.toFixed(1))} ${what}, ${Math.max(1, needed)} needed`)
}

/** Losses at each bin's mean score. */
function losses(
  { scoreSums }: UnlabelledScores,
  rows: Float64Array,
  chances: Float64Array,
  needed: number,
): Record<'log_loss' | 'brier', Metric> {
  const total = rows.reduce((sum, count) => sum + count, 0)
  if (total < needed) {
    const tooFew = few(total, needed, 'rows with a score')
    return { log_loss: tooFew, brier: tooFew }
  }
  let [logLoss, logLossVariance, brier, brierVariance] = [0, 0, 0, 0]
  for (let bin = 0; bin < rows.length; bin++) {
    const count = rows[bin] as number
    if (count === 0) continue
    const chance = chances[bin] as number
    const score = (scoreSums[bin] as number) / count
    const clipped = Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, score))
    const ifPositive = -Math.log(clipped)
    const ifNegative = -Math.log(1 - clipped)
    const spread = count * chance * (1 - chance)
    logLoss += count * (chance * ifPositive + (1 - chance) * ifNegative)
    logLossVariance += spread * (ifPositive - ifNegative) ** 2
    brier += count * (chance * (1 - score) ** 2 + (1 - chance) * score ** 2)
    brierVariance += spread * (1 - 2 * score) ** 2
  }
  return {
    log_loss: normalMetric(logLoss / total, Math.sqrt(logLossVariance) / total, { min: 0 }),
    brier: normalMetric(brier / total, Math.sqrt(brierVariance) / total, { min: 0, max: 1 }),
  }
}
