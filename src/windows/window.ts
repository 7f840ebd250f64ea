// Sliding windows of event time, made of whole panes.

import type { Millis } from '../time.ts'

export interface WindowSpec {
  /** Name in metrics and messages: the size as a duration, such as `1h`. */
  readonly name: string
  readonly sizeMs: Millis
  /** A window ends at every whole multiple of this. */
  readonly slideMs: Millis
}

/** One model version: what is summarised, watched and alarmed apart. `version` is '' where events name none. */
export interface Stream {
  /** Small whole number, given once and kept in the database. */
  readonly index: number
  readonly model: string
  readonly version: string
}
