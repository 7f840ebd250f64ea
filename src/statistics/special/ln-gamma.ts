// The logarithm of the gamma and beta functions, by Stirling's series.

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)
/** From here on seven terms of the series reach the precision of a double. */
export const STIRLING_FROM = 10

/**
 * Natural logarithm of the gamma function.
 *
 * Below 10 the argument is raised by the recurrence Γ(x + 1) = x Γ(x); from 10 on by Stirling's series.
 *
 * @param x above 0
 * @throws RangeError if x is not above 0
 * @see NIST Digital Library of Mathematical Functions, 5.5.1 and 5.11.1
 * @example lnGamma(10) // 12.801827480081469
 */
export function lnGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`lnGamma: x is ${x}, it must be above 0`)
  if (x === Number.POSITIVE_INFINITY) return x
  let raised = x
  let product = 1
  while (raised < STIRLING_FROM) {
    product *= raised
    raised += 1
  }
  return (raised - 0.5) * Math.log(raised) - raised + HALF_LOG_TWO_PI + stirlingError(raised) - Math.log(product)
}

/**
 * What ln Γ(x) has beyond (x − ½) ln x − x + ½ ln 2π.
 *
 * @param x from 10 on
 * @see NIST Digital Library of Mathematical Functions, 5.11.1
 */
export function stirlingError(x: number): number {
  const inverse = 1 / x
  const square = inverse * inverse
  const tail = 1 / 1188 - square * (691 / 360_360 - square / 156)
  return inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * tail))))
}

/**
 * Natural logarithm of the beta function B(a, b) = Γ(a) Γ(b) / Γ(a + b), without the loss that subtracting large ln Γ would bring.
 *
 * @param a above 0
 * @param b above 0
 */
export function lnBeta(a: number, b: number): number {
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  if (large < STIRLING_FROM) return lnGamma(a) + lnGamma(b) - lnGamma(a + b)
  const ratio = small - (large - 0.5) * Math.log1p(small / large) - small * Math.log(large + small)
  return lnGamma(small) + ratio + stirlingError(large) - stirlingError(large + small)
}
