// How well the noise of a test is known, for whoever uses it.
//
// What a reference keeps of it (`support`) was reckoned against the design effect that was found. The one that is used is never
// under 1, that of independent rows. A category that is dealt out in turn hardly varies: what columns are unsure of together is much
// beside its own effect, and little beside 1; taken for that unsure, nothing would ever be evidence. A reference is frozen, and states
// and profiles hold many: so this is set right here, where noise is used, and holds for those that were learnt long ago.

import type { TestNoise } from './reference.ts'

/** Windows are taken to be alike at most this much. */
const ALIKE_MAX = 0.9

/**
 * How many independent windows say as much as these, which are alike.
 *
 * @param alike correlation of a statistic with itself a window later
 */
export function independentWindows(windows: number, alike: number): number {
  const correlation = Math.min(ALIKE_MAX, Math.max(0, alike))
  return (windows * (1 - correlation)) / (1 + correlation)
}

/**
 * Degrees of freedom of the design effect that is used.
 *
 * Where less than 1 was found and 1 is used, a test's own windows tell it at least as well as if there were no other columns: the
 * mean of n independent statistics has the degrees of freedom of all of them.
 *
 * @param degrees of the test
 */
export function supportOf(noise: TestNoise, degrees: number): number {
  const { windows, designEffect, correlation, support } = noise
  if (designEffect > 1) return support
  return Math.max(support, independentWindows(windows, correlation ** 2) * degrees)
}
