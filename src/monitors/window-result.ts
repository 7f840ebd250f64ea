// The outcome of evaluating one window: what is stored, shown, and printed by `replay --json`.

import type { Instant } from '../time.ts'
import type { Verdict } from './verdict.ts'

export interface WindowResult {
  readonly model: string
  readonly version: string
  /** '' for the whole model. */
  readonly segment: string
  /** The window's name, such as `1h`. */
  readonly window: string
  readonly start: Instant
  readonly end: Instant
  /** 0 when first evaluated; one more each time late events or labels changed it. */
  readonly revision: number
  readonly samples: number
  readonly labelled: number
  /** True while too few of the predictions are labelled for the performance to be judged. */
  readonly provisional: boolean
  readonly verdicts: readonly Verdict[]
}
