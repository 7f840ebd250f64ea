// Requests to retrain, gone through by the wall clock: what asks by itself, the gates, the calls to orchestrators, and what came of
// the runs. What is decided is on disk before anything follows from it.

import type { Person } from '../handling/deeds.ts'
import { interrupted, mayHaveBegun, unrepeatable } from '../retraining/following.ts'
import type { Facts } from '../retraining/gates.ts'
import type { LookOptions } from '../retraining/look.ts'
import { look, lookAgain } from '../retraining/look.ts'
import type { Orchestrator } from '../retraining/orchestrator.ts'
import type { Promoted } from '../retraining/outcome.ts'
import { follow, isFollowed } from '../retraining/outcome.ts'
import type { RetrainingRequest, Step } from '../retraining/request.ts'
import { incidentOf, step } from '../retraining/request.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import type { Store } from '../store/store.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY, MINUTE, SECOND } from '../time.ts'
import { withWaits } from './promotion-waits.ts'
import type { RetrainingAsksOptions } from './retraining-asks.ts'
import { askAgain, askWithoutIncident } from './retraining-asks.ts'
import type { RetrainingCallsOptions } from './retraining-calls.ts'
import { RetrainingCalls } from './retraining-calls.ts'
import type { RetrainingWriterOptions } from './retraining-writer.ts'
import { mayPass, RetrainingWriter, timeOf } from './retraining-writer.ts'

export interface RetrainingOptions extends RetrainingWriterOptions, RetrainingCallsOptions, RetrainingAsksOptions {
  readonly store: Pick<Store, 'retraining' | 'views' | 'rebuild'>
  readonly orchestrators: Pick<ReadonlyMap<string, Orchestrator>, 'get'>
  /** Makes the production of a version what it is compared with. */
  readonly promote: (request: RetrainingRequest, version: string) => Promoted
  readonly metrics: Pick<Metrics, 'retraining' | 'retrainingEnded'>
  /** The store failed: the process must not go on. */
  readonly onFailure: (error: unknown) => void
}

/** How long `stop` waits for calls under way. */
const STOP_WAIT_MS: Millis = 10 * SECOND
/** Between two looks at what came of a run. */
const FOLLOW_EVERY_MS: Millis = 5 * SECOND
/** Between two tries of a run that ends, while the disk is full. */
const FULL_RETRY_MS: Millis = SECOND
/** How long a replay waits in all to call an orchestrator again that could not be asked: nobody does it once it has ended. */
const PATIENCE_MS: Millis = MINUTE
/** Windows that are read to see whether performance is back. */
const WINDOWS_MAX = 500
/** Requests of a replay that are looked through for runs. */
const REPLAYED_MAX = 1_000
/** Steps that one request may take at once: from asked to dispatched, with an approval in between. */
const STEPS_MAX = 4

/** A run of a replay: it began when it was asked for, by so many labels. */
interface ReplayedRun {
  readonly id: string
  readonly at: Instant
  readonly labels: number
}

export class Retraining {
  readonly #options: RetrainingOptions
  readonly #writer: RetrainingWriter
  readonly #calls: RetrainingCalls
  readonly #promote: RetrainingOptions['promote']
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #followAt = new Map<string, Instant>()
  /** Of a replay, by model: read once for each tick, in which no run begins. */
  readonly #replayed = new Map<string, readonly ReplayedRun[]>()
  #isStopped = false
  /** Whether requests are looked at: of a replay, once the past has been gone through. */
  #isLooking: boolean

  constructor(options: RetrainingOptions) {
    this.#options = options
    this.#isLooking = !options.isReplay
    this.#writer = new RetrainingWriter(options)
    this.#calls = new RetrainingCalls(options, this.#writer)
    this.#promote = withWaits(options.promote, options.clock)
  }

