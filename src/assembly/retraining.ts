// Requests to retrain, gone through by the wall clock: what asks by itself, the gates, the calls to orchestrators, and what came of
// the runs. What is decided is on disk before anything follows from it.
//
// A call is claimed, made, and its answer written. A process that ends in between finds an open claim at its next start: a receiver
// that keeps keys is asked again with the same one, of any other it is not known whether a run began, and a person must say.

import type { Settings } from '../config/settings.ts'
import type { PlanSettings } from '../delivery/plan.ts'
import { tellRetraining } from '../delivery/retraining-message.ts'
import type { Person } from '../handling/deeds.ts'
import type { Probe } from '../probe.ts'
import { askByItself, noMarks } from '../retraining/asking-by-itself.ts'
import type { AnswerOptions } from '../retraining/following.ts'
import { claim, interrupted, launched, lookedUp, mayHaveBegun, polled, unrepeatable } from '../retraining/following.ts'
import type { Facts } from '../retraining/gates.ts'
import { look, lookAgain } from '../retraining/look.ts'
import type { Found, Launch, Orchestrator, RunState } from '../retraining/orchestrator.ts'
import type { Promoted } from '../retraining/outcome.ts'
import { follow, isFollowed, outcomeOf } from '../retraining/outcome.ts'
import type { Change, RetrainingRequest, Step } from '../retraining/request.ts'
import { causeText, incidentOf, newRequest, step } from '../retraining/request.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import { runRequestOf } from '../retraining/run-request.ts'
import { cleaned } from '../secret.ts'
import type { AuditEntry } from '../store/audit.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Clock, Instant, Millis } from '../time.ts'
import { DAY, MINUTE, SECOND } from '../time.ts'

/** Ways to break it on purpose, so that tests of exactness can show that they notice. Never set outside of tests. */
export type RetrainingFault = 'claims after the call' | 'sends again blindly'

export interface RetrainingOptions {
  readonly store: Pick<Store, 'retraining' | 'views' | 'rebuild'>
  /** By model, as the configuration in force has them. */
  readonly rules: () => ReadonlyMap<string, RetrainingRule>
  readonly orchestrators: Pick<ReadonlyMap<string, Orchestrator>, 'get'>
  readonly routes: () => PlanSettings['routes']
  readonly settings: Pick<Settings, 'publicUrl'>
  readonly clock: Clock
  readonly random: () => number
  /** Id of what a version is compared with; null when nothing is. */
  readonly referenceOf: (model: string, version: string) => string | null
  /** Makes the production of a version what it is compared with. */
  readonly promote: (request: RetrainingRequest, version: string) => Promoted
  /**
   * The past is gone through in seconds. That an incident is over by now is no reason not to show what would have been asked for; and
   * whenever it is gone through, the same is asked for: requests are looked at once it has been, each by the time at which it was
   * asked for, and the clock asks for nothing.
   */
  readonly isReplay: boolean
  /** Messages were written. */
  readonly told: () => void
  readonly metrics: Pick<Metrics, 'retraining' | 'retrainingEnded'>
  readonly log: Log
  /** The store failed: the process must not go on. */
  readonly onFailure: (error: unknown) => void
  /** Told when nothing can be written, and null when it can again. */
  readonly onTrouble: (message: string | null) => void
  readonly probe?: Probe | undefined
  readonly fault?: RetrainingFault | undefined
}

/** A call that takes longer is called off, unless its target is given more time. */
const CALL_TIMEOUT_MS: Millis = 30 * SECOND
/** How long `stop` waits for calls under way. */
const STOP_WAIT_MS: Millis = 10 * SECOND
/** How often a run is looked at, whatever its orchestrator says. */
const POLL_EVERY_MS = { least: 100, most: 5 * MINUTE }
/** Between two looks at what came of a run. */
const FOLLOW_EVERY_MS: Millis = 5 * SECOND
/** Of what an orchestrator says. */
const SAID_MAX = 500
/** Between two tries of a run that ends, while the disk is full. */
const FULL_RETRY_MS: Millis = SECOND
/** Windows that are read to see whether performance is back. */
const WINDOWS_MAX = 500
/** Requests of a replay that are looked through for runs. */
const REPLAYED_MAX = 1_000
/** Steps that one request may take at once: from asked to dispatched, with an approval in between. */
const STEPS_MAX = 4
/** Changes that are no decision of anybody, and come by the hundred. */
const unaudited: ReadonlySet<Change> = new Set<Change>(['retried'])

