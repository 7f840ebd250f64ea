// Performance without labels: what a summary's estimation cells say, by the reference's calibration or by a newer one; and whether
// a calibration holds where labels have come.

import type { ChiSquaredTest } from '../statistics/distances/chi-squared-two-sample.ts'
import { estimateBinary } from '../statistics/estimation/binary-estimates.ts'
import { isotonicChances } from '../statistics/estimation/calibration-gain.ts'
import { calibrationTest } from '../statistics/estimation/calibration-test.ts'
import { estimateFromLeaves } from '../statistics/estimation/leaf-estimates.ts'
import type { Leaf } from '../statistics/estimation/loss-tree.ts'
import { estimateMulticlass } from '../statistics/estimation/multiclass-estimates.ts'
import type { Metric } from '../statistics/performance/metric.ts'
import { inUnitsOf } from '../statistics/performance/metric.ts'
import type { EstimationCells, LabelledEstimationCells } from '../summaries/estimation-cells.ts'
import { readExpectedLoss, readLeafLoss } from '../summaries/estimation-cells.ts'
import type { OutcomeLayout } from '../summaries/layout.ts'
import { readProbabilities } from '../summaries/outcomes/cells.ts'
import type { Task } from '../summaries/schema.ts'
import type { Reference } from './reference.ts'

/** The metrics that can be estimated, where there are probabilities or a loss tree. */
export const estimatedMetrics: Readonly<Record<Task, readonly string[]>> = {
  binary: ['roc_auc', 'average_precision', 'accuracy', 'precision', 'recall', 'f1', 'log_loss', 'brier'],
  multiclass: ['accuracy', 'f1_macro', 'f1_weighted', 'log_loss', 'roc_auc_ovr_macro'],
  multilabel: [],
  regression: ['mae', 'mse', 'rmse'],
}

/** What is expected of a row, learnt from labelled rows. */
export type Calibration =
  | {
      readonly task: 'binary'
      /** Chance of being positive per score bin. */
      readonly chances: Float64Array
      /** Labelled rows each was learnt from; 0 = it was not learnt, but is the score itself. */
      readonly support: Float64Array
    }
  | {
      readonly task: 'multiclass'
      /** K × K: by how much the expected rows of a class (row) among those with a decision (column) are to be multiplied. */
      readonly factors: Float64Array | null
      readonly support: number
    }
  | { readonly task: 'regression'; readonly leaves: readonly Leaf[] }

/** The reference's own calibration. */
export function calibrationOf({
  estimator,
  layout,
  outcomes,
  labelled,
}: Pick<Reference, 'estimator' | 'layout' | 'outcomes' | 'labelled'>): Calibration | null {
  if (estimator === null) return null
  switch (estimator.task) {
    case 'binary':
      return {
        task: 'binary',
        chances: estimator.chances,
        support: estimator.calibrated
          ? supportOf(estimator.chances, ...labelsOf(layout.outcomes, outcomes))
          : new Float64Array(estimator.chances.length),
      }
    case 'multiclass':
      return { task: 'multiclass', factors: null, support: labelled }
    case 'regression':
      return { task: 'regression', leaves: estimator.tree.leaves }
  }
}

/**
 * Metrics of these rows as they are to be expected.
 *
 * @param options `minimums: false` = also from very few rows, for comparison with other software
 */
export function estimatePerformance(
  { outcome }: Pick<Reference, 'outcome'>,
  cells: EstimationCells,
  summary: Float64Array,
  calibration: Calibration,
  options: { readonly minimums?: boolean } = {},
): Readonly<Record<string, Metric>> {
  if (cells.task === 'binary' && calibration.task === 'binary') {
    const { bins } = cells
    const counts = (first: number) => summary.subarray(first, first + bins)
    return estimateBinary(
      {
        negativeDecisions: counts(cells.negativeDecisions),
        positiveDecisions: counts(cells.positiveDecisions),
        undecided: counts(cells.undecided),
        scoreSums: readProbabilities(summary, cells.scoreSums, bins),
      },
      calibration.chances,
      options,
    )
  }
  if (cells.task === 'multiclass' && calibration.task === 'multiclass') {
    return estimateClasses(cells, summary, calibration.factors, options)
  }
  if (cells.task === 'regression' && calibration.task === 'regression' && outcome.task === 'regression') {
    const counts = summary.subarray(cells.counts, cells.counts + cells.leaves)
    const { mae, mse, rmse } = estimateFromLeaves(counts, calibration.leaves, options)
    const { spread } = outcome
    return { mae: inUnitsOf(spread, mae), mse: inUnitsOf(spread ** 2, mse), rmse: inUnitsOf(spread, rmse) }
  }
  throw new TypeError(`cells of a ${cells.task} model meet the calibration of a ${calibration.task} model`)
}

