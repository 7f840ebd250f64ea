/** Score histograms per class over the same ascending bins. */
export interface ScoreHistograms {
  readonly positives: Float64Array
  readonly negatives: Float64Array
}

/** Rows per class. @throws RangeError if the histograms have different bins, naming the function that asks */
export function classTotals(name: string, { positives, negatives }: ScoreHistograms): { p: number; n: number } {
  if (positives.length !== negatives.length) {
    throw new RangeError(
      `${name}: positives has ${positives.length} bins, negatives ${negatives.length}; they must be the same bins`,
    )
  }
  return { p: positives.reduce((sum, count) => sum + count, 0), n: negatives.reduce((sum, count) => sum + count, 0) }
}

/** Rows of the rarer class below which a ranking says too little to be shown: an interval would cover 86 % instead of 95 %. */
export const ROWS_OF_RARER_CLASS = 10
