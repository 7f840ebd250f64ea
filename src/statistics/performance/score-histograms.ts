import { COUNT, isCount } from '../distances/histograms.ts'

/** Score histograms per class over the same ascending bins. */
export interface ScoreHistograms {
  readonly positives: Float64Array
  readonly negatives: Float64Array
}

/** Rows per class. @throws RangeError if the histograms have different bins or a count is no count, naming the function that asks */
export function classTotals(name: string, { positives, negatives }: ScoreHistograms): { p: number; n: number } {
  if (positives.length !== negatives.length) {
    throw new RangeError(
      `${name}: positives has ${positives.length} bins, negatives ${negatives.length}; they must be the same bins`,
    )
  }
  return { p: sumOf(name, 'positives', positives), n: sumOf(name, 'negatives', negatives) }
}

function sumOf(name: string, side: string, counts: Float64Array): number {
  let sum = 0
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number
    if (!isCount(count)) throw new RangeError(`${name}: ${side} has ${count} in bin ${bin}; ${COUNT}`)
    sum += count
  }
  return sum
}

/** Rows of the rarer class below which a ranking says too little to be shown: from here on intervals cover 93 to 97 %. */
export const ROWS_OF_RARER_CLASS = 20
