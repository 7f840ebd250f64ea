// The two events everything is made of, in their canonical form.

import type { Instant } from '../time.ts'

/** What is predicted, and what is true: a class name, the value of a regression, or the names of a multilabel model, each once. */
export type OutcomeValue = string | number | readonly string[]

/** One row scored by a model. */
export interface PredictionEvent {
  readonly kind: 'prediction'
  /** Joins the label to it; at most 256 bytes. */
  readonly id: string
  readonly model: string
  /** '' where the event names none. */
  readonly version: string
  readonly time: Instant
  /** Values as they came, by feature name; a summary decides what each means (number, category, missing, wrong type). */
  readonly features: Readonly<Record<string, unknown>>
  /** The decision; null where the event has none. */
  readonly prediction: OutcomeValue | null
  /** Probability of the positive class of a binary model, 0 to 1; null where the event has none. */
  readonly score: number | null
  /** Probability per class name; null where the event has none. */
  readonly probabilities: Readonly<Record<string, number>> | null
  /** What kind of row it is, by segment column, as it came; null or left out where the event does not say. */
  readonly segments?: Readonly<Record<string, unknown>> | null | undefined
}

/** The truth about one row: first told, corrected, or taken back. */
export interface LabelEvent {
  readonly kind: 'label'
  readonly id: string
  readonly model: string
  /** When the label became known; of two labels of one id the later one counts. */
  readonly time: Instant
  readonly op: 'upsert' | 'retract'
  /** The truth; null only when retracting. */
  readonly label: OutcomeValue | null
}

/** Why a record could not be read. The code is counted in `leeway_records_rejected_total{reason}`, the detail is for a person. */
export interface Rejection {
  readonly reason: RejectionReason
  readonly detail: string
}

export type RejectionReason =
  | 'too_large'
  | 'not_utf8'
  | 'not_json'
  | 'not_object'
  | 'too_deep'
  | 'too_many_keys'
  | 'unknown_type'
  | 'missing_id'
  | 'bad_id'
  | 'missing_model'
  | 'missing_time'
  | 'bad_time'
  | 'future_time'
  | 'bad_version'
  | 'bad_features'
  | 'bad_prediction'
  | 'bad_score'
  | 'bad_probabilities'
  | 'bad_segments'
  | 'missing_label'
  | 'bad_label'
  | 'unsafe_key'

/** Receives what one record holds, in order: none, one or two events, or the reason why it cannot be read. */
export interface EventSink {
  prediction(event: PredictionEvent): void
  label(event: LabelEvent): void
  rejected(rejection: Rejection): void
  /** The record that comes next had so many keys that mean nothing here. */
  ignored?(keys: number): void
}
