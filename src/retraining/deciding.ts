// What a person's word does to a request.

import type { Person } from '../handling/deeds.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Finding } from './desk.ts'
import { runKey } from './orchestrator.ts'
import type { RequestState, RetrainingRequest, Step } from './request.ts'
import { step } from './request.ts'
import type { RetrainingRule } from './rule.ts'

/** A step, or why there is none. */
export type Decided = Step | { readonly refused: string }

const undecided: ReadonlySet<RequestState> = new Set(['held', 'asked', 'gated', 'awaiting approval'])

type By = Pick<Person, 'name' | 'role' | 'via'>

/** Also of a request that waits for something else: the yes is kept. */
export function approve(request: RetrainingRequest, by: By, now: Instant): Decided {
  const { approval, state } = request
  if (by.role !== 'approver') return { refused: needsApprover('approve a run', by) }
  if (approval !== null) return { refused: approvedBefore(request) }
  if (!undecided.has(state)) return { refused: tooLate(request) }
  return step(request, 'approved', {
    ...{ at: now, because: `approved by ${by.name}` },
    approval: { by: by.name, via: by.via, at: now },
  })
}

export function refuse(request: RetrainingRequest, why: string, by: By, now: Instant): Decided {
  if (by.role !== 'approver') return { refused: needsApprover('refuse a run', by) }
  if (!undecided.has(request.state)) return { refused: tooLate(request) }
  return step(request, 'refused', { at: now, state: 'refused', because: said(`refused by ${by.name}`, why) })
}

/** Whoever may stop the automation may stop one run of it, but not what an approver has said yes to. */
export function veto(
  request: RetrainingRequest,
  why: string,
  { by, rule, now }: { by: By; rule: Pick<RetrainingRule, 'approval'>; now: Instant },
): Decided {
  const { approval, state } = request
  if (by.role === 'viewer') return { refused: `a veto needs the role operator, ${by.name} is ${by.role}` }
  if (!undecided.has(state)) return { refused: tooLate(request) }
  if (rule.approval.is !== 'automatic')
    return { refused: 'no run of this model begins by itself after a delay; refuse it instead' }
  if (approval !== null && approval.via !== 'delay') return { refused: approvedBefore(request) }
  return step(request, 'refused', { at: now, state: 'refused', because: said(`vetoed by ${by.name}`, why) })
}

export interface Resolution {
  readonly found: Finding
  readonly run: string | null
  /** Whether a run whose id is known can be followed. */
  readonly canPoll: boolean
  readonly by: By
  readonly now: Instant
}

/** Also of a run that goes on as far as is known: whoever can look may know better. */
export function resolveUnknown(request: RetrainingRequest, resolution: Resolution): Decided {
  const { found, run, canPoll, by, now } = resolution
  const { state, dispatch } = request
  if (by.role !== 'approver') return { refused: needsApprover('say what became of a run', by) }
  if (state === 'running') return resolveRunning(request, resolution)
  if (state !== 'unknown' || dispatch === null)
    return {
      refused: `nothing is unknown about it: it is ${state} since ${formatInstant(request.since)} (${request.because})`,
    }
  switch (found) {
    case 'not-started':
      return step(request, 'failed', { at: now, state: 'failed', because: `no run began, says ${by.name}` })
    case 'resend': {
      const number = dispatch.number + 1
      const key = runKey(request.model, request.id, number)
      return step(request, 'sent again', {
        ...{ at: now, state: 'dispatching', because: `sent again by ${by.name}` },
        // Another key: whoever keeps keys would take the same one for a repetition.
        dispatch: {
          ...dispatch,
          key,
          number,
          attempts: 0,
          claimedAt: now,
          isOpen: false,
          isUnclear: false,
          dueAt: now,
        },
      })
    }
    case 'started': {
      const known = run === null ? (request.run?.run ?? null) : { id: run, link: null }
      const followed = {
        ...{ run: known, startedAt: dispatch.claimedAt, endedAt: null, status: `it began, says ${by.name}` },
        ...{ pollAt: now, failures: 0 },
      }
      const because = `a run began${known === null ? '' : ` (${known.id})`}, says ${by.name}`
      return canPoll && known !== null
        ? step(request, 'running', { at: now, state: 'running', because, run: followed })
        : step(request, 'handed over', { at: now, state: 'handed over', because, run: followed })
    }
  }
}

function resolveRunning(request: RetrainingRequest, { found, run, canPoll, by, now }: Resolution): Decided {
  const { run: followed } = request
  switch (found) {
    case 'not-started':
      return step(request, 'failed', { at: now, state: 'failed', because: `it is given up, says ${by.name}` })
    case 'resend':
      return { refused: 'it runs, as far as is known: say not-started first, then ask for another' }
    case 'started': {
      const known = run === null ? (followed?.run ?? null) : { id: run, link: null }
      if (followed === null || (canPoll && (known === null || known.id === followed.run?.id)))
        return { refused: 'it runs, and is looked at: say which run it is if it is another one, or not-started' }
      const fresh = { ...followed, run: known, status: `it began, says ${by.name}`, pollAt: now, failures: 0 }
      const because = `a run began${known === null ? '' : ` (${known.id})`}, says ${by.name}`
      return canPoll
        ? step(request, 'running', { at: now, because, run: fresh })
        : step(request, 'handed over', { at: now, state: 'handed over', because, run: fresh })
    }
  }
}

function needsApprover(what: string, { name, role }: By): string {
  return `to ${what} needs the role approver, ${name} is ${role}`
}

function approvedBefore({ approval, state }: RetrainingRequest): string {
  const who =
    approval === null
      ? ''
      : `${approval.by === '' ? 'nobody said no' : `approved by ${approval.by}`} at ${formatInstant(approval.at)} already`
  return `${who}; it is ${state}`
}

/** Who was first. */
function tooLate(request: RetrainingRequest): string {
  const { state, since, because, approval } = request
  return approval === null ? `it is ${state} since ${formatInstant(since)}: ${because}` : approvedBefore(request)
}

function said(what: string, why: string): string {
  return why === '' ? what : `${what}: ${why}`
}
