import { normalQuantile, normalUpperTail } from '../special/normal.ts'

/** The windows of a run that say something new: the first, and further ones that lie evenly apart. */
export interface Run {
  /** Windows after the first, 0 or more. */
  readonly further: number
  /** Correlation of a statistic with that of the next of these windows, 0 to 1: the share of common rows, if rows are independent. */
  readonly correlation: number
}

/**
 * The p-value that every window of a run must reach, so that such runs happen by chance no more often than asked.
 *
 * The longer something lasts, the less each window has to show. What is bounded is the chance that the first window of the run
 * and all further ones are under the level at once: each next one given the one before, by a bivariate normal. Windows in between
 * only make a run rarer.
 *
 * @param rate chance of a run that ends at a given window, 0 < rate < 1
 * @returns a p-value of `rate` or more, at most a half
 * @throws RangeError if an argument lies elsewhere
 * @example levelOfRun(1e-6, { further: 1, correlation: 0 }) // 0.001
 * @example levelOfRun(1e-6, { further: 1, correlation: 0.5 }) // 0.00006457427
 */
export function levelOfRun(rate: number, { further, correlation }: Run): number {
  if (!(rate > 0 && rate < 1)) throw new RangeError(`levelOfRun: rate is ${rate}, it must lie between 0 and 1`)
  if (!(further >= 0 && further < Number.POSITIVE_INFINITY))
    throw new RangeError(`levelOfRun: further is ${further}, it must be 0 or more and finite`)
  if (!(correlation >= 0 && correlation <= 1))
    throw new RangeError(`levelOfRun: correlation is ${correlation}, it must lie between 0 and 1`)
  if (further === 0 || correlation > CORRELATION_MAX || rate >= LEVEL_MAX) return rate
  const wanted = Math.log(rate)
  let [low, high] = [wanted, Math.log(LEVEL_MAX)]
  while (high - low > 1e-4) {
    const middle = (low + high) / 2
    const level = Math.exp(middle)
    if (middle + further * Math.log(bothUnder(level, correlation) / level) > wanted) high = middle
    else low = middle
  }
  return Math.exp(low)
}

/** Windows this alike are one. */
const CORRELATION_MAX = 0.999
/** A window that is under this level every other time says nothing. */
const LEVEL_MAX = 0.5

const STEPS = 96
/** This far beyond the beginning of the tail, in units of its own length, nothing is left of it. */
const REACH = 14

/** The chance that two normal statistics of the given correlation are both under a two-sided level. Simpson's rule. */
function bothUnder(level: number, correlation: number): number {
  const z = -normalQuantile(level / 2)
  const rest = Math.sqrt(1 - correlation * correlation)
  const density = (x: number) =>
    Math.exp((-x * x) / 2) *
    (normalUpperTail((z - correlation * x) / rest) + normalUpperTail((z + correlation * x) / rest))
  const width = REACH / (1 + z) / STEPS
  let sum = 0
  for (let i = 0; i <= STEPS; i++) sum += density(z + i * width) * (i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2)
  return (2 * sum * width) / 3 / Math.sqrt(2 * Math.PI)
}
