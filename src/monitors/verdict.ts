// What a monitor says of one window.

import type { ChangedPair } from '../reference/second-moments.ts'

/** What is said of windows. */
export type WindowKind = 'drift' | 'performance' | 'estimated' | 'quality' | 'volume'
/** What incidents are about: windows, and what does not come any more by the wall clock. */
export type MonitorKind = WindowKind | 'no_data' | 'stale_labels'

/** What a verdict is about; the same test in every window has the same `monitor`. */
export interface TestIdentity {
  /** Unique within a model: `drift/income`, `prediction-drift/score`, `quality/missing/income`, `performance/roc_auc`, `volume`. */
  readonly monitor: string
  readonly kind: WindowKind
  /** The feature it is about; null for a verdict about the whole model. */
  readonly feature: string | null
  /** What `value` measures: `psi`, `wasserstein`, `js`, `missing_ratio`, `roc_auc`, `rows`, … */
  readonly metric: string
}

/** Enough rows to judge. */
export interface Judged extends TestIdentity {
  readonly status: 'ok' | 'warning' | 'alarm'
  readonly value: number
  /** Where `value` becomes an alarm, if the evidence is there too. */
  readonly threshold: number | null
  /** How far `value` is from the reference, in its own unit, signed; for a distance the distance itself. */
  readonly effect: number
  readonly pValue: number | null
  /** 95 % interval of `value`. */
  readonly low: number | null
  readonly high: number | null
  /** The reference's own value; null for distances, whose reference is 0 by definition. */
  readonly reference: number | null
  /** Whether the noise it was judged by was learnt from the reference. */
  readonly calibrated: boolean
  /** So large, and so evident, that persistence need not be awaited. */
  readonly severe: boolean
  /** By rung of the ladder (`reference/ladder.ts`), whether this window counts towards its run. */
  readonly holds: readonly boolean[]
  /** Whether the effect reaches its floor. */
  readonly matters: boolean
  /**
   * All that a decision needs of the evidence (`decide` in policy.ts), so that it can be held against another floor later: bits 0 to 3
   * say on which rungs there is evidence, whatever the effect; bit 4 that the weakest one is not clear; bit 5 that the effect is severe
   * whatever the floor. Left out by earlier versions, and where another tool's rule, or one that adds up over time, has no floor.
   */
  readonly evident?: number
  /** Under the lower threshold that ends an alarm (hysteresis). Never true together with `alarm`. */
  readonly clear: boolean
  /** Other distances of the same comparison, by method, for display. */
  readonly methods?: Readonly<Record<string, number>>
  /** The two features whose correlation it is about, and that correlation in the reference and now. */
  readonly pair?: ChangedPair
  /** Of concept drift: the share of predictions that are wrong, of late and in the reference. */
  readonly errors?: ErrorShares
  /** Of all columns of a segment at once: how many were judged, and how many warn. */
  readonly columns?: { readonly judged: number; readonly warned: number }
  /** Of a segment: the metric of the rows that are not in it. */
  readonly without?: number
}

export interface ErrorShares {
  readonly current: number
  readonly reference: number
}

/** Too little to judge; never an alarm and never a zero. */
export interface Insufficient extends TestIdentity {
  readonly status: 'insufficient'
  readonly value: number | null
  readonly reference: number | null
  readonly low: number | null
  readonly high: number | null
  /** Why, in words: `41 rows, 100 needed`. */
  readonly reason: string
  readonly calibrated: boolean
  /** Of a segment: the metric of the rows that are not in it. */
  readonly without?: number
}

export type Verdict = Judged | Insufficient