  /** Looks at everything that is to be done. To be called often; what is not due costs little. */
  tick(): void {
    if (this.#isStopped || !this.#isLooking) return
    const { store, isReplay, onFailure } = this.#options
    this.#replayed.clear()
    try {
      if (!store.rebuild.isOn && !isReplay) askWithoutIncident(this.#options)
      askAgain(this.#options, (before, decided) => this.decide(before, decided))
      for (const request of store.retraining.open()) this.#attend(request)
      if (this.#writer.isTroubled) this.#writer.trouble(null)
    } catch (error) {
      if (mayPass(error)) this.#writer.trouble(String(error))
      else onFailure(error)
    }
  }

  /** Resolves when nothing is due and nothing is under way: for runs that end. A replay waits for calls that are soon made again. */
  async idle(): Promise<void> {
    this.#isLooking = true
    let patience = PATIENCE_MS
    this.tick()
    while (!this.#isStopped) {
      if (this.#underWay.size > 0) {
        await Promise.allSettled(this.#underWay.values())
        if (this.#writer.isTroubled) await new Promise((resolve) => setTimeout(resolve, FULL_RETRY_MS))
      } else {
        const wait = this.#untilCalledAgain()
        if (wait > patience) {
          if (Number.isFinite(wait))
            this.#options.log.warn('an orchestrator could not be asked, and is asked no more by this run')
          return
        }
        // In steps, so that a stop is not waited for.
        const part = Math.min(wait, SECOND)
        patience -= part
        await new Promise((resolve) => setTimeout(resolve, part))
      }
      this.tick()
    }
  }

  /** How long until a replay calls again where nothing has begun, as far as is known; infinite when it does not. */
  #untilCalledAgain(): Millis {
    const { store, orchestrators, isReplay, clock } = this.#options
    const waiting = (isReplay ? store.retraining.open() : []).filter(
      ({ state, model }) => state === 'dispatching' && orchestrators.get(model) !== undefined,
    )
    const now = clock()
    return Math.min(...waiting.map(({ dispatch }) => Math.max(1, (dispatch?.dueAt ?? 0) - now)))
  }

  /** Starts nothing more, waits for the calls under way, then calls them off. Stopping twice is harmless. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#writer.stop()
    const timer = setTimeout(() => this.#calls.callOff(), STOP_WAIT_MS)
    await Promise.allSettled(this.#underWay.values())
    clearTimeout(timer)
  }

  /**
   * Writes what was decided, with its history, its audit and its messages.
   *
   * @param deed who did it, and what the audit calls it; left out = leeway itself
   * @returns false when something else had happened to the request meanwhile
   */
  decide(before: RetrainingRequest, decided: Step, deed: { by: Person; action: string } | null = null): boolean {
    return this.#writer.decide(before, decided, deed)
  }

  #attend(request: RetrainingRequest): void {
    if (this.#underWay.has(request.id) || request.state === 'held') return
    const orchestrator = this.#options.orchestrators.get(request.model)
    const now = this.#options.clock()
    switch (request.state) {
      case 'dispatching':
        if (orchestrator !== undefined) this.#dispatch(request, orchestrator, now)
        return
      case 'unknown':
        if (orchestrator?.find !== undefined && (request.dispatch?.dueAt ?? 0) <= now)
          this.#begin(request, () => this.#calls.find(request, orchestrator))
        return
      case 'running':
        if (orchestrator?.poll !== undefined && (request.run?.pollAt ?? 0) <= now)
          this.#begin(request, () => this.#calls.poll(request, orchestrator))
        return
      default:
        if (isFollowed(request)) this.#follow(request, now)
        else this.#look(request, now)
    }
  }

  #begin(request: RetrainingRequest, work: () => Promise<void>): void {
    const { id } = request
    let isDone = false
    const working = work()
      .then(() => {
        isDone = true
      })
      .catch((error) => (mayPass(error) ? this.#writer.trouble(String(error)) : this.#options.onFailure(error)))
      .finally(() => {
        this.#underWay.delete(id)
        // What the answer led to may be looked at at once; what failed is tried again when the clock says so.
        if (isDone) this.tick()
      })
    this.#underWay.set(id, working)
  }

  /** Takes a request through its gates as far as it comes. */
  #look(request: RetrainingRequest, now: Instant): void {
    const { rules, orchestrators } = this.#options
    let current = request
    for (let i = 0; i < STEPS_MAX; i++) {
      const rule = rules().get(current.model)
      const next =
        rule === undefined
          ? unconfigured(current, this.#timeOf(current, now))
          : look(current, this.#lookOptions(current, rule, now))
      if (next === undefined || !this.decide(current, next)) break
      current = next.request
    }
    const orchestrator = orchestrators.get(current.model)
    if (current.state === 'dispatching' && orchestrator !== undefined) this.#dispatch(current, orchestrator, now)
  }

  #lookOptions(request: RetrainingRequest, rule: RetrainingRule, calledAt: Instant): LookOptions {
    const now = this.#timeOf(request, calledAt)
    return { rule, now, calledAt, ...this.#circumstances(request, now) }
  }

  #timeOf(request: RetrainingRequest, now: Instant): Instant {
    return timeOf(request, { isReplay: this.#options.isReplay, clock: () => now })
  }

  #circumstances(request: RetrainingRequest, now: Instant): { facts: Facts; stillFires: boolean } {
    const { store, isReplay } = this.#options
    const { model, cause } = request
    // What is under its thresholds of late is in the data that a run would learn from.
    const bad = (['firing', 'clearing'] as const)
      .flatMap((state) => store.views.incidents({ model, kind: 'quality', state, limit: isReplay ? REPLAYED_MAX : 1 }))
      // What a replay finds later was not known yet.
      .find(({ at }) => !isReplay || at <= now)
    const badData = bad === undefined ? null : { id: bad.id, features: bad.features }
    const known = store.retraining.facts(model, now - 2 * DAY, request.id)
    const facts = isReplay
      ? { ...known, ...this.#factsInTheirTime(request, now), labels: request.labels ?? known.labels }
      : known
    const stopped = store.retraining.stopped().get(model) ?? null
    const stillFires = isReplay || cause.is !== 'incident' || this.#fires(cause.incident.id)
    return { facts: { ...facts, badData, stopped }, stillFires }
  }

  /** Of a replay: its runs began when they were asked for, and what was asked for later had not begun. */
  #factsInTheirTime(
    { id, model }: RetrainingRequest,
    now: Instant,
  ): Pick<Facts, 'lastRunAt' | 'labelsAtLastRun' | 'recentRuns'> {
    const runs = this.#runsOf(model).filter((run) => run.id !== id && run.at <= now)
    const [last] = runs
    return { lastRunAt: last?.at ?? null, labelsAtLastRun: last?.labels ?? 0, recentRuns: runs.map(({ at }) => at) }
  }

  /** Newest first. */
  #runsOf(model: string): readonly ReplayedRun[] {
    const known = this.#replayed.get(model)
    if (known !== undefined) return known
    const runs = this.#options.store.retraining
      .list({ model, limit: REPLAYED_MAX })
      .filter(({ run }) => run !== null)
      .map(({ id, askedAt, dispatch }) => ({ id, at: askedAt, labels: dispatch?.labels ?? 0 }))
    this.#replayed.set(model, runs)
    return runs
  }

  #fires(incident: string): boolean {
    const { state = 'resolved' } = this.#options.store.retraining.incident(incident) ?? {}
    return state !== 'resolved'
  }

  #dispatch(request: RetrainingRequest, orchestrator: Orchestrator, now: Instant): void {
    const { dispatch } = request
    if (dispatch === null) return
    if (this.#isHeldAgain(request, now) || dispatch.dueAt > now) return
    const isIdempotent = this.#calls.isIdempotent(orchestrator)
    if (dispatch.isOpen) this.decide(request, interrupted(request, { isIdempotent, now }))
    else if (dispatch.isUnclear && !isIdempotent) this.decide(request, unrepeatable(request, now))
    else this.#begin(request, () => this.#calls.launch(request, orchestrator))
  }

  /** What is called again, for nothing had begun, has to pass its gates again. What a person had sent again is called until it is clear. */
  #isHeldAgain(request: RetrainingRequest, now: Instant): boolean {
    const { dispatch, model } = request
    const rule = this.#options.rules().get(model)
    if (dispatch === null || dispatch.attempts === 0 || dispatch.number > 1) return false
    if (rule === undefined || mayHaveBegun(request)) return false
    const next = lookAgain(request, this.#lookOptions(request, rule, now))
    return next !== undefined && this.decide(request, next)
  }

  /** What came of a run that ended well, or that nobody tells of. */
  #follow(request: RetrainingRequest, now: Instant): void {
    if ((this.#followAt.get(request.id) ?? 0) > now) return
    this.#followAt.set(request.id, now + FOLLOW_EVERY_MS)
    const { store, rules } = this.#options
    const { id, model, outcome, dispatch } = request
    const rule = rules().get(model)
    if (rule === undefined || outcome === null) return
    const incident = incidentOf(request)
    const newVersions = store.retraining.versions(model, dispatch?.versionsSeen ?? -1).map(({ version }) => version)
    const windows =
      outcome.version === null
        ? []
        : store.views
            .results({ model, version: outcome.version, from: outcome.from + 1, order: 'oldest', limit: WINDOWS_MAX })
            // Where versions have no names, windows that hold rows from before the run say nothing of it.
            .filter(({ start }) => outcome.version !== '' || start >= outcome.from)
    const stillFires = incident === null ? null : this.#fires(incident.id)
    const next = follow(request, { rule, newVersions, windows, stillFires, now }, this.#promote)
    if (next === undefined) return
    this.decide(request, next)
    this.#followAt.delete(id)
  }
}

function unconfigured(request: RetrainingRequest, now: Instant): Step {
  const because = `no retraining is configured for ${request.model} any more`
  return step(request, 'withdrawn', { at: now, state: 'withdrawn', because })
}