export class Retraining {
  readonly #options: RetrainingOptions
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #followAt = new Map<string, Instant>()
  readonly #aborting = new AbortController()
  #isStopped = false
  /** Whether requests are looked at: of a replay, once the past has been gone through. */
  #isLooking: boolean
  #isTroubled = false

  constructor(options: RetrainingOptions) {
    this.#options = options
    this.#isLooking = !options.isReplay
  }

  /** Looks at everything that is to be done. To be called often; what is not due costs little. */
  tick(): void {
    if (this.#isStopped || !this.#isLooking) return
    const { store, isReplay } = this.#options
    try {
      if (!store.rebuild.isOn && !isReplay) this.#ask()
      this.#askAgain()
      for (const request of store.retraining.open()) this.#attend(request)
      if (this.#isTroubled) this.#trouble(null)
    } catch (error) {
      if (mayPass(error)) this.#trouble(String(error))
      else this.#options.onFailure(error)
    }
  }

  /** Resolves when nothing is due and nothing is under way: for runs that end. */
  async idle(): Promise<void> {
    this.#isLooking = true
    this.tick()
    while (this.#underWay.size > 0 && !this.#isStopped) {
      await Promise.allSettled(this.#underWay.values())
      if (this.#isTroubled) await new Promise((resolve) => setTimeout(resolve, FULL_RETRY_MS))
      this.tick()
    }
  }

  /** Starts nothing more, waits for the calls under way, then calls them off. Stopping twice is harmless. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const timer = setTimeout(() => this.#aborting.abort(), STOP_WAIT_MS)
    await Promise.allSettled(this.#underWay.values())
    clearTimeout(timer)
  }

  /**
   * Writes what was decided, with its history, its audit and its messages.
   *
   * @param deed who did it, and what the audit calls it; null = leeway itself
   * @returns false when something else had happened to the request meanwhile
   */
  decide(before: RetrainingRequest, decided: Step, deed: { by: Person; action: string } | null = null): boolean {
    const { store, clock, routes, settings, log, metrics, told } = this.#options
    const { change, because } = decided
    const request = this.#withOutcome(decided.request)
    const now = clock()
    const incident = incidentOf(request)
    const incidentSequence = incident === null ? 0 : (store.retraining.incident(incident.id)?.sequence ?? 0)
    const at = deed === null ? this.#timeOf(request) : now
    const context = { routes: routes(), publicUrl: settings.publicUrl, incidentSequence, now, at }
    const notifications = tellRetraining({ step: { ...decided, request }, before, ...context })
    const actor = deed?.by.name ?? ''
    const isWritten = store.retraining.decide({
      ...{ request, before: before.sequence, notifications },
      change: unaudited.has(change) ? null : { what: change, because, actor, at: now },
      audit: unaudited.has(change) ? null : auditOf(request, decided, { deed, now }),
    })
    if (!isWritten) return false
    const { id, model, version, target, state, run } = request
    log.info({ request: id, model, version, change, state, because, ...(actor !== '' && { by: actor }) }, 'retraining')
    if (run?.endedAt != null && before.run?.endedAt == null)
      metrics.retrainingEnded(model, target, state, run.endedAt - run.startedAt)
    if (notifications.length > 0) told()
    return true
  }

  /** By which it is judged: the clock, or of a replay the time at which its incident asked. */
  #timeOf({ cause, askedAt }: RetrainingRequest): Instant {
    return this.#options.isReplay && cause.is === 'incident' ? askedAt : this.#options.clock()
  }

  #trouble(message: string | null): void {
    this.#isTroubled = message !== null
    this.#options.onTrouble(message)
  }

  /** What asks without an incident. */
  #ask(): void {
    const { store, clock, rules } = this.#options
    const now = clock()
    for (const model of store.retraining.marked())
      if (!asksByItself(rules().get(model))) store.retraining.ask([], { model, marks: noMarks })
    for (const rule of rules().values()) {
      if (!asksByItself(rule)) continue
      const { model } = rule
      const marks = store.retraining.marks(model)
      const { labels, labelsAtLastRun } = store.retraining.facts(model, now)
      const versions = store.retraining.versions(model, -1)
      const open = store.retraining.open().filter((request) => request.model === model)
      const isOurs = (version: string) =>
        open.some(
          ({ state, outcome }) => state === 'running' || (outcome !== null && (outcome.version ?? version) === version),
        )
      const { asks, marks: next } = askByItself(rule, marks, { labels, labelsAtLastRun, versions, isOurs, now })
      if (JSON.stringify(next) === JSON.stringify(marks)) continue
      // One that waits already stands for those that come after it.
      const fresh = asks.filter(
        ({ cause }) => !open.some((other) => other.cause.is === cause.is && other.outcome === null),
      )
      const rows = fresh.map((ask) => {
        const request = newRequest(ask, now)
        const asked = { request, change: 'asked', because: causeText(ask.cause) } as const
        return { request, at: now, audit: auditOf(request, asked, { deed: null, now }) }
      })
      store.retraining.ask(rows, { model, marks: next })
    }
  }

  /** An incident that has come back under its own name asks no second time; its request is taken up where no run had begun. */
  #askAgain(): void {
    const { store, clock, rules } = this.#options
    const now = clock()
    for (const request of store.retraining.returned()) {
      if (!rules().has(request.model)) continue
      const because = 'the incident that asked for it has come back'
      const fresh = { gates: [], approval: null, approvalAskedAt: null, askedAt: now }
      this.decide(request, step(request, 'asked', { at: now, state: 'asked', because, ...fresh }))
    }
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
          this.#begin(request, () => this.#find(request, orchestrator))
        return
      case 'running':
        if (orchestrator?.poll !== undefined && (request.run?.pollAt ?? 0) <= now)
          this.#begin(request, () => this.#poll(request, orchestrator))
        return
      default:
        if (isFollowed(request)) this.#follow(request, now)
        else this.#look(request, this.#timeOf(request))
    }
  }

  #begin(request: RetrainingRequest, work: () => Promise<void>): void {
    const { id } = request
    let isDone = false
    const working = work()
      .then(() => {
        isDone = true
      })
      .catch((error) => (mayPass(error) ? this.#trouble(String(error)) : this.#options.onFailure(error)))
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
          ? unconfigured(current, now)
          : look(current, { rule, now, ...this.#circumstances(current, now) })
      if (next === undefined || !this.decide(current, next)) break
      current = next.request
    }
    const orchestrator = orchestrators.get(current.model)
    if (current.state === 'dispatching' && orchestrator !== undefined) this.#dispatch(current, orchestrator, now)
  }

  #circumstances(request: RetrainingRequest, now: Instant): { facts: Facts; stillFires: boolean } {
    const { store, isReplay } = this.#options
    const { model, cause } = request
    // What is under its thresholds of late is in the data that a run would learn from.
    const [bad] = (['firing', 'clearing'] as const).flatMap((state) =>
      store.views.incidents({ model, kind: 'quality', state, limit: 1 }),
    )
    const badData = bad === undefined ? null : { id: bad.id, features: bad.features }
    const known = store.retraining.facts(model, now - 2 * DAY, request.id)
    const facts = isReplay ? { ...known, ...this.#runsInTheirTime(request, now) } : known
    const stopped = store.retraining.stopped().get(model) ?? null
    const stillFires = isReplay || cause.is !== 'incident' || this.#fires(cause.incident.id)
    return { facts: { ...facts, badData, stopped }, stillFires }
  }

  /** Of a replay: its runs began when they were asked for, and what was asked for later had not begun. */
  #runsInTheirTime({ id, model }: RetrainingRequest, now: Instant): Pick<Facts, 'lastRunAt' | 'recentRuns'> {
    const runs = this.#options.store.retraining
      .list({ model, limit: REPLAYED_MAX })
      .filter((other) => other.run !== null && other.id !== id && other.askedAt <= now)
      .map(({ askedAt }) => askedAt)
    return { lastRunAt: runs.length === 0 ? null : Math.max(...runs), recentRuns: runs }
  }

  #fires(incident: string): boolean {
    const { state = 'resolved' } = this.#options.store.retraining.incident(incident) ?? {}
    return state !== 'resolved'
  }

  #dispatch(request: RetrainingRequest, orchestrator: Orchestrator, now: Instant): void {
    const { dispatch } = request
    if (dispatch === null) return
    if (this.#isHeldAgain(request, now) || dispatch.dueAt > now) return
    const isIdempotent = orchestrator.isIdempotent || this.#options.fault === 'sends again blindly'
    if (dispatch.isOpen) this.decide(request, interrupted(request, { isIdempotent, now }))
    else if (dispatch.isUnclear && !isIdempotent) this.decide(request, unrepeatable(request, now))
    else this.#begin(request, () => this.#launch(request, orchestrator))
  }

  /** What is called again, for nothing had begun, has to pass its gates again. What a person had sent again is called until it is clear. */
  #isHeldAgain(request: RetrainingRequest, now: Instant): boolean {
    const { dispatch, model } = request
    const rule = this.#options.rules().get(model)
    if (dispatch === null || dispatch.attempts === 0 || dispatch.number > 1) return false
    if (rule === undefined || mayHaveBegun(request)) return false
    const next = lookAgain(request, { rule, now, ...this.#circumstances(request, now) })
    return next !== undefined && this.decide(request, next)
  }

  async #launch(request: RetrainingRequest, orchestrator: Orchestrator): Promise<void> {
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
    await this.#mark(claimed, launched(claimed, launch, this.#answer(orchestrator)))
    probe?.('retraining: marked')
  }

  async #find(request: RetrainingRequest, orchestrator: Orchestrator): Promise<void> {
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
    if (next !== undefined) await this.#mark(request, next)
  }

  async #poll(request: RetrainingRequest, orchestrator: Orchestrator): Promise<void> {
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
      return this.#keepTrying(() => void store.retraining.decide(quiet))
    }
    if (state.state !== 'succeeded') return this.#mark(request, next)
    return this.#mark(request, { ...next, request: this.#outcomeOf(next.request, state.output) })
  }

  /** What came of a run that ended well, or that nobody tells of. */
  #follow(request: RetrainingRequest, now: Instant): void {
    if ((this.#followAt.get(request.id) ?? 0) > now) return
    this.#followAt.set(request.id, now + FOLLOW_EVERY_MS)
    const { store, rules, promote } = this.#options
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
    const next = follow(request, { rule, newVersions, windows, stillFires, now }, promote)
    if (next === undefined) return
    this.decide(request, next)
    this.#followAt.delete(id)
  }

  #runRequest(request: RetrainingRequest) {
    const { referenceOf, settings } = this.#options
    const reference = referenceOf(request.model, request.version)
    return runRequestOf(request, { reference, publicUrl: settings.publicUrl })
  }

  #answer(orchestrator: Orchestrator): AnswerOptions {
    const { clock, random, fault } = this.#options
    return {
      isIdempotent: orchestrator.isIdempotent || fault === 'sends again blindly',
      pollEveryMs: Math.min(POLL_EVERY_MS.most, Math.max(POLL_EVERY_MS.least, orchestrator.pollEveryMs)),
      canPoll: orchestrator.poll !== undefined,
      now: clock(),
      random: random(),
    }
  }

  #limit({ timeoutMs = 0 }: Pick<Orchestrator, 'timeoutMs'>): AbortSignal {
    return AbortSignal.any([this.#aborting.signal, AbortSignal.timeout(Math.max(CALL_TIMEOUT_MS, timeoutMs))])
  }

  #mark(before: RetrainingRequest, next: Step): Promise<void> {
    return this.#keepTrying(() => void this.decide(before, next))
  }

  /** Where the receiver tells nothing more, the next version that is seen tells. */
  #withOutcome(request: RetrainingRequest): RetrainingRequest {
    if (request.state !== 'handed over' || request.outcome !== null) return request
    return this.#outcomeOf(request, {})
  }

  #outcomeOf(request: RetrainingRequest, output: Readonly<Record<string, string>>): RetrainingRequest {
    const { store, rules, clock } = this.#options
    const promote = rules().get(request.model)?.promote === true
    return outcomeOf(request, { output, from: store.retraining.newestWindow(request.model), now: clock(), promote })
  }

  /** While the disk is full an answer is kept, and nobody is asked again. */
  async #keepTrying(write: () => void): Promise<void> {
    for (;;) {
      try {
        write()
        if (this.#isTroubled) this.#trouble(null)
        return
      } catch (error) {
        if (this.#isStopped || !mayPass(error)) throw error
        this.#trouble(String(error))
        await new Promise((resolve) => setTimeout(resolve, SECOND))
      }
    }
  }
}

function asksByItself(rule: RetrainingRule | undefined): boolean {
  return rule !== undefined && (rule.schedule !== null || rule.askAtLabels !== null || rule.askAtNewVersion)
}

function unconfigured(request: RetrainingRequest, now: Instant): Step {
  const because = `no retraining is configured for ${request.model} any more`
  return step(request, 'withdrawn', { at: now, state: 'withdrawn', because })
}

function auditOf(
  { id, model }: RetrainingRequest,
  { change, because }: Pick<Step, 'change' | 'because'>,
  { deed, now }: { deed: { by: Person; action: string } | null; now: Instant },
): AuditEntry {
  const by = deed?.by
  return {
    at: now,
    request: by?.request ?? id,
    actor: by?.name ?? 'leeway',
    role: by?.role ?? '',
    remote: by?.remote ?? '',
    action: deed?.action ?? `retraining ${change}`,
    target: id,
    outcome: 'done',
    detail: `${model}: ${because}`,
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

function mayPass(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'full'
}
