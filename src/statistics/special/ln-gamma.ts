// The logarithm of the gamma and beta functions, by Stirling's series.

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)
/** From here on seven terms of the series reach the precision of a double. */
export const STIRLING_FROM = 10

/** What 1 has beyond Euler's constant. */
const ONE_MINUS_EULER = 0.42278433509846713
/** ζ(k) − 1 from k = 2 on. */
const ZETA_MINUS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9,
]

/**
 * Natural logarithm of the gamma function, with full relative precision around its zeros at 1 and 2 too.
 *
 * Between ½ and 2½ by the power series at 2; elsewhere below 10 the argument is raised by the recurrence Γ(x + 1) = x Γ(x);
 * from 10 on by Stirling's series.
 *
 * @param x above 0
 * @throws RangeError if x is not above 0
 * @see NIST Digital Library of Mathematical Functions, 5.5.1, 5.7.3 and 5.11.1
 * @example lnGamma(10) // 12.801827480081469
 */
export function lnGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`lnGamma: x is ${x}, it must be above 0`)
  if (x === Number.POSITIVE_INFINITY) return x
  if (x >= 0.5 && x <= 1.5) return lnGammaPlusOne(x - 1)
  if (x > 1.5 && x <= 2.5) return lnGammaPlusTwo(x - 2)
  if (x < 0.5) return lnGammaPlusOne(x) - Math.log(x)
  let raised = x
  let product = 1
  while (raised < STIRLING_FROM) {
    product *= raised
    raised += 1
  }
  return (raised - 0.5) * Math.log(raised) - raised + HALF_LOG_TWO_PI + stirlingError(raised) - Math.log(product)
}

/** ln Γ(1 + z), precise to the smallest z, which 1 + z would swallow. @param z −½ to ½ */
export function lnGammaPlusOne(z: number): number {
  return lnGammaPlusTwo(z) - Math.log1p(z)
}

/** ln Γ(2 + z). @param z −½ to ½ */
function lnGammaPlusTwo(z: number): number {
  let sum = 0
  for (let i = ZETA_MINUS_ONE.length - 1; i >= 0; i--) sum = (ZETA_MINUS_ONE[i] as number) / (i + 2) - z * sum
  return z * (ONE_MINUS_EULER + z * sum)
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
 * ln Γ(x + a) − ln Γ(x), which is about a ln x, precise to the smallest a.
 *
 * @param x above 0
 * @param a 0 to 1
 */
export function lnGammaRise(x: number, a: number): number {
  let raised = x
  let steps = 0
  while (raised < STIRLING_FROM) {
    steps += Math.log1p(a / raised)
    raised += 1
  }
  const rise = (raised - 0.5) * Math.log1p(a / raised) + a * (Math.log(raised + a) - 1)
  return rise + stirlingError(raised + a) - stirlingError(raised) - steps
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
