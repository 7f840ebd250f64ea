// What was decided about requests to retrain, written with its history, its audit and its messages; while the disk is full it is
// tried again.

import type { Settings } from '../config/settings.ts'
import type { PlanSettings } from '../delivery/plan.ts'
import { tellRetraining } from '../delivery/retraining-message.ts'
import type { Person } from '../handling/deeds.ts'
import { outcomeOf } from '../retraining/outcome.ts'
import type { Change, RetrainingRequest, Step } from '../retraining/request.ts'
import { incidentOf } from '../retraining/request.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import type { AuditEntry } from '../store/audit.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Clock, Instant } from '../time.ts'
import { SECOND } from '../time.ts'

export interface RetrainingWriterOptions {
  readonly store: Pick<Store, 'retraining'>
  /** By model, as the configuration in force has them. */
  readonly rules: () => ReadonlyMap<string, RetrainingRule>
  readonly routes: () => PlanSettings['routes']
  readonly settings: Pick<Settings, 'publicUrl'>
  readonly clock: Clock
  /**
   * The past is gone through in seconds. That an incident is over by now is no reason not to show what would have been asked for; and
   * whenever it is gone through, the same is asked for: requests are looked at once it has been, each by the time at which it was
   * asked for, and the clock asks for nothing.
   */
  readonly isReplay: boolean
  /** Messages were written. */
  readonly told: () => void
  readonly metrics: Pick<Metrics, 'retrainingEnded'>
  readonly log: Log
  /** Told when nothing can be written, and null when it can again. */
  readonly onTrouble: (message: string | null) => void
}

/** Changes that are no decision of anybody, and come by the hundred. */
const unaudited: ReadonlySet<Change> = new Set<Change>(['retried'])

export class RetrainingWriter {
  readonly #options: RetrainingWriterOptions
  #isStopped = false
  #isTroubled = false

  constructor(options: RetrainingWriterOptions) {
    this.#options = options
  }

  /** Whether nothing could be written the last time. */
  get isTroubled(): boolean {
    return this.#isTroubled
  }

  /** Nothing is tried again any more. */
  stop(): void {
    this.#isStopped = true
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
    const at = deed === null ? timeOf(request, this.#options) : now
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

  /** The same, tried until there is room for it. */
  mark(before: RetrainingRequest, next: Step): Promise<void> {
    return this.keepTrying(() => void this.decide(before, next))
  }

  /** While the disk is full an answer is kept, and nobody is asked again. */
  async keepTrying(write: () => void): Promise<void> {
    for (;;) {
      try {
        write()
        if (this.#isTroubled) this.trouble(null)
        return
      } catch (error) {
        if (this.#isStopped || !mayPass(error)) throw error
        this.trouble(String(error))
        await new Promise((resolve) => setTimeout(resolve, SECOND))
      }
    }
  }

  /** @param message why nothing can be written; null: it can */
  trouble(message: string | null): void {
    this.#isTroubled = message !== null
    this.#options.onTrouble(message)
  }

  /** Where the receiver tells nothing more, the next version that is seen tells. */
  #withOutcome(request: RetrainingRequest): RetrainingRequest {
    if (request.state !== 'handed over' || request.outcome !== null) return request
    return this.outcomeOf(request, {})
  }

  /** With what came of its run, as far as that is known when it ends. */
  outcomeOf(request: RetrainingRequest, output: Readonly<Record<string, string>>): RetrainingRequest {
    const { store, rules, clock } = this.#options
    const promote = rules().get(request.model)?.promote === true
    return outcomeOf(request, { output, from: store.retraining.newestWindow(request.model), now: clock(), promote })
  }
}

/** By which a request is judged: the clock, or of a replay the time at which its incident asked. */
export function timeOf(
  { cause, askedAt }: RetrainingRequest,
  { isReplay, clock }: Pick<RetrainingWriterOptions, 'isReplay' | 'clock'>,
): Instant {
  return isReplay && cause.is === 'incident' ? askedAt : clock()
}

export function auditOf(
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

/** The disk is full: it can be tried again as it is. */
export function mayPass(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'full'
}
