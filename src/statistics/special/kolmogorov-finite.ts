import { lnGamma, STIRLING_FROM, stirlingError } from './ln-gamma.ts'

/** Up to this many values Durbin's matrix is used. */
const MATRIX_MAX = 100_000
/** Up to this many values the one-sided tail is summed up, beyond it is taken from its expansion, whose error is of order 1 / n. */
const SUM_MAX = 1_000_000

/**
 * P(D ≥ d) of the two-sided Kolmogorov-Smirnov statistic of n values against a known distribution.
 *
 * Takes time in proportion to n in the upper tail: 0.1 s for a million values. By four ways, each where it is precise: closed forms at both ends, Durbin's matrix for small d, the expansion of Pelz and Good in
 * the middle of large n, and twice the one-sided probability in the upper tail. The changeovers are those that SciPy has, so that
 * p-values of other tools agree also where an approximation shows.
 *
 * @param d 0 or more
 * @param n whole number of at least 1
 * @throws RangeError if an argument lies elsewhere
 * @see Simard and L'Ecuyer (2011), Computing the two-sided Kolmogorov-Smirnov distribution, J. Stat. Soft. 39(11)
 * @example kolmogorovFiniteUpperTail(0.4, 10) // 0.0589892452
 */
export function kolmogorovFiniteUpperTail(d: number, n: number): number {
  if (!(d >= 0)) throw new RangeError(`kolmogorovFiniteUpperTail: d is ${d}, it must be 0 or more`)
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new RangeError(`kolmogorovFiniteUpperTail: n is ${n}, it must be a whole number of at least 1`)
  }
  const reach = n * d
  if (d >= 1) return 0
  if (reach <= 0.5) return 1
  if (reach <= 1) return 1 - Math.exp(lnGamma(n + 1) - n * Math.log(n) + n * Math.log(2 * reach - 1))
  if (reach >= n - 1) return Math.min(1, 2 * (1 - d) ** n)
  const scaled = reach * d
  if (d >= 0.5 || scaled >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSided(d, n))
  const byMatrix = n <= 140 || (n <= MATRIX_MAX && n * d ** 1.5 <= 1.4)
  const lower = byMatrix ? durbin(d, n) : pelzGood(d, n)
  return Math.min(1, Math.max(0, 1 - lower))
}

/** P(D⁺ ≥ d): the sum over j of C(n, j) d (d + j/n)^(j−1) (1 − d − j/n)^(n−j). @see Smirnov (1944) */
function oneSided(d: number, n: number): number {
  if (n * d * d >= 370) return 0
  if (n > SUM_MAX) return Math.exp(-((6 * n * d + 1) ** 2) / (18 * n))
  let sum = 0
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const p = d + j / n
    if (p < 1) sum += (d / p) * binomialProbability(j, n, p)
  }
  return sum
}

/** C(n, j) p^j (1 − p)^(n − j), without the cancellation of large logarithms. @see Loader (2000), Fast and accurate computation of binomial probabilities */
function binomialProbability(j: number, n: number, p: number): number {
  if (j === 0) return Math.exp(n * Math.log1p(-p))
  if (j === n) return p ** n
  const far = deviance(j, n * p) + deviance(n - j, n * (1 - p))
  const correction = stirling(n) - stirling(j) - stirling(n - j)
  return Math.exp(correction - far) * Math.sqrt(n / (2 * Math.PI * j * (n - j)))
}

