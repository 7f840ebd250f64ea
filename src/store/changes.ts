// Everything one commit writes, together or not at all.

import type { Notification } from '../delivery/notification.ts'
import type { Incident, Transition } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Trigger } from '../retraining/trigger.ts'
import type { Partition, RecordIdentity } from '../sources/source.ts'
import type { Instant } from '../time.ts'
import type { Stream } from '../windows/window.ts'

export interface Position extends Partition {
  readonly source: string
  /** Records below it have been applied. */
  readonly nextOffset: number
  /** Highest accepted prediction time of this partition; null while it has brought no prediction. */
  readonly highestTime: Instant | null
  /** The last record that was applied; null where the source cannot read a record again, or none was applied. */
  readonly last: RecordIdentity | null
}

/** A pane's summary as it lies on disk. `part` tells the two lives of a pane apart. */
export interface StoredPane {
  readonly stream: number
  readonly segment: string
  readonly part: 'inputs' | 'outcomes'
  readonly start: Instant
  readonly cells: Uint8Array
}

export interface Quarantined extends Partition {
  readonly source: string
  readonly offset: number
  readonly reason: string
  readonly detail: string
  /** At most the first 4 KiB of the record. */
  readonly sample: Uint8Array
  readonly at: Instant
  /** What is lost is lost by the range: its last offset, and how many records it had. null for one record. */
  readonly range: { readonly lastOffset: number; readonly records: number } | null
}

export interface StoredTransition {
  readonly incidentId: string
  readonly sequence: number
  readonly change: Transition['change']
  readonly because: string
  readonly at: Instant
}

/** Counters that must survive a restart, by name and label (`late`, `duplicate_predictions`, `rejected/not_json`, …). */
export interface CounterRow {
  readonly name: string
  readonly model: string
  readonly version: string
  readonly value: number
}

export interface Changes {
  readonly positions: readonly Position[]
  readonly streams: readonly Stream[]
  readonly panes: readonly StoredPane[]
  readonly results: readonly WindowResult[]
  readonly incidents: readonly Incident[]
  readonly transitions: readonly StoredTransition[]
  readonly notifications: readonly Notification[]
  readonly triggers: readonly Trigger[]
  readonly quarantine: readonly Quarantined[]
  readonly counters: readonly CounterRow[]
  /** Small named JSON documents (progress of windows, state of the tests), replaced whole. */
  readonly documents: ReadonlyArray<{ readonly name: string; readonly json: string }>
  /** Panes of a stream, or of a segment of it, that no window of it needs any more. */
  readonly dropPanes: ReadonlyArray<Pick<StoredPane, 'stream' | 'segment' | 'part'> & { readonly before: Instant }>
  /** Event time before which panes of each part, of whatever stream, and waiting entries, are dropped. null = keep. */
  readonly dropInputsBefore: Instant | null
  readonly dropOutcomesBefore: Instant | null
  /** Event time before which evaluated windows and what came of them are forgotten. null = keep. */
  readonly dropResultsBefore: Instant | null
  /** Wall-clock time: deliveries that ended before it are forgotten. null = keep. */
  readonly dropEndedBefore: Instant | null
}
