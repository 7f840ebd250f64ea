// Whether isotonic calibration makes the probabilities of a model more right, judged on rows it was not fitted on.

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

/**
 * Expected calibration error of the scores as they are, and of isotonic calibration fitted on nine tenths of the rows and judged on
 * the tenth that was left out, all ten folds together.
 *
 * Rows are dealt to folds by a fixed hash of their bin, class and number, so that the answer is always the same. Errors are over ten
 * bins of about equal counts.
 *
 * @throws RangeError if lengths differ or there is no row
 * @see NannyML, `needs_calibration`: the same question, with random stratified splits
 * @example calibrationGain({ positives: Float64Array.of(50, 950), negatives: Float64Array.of(950, 50), scores: Float64Array.of(0.4, 0.6) }).before // 0.35
 */
export function calibrationGain({ positives, negatives, scores }: LabelledScores): { before: number; after: number } {
  const bins = positives.length
  for (const [name, array] of Object.entries({ negatives, scores })) {
    if (array.length !== bins)
      throw new RangeError(`calibrationGain: ${name} has ${array.length} bins, positives has ${bins}`)
  }
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
  const rows = positives.map((count, bin) => count + (negatives[bin] as number))
  return poolAdjacentViolators(
    positives.map((count, bin) => (rows[bin] === 0 ? 0 : count / (rows[bin] as number))),
    rows,
  )
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
    for (let row = 0; row < (counts[bin] as number); row++) {
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
