// What came of a run: which version it made, whether that is what production is compared with now, and whether performance is back.

import type { Judged } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY, formatDuration } from '../time.ts'
import type { RetrainingRequest, RunOutcome, Step } from './request.ts'
import { incidentOf, step } from './request.ts'
import type { RetrainingRule } from './rule.ts'

/** Whether production is compared with the new version's reference from now on, and how that came about. */
export interface Promotion {
  readonly isPromoted: boolean
  readonly detail: string
}

export interface OutcomeFacts {
  readonly rule: Pick<RetrainingRule, 'promote' | 'verifyWindows'>
  /** Versions of the model that were seen since it was dispatched, oldest first. */
  readonly newVersions: readonly string[]
  /** Windows of the version that ended after `outcome.from`, oldest first. */
  readonly windows: readonly WindowResult[]
  /** Whether the incident it is about still fires; null when it is about none. */
  readonly stillFires: boolean | null
  readonly now: Instant
}

/** A new version that nobody sees in production for so long will not be. */
const PATIENCE: Millis = 30 * DAY

/**
 * A run has ended well: what comes of it is followed from here.
 *
 * @param output what the orchestrator says that it made
 * @param from event time of the newest window that was judged
 */
export function outcomeOf(
  request: RetrainingRequest,
  { output, from, now }: { output: Readonly<Record<string, string>>; from: Instant; now: Instant },
): RetrainingRequest {
  // Whoever sends no versions has one for ever.
  const named = output['version'] ?? output['model_version'] ?? output['modelVersion']
  const version = named ?? (request.version === '' ? '' : null)
  const verification = { is: 'awaited', windows: 0, because: 'it is waited for', at: now } as const
  return { ...request, outcome: { version, promotion: null, from, verification } }
}

/** Whether there is anything left to be found out. */
export function isFollowed({ outcome }: RetrainingRequest): boolean {
  return outcome?.verification.is === 'awaited'
}

/**
 * Looks at what came of a run.
 *
 * @param promote makes the version's reference the one to compare with; called once, when the version is known
 */
export function follow(
  request: RetrainingRequest,
  facts: OutcomeFacts,
  promote: (model: string, version: string) => Promotion,
): Step | undefined {
  const { outcome } = request
  if (outcome === null || outcome.verification.is !== 'awaited') return undefined
  const { newVersions, now, rule } = facts
  if (outcome.version === null) {
    const [version] = newVersions
    if (version !== undefined)
      return step(request, 'new version', {
        ...{ at: now, because: `version ${version} is the first new one since the run began` },
        outcome: { ...outcome, version },
      })
    return now - endOf(request) > PATIENCE
      ? verified(request, outcome, 'not verified', `no new version was seen within ${formatDuration(PATIENCE)}`, facts)
      : undefined
  }
  if (outcome.promotion === null && rule.promote) {
    const promotion = promote(request.model, outcome.version)
    return step(request, 'promoted', {
      ...{ at: now, because: promotion.detail },
      outcome: { ...outcome, promotion: { ...promotion, at: now } },
    })
  }
  return verify(request, outcome, facts)
}

function verify(request: RetrainingRequest, outcome: RunOutcome, facts: OutcomeFacts): Step | undefined {
  const { rule, stillFires, now } = facts
  if (rule.verifyWindows === 0) return verified(request, outcome, 'not verified', 'verify.windows is 0', facts)
  if (stillFires === false)
    return verified(request, outcome, 'recovered', 'the incident that asked for the run is resolved', facts)
  const judged = facts.windows.flatMap((result) => {
    const verdicts = verdictsFor(request, result)
    return verdicts.length === 0 ? [] : [{ result, alarms: verdicts.filter(({ status }) => status === 'alarm') }]
  })
  const within = judged.slice(0, rule.verifyWindows)
  const well = within.findIndex(({ alarms }) => alarms.length === 0)
  if (well >= 0) {
    const text = `${namesOf(request)} is back within its floor in window ${well + 1} of at most ${rule.verifyWindows}`
    return verified(request, outcome, 'recovered', text, facts, well + 1)
  }
  if (within.length === rule.verifyWindows) {
    const worst = within.at(-1)?.alarms.map(({ monitor }) => monitor) ?? []
    const text = `${rule.verifyWindows} windows were judged since, and all alarm (${worst.slice(0, 5).join(', ')})`
    return verified(request, outcome, 'not recovered', text, facts, within.length)
  }
  if (now - endOf(request) > PATIENCE) {
    const text = `only ${within.length} of ${rule.verifyWindows} windows could be judged within ${formatDuration(PATIENCE)}`
    return verified(request, outcome, 'not verified', text, facts, within.length)
  }
  return undefined
}

function verified(
  request: RetrainingRequest,
  outcome: RunOutcome,
  is: 'recovered' | 'not recovered' | 'not verified',
  because: string,
  { now }: OutcomeFacts,
  windows = 0,
): Step {
  return step(request, is, {
    ...{ at: now, because },
    outcome: { ...outcome, verification: { is, windows, because, at: now } },
  })
}

function endOf({ run, since }: RetrainingRequest): Instant {
  return run?.endedAt ?? since
}

/** The verdicts that tell: those of the incident's tests in windows of their size, or those of performance. */
function verdictsFor(request: RetrainingRequest, { window, verdicts, provisional }: WindowResult): Judged[] {
  const incident = incidentOf(request)
  return verdicts.filter((verdict): verdict is Judged => {
    if (verdict.status === 'insufficient' || (provisional && verdict.kind === 'performance')) return false
    if (incident === null) return verdict.kind === 'performance'
    return incident.evidence.some((evidence) => evidence.monitor === verdict.monitor && evidence.window === window)
  })
}

function namesOf(request: RetrainingRequest): string {
  const incident = incidentOf(request)
  return incident === null || incident.kind === 'performance'
    ? 'performance'
    : `what the ${incident.kind} incident is about`
}