function estimateClasses(
  cells: Extract<EstimationCells, { task: 'multiclass' }>,
  summary: Float64Array,
  factors: Float64Array | null,
  options: { readonly minimums?: boolean },
): Readonly<Record<string, Metric>> {
  const { classes } = cells
  const expected = readProbabilities(summary, cells.expected, classes ** 2)
  const squares = readProbabilities(summary, cells.squares, classes ** 2)
  if (factors === null) {
    const rankings = cells.rankings.map(({ counts, chances, bins }) => {
      const rows = summary.slice(counts, counts + bins)
      const sums = readProbabilities(summary, chances, bins)
      return { rows, chances: sums.map((sum, bin) => (rows[bin] === 0 ? 0 : Math.min(1, sum / (rows[bin] as number)))) }
    })
    const logLoss = readExpectedLoss(cells, summary)
    return estimateMulticlass({ classes, expected, squares, logLoss, rankings }, options)
  }
  // The rows of a decision stay as many as they are.
  const adjusted = expected.map((rows, cell) => rows * (factors[cell] as number))
  for (let decision = 0; decision < classes; decision++) {
    const total = (table: Float64Array) => {
      let sum = 0
      for (let k = 0; k < classes; k++) sum += table[k * classes + decision] as number
      return sum
    }
    const [before, after] = [total(expected), total(adjusted)]
    for (let k = 0; k < classes && after > 0; k++) {
      const cell = k * classes + decision
      adjusted[cell] = ((adjusted[cell] as number) * before) / after
    }
  }
  // The spread of chances among the rows of a cell goes with its mean.
  const spread = squares.map((square, cell) => {
    const mean = expected[cell] as number
    return mean > 0 ? Math.min(adjusted[cell] as number, square * ((adjusted[cell] as number) / mean) ** 2) : 0
  })
  return estimateMulticlass({ classes, expected: adjusted, squares: spread, logLoss: null, rankings: [] }, options)
}

/** A calibration learnt from the labelled rows of these outcomes; `reference` fills in where there are few. */
export function recalibrate(reference: Reference, outcomes: Float64Array): Calibration {
  const { estimator } = reference
  const layout = reference.layout.outcomes
  const estimation = layout.estimation as LabelledEstimationCells
  if (estimator?.task === 'binary') {
    const [positives, negatives] = labelsOf(layout, outcomes)
    const chances = isotonicChances(positives, negatives)
    return { task: 'binary', chances, support: supportOf(chances, positives, negatives) }
  }
  if (estimator?.task === 'multiclass') return factorsFrom(estimation, layout, outcomes)
  if (estimator?.task === 'regression') return leavesFrom(estimator.tree.leaves, estimation, outcomes)
  throw new TypeError('a reference without an estimator cannot be calibrated')
}

/** The cells of outcomes that a calibration is learnt from: first and how many. */
export function calibrationCells(layout: OutcomeLayout): ReadonlyArray<readonly [first: number, count: number]> {
  const { estimation } = layout
  if (layout.task === 'binary')
    return [
      [layout.positives, layout.scoreBins],
      [layout.negatives, layout.scoreBins],
    ]
  if (estimation?.block.task === 'multiclass' && layout.task === 'multiclass') {
    const { classes, expected, squares } = estimation.block
    return [layout.confusion, expected, squares].map((first) => [first, classes ** 2] as const)
  }
  if (estimation?.block.task !== 'regression' || estimation.leafLoss === null) return []
  const { block, leafLoss } = estimation
  return [block.counts, leafLoss.absolute, leafLoss.squared, leafLoss.fourth].map(
    (first) => [first, block.leaves] as const,
  )
}

/** Rows that a cell's factor is held back by: with fewer than this the factor stays near 1. */
const FACTOR_PRIOR = 10

