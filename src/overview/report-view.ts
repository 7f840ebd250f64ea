// A report as data: what the page and the Markdown are made of.

import type { Verdict } from '../monitors/verdict.ts'
import type { LabelDelays } from './label-delays.ts'
import type { ReportCourse, ReportHeatMap } from './report-charts.ts'
import type { LastWindow } from './report-distribution.ts'
import type { ReportIncident } from './report-incidents.ts'
import type { SegmentsView } from './segments.ts'
import type { FeatureSummary, WindowCounts } from './window-counts.ts'

/** Who made it when, of what. */
export interface ReportOrigin {
  readonly at: string
  /** Of leeway. */
  readonly version: string
  readonly configuration: { readonly file: string; readonly hash: string }
  readonly state: string
}

export interface Measured {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  /** `0.72 (0.70–0.74)` */
  readonly text: string
}

export interface ReportMetric {
  readonly metric: string
  readonly name: string
  readonly reference: number | null
  /** Over all rows of the period whose outcomes are kept. */
  readonly whole: Measured | null
  readonly worst: Measured | null
  readonly last: Measured | null
  readonly status: Verdict['status']
  readonly windows: WindowCounts
  /** Whether it was part of an incident of the period. */
  readonly inIncident: boolean
  /** Left out of the page for all but the first few. */
  readonly course: ReportCourse | null
}

export interface ReportFeature extends FeatureSummary {
  /** `PSI 7.46` */
  readonly worstText: string
  readonly status: Verdict['status']
  readonly inIncident: boolean
}

export interface ReportQuality {
  readonly feature: string
  readonly name: string
  readonly reference: number | null
  readonly worst: number
  readonly last: number | null
  readonly status: Verdict['status']
  readonly windows: WindowCounts
}

export interface ReportView {
  readonly model: string
  readonly version: string
  /** Model and version as people call them. */
  readonly name: string
  readonly task: string
  readonly window: { readonly size: string; readonly slide: string }
  /** null: no window was judged. */
  readonly period: {
    readonly from: string
    readonly to: string
    readonly windows: number
    readonly drawnEvery: number
  } | null
  /** Rows of the period whose outcomes are kept; null: none. */
  readonly rows: {
    readonly from: string
    readonly predicted: number
    readonly labelled: number
    /** Whether they are all there were. */
    readonly isComplete: boolean
  } | null
  readonly asked: { readonly from: string | null; readonly to: string | null }
  readonly verdict: {
    readonly status: Verdict['status']
    readonly headline: string
    readonly points: readonly string[]
  }
  readonly isCalibrated: boolean
  readonly performance: readonly ReportMetric[]
  /** One view for each column that tells segments apart. */
  readonly segments: readonly SegmentsView[]
  readonly features: readonly ReportFeature[]
  readonly drift: ReportHeatMap | null
  readonly last: LastWindow
  readonly quality: readonly ReportQuality[]
  /** Tests of data quality in all. */
  readonly qualityTests: number
  readonly volume: { readonly rows: ReportCourse | null; readonly labels: ReportCourse } | null
  /** Of all labels of this version, in the period or not. */
  readonly delays: LabelDelays | null
  readonly incidents: readonly ReportIncident[]
  /** Retraining that no incident of this page asked for. */
  readonly retraining: ReadonlyArray<{
    readonly at: string
    readonly state: string
    readonly text: string
    readonly target: string
  }>
  /** Runs that began in the period, by the clock. */
  readonly runs: ReadonlyArray<{ readonly at: string; readonly label: string }>
  readonly reference: {
    readonly id: string
    readonly source: string
    readonly rows: number
    readonly labelled: number
    readonly from: string
    readonly to: string
    /** How it came to be compared with: the configuration, or a deed. */
    readonly of: string
  }
  /** How it was judged, for the notes. */
  readonly policy: {
    readonly falseAlarmBudget: number
    readonly minSamples: number
    readonly minCoverage: number
    readonly horizon: string
    /** Distance from which drift alarms, and of which columns it is another. */
    readonly drift: { readonly floor: number; readonly of: readonly string[] }
    readonly alarms: readonly string[]
  }
  readonly origin: ReportOrigin
}
