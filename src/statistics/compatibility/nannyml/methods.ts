// The methods NannyML has for one column, and when a chunk alerts.

export type NannymlKind = 'continuous' | 'categorical'

interface MethodFacts {
  readonly types: readonly NannymlKind[]
  /** The upper threshold is never more than this. */
  readonly most: number | null
}

/** @see NannyML 0.13.1, MethodFactory */
export const nannymlMethods = {
  jensen_shannon: { types: ['continuous', 'categorical'], most: null },
  hellinger: { types: ['continuous', 'categorical'], most: null },
  kolmogorov_smirnov: { types: ['continuous'], most: 1 },
  wasserstein: { types: ['continuous'], most: null },
  chi2: { types: ['categorical'], most: null },
  l_infinity: { types: ['categorical'], most: null },
} as const satisfies Readonly<Record<string, MethodFacts>>

export type NannymlMethod = keyof typeof nannymlMethods

/** Below this p-value a χ² statistic alerts; it has no other threshold. */
export const NANNYML_CHI2_LEVEL = 0.05

/** Squares of larger values would not be finite. */
const VALUE_MAX = 1e150

/** How many standard deviations over the mean of the reference's chunks a value alerts. */
const DEVIATIONS = 3

/**
 * NannyML's default upper threshold: mean + 3 standard deviations (divisor n) of the values of the reference's own chunks.
 *
 * The chunks are part of the reference they are compared with, so that with few of them the threshold is too low: with ten chunks
 * one quiet chunk in ten lies beyond it.
 *
 * @param values one per chunk of the reference; null where a chunk has none
 * @throws RangeError if a value is not finite, or its square would not be
 * @returns null for `chi2`, which goes by its p-value, and when no chunk has a value
 * @see NannyML 0.13.1, StandardDeviationThreshold
 * @example nannymlThreshold('wasserstein', [0.1, 0.2, 0.3]) // 0.4449490
 */
export function nannymlThreshold(method: NannymlMethod, values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null)
  const odd = present.find((value) => !(Math.abs(value) <= VALUE_MAX))
  if (odd !== undefined)
    throw new RangeError(`nannymlThreshold: values hold ${odd}, they must be finite and at most ${VALUE_MAX} in size`)
  if (method === 'chi2' || present.length === 0) return null
  const mean = present.reduce((total, value) => total + value, 0) / present.length
  const variance = present.reduce((total, value) => total + (value - mean) ** 2, 0) / present.length
  const threshold = mean + DEVIATIONS * Math.sqrt(variance)
  const { most } = nannymlMethods[method]
  return most === null ? threshold : Math.min(most, threshold)
}
