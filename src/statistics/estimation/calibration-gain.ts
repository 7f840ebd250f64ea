// Whether isotonic calibration makes the probabilities of a model more right, judged on rows it was not fitted on.

import { COUNT, isCount } from '../distances/histograms.ts'
import { poolAdjacentViolators } from './isotonic.ts'

/** Labelled rows by ascending score bin. */
export interface LabelledScores {
  readonly positives: Float64Array
  readonly negatives: Float64Array
  /** Mean score of each bin. */
  readonly scores: Float64Array
}

const FOLDS = 10
const ECE_BINS = 10
/** What rounding may have moved a mean of scores beyond 0 or 1. */
const ROUNDING = 1e-9
/** Rows of a bin beyond these are dealt evenly, for then chance makes no difference. */
const DEALT_MAX = 1_000_000

/**
 * Expected calibration error of the scores as they are, and of isotonic calibration fitted on nine tenths of the rows and judged on
 * the tenth that was left out, all ten folds together.
 *
 * Rows are dealt to folds by a fixed hash of their bin, class and number, so that the answer is always the same. Errors are over ten
 * bins of about equal counts.
 *
 * @throws RangeError if lengths differ, a count is no whole number, a score is no probability, or there is no row
 * @see NannyML, `needs_calibration`: the same question, with random stratified splits
 * @example calibrationGain({ positives: Float64Array.of(50, 950), negatives: Float64Array.of(950, 50), scores: Float64Array.of(0.4, 0.6) }).before // 0.35
 */
export function calibrationGain({ positives, negatives, scores }: LabelledScores): { before: number; after: number } {
  const bins = positives.length
  for (const [name, array] of Object.entries({ negatives, scores })) {
    if (array.length !== bins)
      throw new RangeError(`calibrationGain: ${name} has ${array.length} bins, positives has ${bins}`)
  }
  checkRows('calibrationGain', { positives, negatives })
  const odd = scores.findIndex((score) => !(score > -ROUNDING && score < 1 + ROUNDING))
  if (odd >= 0) throw new RangeError(`calibrationGain: scores[${odd}] is ${scores[odd]}, it must lie between 0 and 1`)
  const before: Prediction[] = []
  const after: Prediction[] = []
  const dealt = { positives: deal(positives, 1), negatives: deal(negatives, 2) }
  for (let fold = 0; fold < FOLDS; fold++) {
    const heldPositives = dealt.positives.subarray(fold * bins, (fold + 1) * bins)
    const heldNegatives = dealt.negatives.subarray(fold * bins, (fold + 1) * bins)
    const fitted = isotonicChances(
      positives.map((count, bin) => count - (heldPositives[bin] as number)),
      negatives.map((count, bin) => count - (heldNegatives[bin] as number)),
    )
    for (let bin = 0; bin < bins; bin++) {
      const held = {
        rows: (heldPositives[bin] as number) + (heldNegatives[bin] as number),
        positives: heldPositives[bin] as number,
      }
      if (held.rows === 0) continue
      before.push({ ...held, chance: scores[bin] as number })
      after.push({ ...held, chance: fitted[bin] as number })
    }
  }
  if (before.length === 0) throw new RangeError('calibrationGain: positives and negatives hold no row')
  return { before: expectedCalibrationError(before), after: expectedCalibrationError(after) }
}

/**
 * The isotonic chance of being positive per score bin. Bins without rows take the value of their neighbours.
 *
 * @throws RangeError if lengths differ or a count is negative
 * @example isotonicChances(Float64Array.of(1, 0, 8), Float64Array.of(9, 10, 2))[1] // 0.05
 */
export function isotonicChances(positives: Float64Array, negatives: Float64Array): Float64Array {
  if (negatives.length !== positives.length)
    throw new RangeError(`isotonicChances: negatives has ${negatives.length} bins, positives has ${positives.length}`)
  checkCounts('isotonicChances', { positives, negatives })
  const rows = positives.map((count, bin) => count + (negatives[bin] as number))
  return poolAdjacentViolators(
    positives.map((count, bin) => (rows[bin] === 0 ? 0 : count / (rows[bin] as number))),
    rows,
  )
}

function checkCounts(name: string, sides: Readonly<Record<string, Float64Array>>): void {
  for (const [side, counts] of Object.entries(sides)) {
    const bin = counts.findIndex((count) => !isCount(count))
    if (bin >= 0) throw new RangeError(`${name}: ${side}[${bin}] is ${counts[bin]}; ${COUNT}`)
  }
}

/** Counts that can be dealt to folds row by row. */
function checkRows(name: string, sides: Readonly<Record<string, Float64Array>>): void {
  checkCounts(name, sides)
  for (const [side, counts] of Object.entries(sides)) {
    const bin = counts.findIndex((count) => !Number.isInteger(count))
    if (bin >= 0) throw new RangeError(`${name}: ${side}[${bin}] is ${counts[bin]}, it must be a whole number`)
  }
}

interface Prediction {
  readonly chance: number
  readonly rows: number
  readonly positives: number
}

/** How many rows of each bin fall into each fold: FOLDS × bins. */
function deal(counts: Float64Array, salt: number): Float64Array {
  const bins = counts.length
  const dealt = new Float64Array(FOLDS * bins)
  for (let bin = 0; bin < bins; bin++) {
    const count = counts[bin] as number
    const evenly = Math.max(0, Math.floor((count - DEALT_MAX) / FOLDS))
    if (evenly > 0) for (let fold = 0; fold < FOLDS; fold++) dealt[fold * bins + bin] = evenly
    for (let row = 0; row < count - evenly * FOLDS; row++) {
      const cell = (hash(bin, row, salt) % FOLDS) * bins + bin
      dealt[cell] = (dealt[cell] as number) + 1
    }
  }
  return dealt
}

/** Mixes three small whole numbers. @see MurmurHash3's finaliser */
function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function expectedCalibrationError(predictions: Prediction[]): number {
  const sorted = predictions.sort((a, b) => a.chance - b.chance)
  const total = sorted.reduce((sum, { rows }) => sum + rows, 0)
  const misses = new Float64Array(ECE_BINS)
  let seen = 0
  for (const { chance, rows, positives } of sorted) {
    const bin = Math.min(ECE_BINS - 1, Math.floor(((seen + rows / 2) * ECE_BINS) / total))
    misses[bin] = (misses[bin] as number) + positives - rows * chance
    seen += rows
  }
  return misses.reduce((sum, miss) => sum + Math.abs(miss), 0) / total
}
