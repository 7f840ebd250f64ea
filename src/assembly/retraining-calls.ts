// The calls to orchestrators: a run is asked for, looked for, and looked at, and what the answer leads to is written.
//
// A call is claimed, made, and its answer written. A process that ends in between finds an open claim at its next start: a receiver
// that keeps keys is asked again with the same one, of any other it is not known whether a run began, and a person must say.

import type { Settings } from '../config/settings.ts'
import type { Probe } from '../probe.ts'
import type { AnswerOptions } from '../retraining/following.ts'
import { claim, launched, lookedUp, polled } from '../retraining/following.ts'
import type { Found, Launch, Orchestrator, RunState } from '../retraining/orchestrator.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import { runRequestOf } from '../retraining/run-request.ts'
import { cleaned } from '../secret.ts'
import type { Store } from '../store/store.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Clock, Millis } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'
import type { RetrainingWriter } from './retraining-writer.ts'

/** Ways to break it on purpose, so that tests of exactness can show that they notice. Never set outside of tests. */
export type RetrainingFault = 'claims after the call' | 'sends again blindly'

export interface RetrainingCallsOptions {
  readonly store: Pick<Store, 'retraining'>
  readonly settings: Pick<Settings, 'publicUrl'>
  readonly clock: Clock
  readonly random: () => number
  /** Id of what a version is compared with; null when nothing is. */
  readonly referenceOf: (model: string, version: string) => string | null
  readonly metrics: Pick<Metrics, 'retraining'>
  readonly probe?: Probe | undefined
  readonly fault?: RetrainingFault | undefined
}

/** A call that takes longer is called off, unless its target is given more time. */
const CALL_TIMEOUT_MS: Millis = 30 * SECOND
/** How often a run is looked at, whatever its orchestrator says. */
const POLL_EVERY_MS = { least: 100, most: 5 * MINUTE }
/** Of what an orchestrator says. */
const SAID_MAX = 500

export class RetrainingCalls {
  readonly #options: RetrainingCallsOptions
  readonly #writer: RetrainingWriter
  readonly #aborting = new AbortController()

  constructor(options: RetrainingCallsOptions, writer: RetrainingWriter) {
    this.#options = options
    this.#writer = writer
  }

  /** Ends what is under way: nothing is known of it then, and it stays as it is for the next start. */
  callOff(): void {
    this.#aborting.abort()
  }

  /** Whether a call may be repeated: the receiver begins no second run for the same key. */
  isIdempotent(orchestrator: Pick<Orchestrator, 'isIdempotent'>): boolean {
    return orchestrator.isIdempotent || this.#options.fault === 'sends again blindly'
  }

  async launch(request: RetrainingRequest, orchestrator: Orchestrator): Promise<void> {
    const { store, clock, probe, metrics, fault } = this.#options
    const claimed = claim(request, clock())
    const write = () =>
      store.retraining.decide({
        request: claimed,
        before: request.sequence,
        change: null,
        audit: null,
        notifications: [],
      })
    probe?.('retraining: before the claim')
    if (fault !== 'claims after the call' && !write()) return
    probe?.('retraining: claimed')
    const signal = this.#limit(orchestrator)
    const launch: Launch = said(
      await orchestrator.launch(this.#runRequest(claimed), signal).catch((error) => unanswered(error)),
    )
    // Called off by stop: nothing is known, and the claim stays open for the next start.
    if (this.#aborting.signal.aborted && launch.result !== 'started' && launch.result !== 'already') return
    probe?.('retraining: answered')
    if (fault === 'claims after the call') write()
    const { model, version, target } = request
    const now = clock()
    metrics.retraining(model, version, target, launch.result, now)
    await this.#writer.mark(claimed, launched(claimed, launch, this.#answer(orchestrator)))
    probe?.('retraining: marked')
  }

  async find(request: RetrainingRequest, orchestrator: Orchestrator): Promise<void> {
    const { probe } = this.#options
    probe?.('retraining: before a look')
    const found: Found = said(
      (await orchestrator
        .find?.(this.#runRequest(request), this.#limit(orchestrator))
        .catch((error) => unanswered(error))) ?? {
        result: 'none',
      },
    )
    if (this.#aborting.signal.aborted) return
    probe?.('retraining: looked')
    const next = lookedUp(request, found, this.#answer(orchestrator))
    if (next !== undefined) await this.#writer.mark(request, next)
  }

  async poll(request: RetrainingRequest, orchestrator: Orchestrator): Promise<void> {
    const { store, probe } = this.#options
    const run = request.run?.run
    if (run == null || orchestrator.poll === undefined) return
    probe?.('retraining: before a look')
    const state: RunState = said(
      await orchestrator
        .poll(run, this.#runRequest(request), this.#limit(orchestrator))
        .catch((error): RunState => ({ state: 'unanswered', because: String(error) })),
    )
    if (this.#aborting.signal.aborted) return
    probe?.('retraining: looked')
    const next = polled(request, state, this.#answer(orchestrator))
    if (!('change' in next)) {
      const quiet = { request: next, before: request.sequence, change: null, audit: null, notifications: [] }
      return this.#writer.keepTrying(() => void store.retraining.decide(quiet))
    }
    if (state.state !== 'succeeded') return this.#writer.mark(request, next)
    return this.#writer.mark(request, { ...next, request: this.#writer.outcomeOf(next.request, state.output) })
  }

  #runRequest(request: RetrainingRequest) {
    const { referenceOf, settings } = this.#options
    const reference = referenceOf(request.model, request.version)
    return runRequestOf(request, { reference, publicUrl: settings.publicUrl })
  }

  #answer(orchestrator: Orchestrator): AnswerOptions {
    const { clock, random } = this.#options
    return {
      isIdempotent: this.isIdempotent(orchestrator),
      pollEveryMs: Math.min(POLL_EVERY_MS.most, Math.max(POLL_EVERY_MS.least, orchestrator.pollEveryMs)),
      canPoll: orchestrator.poll !== undefined,
      now: clock(),
      random: random(),
    }
  }

  #limit({ timeoutMs = 0 }: Pick<Orchestrator, 'timeoutMs'>): AbortSignal {
    return AbortSignal.any([this.#aborting.signal, AbortSignal.timeout(Math.max(CALL_TIMEOUT_MS, timeoutMs))])
  }
}

function unanswered(error: unknown): { result: 'unknown'; because: string } {
  return { result: 'unknown', because: error instanceof Error ? error.message : String(error) }
}

/** What others say is kept, logged and served: without secrets, and not at any length. */
function said<T extends object>(answer: T): T {
  const clean = cleaned(answer) as Record<string, unknown>
  for (const key of ['because', 'detail'])
    if (typeof clean[key] === 'string') clean[key] = (clean[key] as string).slice(0, SAID_MAX)
  return clean as T
}
