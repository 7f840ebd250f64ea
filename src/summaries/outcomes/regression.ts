// What is kept of the labelled rows of a regression.

import type { BinFinder } from '../bins.ts'
import { binOf, createBinFinder } from '../bins.ts'
import type { OutcomeSchema } from '../schema.ts'
import type { LossCells, Outcome, Take } from './cells.ts'
import { addLoss, bump, takeLoss } from './cells.ts'

type RegressionSchema = Extract<OutcomeSchema, { task: 'regression' }>

/** What is summed; e = prediction − label, y = label − centre, both in units of the spread. */
export const regressionSums = [
  'count',
  'e',
  '|e|',
  'e²',
  'e|e|',
  'e³',
  'e⁴',
  'y',
  'y²',
  'y³',
  'y⁴',
  'ey',
  'ey²',
  'e²y',
  'e²y²',
] as const

export interface RegressionCells {
  readonly task: 'regression'
  readonly schema: RegressionSchema
  /** First of the `regressionSums`, in their order. */
  readonly sums: number
  /** Rows of which a quantity was clipped to keep the sums whole numbers below 2⁵³. */
  readonly clipped: number
  /** First of `errorBins` counts of |e|, in units of the spread. */
  readonly errors: number
  readonly errorBins: number
  readonly errorFinder: BinFinder
  /** |prediction − label| / |label|, of rows whose label is not 0. */
  readonly percentage: LossCells
  readonly zeroLabels: number
  /** 2 |prediction − label| / (|prediction| + |label|). */
  readonly symmetricPercentage: LossCells
  /** (ln(1 + prediction) − ln(1 + label))², of rows where neither is negative. */
  readonly logSquare: LossCells
  readonly negatives: number
}

/** First powers in 2⁻¹⁶ of the spread, higher powers likewise of the spread's powers; |e|, |y| at most 64 spreads. */
const REGRESSION_QUANTUM = 2 ** -16
export const SPREADS_MAX = 64
/** The largest percentage error (100,000 %), and the largest difference of logarithms (a factor of 9 million). */
const SHARE_MAX = 1024
const LOG_MAX = 16

export function regressionCells(schema: RegressionSchema, take: Take): RegressionCells {
  const errorBins = schema.errorEdges.length + 1
  return {
    task: 'regression',
    schema,
    sums: take(regressionSums.length),
    clipped: take(1),
    errors: take(errorBins),
    errorBins,
    errorFinder: createBinFinder(schema.errorEdges),
    percentage: takeLoss(take),
    zeroLabels: take(1),
    symmetricPercentage: takeLoss(take),
    logSquare: takeLoss(take),
    negatives: take(1),
  }
}

export function contributeRegression(
  cells: RegressionCells,
  summary: Float64Array,
  { prediction, label }: Outcome,
  sign: 1 | -1,
): void {
  if (Number.isNaN(prediction)) return
  const { center, spread } = cells.schema
  const rawError = (prediction - label) / spread
  const rawLabel = (label - center) / spread
  const e = clip(rawError, SPREADS_MAX)
  const y = clip(rawLabel, SPREADS_MAX)
  addPowers(cells, summary, e, y, sign)
  bump(summary, cells.errors + binOf(cells.errorFinder, Math.abs(rawError)), sign)
  const clippedShare = addPercentages(cells, summary, prediction, label, sign)
  const clippedLog = addLogs(cells, summary, prediction, label, sign)
  if (e !== rawError || y !== rawLabel || clippedShare || clippedLog) bump(summary, cells.clipped, sign)
}

const powers = new Float64Array(regressionSums.length)

/** Element by element: a list literal would be made anew for every row, which costs several times the sums themselves. */
function addPowers({ sums }: RegressionCells, summary: Float64Array, e: number, y: number, sign: 1 | -1): void {
  const [ee, yy] = [e * e, y * y]
  powers[1] = e
  powers[2] = Math.abs(e)
  powers[3] = ee
  powers[4] = e * Math.abs(e)
  powers[5] = ee * e
  powers[6] = ee * ee
  powers[7] = y
  powers[8] = yy
  powers[9] = yy * y
  powers[10] = yy * yy
  powers[11] = e * y
  powers[12] = e * yy
  powers[13] = ee * y
  powers[14] = ee * yy
  bump(summary, sums, sign)
  for (let i = 1; i < powers.length; i++) {
    bump(summary, sums + i, sign * Math.round((powers[i] as number) / REGRESSION_QUANTUM))
  }
}

/** @returns whether an error was clipped */
function addPercentages(
  cells: RegressionCells,
  summary: Float64Array,
  prediction: number,
  label: number,
  sign: 1 | -1,
): boolean {
  // Halved, so that the largest numbers do not overflow.
  const size = Math.abs(prediction / 2) + Math.abs(label / 2)
  const symmetric = size === 0 ? 0 : (2 * Math.abs(prediction / 2 - label / 2)) / size
  addLoss(summary, cells.symmetricPercentage, symmetric <= 2 ? symmetric : 2, sign)
  if (label === 0) {
    bump(summary, cells.zeroLabels, sign)
    return false
  }
  const share = Math.abs(prediction - label) / Math.abs(label)
  addLoss(summary, cells.percentage, Math.min(SHARE_MAX, share), sign)
  return share > SHARE_MAX
}

/** @returns whether a difference of logarithms was clipped */
function addLogs(
  cells: RegressionCells,
  summary: Float64Array,
  prediction: number,
  label: number,
  sign: 1 | -1,
): boolean {
  if (prediction < 0 || label < 0) {
    bump(summary, cells.negatives, sign)
    return false
  }
  const difference = Math.log1p(prediction) - Math.log1p(label)
  const clipped = clip(difference, LOG_MAX)
  addLoss(summary, cells.logSquare, clipped * clipped, sign)
  return clipped !== difference
}

function clip(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value))
}

/** The sums in units of the spread, in the order of `regressionSums`; the first is a plain count. */
export function readRegressionSums(cells: RegressionCells, summary: Float64Array): Float64Array {
  const sums = summary.slice(cells.sums, cells.sums + regressionSums.length)
  for (let i = 1; i < sums.length; i++) sums[i] = (sums[i] as number) * REGRESSION_QUANTUM
  return sums
}
