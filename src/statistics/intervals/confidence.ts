import { normalQuantile } from '../special/normal.ts'

/** Bounds of an interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** The level of every interval unless told otherwise. */
const USUAL = 0.95
const usualZ = normalQuantile((1 + USUAL) / 2)

/** How many standard errors a two-sided interval reaches. @throws RangeError unless the confidence lies between 0 and 1 */
export function standardErrorsAt(confidence: number): number {
  if (confidence === USUAL) return usualZ
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`confidence is ${confidence}, it must lie between 0 and 1, such as 0.95`)
  }
  return -normalQuantile((1 - confidence) / 2)
}
