/**
 * P(K ≥ x) of the Kolmogorov distribution, the limit of √n · D for the Kolmogorov-Smirnov statistic D.
 *
 * Below 1 by the theta form, which gives the small lower tail; from 1 on by the alternating series.
 *
 * @param x 0 or more
 * @throws RangeError if x lies elsewhere
 * @see Smirnov (1948), Table for estimating the goodness of fit of empirical distributions, Ann. Math. Statist. 19(2)
 * @example kolmogorovUpperTail(1.3581) // 0.04999963
 */
export function kolmogorovUpperTail(x: number): number {
  if (!(x >= 0)) throw new RangeError(`kolmogorovUpperTail: x is ${x}, it must be 0 or more`)
  return x < 1 ? 1 - lowerTail(x) : alternatingSeries(x)
}

function lowerTail(x: number): number {
  // Under this the exponentials below are too small for a double.
  if (x < 0.04) return 0
  const rate = Math.PI ** 2 / (8 * x * x)
  let sum = 0
  for (let odd = 1; odd <= 7; odd += 2) sum += Math.exp(-odd * odd * rate)
  return (Math.sqrt(2 * Math.PI) / x) * sum
}

function alternatingSeries(x: number): number {
  let sum = 0
  for (let k = 1; k <= 5; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  return sum
}
