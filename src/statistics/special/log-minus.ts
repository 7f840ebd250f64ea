/**
 * ln(1 + u) − u, precise where both nearly cancel.
 *
 * With r = u / (2 + u), ln(1 + u) = 2 (r + r³/3 + r⁵/5 + …) and 2r − u = −r u, so nothing is left to cancel.
 *
 * @param u above −1
 * @param onePlus 1 + u, given where the caller knows it more precisely than u near −1 says
 * @see NIST Digital Library of Mathematical Functions, 4.6.4
 */
export function logMinus(u: number, onePlus?: number): number {
  if (!(Math.abs(u) <= 0.5)) return (onePlus === undefined ? Math.log1p(u) : Math.log(onePlus)) - u
  const r = u / (2 + u)
  const square = r * r
  let power = r * square
  let sum = 0
  for (let odd = 3; ; odd += 2) {
    const term = power / odd
    sum += term
    if (!(Math.abs(term) > 1e-18 * Math.abs(sum))) break
    power *= square
  }
  return 2 * sum - r * u
}