function factorsFrom({ block }: LabelledEstimationCells, layout: OutcomeLayout, outcomes: Float64Array): Calibration {
  const { expected, realised, rows } = tableOf(block, layout, outcomes)
  return {
    task: 'multiclass',
    factors: realised.map((count, cell) => (count + FACTOR_PRIOR) / ((expected[cell] as number) + FACTOR_PRIOR)),
    support: rows,
  }
}

/** Rows of the reference's leaf, at the new overall level, that stand in for rows that have not been seen. */
const LEAF_PRIOR = 50

function leavesFrom(
  leaves: readonly Leaf[],
  { block, leafLoss }: LabelledEstimationCells,
  outcomes: Float64Array,
): Calibration {
  const { counts, absolute, squared, fourth } = leafTable({ block, leafLoss }, outcomes)
  /** By how much the losses have grown over all leaves. */
  const growth = (sums: Float64Array, of: (leaf: Leaf) => number) => {
    const expected = leaves.reduce((sum, leaf, i) => sum + (counts[i] as number) * of(leaf), 0)
    return expected > 0 ? sums.reduce((sum, value) => sum + value, 0) / expected : 1
  }
  const [first, second, third] = [
    growth(absolute, (leaf) => leaf.absolute),
    growth(squared, (leaf) => leaf.squared),
    growth(fourth, (leaf) => leaf.fourth),
  ]
  return {
    task: 'regression',
    leaves: leaves.map((leaf, i) => {
      const rows = (counts[i] as number) + LEAF_PRIOR
      return {
        rows,
        absolute: ((absolute[i] as number) + LEAF_PRIOR * first * leaf.absolute) / rows,
        squared: ((squared[i] as number) + LEAF_PRIOR * second * leaf.squared) / rows,
        fourth: ((fourth[i] as number) + LEAF_PRIOR * third * leaf.fourth) / rows,
      }
    }),
  }
}

/** Groups of score bins with about equally many rows that are tested together. */
const GROUPS = 10
/** Rows of a leaf below which it is tested together with the other small ones. */
const LEAF_ROWS = 10

/** Whether the labels of these outcomes are what the calibration expects of their rows. */
export function testCalibration(
  { layout }: Pick<Reference, 'layout'>,
  calibration: Calibration,
  outcomes: Float64Array,
): ChiSquaredTest {
  const estimation = layout.outcomes.estimation as LabelledEstimationCells
  switch (calibration.task) {
    case 'binary':
      return testChances(calibration, ...labelsOf(layout.outcomes, outcomes))
    case 'multiclass':
      return testTable(calibration, tableOf(estimation.block, layout.outcomes, outcomes))
    case 'regression':
      return testLeaves(calibration.leaves, leafTable(estimation, outcomes))
  }
}

function testChances(
  { chances, support }: Extract<Calibration, { task: 'binary' }>,
  positives: Float64Array,
  negatives: Float64Array,
): ChiSquaredTest {
  const total = positives.reduce((sum, rows, bin) => sum + rows + (negatives[bin] as number), 0)
  const [misses, variances] = [new Float64Array(GROUPS), new Float64Array(GROUPS)]
  let seen = 0
  // Neighbouring bins of one chance were learnt from the same rows and are off together.
  let [pooled, poolGroup, poolBin] = [0, -1, 0]
  const closePool = () => {
    const [chance, rows] = [chances[poolBin] as number, support[poolBin] as number]
    if (poolGroup >= 0 && rows > 0)
      variances[poolGroup] = (variances[poolGroup] as number) + (pooled ** 2 * chance * (1 - chance)) / rows
    pooled = 0
  }
  for (let bin = 0; bin < chances.length; bin++) {
    const rows = (positives[bin] as number) + (negatives[bin] as number)
    if (rows === 0) continue
    const chance = chances[bin] as number
    const group = Math.min(GROUPS - 1, Math.floor(((seen + rows / 2) * GROUPS) / total))
    if (group !== poolGroup || chance !== chances[poolBin]) closePool()
    pooled += rows
    poolGroup = group
    poolBin = bin
    misses[group] = (misses[group] as number) + (positives[bin] as number) - rows * chance
    variances[group] = (variances[group] as number) + rows * chance * (1 - chance)
    seen += rows
  }
  closePool()
  return calibrationTest(misses, variances.map(atLeastOneInThousand(total)))
}

/** A chance of exactly 0 or 1 was learnt from few rows: it is doubted as much as one in a thousand rows of a group. */
function atLeastOneInThousand(total: number): (variance: number) => number {
  return (variance) => Math.max(variance, total / GROUPS / 1000)
}

