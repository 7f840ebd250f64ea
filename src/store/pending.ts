// What has happened since the last commit and is not on disk yet.

import type { Notification } from '../delivery/notification.ts'
import type { Rejection } from '../events/event.ts'
import type { Incident, Transition } from '../incidents/incident.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Trigger } from '../retraining/trigger.ts'
import type { Batch, Loss, Partition, SourceRecord } from '../sources/source.ts'
import type { Instant } from '../time.ts'
import type { Stream } from '../windows/window.ts'
import type { Changes, CounterRow, Quarantined, StoredTransition } from './changes.ts'

/** A batch that says that records are lost. */
export type LostBatch = Pick<Batch, 'topic' | 'partition' | 'nextOffset'> & { readonly lost: Loss }

/** A record, and where and when it came. */
export interface PlacedRecord extends Partition, Pick<SourceRecord, 'offset' | 'value'> {
  readonly source: string
  readonly at: Instant
}

/** Samples kept of each kind of record that is counted but not used (late, of an unknown model). */
const SAMPLES_MAX = 100

export class PendingChanges {
  readonly #counters = new Map<string, { name: string; model: string; version: string; value: number }>()
  readonly #countersChanged = new Set<string>()
  readonly #results = new Map<string, WindowResult>()
  /** By window, the newest results of its segments. */
  readonly #segments = new Map<string, Map<string, WindowResult>>()
  #revisions: WindowResult[] = []
  #streams: Stream[] = []
  #incidents = new Map<string, Incident>()
  #transitions: StoredTransition[] = []
  #notifications: Notification[] = []
  #triggers: Trigger[] = []
  #quarantine: Quarantined[] = []

  constructor(counters: readonly CounterRow[]) {
    for (const row of counters) this.#counters.set(`${row.name}|${row.model}|${row.version}`, { ...row })
  }

  /** Adds to a counter that survives restarts. @returns its new value */
  count(name: string, model: string, version: string, by = 1): number {
    const key = `${name}|${model}|${version}`
    let counter = this.#counters.get(key)
    if (counter === undefined) {
      counter = { name, model, version, value: 0 }
      this.#counters.set(key, counter)
    }
    this.#countersChanged.add(key)
    counter.value += by
    return counter.value
  }

  /** Of a model's counters that are not by version. */
  counted(name: string, model: string): number {
    return this.#counters.get(`${name}|${model}|`)?.value ?? 0
  }

  counters(): readonly CounterRow[] {
    return [...this.#counters.values()]
  }

  stream(stream: Stream): void {
    this.#streams.push(stream)
  }

  result(result: WindowResult): void {
    this.#revisions.push(result)
    const key = resultKey(result)
    if (result.segment === '') return void this.#results.set(key, result)
    const segments = this.#segments.get(key) ?? new Map<string, WindowResult>()
    this.#segments.set(key, segments.set(result.segment, result))
  }

  /** A result that is not on disk yet. */
  resultOf(model: string, version: string, window: string, end: Instant): WindowResult | undefined {
    return this.#results.get(resultKey({ model, version, window, end }))
  }

  /** The result of a segment of a window that is not on disk yet. */
  segmentOf({ segment, ...window }: Pick<WindowResult, 'model' | 'version' | 'window' | 'end' | 'segment'>) {
    return this.#segments.get(resultKey(window))?.get(segment)
  }

  /** The incident's present state; the last one before the commit is what is stored. */
  incident(incident: Incident): void {
    this.#incidents.set(incident.id, incident)
  }

  transition({ incident, change, because, at }: Transition): void {
    this.incident(incident)
    this.#transitions.push({ incidentId: incident.id, sequence: incident.sequence, change, because, at })
  }

  notifications(rows: readonly Notification[]): void {
    this.#notifications.push(...rows)
  }

  trigger(trigger: Trigger): void {
    this.#triggers.push(trigger)
  }

  /** A record that cannot be used: counted by its reason, and shown where it is at hand. */
  reject(record: PlacedRecord | undefined, rejection: Rejection): void {
    this.count(`rejected/${rejection.reason}`, '', '')
    this.#show(record, rejection)
  }

  /** A record that is not used although it can be read. @param nth how many of its kind were counted so far; only the first are shown */
  passOver(
    record: PlacedRecord | undefined,
    nth: number,
    because: { readonly reason: string; readonly detail: string },
  ): void {
    if (nth <= SAMPLES_MAX) this.#show(record, because)
  }

  #show(
    record: PlacedRecord | undefined,
    { reason, detail }: { readonly reason: string; readonly detail: string },
  ): void {
    if (record === undefined) return
    const { value, ...place } = record
    this.#quarantine.push({ ...place, reason, detail, range: null, sample: sampleOf(value) })
  }

  /**
   * Counts what is lost of a partition, once: records below `position` are not lost, for they were applied.
   *
   * @returns how many records that is
   */
  lost(source: string, { topic, partition, nextOffset, lost }: LostBatch, position: number, at: Instant): number {
    const from = Math.max(lost.from, position)
    const records = from === lost.from ? lost.records : Math.max(0, nextOffset - from)
    if (nextOffset <= from) return 0
    this.count(`lost/${lost.reason}`, source, `${topic}/${partition}`, records)
    const { reason, detail, sample } = lost
    const range = { lastOffset: nextOffset - 1, records }
    this.#quarantine.push({ source, topic, partition, offset: from, reason, detail, sample, at, range })
    return records
  }

  /** Everything so far, for one commit. It stays pending until `committed` is called. */
  changes(
    rest: Pick<
      Changes,
      | 'positions'
      | 'panes'
      | 'documents'
      | 'dropPanes'
      | 'dropInputsBefore'
      | 'dropOutcomesBefore'
      | 'dropResultsBefore'
      | 'dropEndedBefore'
    >,
  ): Changes {
    return {
      ...rest,
      streams: this.#streams,
      results: this.#revisions,
      incidents: [...this.#incidents.values()],
      transitions: this.#transitions,
      notifications: this.#notifications,
      triggers: this.#triggers,
      quarantine: this.#quarantine,
      counters: [...this.#countersChanged].map((key) => this.#counters.get(key) as CounterRow),
    }
  }

  committed(): void {
    this.#countersChanged.clear()
    this.#results.clear()
    this.#segments.clear()
    this.#revisions = []
    this.#streams = []
    this.#incidents = new Map()
    this.#transitions = []
    this.#notifications = []
    this.#triggers = []
    this.#quarantine = []
  }
}

const SAMPLE_BYTES_MAX = 4096

/** A copy: the record's own bytes are a part of its whole batch, which would be kept with them. */
function sampleOf(value: SourceRecord['value']): Uint8Array {
  if (value instanceof Uint8Array) return Uint8Array.from(value.subarray(0, SAMPLE_BYTES_MAX))
  const text = JSON.stringify(value, (_, cell) => (typeof cell === 'bigint' ? String(cell) : cell))
  return new TextEncoder().encode(text.slice(0, SAMPLE_BYTES_MAX)).slice(0, SAMPLE_BYTES_MAX)
}

function resultKey({
  model,
  version,
  window,
  end,
}: Pick<WindowResult, 'model' | 'version' | 'window' | 'end'>): string {
  return `${window}|${end}|${version}|${model}`
}
