/** An increasing function, the interval that holds its root, and a first guess. */
export interface Search {
  /** The function and its slope at a point. */
  readonly at: (x: number) => { readonly value: number; readonly slope: number }
  readonly low: number
  readonly high: number
  readonly start: number
}

/** A step this small is the last: Newton's next one would be of the order of its square. */
const LAST_STEP = 1e-12

/**
 * The root of an increasing function: Newton's steps, halving the interval where one would leave it or gains too little.
 *
 * Each round halves the step or the interval, so it ends whatever the function. Meant for functions of order 1 around their root,
 * such as a logarithm of a probability.
 *
 * @returns the root, or the end of the interval that is nearest to it
 */
export function findRoot({ at, low, high, start }: Search): number {
  let [left, right] = [low, high]
  let x = start > left && start < right ? start : (left + right) / 2
  let lastStep = Number.POSITIVE_INFINITY
  for (;;) {
    const { value, slope } = at(x)
    const step = value / slope
    if (Math.abs(step) <= LAST_STEP * Math.max(1, Math.abs(x))) return Math.min(high, Math.max(low, x - step))
    if (value > 0) right = x
    else left = x
    const middle = (left + right) / 2
    if (middle <= left || middle >= right) return middle
    const serves = x - step > left && x - step < right && Math.abs(step) <= lastStep / 2
    lastStep = serves ? Math.abs(step) : right - left
    x = serves ? x - step : middle
  }
}
