// What came of a run: which version it made, whether that is what production is compared with now, and whether performance is back.

import type { Judged } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant, Millis } from '../time.ts'
import { DAY, formatDuration } from '../time.ts'
import type { RetrainingRequest, RunOutcome, Step } from './request.ts'
import { incidentOf, step } from './request.ts'
import type { RetrainingRule } from './rule.ts'

/** What came of making a version's own production what it is compared with; `waiting`: there is too little of it yet. */
export interface Promoted {
  readonly outcome: 'done' | 'waiting' | 'refused'
  readonly detail: string
}

export interface OutcomeFacts {
  readonly rule: Pick<RetrainingRule, 'verifyWindows'>
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
  {
    output,
    from,
    now,
    promote,
  }: { output: Readonly<Record<string, string>>; from: Instant; now: Instant; promote: boolean },
): RetrainingRequest {
  const named = output['version'] ?? output['model_version'] ?? output['modelVersion']
  // Whoever sends no versions has one for ever, by whatever number the model is registered.
  const version = request.version === '' ? '' : (named ?? null)
  const verification = { is: 'awaited', windows: 0, because: 'it is waited for', at: now } as const
  const promotion = promote ? ({ is: 'awaited', detail: '', at: now } as const) : null
  return { ...request, outcome: { version, promotion, from, verification } }
}

/** Whether there is anything left to be found out. */
export function isFollowed({ outcome }: RetrainingRequest): boolean {
  return outcome !== null && (outcome.verification.is === 'awaited' || outcome.promotion?.is === 'awaited')
}

/**
 * Looks at what came of a run.
 *
 * @param promote makes the version's own production what it is compared with; asked again while it says `waiting`
 */
export function follow(
  request: RetrainingRequest,
  facts: OutcomeFacts,
  promote: (request: RetrainingRequest, version: string) => Promoted,
): Step | undefined {
  const { outcome } = request
  if (outcome === null || !isFollowed(request)) return undefined
  const { newVersions, now } = facts
  const isLate = now - endOf(request) > PATIENCE
  if (outcome.version === null) {
    const [version] = newVersions
    if (version !== undefined)
      return step(request, 'new version', {
        ...{ at: now, because: `version ${version} is the first new one since the run began` },
        outcome: { ...outcome, version },
      })
    if (!isLate) return undefined
    const because = `no new version was seen within ${formatDuration(PATIENCE)}`
    // Nothing is left to be waited for: there is nothing to promote either.
    const promotion = outcome.promotion === null ? null : ({ is: 'refused', detail: because, at: now } as const)
    return verified(request, { ...outcome, promotion }, 'not verified', because, facts)
  }
  return (
    settlePromotion(request, outcome, {
      ...facts,
      isLate,
      promote: () => promote(request, outcome.version as string),
    }) ?? (outcome.verification.is === 'awaited' ? verify(request, outcome, facts, isLate) : undefined)
  )
}

/** Of a version that did not bring performance back nobody makes what others are compared with. */
function settlePromotion(
  request: RetrainingRequest,
  outcome: RunOutcome,
  { isLate, promote, now }: Pick<OutcomeFacts, 'now'> & { isLate: boolean; promote: () => Promoted },
): Step | undefined {
  if (outcome.promotion?.is !== 'awaited') return undefined
  const settled = (is: 'done' | 'refused', because: string) =>
    step(request, is === 'done' ? 'promoted' : 'not promoted', {
      ...{ at: now, because },
      outcome: { ...outcome, promotion: { is, detail: because, at: now } },
    })
  if (outcome.verification.is === 'not recovered') return settled('refused', 'performance did not recover')
  const { outcome: is, detail } = promote()
  if (is !== 'waiting') return settled(is, detail)
  return isLate ? settled('refused', `not within ${formatDuration(PATIENCE)}; last: ${detail}`) : undefined
}

function verify(
  request: RetrainingRequest,
  outcome: RunOutcome,
  facts: OutcomeFacts,
  isLate: boolean,
): Step | undefined {
  const { rule, stillFires } = facts
  if (rule.verifyWindows === 0) return verified(request, outcome, 'not verified', 'verify.windows is 0', facts)
  // Once its reference is its own, an incident may end although nothing has become better.
  if (stillFires === false && outcome.promotion?.is !== 'done')
    return verified(request, outcome, 'recovered', 'the incident that asked for the run is resolved', facts)
  const judged = facts.windows.flatMap((result) => {
    const verdicts = verdictsFor(request, result)
    return verdicts.length === 0 ? [] : [{ result, bad: verdicts.filter((verdict) => isBad(request, result, verdict)) }]
  })
  const within = judged.slice(0, rule.verifyWindows)
  const well = within.findIndex(({ bad }) => bad.length === 0)
  if (well >= 0) {
    const text = `${namesOf(request)} is back within its floor in window ${well + 1} of at most ${rule.verifyWindows}`
    return verified(request, outcome, 'recovered', text, facts, well + 1)
  }
  if (within.length === rule.verifyWindows) {
    const worst = within.at(-1)?.bad.map(({ monitor }) => monitor) ?? []
    const text = `${rule.verifyWindows} windows were judged since, and none is back within its floor (${worst.slice(0, 5).join(', ')})`
    return verified(request, outcome, 'not recovered', text, facts, within.length)
  }
  if (!isLate) return undefined
  const text = `only ${within.length} of ${rule.verifyWindows} windows could be judged within ${formatDuration(PATIENCE)}`
  return verified(request, outcome, 'not verified', text, facts, within.length)
}

/** Performance is measured by the floor that the incident was raised by, whatever it is compared with since. */
function isBad(
  request: RetrainingRequest,
  { window }: WindowResult,
  { monitor, kind, status, value }: Judged,
): boolean {
  const raised = incidentOf(request)?.evidence.find((one) => one.monitor === monitor && one.window === window)
  if (kind !== 'performance' || raised === undefined || raised.threshold === null || raised.reference === null)
    return status === 'alarm'
  return raised.reference > raised.threshold ? value < raised.threshold : value > raised.threshold
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
