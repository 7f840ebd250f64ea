// What can be drawn beside a message: the course of what alarms, and how the worst feature is distributed.

import type { MonitorKind, Verdict } from '../../monitors/verdict.ts'
import type { Instant } from '../../time.ts'

/** One window of a course. */
export interface CoursePoint {
  readonly end: Instant
  /** null: a window that was not evaluated, or with too few rows: a gap. */
  readonly value: number | null
  /** 95 % interval. */
  readonly low: number | null
  readonly high: number | null
  readonly status: Verdict['status']
  /** Labels are still coming: shown, and not judged. */
  readonly isProvisional: boolean
}

/** How one test of a model version came to alarm. */
export interface Course {
  readonly model: string
  readonly version: string
  readonly kind: MonitorKind
  readonly feature: string | null
  readonly metric: string
  /** Name of the window, such as `1h`. */
  readonly window: string
  /** In the order of their ends, at least two. */
  readonly points: readonly CoursePoint[]
  readonly reference: number | null
  readonly threshold: number | null
  /** When the incident began, and when it was over; null while it is not. */
  readonly since: Instant
  readonly until: Instant | null
}

/** A part of a feature's values: a category, or a range of numbers. */
export interface DistributionBar {
  readonly label: string
  /** Shares of the rows that have a value, 0 to 1. */
  readonly reference: number
  readonly current: number
  /** Of numbers: values over `from` and up to `to`; null: without end. */
  readonly from?: number | null
  readonly to?: number | null
}

/** How a feature is distributed in one window, beside its reference. */
export interface Distribution {
  readonly model: string
  readonly version: string
  readonly feature: string
  readonly window: string
  readonly end: Instant
  /** Rows with a value. */
  readonly rows: { readonly reference: number; readonly current: number }
  /** Ranges in their order; categories with the most frequent first. */
  readonly bars: readonly DistributionBar[]
}

/** A drawing with what stands beside it for those who cannot see it. */
export interface Chart {
  /** `course` or `distribution`: names the file. */
  readonly name: string
  readonly title: string
  /** One sentence that says what the drawing shows. */
  readonly alternative: string
  readonly table: { readonly columns: readonly string[]; readonly rows: ReadonlyArray<readonly string[]> }
  readonly svg: string
  /** Size in CSS pixels. */
  readonly width: number
  readonly height: number
}
