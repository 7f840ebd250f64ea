// The methods Evidently has for one column: for which columns, with which threshold, and which side of it is drift.

export type EvidentlyKind = 'numeric' | 'categorical'

interface MethodFacts {
  readonly types: readonly EvidentlyKind[]
  readonly threshold: number
  /** How a value is drift: at or beyond the threshold, or beyond it. */
  readonly drift: '<' | '<=' | '>' | '>='
}

const both = ['numeric', 'categorical'] as const
const numeric = ['numeric'] as const
const categorical = ['categorical'] as const

/** @see Evidently 0.7.23, the stattests: p-values drift below their threshold, distances above it. */
export const evidentlyMethods = {
  psi: { types: both, threshold: 0.1, drift: '>=' },
  kl_div: { types: both, threshold: 0.1, drift: '>=' },
  jensenshannon: { types: both, threshold: 0.1, drift: '>=' },
  hellinger: { types: both, threshold: 0.1, drift: '>=' },
  wasserstein: { types: numeric, threshold: 0.1, drift: '>=' },
  ed: { types: numeric, threshold: 0.1, drift: '>' },
  ks: { types: numeric, threshold: 0.05, drift: '<=' },
  t_test: { types: numeric, threshold: 0.05, drift: '<' },
  mannw: { types: numeric, threshold: 0.05, drift: '<' },
  es: { types: numeric, threshold: 0.05, drift: '<' },
  anderson: { types: numeric, threshold: 0.1, drift: '<' },
  cramer_von_mises: { types: numeric, threshold: 0.1, drift: '<=' },
  chisquare: { types: categorical, threshold: 0.05, drift: '<' },
  z: { types: categorical, threshold: 0.05, drift: '<' },
  g_test: { types: categorical, threshold: 0.1, drift: '<' },
  fisher_exact: { types: categorical, threshold: 0.1, drift: '<' },
} as const satisfies Readonly<Record<string, MethodFacts>>

export type EvidentlyMethod = keyof typeof evidentlyMethods

/** Whether a value is drift by Evidently's rule for the method. */
export function isDrift(method: EvidentlyMethod, value: number, threshold: number): boolean {
  switch (evidentlyMethods[method].drift) {
    case '<':
      return value < threshold
    case '<=':
      return value <= threshold
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
  }
}

/** Whether a method's value is a p-value. */
export function isPValue(method: EvidentlyMethod): boolean {
  return evidentlyMethods[method].drift.startsWith('<')
}

/** Up to this many rows of the reference Evidently tests, beyond them it takes a distance. */
const SMALL_REFERENCE = 1000
/** Numbers with no more different values than this are treated as categories. */
const FEW_NUMBERS = 5

/**
 * The method Evidently takes for a column when it is told none.
 *
 * @param distinct different values in reference and current together
 * @see Evidently 0.7.23, the default of get_stattest
 */
export function evidentlyDefault(column: {
  readonly type: EvidentlyKind
  readonly referenceRows: number
  readonly distinct: number
}): EvidentlyMethod {
  const asNumbers = column.type === 'numeric' && column.distinct > FEW_NUMBERS
  if (column.referenceRows > SMALL_REFERENCE) return asNumbers ? 'wasserstein' : 'jensenshannon'
  if (asNumbers) return 'ks'
  return column.distinct > 2 ? 'chisquare' : 'z'
}
