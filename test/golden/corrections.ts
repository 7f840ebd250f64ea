// Golden values that are wrong beyond their own tolerance, with the right ones. A case is judged by these and reported as corrected.

import type { GoldenCase } from './call.ts'

export interface Correction {
  readonly call: string
  readonly name: string
  /** The value that is wrong, so that a mended golden file is judged by its own. */
  readonly wrong: unknown
  readonly right: unknown
  readonly because: string
}

const corrections: readonly Correction[] = [
  {
    call: 'gTest',
    name: 'huge n, tiny change',
    wrong: { statistic: 0.00018105008564361924, df: 1, pValue: 0.9892643999396753 },
    right: { statistic: 0.00018105014857558113, df: 1, pValue: 0.9892643980731571 },
    because: 'the sum of O ln(O / E) cancels at counts of 1e9; both values here by 50-digit arithmetic (mpmath 1.3.0)',
  },
]

export function correctionOf({ call, name, expected }: GoldenCase): Correction | undefined {
  const written = JSON.stringify(expected)
  return corrections.find(
    (entry) => entry.call === call && entry.name === name && JSON.stringify(entry.wrong) === written,
  )
}
