// An orchestrator as data: which requests start a run, find it and tell how it stands. What speaks HTTP and is not described here
// needs no code, only such a description; the presets are written in this form, too.

import type { JsonValue } from '../../retraining/orchestrator.ts'
import type { Secret } from '../../secret.ts'
import type { Millis } from '../../time.ts'

/** A secret of the moment. */
export type SecretSource = () => Secret

/** How leeway shows who it is. */
export type Auth<Held = SecretSource> =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly user: string; readonly password: Held }
  /** A header with a secret: `Authorization: Bearer …`, `PRIVATE-TOKEN: …`. */
  | { readonly type: 'header'; readonly header: string; readonly prefix: string; readonly token: Held }
  /** A request that gives a token, which is used until it is refused. */
  | {
      readonly type: 'login'
      readonly path: string
      readonly user: string
      readonly password: Held
      /** Where the token lies in the answer. */
      readonly token: string
    }
  /** Signature version 4. */
  | {
      readonly type: 'aws'
      readonly region: string
      readonly service: string
      readonly accessKey: Held
      readonly secretKey: Held
      readonly sessionToken: Held | null
    }
  /** Standard Webhooks. */
  | { readonly type: 'signature'; readonly secret: Held }

/** One request. Texts may hold `{{placeholders}}`; `json` may be of any shape. */
export interface RequestTemplate {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** Texts, or JSON that becomes text. */
  readonly query: Readonly<Record<string, JsonValue>>
  readonly headers: Readonly<Record<string, string>>
  readonly body:
    | { readonly as: 'json'; readonly value: JsonValue }
    /** Names and values, or one placeholder that stands for them. */
    | { readonly as: 'form'; readonly value: string | Readonly<Record<string, string>> }
    | null
}

/** Values that an answer must have, by path; with several, one of them. `*text*`: a value in which it stands. */
export type Conditions = Readonly<Record<string, readonly string[]>>

/** Where something is in an answer. */
export type ValueFrom =
  | { readonly from: 'body'; readonly path: string }
  /** `pattern`: its first group is the value. */
  | { readonly from: 'header'; readonly header: string; readonly pattern: RegExp | null }
  /** Known without the answer: `{{key}}`. */
  | { readonly from: 'text'; readonly text: string }

export type RunStateName = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

/** @typeParam Held a secret, or where it is */
export interface HttpTarget<Held = SecretSource> {
  /** `Airflow`, for what is said. */
  readonly calls: string
  readonly url: string
  readonly timeoutMs: Millis
  /** Whether one key has one run there, however often it is asked for. */
  readonly isIdempotent: boolean
  readonly auth: Auth<Held>
  /** What placeholders `{{settings.NAME}}` stand for. */
  readonly settings: Readonly<Record<string, JsonValue>>
  /** What placeholders `{{secrets.NAME}}` stand for; in headers and bodies only. */
  readonly secrets: Readonly<Record<string, Held>>
  /** Templates of the parameters of a run; `{{parameters}}` stands for all. */
  readonly parameters: JsonValue
  /** Asked first, in this order; `{{before.NAME}}` stands for what was found. */
  readonly before: ReadonlyArray<{ readonly name: string; readonly request: RequestTemplate; readonly value: string }>
  /** Tells that the job is there, and starts nothing. */
  readonly check: {
    readonly request: RequestTemplate
    readonly where: Conditions
    /** Why the job cannot be run, when `where` does not hold. */
    readonly otherwise: string | null
  } | null
  readonly launch: {
    readonly request: RequestTemplate
    readonly accepted: readonly number[]
    /** Statuses by which it says that it has the key already. */
    readonly already: readonly number[]
    /** Without these, an accepted status is a refusal. */
    readonly where: Conditions
    /** With one of these, it may have started or not. */
    readonly unsure: Conditions
    /** With one of these, whatever the status, nothing was started, and later it may be. */
    readonly later: Conditions
    /** Where an answer says why it refuses; the first that is there. */
    readonly because: readonly string[]
    readonly id: ValueFrom | null
    readonly link: string | null
  }
  /** Finds a run by our key. */
  readonly find: {
    readonly request: RequestTemplate
    /** Statuses that mean that there is none. */
    readonly none: readonly number[]
    /** Where the list of runs lies; null when the answer is the run itself. */
    readonly items: string | null
    /** Which of them is ours. */
    readonly where: Conditions
    readonly id: ValueFrom
    readonly link: string | null
  } | null
  /** Where a run waits under another id until it has one of its own. */
  readonly queue: {
    readonly request: RequestTemplate
    readonly id: string
    readonly link: string | null
    readonly cancelled: Conditions
  } | null
  readonly poll: {
    readonly request: RequestTemplate
    readonly everyMs: Millis
    /** The first path with a value that is among `states` counts. */
    readonly state: readonly string[]
    /** By what is found there; may hold placeholders. An empty name: nothing is there. */
    readonly states: ReadonlyArray<readonly [found: string, state: RunStateName]>
    /** What any other text at the last path means; null: that leeway does not know it. */
    readonly otherwise: RunStateName | null
    /** With one of these there is no such run. */
    readonly lost: Conditions
    readonly detail: readonly string[]
    readonly startedAt: string | null
    readonly endedAt: string | null
    readonly output: Readonly<Record<string, string>>
  } | null
}
