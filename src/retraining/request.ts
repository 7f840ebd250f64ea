// One request to retrain a model, from the moment it is asked for to what came of its run.
//
// Its states:
//   held               asked by an incident of the past while the state is rebuilt; becomes asked, or withdrawn
//   asked              nobody has looked at it yet
//   gated              a gate does not let it pass now; looked at again until it does, or the request expires
//   awaiting approval  every gate before it passes, and somebody is to say yes, or to say no before the delay is over
//   dispatching        claimed: the orchestrator is being asked, or has been and did not answer clearly yet
//   unknown            the orchestrator may or may not have begun a run; left by a look at its runs, or by a person
//   running            the orchestrator has begun a run, which is looked at until it ends
// and these it does not leave:
//   handed over        taken by a receiver that does not say what becomes of it
//   succeeded, failed, cancelled   how the run ended, or that it never began for good
//   refused            a person said no
//   expired            no gate let it pass in time
//   dry run            would have been dispatched
//   withdrawn          what asked for it has passed
// A model has one request at most that is dispatching, unknown or running.

import type { Person } from '../handling/deeds.ts'
import type { Incident } from '../incidents/incident.ts'
import type { Instant } from '../time.ts'
import type { Run } from './orchestrator.ts'

const openStates = ['held', 'asked', 'gated', 'awaiting approval', 'dispatching', 'unknown', 'running'] as const
const endedStates = [
  'handed over',
  'succeeded',
  'failed',
  'cancelled',
  'refused',
  'expired',
  'dry run',
  'withdrawn',
] as const
export const requestStates = [...openStates, ...endedStates] as const
export type RequestState = (typeof requestStates)[number]

export function isRequestState(text: string): text is RequestState {
  return (requestStates as readonly string[]).includes(text)
}

/** What asked for it. */
export type Cause =
  | { readonly is: 'incident'; readonly incident: Incident }
  | { readonly is: 'labels'; readonly count: number }
  | { readonly is: 'schedule'; readonly slot: string }
  | { readonly is: 'version'; readonly version: string }
  /** `incident`: what the person had in mind; messages go where its messages went. */
  | { readonly is: 'hand'; readonly by: string; readonly because: string; readonly incident: Incident | null }

export type GateName =
  | 'automation'
  | 'data quality'
  | 'new labels'
  | 'cooldown'
  | 'daily cap'
  | 'quiet hours'
  | 'approval'
  | 'dry run'
  | 'in flight'

/** What a gate says of a request. */
export interface GateVerdict {
  readonly gate: GateName
  readonly passes: boolean
  /** In words: with the numbers that decide, and, if it does not pass, what would let it pass. */
  readonly because: string
  /** When it can pass at the earliest; null when no clock decides. */
  readonly until: Instant | null
}

/** Who said yes; with `delay` nobody said no in time, and `by` is ''. */
export interface Approval {
  readonly by: string
  readonly via: Person['via'] | 'delay'
  readonly at: Instant
}

/** The orchestrator is asked; written before each call. */
export interface Dispatch {
  /** The idempotency key. */
  readonly key: string
  /** Counts the runs that are wanted for this request: a person who has it sent again wants another one. */
  readonly number: number
  readonly claimedAt: Instant
  /** Calls that were begun. */
  readonly attempts: number
  /** Whether a call was begun of which nothing is known yet. */
  readonly isOpen: boolean
  /** Whether a call was answered by nothing that tells whether a run began; a clear answer to a later one does not change that. */
  readonly isUnclear?: boolean
  readonly dueAt: Instant
  /** Labels of the model so far, for the next request's gate. */
  readonly labels: number
  /** Number of the model's newest version at that time: a later one is new. */
  readonly versionsSeen: number
}

/** What the orchestrator does for it. */
export interface FollowedRun {
  /** null when the receiver did not say which one it is. */
  readonly run: Run | null
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  /** As the orchestrator calls it. */
  readonly status: string
  readonly pollAt: Instant
  /** Looks in a row that brought nothing. */
  readonly failures: number
}