function testTable(
  { factors, support }: Extract<Calibration, { task: 'multiclass' }>,
  { classes, expected, squares, realised, rows }: ClassTable,
): ChiSquaredTest {
  const [misses, variances]: [number[], number[]] = [[], []]
  for (let k = 0; k < classes; k++) {
    for (let decision = 0; decision < classes; decision++) {
      const cell = k * classes + decision
      const mean = (expected[cell] as number) * (factors?.[cell] ?? 1)
      // Each decision's own class is what the others leave over.
      if (k === decision || mean < 1) continue
      misses.push((realised[cell] as number) - mean)
      variances.push(Math.max(mean / 10, mean - (squares[cell] as number)) * (1 + rows / Math.max(1, support)))
    }
  }
  return calibrationTest(Float64Array.from(misses), Float64Array.from(variances))
}

function testLeaves(leaves: readonly Leaf[], { counts, absolute }: LeafTable): ChiSquaredTest {
  const [misses, variances]: [number[], number[]] = [[], []]
  let [restMiss, restVariance] = [0, 0]
  for (const [i, leaf] of leaves.entries()) {
    const count = counts[i] as number
    const miss = (absolute[i] as number) - count * leaf.absolute
    const spread = Math.max(leaf.squared - leaf.absolute ** 2, leaf.squared / 1000)
    const variance = count * spread * (1 + count / Math.max(1, leaf.rows))
    if (count >= LEAF_ROWS) {
      misses.push(miss)
      variances.push(variance)
    } else {
      restMiss += miss
      restVariance += variance
    }
  }
  return calibrationTest(Float64Array.of(...misses, restMiss), Float64Array.of(...variances, restVariance))
}

/** Labelled rows per score bin: positives, negatives. */
function labelsOf(layout: OutcomeLayout, outcomes: Float64Array): [Float64Array, Float64Array] {
  if (layout.task !== 'binary') throw new TypeError(`outcomes of a ${layout.task} model have no score bins`)
  const { positives, negatives, scoreBins } = layout
  return [outcomes.subarray(positives, positives + scoreBins), outcomes.subarray(negatives, negatives + scoreBins)]
}

/** For each bin the labelled rows of its pool: the neighbours with the same chance. */
function supportOf(chances: Float64Array, positives: Float64Array, negatives: Float64Array): Float64Array {
  const support = new Float64Array(chances.length)
  for (let start = 0; start < chances.length; ) {
    let [end, rows] = [start, 0]
    for (; end < chances.length && chances[end] === chances[start]; end++)
      rows += (positives[end] as number) + (negatives[end] as number)
    support.fill(rows, start, end)
    start = end
  }
  return support
}

interface ClassTable {
  readonly classes: number
  readonly expected: Float64Array
  readonly squares: Float64Array
  readonly realised: Float64Array
  readonly rows: number
}

function tableOf(block: EstimationCells, layout: OutcomeLayout, outcomes: Float64Array): ClassTable {
  if (block.task !== 'multiclass' || layout.task !== 'multiclass')
    throw new TypeError(`outcomes of a ${layout.task} model have no table of classes`)
  const { classes } = block
  const realised = outcomes.subarray(layout.confusion, layout.confusion + classes ** 2)
  return {
    classes,
    expected: readProbabilities(outcomes, block.expected, classes ** 2),
    squares: readProbabilities(outcomes, block.squares, classes ** 2),
    realised,
    rows: realised.reduce((sum, rows) => sum + rows, 0),
  }
}

interface LeafTable {
  readonly counts: Float64Array
  readonly absolute: Float64Array
  readonly squared: Float64Array
  readonly fourth: Float64Array
}

function leafTable({ block, leafLoss }: LabelledEstimationCells, outcomes: Float64Array): LeafTable {
  if (block.task !== 'regression' || leafLoss === null)
    throw new TypeError(`outcomes of a ${block.task} model have no leaves`)
  const { leaves, counts } = block
  return {
    counts: outcomes.subarray(counts, counts + leaves),
    absolute: readLeafLoss(outcomes, leafLoss.absolute, leaves),
    squared: readLeafLoss(outcomes, leafLoss.squared, leaves),
    fourth: readLeafLoss(outcomes, leafLoss.fourth, leaves),
  }
}
