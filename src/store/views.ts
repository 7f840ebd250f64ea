// What the API, the metrics and the UI may read of the store. Reading changes nothing.

import type { Envelope } from '../delivery/notification.ts'
import type { Deed } from '../handling/deeds.ts'
import type { HandlingState } from '../handling/state.ts'
import type { Incident, IncidentState } from '../incidents/incident.ts'
import type { MonitorKind, Verdict, WindowKind } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { RequestState } from '../retraining/request.ts'
import type { Instant, Millis } from '../time.ts'
import type { Stream } from '../windows/window.ts'
import type { AuditQuery, AuditRow } from './audit.ts'
import type { CounterRow, Position, Quarantined, StoredTransition } from './changes.ts'

export interface ResultQuery {
  readonly model?: string
  readonly version?: string
  readonly window?: string
  /** A segment, such as `country=DE`; left out: the whole. */
  readonly segment?: string
  /** Windows that end at `from` or later. */
  readonly from?: Instant
  /** Windows that end before `to`. */
  readonly to?: Instant
  readonly order?: 'newest' | 'oldest'
  readonly limit: number
}

export interface SegmentQuery extends Required<Pick<ResultQuery, 'model' | 'version' | 'window' | 'from' | 'to'>> {
  /** Left out: all of them. */
  readonly segment?: string
  readonly limit?: number
}

/** Where an evaluation lies, and of which kinds it was the word that counts. */
export interface EvaluationHead {
  /** Larger for what was evaluated later. */
  readonly number: number
  readonly end: Instant
  readonly news: readonly WindowKind[]
}

export interface EvaluationQuery {
  readonly model: string
  readonly version: string
  readonly window: string
  /** Windows that end at `from` or later, and before `to`. */
  readonly from: Instant
  readonly to: Instant
  /** At most so many windows. */
  readonly limit: number
}

export interface IncidentQuery {
  readonly model?: string
  /** Of this model, or of a source that this model waits for. */
  readonly concerns?: string
  readonly version?: string
  /** Those that began at `from` or later, and at `to` or earlier. */
  readonly from?: Instant
  readonly to?: Instant
  /** Only those that people were told of. */
  readonly hasFired?: true
  readonly kind?: MonitorKind
  readonly state?: IncidentState
  /** Only those whose model, version, kind, id or one of whose features has this in it. */
  readonly search?: string
  /** `urgent`: those that fire first, then those that may; left out: the newest first. */
  readonly order?: 'newest' | 'urgent'
  readonly limit: number
}

/** One delivery as a person sees it. */
export interface DeliveryView {
  readonly key: string
  readonly channel: string
  readonly state: 'queued' | 'delivered' | 'dead' | 'suppressed' | 'superseded'
  /** The key of the message that told it together with others; null: it was, or will be, told by itself. */
  readonly toldIn: string | null
  readonly attempts: number
  readonly detail: string
  readonly queuedAt: Instant
  readonly endedAt: Instant | null
}

export interface TriggerView {
  readonly id: string
  readonly model: string
  readonly version: string
  readonly target: string
  readonly at: Instant
  readonly state: RequestState
  /** Why it is in this state. */
  readonly detail: string
  /** What asked for it, in words. */
  readonly cause: string
  readonly askedAt: Instant
  readonly approvedBy: string | null
  readonly run: { readonly id: string | null; readonly link: string | null; readonly tookMs: Millis | null } | null
}

/** One row of the quarantine, with its number: they grow by one. */
export interface QuarantinedRow extends Quarantined {
  readonly number: number
}

export interface Views {
  streams(): readonly Stream[]
  positions(): readonly Position[]
  /** What the pipeline counts, as of the last commit. */
  counters(): readonly CounterRow[]
  /** What the store itself counts: `store/quarantine_evicted`, … */
  storeCounters(): readonly CounterRow[]
  /** The newest revision of each window that fits, by window end. */
  results(query: ResultQuery): readonly WindowResult[]
  /** The newest revision of each segment of the windows of one size that end in [from, to), by window end. */
  segmentResults(query: SegmentQuery): readonly WindowResult[]
  /** The end of the newest window that was judged by segment. */
  newestOfSegments(query: Pick<SegmentQuery, 'model' | 'version' | 'window'>): Instant | undefined
  /** What the verdicts of these windows weigh, without reading them. */
  resultsBytes(query: ResultQuery): number
  /** What was evaluated of a range of windows of one size, by window end. */
  evaluationHeads(query: EvaluationQuery): readonly EvaluationHead[]
  /** The number of the evaluation that was committed last, of any model; 0: there is none. Those that follow have larger ones. */
  newestEvaluation(): number
  /** One of them; undefined when it was forgotten meanwhile. */
  evaluation(number: number): WindowResult | undefined
  /** What one monitor said in it. */
  verdictIn(number: number, monitor: string): Verdict | undefined
  /** Per stream and window size the newest evaluated window of the whole, at its newest revision. */
  latestResults(): readonly WindowResult[]
  /** The same without reading them. */
  newestWindows(): ReadonlyArray<Pick<WindowResult, 'model' | 'version' | 'window' | 'end' | 'revision'>>
  incidents(query: IncidentQuery): readonly Incident[]
  /** Which they are, in their order, without reading them: for those who read many, some at a time. */
  incidentIds(query: IncidentQuery): readonly string[]
  /** Those of these that are there, in this order. */
  incidentsOf(ids: readonly string[]): readonly Incident[]
  incident(id: string):
    | {
        readonly incident: Incident
        readonly transitions: readonly StoredTransition[]
        readonly deliveries: readonly DeliveryView[]
      }
    | undefined
  deliveries(limit: number): readonly DeliveryView[]
  /** What a channel has delivered about incidents that go on, oldest first. */
  toldOfOpen(channel: string): readonly Envelope[]
  /** Incidents that go on: they fire, or clear. */
  openIncidents(): readonly string[]
  triggers(limit: number): readonly TriggerView[]
  quarantine(limit: number): readonly QuarantinedRow[]
  quarantined(number: number): QuarantinedRow | undefined
  /** What people have done about an incident, and where it stands. */
  handling(incident: string): { readonly state: HandlingState | undefined; readonly deeds: readonly Deed[] }
  /** Who changed what, newest first; behind a row, oldest first. */
  audit(query: AuditQuery): readonly AuditRow[]
  /** Rows of the outbox that wait; not those that are held until the state is rebuilt, nor what was put off on purpose. */
  queued(): number
  /** When the oldest unsent row entered the outbox; undefined when nothing waits; the same rows as `queued`. */
  oldestQueuedAt(): Instant | undefined
}
