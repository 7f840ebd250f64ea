/**
 * Whether a text fits a pattern in which `*` stands for any letters, also none, and `?` for exactly one.
 *
 * Takes time proportional to the product of the lengths at worst, whatever the pattern.
 *
 * @example matchesPattern('credit-*', 'credit-risk') // true
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let [at, star, resume] = [0, -1, 0]
  for (let i = 0; i < text.length; ) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at++
      resume = i
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
