// The life of one alarm, from the first window over the threshold to the last one that mattered.

import type { ErrorShares, MonitorKind, WindowKind } from '../monitors/verdict.ts'
import type { ChangedPair } from '../reference/second-moments.ts'
import type { Instant, Millis } from '../time.ts'

/**
 * `pending`: not told yet; `firing`: told, and over its thresholds; `clearing`: told, and under all of them of late, though not for
 * long enough to be over; `resolved`: over.
 */
export type IncidentState = 'pending' | 'firing' | 'clearing' | 'resolved'
/** `critical` is an alarm that is severe, or has become so. An incident never gets milder again. */
export type Severity = 'warning' | 'alarm' | 'critical'

/** Whether it goes on, and people have been told of it. */
export function isActive({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'firing' || state === 'clearing'
}

/** Whether an incident is of the severity that somebody asks for: who asks for alarms gets those that are critical, too. */
export function hasSeverity(wanted: Severity, { severity }: Pick<Incident, 'severity'>): boolean {
  return severity === wanted || (wanted === 'alarm' && severity === 'critical')
}

/** One test's last word inside an incident. Numbers are those of the window that ends at `end`. */
export interface Evidence {
  readonly monitor: string
  readonly kind: WindowKind
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

/** What does not come any more; by the wall clock, as it is no matter of windows. */
export interface Silence {
  /** Of what there is none: predictions or labels of the model, or anything that could be read of a source. */
  readonly of: 'predictions' | 'labels' | 'source'
  /** When the last one came; of a source, when it could last be read. */
  readonly lastAt: Instant
  /** From how long on it is an incident. */
  readonly after: Millis
  readonly source: string
  /** Of a source: what keeps it from being read. */
  readonly because: string | null
  /** The models that it concerns. */
  readonly models: readonly string[]
}

export interface Incident {
  /** Hash of model, version, kind, the first breaching window's end and the window that opened it: recomputing gives the same id. */
  readonly id: string
  /** Where a source cannot be read it is `source NAME`. */
  readonly model: string
  readonly version: string
  readonly kind: MonitorKind
  readonly severity: Severity
  readonly state: IncidentState
  /** End of the first window over the threshold. */
  readonly since: Instant
  /** Event time at which it became pending, fired or ended, last. */
  readonly at: Instant
  /** Features that moved, worst first: for performance, the drifted features that may explain it. */
  readonly features: readonly string[]
  /** The tests that alarm, worst first; once resolved, the same tests in the window that ended it. None for a silence. */
  readonly evidence: readonly Evidence[]
  /** Counts the transitions and updates, so that each message has a key of its own. */
  readonly sequence: number
  /** While it is clearing: end of the first window in which all was clear. */
  readonly clearingSince?: Instant
  /** How often it has come back after it had ended; left out: never. */
  readonly reopened?: number
  /** Other incidents of the same model version that were active with it: what may explain it, or what it may explain. */
  readonly relatedTo?: ReadonlyArray<{ readonly id: string; readonly kind: MonitorKind }>
  readonly silence?: Silence
}

/** What happened to an incident, and why. */
export interface Transition {
  readonly incident: Incident
  readonly change: 'pending' | 'firing' | 'update' | 'resolved' | 'withdrawn'
  /** In words, for the log, the audit and the message. */
  readonly because: string
  /** By somebody's word, and not by evidence: left out otherwise. */
  readonly isDecided?: true
  /** Event time of the decision: the watermark. Of a silence, the wall clock. */
  readonly at: Instant
  /** Of an update: that it has become critical. */
  readonly escalates?: true
}
