/** Terms whose exponent lies under this are 0 in a double. */
const NEGLIGIBLE = 745

/** Beyond this the tail is far under what rounding leaves of 1 − the series. */
const FURTHEST = 50

/**
 * P(W ≥ x) of the limit that the Cramér-von Mises statistic tends to for large samples.
 *
 * 1 − the series in modified Bessel functions K₁⸝₄, so p-values under 1e-14 are rounding.
 *
 * @param x above 0
 * @param leastTerm the series ends with the first term under it; 0 for all it has, more to agree with tools that stop early
 * @throws RangeError if x is not above 0
 * @see Anderson and Darling (1952), Asymptotic theory of certain goodness of fit criteria, Ann. Math. Statist. 23(2), (4.35)
 * @example cramerVonMisesUpperTail(0.46136) // 0.05000
 */
export function cramerVonMisesUpperTail(x: number, leastTerm = 0): number {
  if (!(x > 0)) throw new RangeError(`cramerVonMisesUpperTail: x is ${x}, it must be above 0`)
  if (leastTerm === 0 && x > FURTHEST) return 0
  let sum = 0
  // Γ(k + ½) / (Γ(½) k!), by recurrence.
  let weight = 1
  for (let k = 0; ; k++) {
    const y = (4 * k + 1) ** 2 / (16 * x)
    if (2 * y > NEGLIGIBLE) break
    const term = weight * Math.sqrt(4 * k + 1) * Math.exp(-y) * besselKQuarter(y)
    sum += term
    if (term / (Math.PI * Math.sqrt(x)) < leastTerm) break
    weight *= (k + 0.5) / (k + 1)
  }
  return Math.min(1, Math.max(0, 1 - sum / (Math.PI * Math.sqrt(x))))
}

/** The modified Bessel function K₁⸝₄: ∫ e^(−y cosh t) cosh(t / 4) over t > 0. @see NIST Digital Library of Mathematical Functions, 10.32.9 */
function besselKQuarter(y: number): number {
  // The integrand falls doubly exponentially, so the trapezoidal rule is as precise as a double.
  const width = 1 / 16
  let sum = Math.exp(-y) / 2
  for (let t = width; y * Math.cosh(t) < NEGLIGIBLE; t += width) sum += Math.exp(-y * Math.cosh(t)) * Math.cosh(t / 4)
  return sum * width
}