/** x ln(x / mean) + mean − x. */
function deviance(x: number, mean: number): number {
  const change = x - mean
  if (Math.abs(change) > 0.1 * (x + mean)) return x * Math.log(x / mean) - change
  const ratio = change / (x + mean)
  let sum = change * ratio
  let term = 2 * x * ratio
  for (let k = 1; ; k++) {
    term *= ratio * ratio
    const next = sum + term / (2 * k + 1)
    if (next === sum) return next
    sum = next
  }
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** ln k! less (k + ½) ln k − k + ½ ln 2π. */
function stirling(k: number): number {
  return k >= STIRLING_FROM ? stirlingError(k) : lnGamma(k + 1) - (k + 0.5) * Math.log(k) + k - HALF_LOG_TWO_PI
}

/** Scales of powers, so that nothing overflows. */
const SCALE = 2 ** 420

/** P(D < d) by n!/nⁿ times an entry of a matrix's n-th power. @see Marsaglia, Tsang and Wang (2003), Evaluating Kolmogorov's distribution, J. Stat. Soft. 8(18) */
function durbin(d: number, n: number): number {
  const k = Math.ceil(n * d)
  const h = k - n * d
  const size = 2 * k - 1
  let base = durbinMatrix(h, size)
  let power: Float64Array | undefined
  let [scales, baseScales] = [0, 0]
  const middle = (k - 1) * size + k - 1
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      power = power === undefined ? base : product(power, base, size)
      scales += baseScales
    }
    if (left === 1) break
    base = product(base, base, size)
    baseScales *= 2
    if (Math.abs(base[middle] as number) > SCALE) {
      base = base.map((value) => value / SCALE)
      baseScales++
    }
    if (power !== undefined && Math.abs(power[middle] as number) > SCALE) {
      power = power.map((value) => value / SCALE)
      scales++
    }
  }
  let value = power?.[middle] as number
  for (let i = 1; i <= n; i++) {
    value = (i * value) / n
    if (value < 1 / SCALE) {
      value *= SCALE
      scales--
    }
  }
  for (; scales > 0; scales--) value *= SCALE
  for (; scales < 0; scales++) value /= SCALE
  return value
}

function durbinMatrix(h: number, size: number): Float64Array {
  const inverse = new Float64Array(size + 1).fill(1)
  for (let j = 1; j <= size; j++) inverse[j] = (inverse[j - 1] as number) / j
  const matrix = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 1; column < size; column++) {
      const order = row - column + 1
      if (order >= 0) matrix[row * size + column] = inverse[order] as number
    }
  }
  for (let i = 0; i < size; i++) {
    const corner = i === size - 1 ? 1 - 2 * h ** size + Math.max(2 * h - 1, 0) ** size : 1 - h ** (i + 1)
    const value = corner * (inverse[i + 1] as number)
    matrix[i * size] = value
    matrix[(size - 1) * size + (size - 1 - i)] = value
  }
  return matrix
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] as number
      if (factor === 0) continue
      for (let j = 0; j < size; j++) {
        out[i * size + j] = (out[i * size + j] as number) + factor * (b[k * size + j] as number)
      }
    }
  }
  return out
}

/** P(D ≤ d) by K₀(z) + K₁(z) / √n + K₂(z) / n + K₃(z) / n^1.5, z = d √n. @see Pelz and Good (1976), J. R. Statist. Soc. B 38(2) */
function pelzGood(d: number, n: number): number {
  const z = d * Math.sqrt(n)
  const root = Math.sqrt(2 * Math.PI)
  const [z2, z4, z6] = [z ** 2, z ** 4, z ** 6]
  const [p2, p4, p6] = [Math.PI ** 2, Math.PI ** 4, Math.PI ** 6]
  const rate = p2 / (2 * z2)
  let [k0, k1, k2, k3] = [0, 0, 0, 0]
  let [extra2, extra3] = [0, 0]
  for (let k = 0; k <= Math.ceil((16 * z) / Math.PI); k++) {
    const half = (k + 0.5) ** 2
    const weight = Math.exp(-half * rate)
    k0 += weight
    k1 += weight * (p2 * half - z2)
    k2 += weight * (6 * z6 + 2 * z4 + p2 * half * (2 * z4 - 5 * z2) + p4 * half ** 2 * (1 - 2 * z2))
    k3 +=
      weight *
      (-30 * z6 -
        90 * z ** 8 +
        p2 * half * (135 * z4 - 96 * z6) +
        p4 * half ** 2 * (-60 * z2 + 212 * z4) +
        p6 * half ** 3 * (5 - 30 * z2))
    const square = k * k
    const whole = Math.exp(-square * rate)
    extra2 += square * whole
    extra3 += (3 * z2 * square - p2 * square * square) * whole
  }
  const first = (root / z) * k0
  const second = (root / (6 * z4)) * k1
  const third = (root / (72 * z ** 7)) * k2 - ((root * p2) / (36 * z ** 3)) * extra2
  const fourth = (root / (6480 * z ** 10)) * k3 + ((root * p2) / (216 * z6)) * extra3
  return first + second / Math.sqrt(n) + third / n + fourth / n ** 1.5
}