/** What came of a run that succeeded. */
export interface RunOutcome {
  /** The version that it made; null until it is known. */
  readonly version: string | null
  /** Whether production is compared with itself from now on; null: nobody wants that. */
  readonly promotion: {
    readonly is: 'awaited' | 'done' | 'refused'
    readonly detail: string
    readonly at: Instant
  } | null
  /** Event time of the window that was newest when the run had ended: later ones tell. */
  readonly from: Instant
  readonly verification: {
    readonly is: 'awaited' | 'recovered' | 'not recovered' | 'not verified'
    /** Windows that were judged since. */
    readonly windows: number
    readonly because: string
    readonly at: Instant
  }
}

export interface RetrainingRequest {
  /** An incident's request has the incident's id: there is one. */
  readonly id: string
  readonly model: string
  readonly version: string
  /** Kind of the orchestrator. */
  readonly target: string
  readonly cause: Cause
  readonly askedAt: Instant
  /** Labels of the model when it was asked for: of a replay alone, which looks at it once all labels have come. */
  readonly labels?: number
  readonly state: RequestState
  /** Since when it is in its state, and why. */
  readonly since: Instant
  readonly because: string
  /** What the gates said when it was looked at last: up to the first that did not let it pass. */
  readonly gates: readonly GateVerdict[]
  /** When people were asked to say yes. */
  readonly approvalAskedAt: Instant | null
  readonly approval: Approval | null
  readonly dispatch: Dispatch | null
  readonly run: FollowedRun | null
  readonly outcome: RunOutcome | null
  /** Counts what has happened to it, so that each message has a key of its own. */
  readonly sequence: number
}

/** What happened to a request, for its history and for people. */
export type Change =
  | RequestState
  | 'approved'
  | 'sent again'
  | 'retried'
  | 'new version'
  | 'promoted'
  | 'not promoted'
  | 'recovered'
  | 'not recovered'
  | 'not verified'

/** A request after something has happened to it. */
export interface Step {
  readonly request: RetrainingRequest
  readonly change: Change
  readonly because: string
}

export interface Ask {
  readonly id: string
  readonly model: string
  readonly version: string
  readonly target: string
  readonly cause: Cause
  readonly labels?: number
}

export function newRequest(
  { id, model, version, target, cause, labels }: Ask,
  now: Instant,
  isHeld = false,
): RetrainingRequest {
  return {
    ...{ id, model, version, target, cause },
    askedAt: now,
    ...(labels !== undefined && { labels }),
    state: isHeld ? 'held' : 'asked',
    since: now,
    because: causeText(cause),
    gates: [],
    approvalAskedAt: null,
    approval: null,
    dispatch: null,
    run: null,
    outcome: null,
    sequence: 0,
  }
}

/** Why it was asked for, in words. */
export function causeText(cause: Cause): string {
  switch (cause.is) {
    case 'incident':
      return `${cause.incident.kind} incident ${cause.incident.id} fires`
    case 'labels':
      return `${cause.count} labels have come since the last run`
    case 'schedule':
      return `the schedule asks for it (${cause.slot})`
    case 'version':
      return `version ${cause.version} was seen for the first time`
    case 'hand':
      return `${cause.by} asked for it: ${cause.because}`
  }
}

/** The incident that it is about, if there is one. */
export function incidentOf({ cause }: Pick<RetrainingRequest, 'cause'>): Incident | null {
  return cause.is === 'incident' || cause.is === 'hand' ? cause.incident : null
}

/** The next step of a request: what happened, why, and what is different now. */
export function step(
  request: RetrainingRequest,
  change: Change,
  { at, because, ...different }: { at: Instant; because: string } & Partial<RetrainingRequest>,
): Step {
  const state = different.state ?? request.state
  const entered = state === request.state ? {} : { state, since: at }
  const next = { ...request, ...different, ...entered, because, sequence: request.sequence + 1 }
  return { request: next, change, because }
}
