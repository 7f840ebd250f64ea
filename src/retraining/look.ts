// What is to be done about a request that has not begun: which gate holds it, or that it is dispatched.

import type { Instant } from '../time.ts'
import { formatDuration } from '../time.ts'
import type { Facts } from './gates.ts'
import { passGates } from './gates.ts'
import { runKey } from './orchestrator.ts'
import type { GateVerdict, RetrainingRequest, Step } from './request.ts'
import { step } from './request.ts'
import type { RetrainingRule } from './rule.ts'

export interface LookOptions {
  readonly rule: RetrainingRule
  readonly facts: Facts
  /** Whether the incident that asked for it still fires; true when none did. */
  readonly stillFires: boolean
  readonly now: Instant
  /** By the clock of calls; left out: `now`, which in a replay is of the past. */
  readonly calledAt?: Instant
}

const waiting: ReadonlySet<RetrainingRequest['state']> = new Set(['asked', 'gated', 'awaiting approval'])

/** Looks at a request by the wall clock. @returns what happened to it; undefined when nothing did */
export function look(
  request: RetrainingRequest,
  { rule, facts, stillFires, now, calledAt = now }: LookOptions,
): Step | undefined {
  if (!waiting.has(request.state)) return undefined
  if (!stillFires)
    return step(request, 'withdrawn', {
      ...{ at: now, state: 'withdrawn' },
      because: 'the incident that asked for it is over, and no run had begun',
    })
  if (now - request.askedAt >= rule.expiresMs) return expired(request, rule, now)
  const gates = passGates(request, rule, facts, now)
  const held = gates.find(({ passes }) => !passes)
  if (held === undefined) return dispatched(request, { gates, facts, now, calledAt })
  switch (held.gate) {
    case 'approval':
      return atApproval(request, gates, held, { rule, now })
    case 'dry run':
      return step(request, 'dry run', { at: now, state: 'dry run', because: held.because, gates })
    default:
      // Who was asked for approval is not told that it waits again for something else: the answer is still wanted.
      if (request.state === 'awaiting approval' && request.approval === null) return undefined
      return isSame(request, held)
        ? undefined
        : step(request, 'gated', { at: now, state: 'gated', because: held.because, gates })
  }
}

/**
 * Looks again at a request whose call has clearly begun nothing, before it is called again: what has changed since holds it, as it
 * would hold one that was never called.
 *
 * @returns what happened to it; undefined when it may be called
 */
export function lookAgain(request: RetrainingRequest, options: LookOptions): Step | undefined {
  const next = look({ ...request, state: 'asked' }, options)
  return next?.request.state === 'dispatching' ? undefined : next
}

function expired(request: RetrainingRequest, { expiresMs }: RetrainingRule, now: Instant): Step {
  const last = request.gates.at(-1)
  const why = last === undefined || last.passes ? '' : `; last: ${last.because}`
  return step(request, 'expired', {
    ...{ at: now, state: 'expired' },
    because: `no run could begin within ${formatDuration(expiresMs)}${why}`,
  })
}

function atApproval(
  request: RetrainingRequest,
  gates: readonly GateVerdict[],
  { because, until }: GateVerdict,
  { rule, now }: { rule: RetrainingRule; now: Instant },
): Step | undefined {
  if (request.state !== 'awaiting approval')
    return step(request, 'awaiting approval', {
      ...{ at: now, state: 'awaiting approval', because, gates },
      approvalAskedAt: request.approvalAskedAt ?? now,
    })
  if (rule.approval.is !== 'automatic' || until === null || now < until) return undefined
  return step(request, 'approved', {
    ...{ at: now, because: `nobody said no within ${formatDuration(rule.approval.afterMs)}` },
    approval: { by: '', via: 'delay', at: now },
  })
}

function dispatched(
  request: RetrainingRequest,
  { gates, facts, now, calledAt }: { gates: readonly GateVerdict[]; facts: Facts; now: Instant; calledAt: Instant },
): Step {
  return step(request, 'dispatching', {
    ...{ at: now, state: 'dispatching', because: 'every gate lets it pass', gates },
    dispatch: {
      key: request.dispatch?.key ?? runKey(request.model, request.id, 1),
      number: request.dispatch?.number ?? 1,
      claimedAt: calledAt,
      // What was called before, and held since, is not called sooner than it would have been.
      attempts: request.dispatch?.attempts ?? 0,
      isOpen: false,
      dueAt: Math.max(calledAt, request.dispatch?.dueAt ?? calledAt),
      labels: facts.labels,
      versionsSeen: facts.versionsSeen,
    },
  })
}

/** Numbers in a reason change all the time: news is another gate, or another time at which it may pass. */
function isSame({ state, gates }: RetrainingRequest, held: GateVerdict): boolean {
  const last = gates.at(-1)
  return (
    state === 'gated' &&
    last?.gate === held.gate &&
    last.passes === false &&
    Math.abs((last.until ?? 0) - (held.until ?? 0)) < 60_000
  )
}
