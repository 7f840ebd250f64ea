// What does not come any more, by the wall clock: predictions of a model, its labels, or anything that could be read of a source.
//
// A silence is counted only while it is one: while the source is read and has nothing more. A source that is behind, is held up or
// cannot be reached says nothing of its models; when it cannot be reached for long, that is told once, of the source.
// An incident of silence has two states: `firing` from the moment that the silence is as long as the rule says, and `resolved` from
// the next that comes. It needs no `pending`, for silence lasts by itself; and its id is made of what is silent and since when, so
// that a process that is killed and started again tells nothing twice.

import { hashHex } from '../events/id-hash.ts'
import type { Instant, Millis } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { Incident, Silence, Transition } from './incident.ts'

/** How long a silence may be; null: it is not watched. */
export interface LivenessRule {
  readonly noDataMs: Millis | null
  readonly staleLabelsMs: Millis | null
}

/** One kind of thing that comes, as of the last look. */
export interface Flow {
  /** How many have come, ever. */
  readonly count: number
  /** When it was last seen that more had come, or that there were some; null while there were none. */
  readonly lastAt: Instant | null
  /** How long nothing has come since, counted while it could have been read. */
  readonly quietMs: Millis
  readonly incident: Incident | null
}

/** What is remembered of a model. */
export interface LivenessState {
  readonly predictions: Flow
  readonly labels: Flow
}

/** What is remembered of a source. */
export interface SourceState {
  /** When it was last known to be readable. */
  readonly lastAt: Instant
  readonly awayMs: Millis
  readonly incident: Incident | null
}

/** A moment at which somebody looks. */
export interface Look {
  readonly now: Instant
  /** Since the look before, by a clock that never jumps. */
  readonly elapsedMs: Millis
}

export interface ModelSeen extends Look {
  readonly model: string
  readonly source: string
  /** Counted so far. */
  readonly predictions: number
  readonly labels: number
  /** Whether the source is being read, and has nothing more. */
  readonly isRead: boolean
}

export interface SourceSeen extends Look {
  readonly source: string
  readonly models: readonly string[]
  /** Why it cannot be read; null when it can. */
  readonly because: string | null
}

/** What a look yields: what is to be remembered, and what has happened. */
export interface Looked<State> {
  readonly state: State
  readonly transitions: readonly Transition[]
}

/** A look at one model. @param before undefined when nobody has looked yet */
export function lookAtModel(
  before: LivenessState | undefined,
  seen: ModelSeen,
  rule: LivenessRule,
): Looked<LivenessState> {
  const { predictions, labels, isRead } = seen
  const first = (count: number): Flow => ({ count, lastAt: count > 0 ? seen.now : null, quietMs: 0, incident: null })
  const state = before ?? { predictions: first(predictions), labels: first(labels) }
  const rows = advanceFlow(state.predictions, predictions, seen, isRead)
  const noData = judge(rows, 'predictions', seen, rule.noDataMs)
  // While there are no predictions nobody can label them.
  const comes = noData.state.incident === null && isNewer(rows.lastAt, state.labels.lastAt)
  const stale = judge(advanceFlow(state.labels, labels, seen, isRead && comes), 'labels', seen, rule.staleLabelsMs)
  return {
    state: { predictions: noData.state, labels: stale.state },
    transitions: [...noData.transitions, ...stale.transitions],
  }
}

function isNewer(one: Instant | null, other: Instant | null): boolean {
  return one !== null && (other === null || one > other)
}

function advanceFlow(flow: Flow, count: number, { now, elapsedMs }: Look, isSilent: boolean): Flow {
  if (count !== flow.count) return { ...flow, count, lastAt: now, quietMs: 0 }
  return isSilent ? { ...flow, quietMs: flow.quietMs + elapsedMs } : flow
}

function judge(flow: Flow, of: 'predictions' | 'labels', seen: ModelSeen, afterMs: Millis | null): Looked<Flow> {
  const { now, model, source } = seen
  const { incident, lastAt, quietMs } = flow
  if (incident !== null) {
    const because = endOf(flow, of, afterMs)
    if (because === null) return { state: flow, transitions: [] }
    return { state: { ...flow, incident: null }, transitions: [ended(incident, now, because)] }
  }
  // What has never come has not stopped.
  if (afterMs === null || lastAt === null || quietMs < afterMs) return { state: flow, transitions: [] }
  const silence: Silence = { of, lastAt, after: afterMs, source, because: null, models: [model] }
  const begun = began(model, silence, now, `no ${of} for ${formatDuration(afterMs)}`)
  return { state: { ...flow, incident: begun.incident }, transitions: [begun] }
}

/** Why an incident is over; null while it is not. */
function endOf({ quietMs }: Flow, of: string, afterMs: Millis | null): string | null {
  if (quietMs === 0) return `${of} come again`
  return afterMs === null ? unwatched : null
}

/** A look at one source. @param afterMs how long it may be away; null: as long as it is */
export function lookAtSource(
  before: SourceState | undefined,
  { source, models, because, now, elapsedMs }: SourceSeen,
  afterMs: Millis | null,
): Looked<SourceState> {
  const state = before ?? { lastAt: now, awayMs: 0, incident: null }
  if (because === null || afterMs === null) {
    const transitions =
      state.incident === null ? [] : [ended(state.incident, now, because === null ? 'it is read again' : unwatched)]
    return { state: { lastAt: now, awayMs: 0, incident: null }, transitions }
  }
  const awayMs = state.awayMs + elapsedMs
  if (state.incident !== null || awayMs < afterMs) return { state: { ...state, awayMs }, transitions: [] }
  const silence: Silence = { of: 'source', lastAt: state.lastAt, after: afterMs, source, because, models }
  const begun = began(subjectOfSource(source), silence, now, because)
  return { state: { ...state, awayMs, incident: begun.incident }, transitions: [begun] }
}

/** What an incident of a source has in place of a model. */
export function subjectOfSource(source: string): string {
  return `source ${source}`
}

function began(about: string, silence: Silence, now: Instant, because: string): Transition {
  const incident: Incident = {
    id: hashHex(JSON.stringify([about, silence.of, silence.lastAt])),
    model: about,
    version: '',
    kind: silence.of === 'labels' ? 'stale_labels' : 'no_data',
    // Nothing is wrong with the model, as far as anybody knows; that is what may be wrong.
    severity: silence.of === 'labels' ? 'warning' : 'alarm',
    state: 'firing',
    since: silence.lastAt,
    at: now,
    features: [],
    evidence: [],
    sequence: 1,
    silence,
  }
  return { incident, change: 'firing', because, at: now }
}

/** The end of an incident whose source is not read any more: nothing will be seen of it. */
export function noLongerWatched(incident: Incident, now: Instant): Transition {
  return ended(incident, now, unwatched)
}

const unwatched = 'it is no longer watched'

function ended(incident: Incident, now: Instant, because: string): Transition {
  const over: Incident = { ...incident, state: 'resolved', at: now, sequence: incident.sequence + 1 }
  return { incident: over, change: 'resolved', because, at: now }
}
