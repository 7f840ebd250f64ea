// What a course shows.

import type { Instant, Millis } from '../../time.ts'
import type { StatusName } from '../status.ts'

export interface CoursePoint {
  /** When the window ends, ISO 8601. */
  readonly end: string
  /** null: a gap. */
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly status: StatusName
  /** Few labels have come yet: shown, hatched, and not judged. */
  readonly isProvisional?: boolean
  readonly rows?: number
  /** Where they are not those of the whole course. */
  readonly reference?: number | null
  readonly threshold?: number | null
}

export interface EstimatePoint {
  readonly end: string
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

/** An incident: a bar on the axis of time. */
export interface IncidentMark {
  readonly from: string
  /** null while it goes on. */
  readonly to: string | null
  readonly label: string
}

/** A retraining: a mark on the axis of time. */
export interface RetrainingMark {
  readonly at: string
  readonly label: string
}

export interface CourseData {
  /** What is shown: `ROC AUC`, `PSI of income`. */
  readonly name: string
  readonly form: 'number' | 'share' | 'count'
  /** In the order of their ends. */
  readonly points: readonly CoursePoint[]
  /** What was told without labels, at the same ends or others. */
  readonly estimates?: readonly EstimatePoint[]
  /** Windows that a point stands for: it shows one of them, the worst; left out: 1. */
  readonly windowsPerPoint?: number
  /** Windows further apart than this, in milliseconds, have a gap between them. */
  readonly gapMs: Millis
  readonly reference: number | null
  readonly threshold: number | null
  /** The side of the threshold that alarms; `outside`: further from 0 on either side. */
  readonly alarms: 'above' | 'below' | 'outside' | null
  /** Distances and shares are drawn from 0 on. */
  readonly fromZero?: boolean
  readonly incidents?: readonly IncidentMark[]
  /** Their times are shaded over the whole height. */
  readonly shadesIncidents?: boolean
  readonly retrainings?: readonly RetrainingMark[]
}

export type Timed<T> = T & { readonly at: Instant }

export function timed<T extends { readonly end: string }>(points: readonly T[]): Array<Timed<T>> {
  return points.map((point) => ({ ...point, at: Date.parse(point.end) }))
}
