/** Mean of what has come so far; it does not lose precision however long it runs. */
export interface RunningMean {
  count: number
  mean: number
}

/**
 * Takes in `count` values with mean `value`.
 *
 * The increment is (count / total) × difference, in this order, so that streams of 0 and 1 meet the ties of the published
 * detectors to the last bit.
 *
 * @see West (1979), Updating mean and variance estimates: an improved method, CACM 22(9)
 */
export function takeIn(mean: RunningMean, value: number, count: number): void {
  mean.count += count
  mean.mean += (count / mean.count) * (value - mean.mean)
}
