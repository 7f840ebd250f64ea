// The life of one alarm, from the first window over the threshold to the last one that mattered.

import type { ErrorShares, MonitorKind } from '../monitors/verdict.ts'
import type { ChangedPair } from '../reference/second-moments.ts'
import type { Instant } from '../time.ts'

export type IncidentState = 'pending' | 'firing' | 'resolved'
export type Severity = 'warning' | 'alarm'

/** One test's last word inside an incident. Numbers are those of the window that ends at `end`. */
export interface Evidence {
  readonly monitor: string
  readonly kind: MonitorKind
  readonly feature: string | null
  readonly metric: string
  readonly window: string
  readonly end: Instant
  readonly value: number
  readonly threshold: number | null
  readonly reference: number | null
  readonly low: number | null
  readonly high: number | null
  readonly pValue: number | null
  readonly samples: number
  readonly labelled: number
  readonly calibrated: boolean
  /** The two features whose correlation it is about. */
  readonly pair?: ChangedPair
  readonly errors?: ErrorShares
}

export interface Incident {
  /** Hash of model, version, kind, the first breaching window's end and the window that opened it: recomputing gives the same id. */
  readonly id: string
  readonly model: string
  readonly version: string
  readonly kind: MonitorKind
  readonly severity: Severity
  readonly state: IncidentState
  /** End of the first window over the threshold. */
  readonly since: Instant
  /** Event time at which it reached its state. */
  readonly at: Instant
  /** Features that moved, worst first: for performance, the drifted features that may explain it. */
  readonly features: readonly string[]
  /** The tests that alarm, worst first; once resolved, the same tests in the window that ended it. */
  readonly evidence: readonly Evidence[]
  /** Counts the transitions and updates, so that each message has a key of its own. */
  readonly sequence: number
}

/** What happened to an incident, and why. */
export interface Transition {
  readonly incident: Incident
  readonly change: 'pending' | 'firing' | 'update' | 'resolved' | 'withdrawn'
  /** In words, for the log, the audit and the message. */
  readonly because: string
  /** Event time of the decision: the watermark. */
  readonly at: Instant
}
