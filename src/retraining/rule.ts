// What the configuration says of retraining a model.

import type { MonitorKind } from '../monitors/verdict.ts'
import type { Millis } from '../time.ts'

export type Approval =
  | { readonly is: 'required' }
  /** By itself after a while, unless somebody says no before. */
  | { readonly is: 'automatic'; readonly afterMs: Millis }
  | { readonly is: 'none' }

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof weekdays)[number]

/** From one time of the day to another, which may be of the next day. */
export interface QuietHours {
  /** Minutes since midnight. */
  readonly from: number
  readonly to: number
  /** Days on which they begin. */
  readonly days: readonly Weekday[]
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string
}

/** Once on each of these days, at a time of the day. */
export interface Schedule {
  readonly days: readonly Weekday[]
  /** Minutes since midnight. */
  readonly at: number
  readonly timeZone: string
}

export interface RetrainingRule {
  readonly model: string
  /** Name of the kind of receiver. */
  readonly target: string
  /** Kinds of incidents that ask for a run. */
  readonly on: readonly MonitorKind[]
  readonly approval: Approval
  /** Between the beginnings of two runs. */
  readonly cooldownMs: Millis
  /** Runs that begin on one day; null = any number. */
  readonly perDayMax: number | null
  /** Labels that must have come since the last run began. */
  readonly newLabelsMin: number
  readonly quietHours: QuietHours | null
  readonly dryRun: boolean
  /** A request that was not let through within this time is given up. */
  readonly expiresMs: Millis
  /** Ask for a run by the clock. */
  readonly schedule: Schedule | null
  /** Ask for a run when so many labels have come since the last one; null = never. */
  readonly askAtLabels: number | null
  /** Ask for a run when a version is seen for the first time. */
  readonly askAtNewVersion: boolean
  /** After a run has succeeded, its new version becomes what production is compared with. */
  readonly promote: boolean
  /** Windows within which performance must be back; 0 = not looked at. */
  readonly verifyWindows: number
  /** Whose days the daily cap counts. */
  readonly timeZone: string
}
