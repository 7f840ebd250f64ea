import { normalQuantile, normalUpperTail } from '../special/normal.ts'

/** How windows in a row share their rows. */
export interface Run {
  /** Windows in a row that must all be under the level. */
  readonly windows: number
  /** Slides of a window until it shares no row with itself: its size over its slide. */
  readonly slidesPerWindow: number
}

/**
 * The p-value that every window of a run must reach, so that runs of that length happen by chance no more often than asked.
 *
 * The longer something lasts, the less each window has to show. The first and the last window of a run share a part of their
 * rows; where the run is longer than a window, windows that share none stand between them. What is bounded is the chance that
 * all of these are under the level: for windows without common rows the product of theirs, for overlapping ones that of a
 * bivariate normal with the share of common rows as its correlation. The windows in between only make a run rarer.
 *
 * @param rate chance of a run that ends at a given window, 0 < rate < 1
 * @returns a p-value between `rate` and 1
 * @throws RangeError if the rate is not between 0 and 1, or the run is not of at least one window and slide
 * @example levelOfRun(1e-6, { windows: 2, slidesPerWindow: 1 }) // 0.001
 * @example levelOfRun(1e-6, { windows: 6, slidesPerWindow: 12 }) // 0.00003747338
 */
export function levelOfRun(rate: number, { windows, slidesPerWindow }: Run): number {
  if (!(rate > 0 && rate < 1)) throw new RangeError(`levelOfRun: rate is ${rate}, it must lie between 0 and 1`)
  if (!(windows >= 1 && slidesPerWindow >= 1)) {
    throw new RangeError(
      `levelOfRun: windows is ${windows} and slidesPerWindow ${slidesPerWindow}, both must be 1 or more`,
    )
  }
  const steps = (windows - 1) / slidesPerWindow
  const independent = Math.floor(steps)
  if (independent >= 1) return rate ** (1 / (independent + 1))
  if (steps === 0) return rate
  const correlation = 1 - steps
  let [low, high] = [Math.log(rate), Math.log(rate) / 2]
  while (high - low > 1e-4) {
    const middle = (low + high) / 2
    if (bothUnder(Math.exp(middle), correlation) > rate) high = middle
    else low = middle
  }
  return Math.exp(low)
}

const STEPS = 64
/** Beyond this many standard deviations from where the tail begins nothing is left of it. */
const REACH = 7

/** The chance that two normal statistics of the given correlation are both under a two-sided level. Simpson's rule. */
function bothUnder(level: number, correlation: number): number {
  const z = -normalQuantile(level / 2)
  const rest = Math.sqrt(1 - correlation * correlation)
  const density = (x: number) =>
    Math.exp((-x * x) / 2) *
    (normalUpperTail((z - correlation * x) / rest) + normalUpperTail((z + correlation * x) / rest))
  const width = REACH / (1 + z / 2) / STEPS
  let sum = 0
  for (let i = 0; i <= STEPS; i++) sum += density(z + i * width) * (i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2)
  return (2 * sum * width) / 3 / Math.sqrt(2 * Math.PI)
}
