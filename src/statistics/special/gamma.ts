// The gamma function's logarithm and the regularised incomplete gamma functions, tails included.

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

/**
 * Natural logarithm of the gamma function.
 *
 * @param x above 0
 * @throws RangeError if x is not above 0
 * @see Lanczos (1964), A precision approximation of the gamma function; coefficients for g = 7, n = 9
 * @example lnGamma(10) // 12.801827480081469
 */
export function lnGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`lnGamma: x is ${x}, it must be above 0`)
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x)
  if (x > 1e3) return stirling(x)
  const y = x - 1
  let sum = lanczos[0] as number
  for (let i = 1; i < lanczos.length; i++) sum += (lanczos[i] as number) / (y + i)
  const t = y + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum)
}

function stirling(x: number): number {
  const inverse = 1 / x
  const square = inverse * inverse
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + inverse * (1 / 12 - square * (1 / 360 - square / 1260))
}

/** Regularised lower incomplete gamma function P(a, x). @throws RangeError unless a > 0 and x ≥ 0 */
export function gammaP(a: number, x: number): number {
  check('gammaP', a, x)
  if (x === 0) return 0
  if (x === Number.POSITIVE_INFINITY) return 1
  return x < a + 1 ? Math.exp(lnSeries(a, x)) : 1 - Math.exp(lnFraction(a, x))
}

/** Regularised upper incomplete gamma function Q(a, x), exact in the far tail. @throws RangeError unless a > 0 and x ≥ 0 */
export function gammaQ(a: number, x: number): number {
  check('gammaQ', a, x)
  if (x === 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  return x < a + 1 ? 1 - Math.exp(lnSeries(a, x)) : Math.exp(lnFraction(a, x))
}

/** Logarithm of Q(a, x): finite where Q itself is too small for a double. */
export function lnGammaQ(a: number, x: number): number {
  check('lnGammaQ', a, x)
  if (x === 0) return 0
  return x < a + 1 ? Math.log1p(-Math.exp(lnSeries(a, x))) : lnFraction(a, x)
}

function check(name: string, a: number, x: number): void {
  if (!(a > 0)) throw new RangeError(`${name}: a is ${a}, it must be above 0`)
  if (!(x >= 0)) throw new RangeError(`${name}: x is ${x}, it must be 0 or more`)
}

/** ln P by its power series; converges quickly for x < a + 1. */
function lnSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 100_000; n++) {
    term *= x / (a + n)
    sum += term
    if (term < sum * 1e-17) break
  }
  return a * Math.log(x) - x - lnGamma(a) + Math.log(sum)
}

/** ln Q by its continued fraction (modified Lentz); converges quickly for x ≥ a + 1. */
function lnFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let h = d
  for (let i = 1; i < 100_000; i++) {
    const an = -i * (i - a)
    b += 2
    d = an * d + b
    if (Math.abs(d) < tiny) d = tiny
    c = b + an / c
    if (Math.abs(c) < tiny) c = tiny
    d = 1 / d
    const delta = d * c
    h *= delta
    if (Math.abs(delta - 1) < 1e-16) break
  }
  return a * Math.log(x) - x - lnGamma(a) + Math.log(h)
}
