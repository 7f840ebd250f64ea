// The port of whatever runs a retraining: how it is asked, and how its run is followed to the end.

import type { Evidence } from '../incidents/incident.ts'
import type { Instant, Millis } from '../time.ts'

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** What an orchestrator is told: which model, why, and the evidence. */
export interface RunRequest {
  /** By `runKey`: the same at each attempt. */
  readonly key: string
  readonly model: string
  readonly version: string
  /** What asked: an incident, enough new labels, a schedule, a new version, a person, a test of the connection. */
  readonly cause: 'incident' | 'labels' | 'schedule' | 'version' | 'person' | 'test'
  /** The same in words. */
  readonly reason: string
  readonly at: Instant
  readonly incident: { readonly id: string; readonly kind: string; readonly since: Instant } | null
  /** Features that moved, worst first. */
  readonly features: readonly string[]
  /** Windows with what was measured in them, on how many rows. */
  readonly evidence: readonly Evidence[]
  /** What production was compared with; null when nothing was. */
  readonly reference: string | null
  /** Where people look: `incident`, `model`, `request`. */
  readonly links: Readonly<Record<string, string>>
  /** Of whoever asked, for the run. */
  readonly parameters: Readonly<Record<string, JsonValue>>
}

/** A run, as its orchestrator knows it. */
export interface Run {
  readonly id: string
  /** Where people look at it. */
  readonly link: string | null
}

/** What became of a request to start a run. */
export type Launch =
  /** `run`: null when the receiver does not say which one it is. */
  | { readonly result: 'started'; readonly run: Run | null; readonly detail: string }
  /** The receiver had this key before: it is the same run. */
  | { readonly result: 'already'; readonly run: Run | null; readonly detail: string }
  /** Nothing was started, and later it may be. */
  | { readonly result: 'retry'; readonly because: string; readonly retryAfterMs?: number }
  /** Nothing was started, and asking again will not change that. */
  | { readonly result: 'refused'; readonly because: string }
  /** It may or may not have started. */
  | { readonly result: 'unknown'; readonly because: string; readonly retryAfterMs?: number }

/** Whether there is a run with our key; `unknown` when the receiver could not be asked. */
export type Found =
  | { readonly result: 'found'; readonly run: Run }
  | { readonly result: 'none' }
  | { readonly result: 'unknown'; readonly because: string; readonly retryAfterMs?: number }

/** How a run stands. */
export type RunState =
  /** `run`: it is known by another name from now on, say since it left a queue. */
  | { readonly state: 'queued' | 'running'; readonly detail: string; readonly startedAt?: Instant; readonly run?: Run }
  | {
      readonly state: 'succeeded' | 'failed' | 'cancelled'
      readonly detail: string
      readonly startedAt?: Instant
      readonly endedAt?: Instant
      readonly run?: Run
      /** What it gave back, such as the version of the new model. */
      readonly output: Readonly<Record<string, string>>
    }
  /** The receiver could not be asked; the run goes its way. */
  | { readonly state: 'unanswered'; readonly because: string; readonly retryAfterMs?: number }
  /** The receiver knows no such run. */
  | { readonly state: 'lost'; readonly because: string }

/** What a look that starts nothing says. */
export type Check =
  | { readonly result: 'ready'; readonly detail: string }
  | { readonly result: 'unreachable'; readonly because: string }
  | { readonly result: 'refused'; readonly because: string }

/**
 * Whom to ask for a run. Nothing here throws: every failure is an outcome. Secrets never appear in what is said.
 *
 * When a launch is `unknown`, an idempotent orchestrator is asked again with the same key. Any other is asked by `find`, if it has
 * that; and where that does not say `none`, it is a person who decides, for a second request could be a second run.
 */
export interface Orchestrator {
  readonly name: string
  /** Whether the receiver starts one run for a key, however often it is asked. */
  readonly isIdempotent: boolean
  /** How often `poll` is worth asking. */
  readonly pollEveryMs: number
  /** How long a launch, or a look, may take with all that it asks; left out: as long as usual. */
  readonly timeoutMs?: Millis
  launch(request: RunRequest, signal: AbortSignal): Promise<Launch>
  /** Looks for the run of a request whose reply was lost. */
  find?(request: RunRequest, signal: AbortSignal): Promise<Found>
  /** Without it a run cannot be followed: that it started is all that is ever known. */
  poll?(run: Run, request: RunRequest, signal: AbortSignal): Promise<RunState>
  close(): Promise<void>
}

/** One that can be looked at. */
export interface Lookable extends Orchestrator {
  /** Address, login, and whether the job is there, as far as that can be told without starting anything. */
  check(signal: AbortSignal): Promise<Check>
}

/** So that keys can be names of objects in Kubernetes and values of its labels. */
const KEY_LENGTH_MAX = 63

/**
 * The key of the n-th run for a model and what asked for it: `leeway-MODEL-ID-N`, in letters that every receiver takes as an id.
 *
 * Two models whose names differ in other letters only are told apart by the id, which is a hash of both.
 *
 * @param id of the incident or other request: at most 32 letters and digits
 * @param n counts the runs for this id, from 1
 * @throws RangeError when the id has another form
 * @example runKey('Credit risk', 'a41c9d3300000001', 1) // 'leeway-credit-risk-a41c9d3300000001-1'
 */
export function runKey(model: string, id: string, n: number): string {
  if (!/^[a-z0-9]{1,32}$/.test(id)) throw new RangeError(`${JSON.stringify(id)} cannot be part of a run's key`)
  const tail = `${id}-${n}`
  const room = KEY_LENGTH_MAX - 'leeway-'.length - tail.length - 1
  const slug = model
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, room)
    .replace(/^-+|-+$/g, '')
  return `leeway-${slug === '' ? 'model' : slug}-${tail}`
}
