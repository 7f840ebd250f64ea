// What the answers of an orchestrator mean for a request. A call is claimed on disk before it is made: a process that finds an open
// claim after its start knows that a call was begun, and nothing else.

import type { Instant, Millis } from '../time.ts'
import { formatDuration, HOUR, MINUTE, SECOND } from '../time.ts'
import type { Found, Launch, RunState } from './orchestrator.ts'
import type { Dispatch, FollowedRun, RetrainingRequest, Step } from './request.ts'
import { step } from './request.ts'

/** An orchestrator that cannot be asked for so long is given up. */
const LAUNCH_BUDGET: Millis = 72 * HOUR
const POLL_BUDGET: Millis = 72 * HOUR
const RETRY = { first: SECOND, most: 5 * MINUTE }
const POLL_MOST: Millis = 5 * MINUTE
/** Whoever asks for more patience is looked at before. */
const RETRY_AFTER_MOST: Millis = HOUR

export interface AnswerOptions {
  readonly isIdempotent: boolean
  readonly pollEveryMs: Millis
  /** Whether its runs can be followed. */
  readonly canPoll: boolean
  readonly now: Instant
  /** 0 to 1: spreads what is tried again. */
  readonly random: number
}

function dispatchOf({ id, dispatch }: RetrainingRequest): Dispatch {
  if (dispatch === null) throw new Error(`request ${id} was never claimed`)
  return dispatch
}

function runOf({ id, run }: RetrainingRequest): FollowedRun {
  if (run === null) throw new Error(`request ${id} has no run`)
  return run
}

/** The claim of a call that is about to be made. */
export function claim(request: RetrainingRequest, now: Instant): RetrainingRequest {
  const { attempts, ...dispatch } = dispatchOf(request)
  return { ...request, dispatch: { ...dispatch, attempts: attempts + 1, isOpen: true, dueAt: now } }
}

/** Whether one of its calls may have begun a run: what is refused later says nothing of that one. */
export function mayHaveBegun({ dispatch }: Pick<RetrainingRequest, 'dispatch'>): boolean {
  return dispatch !== null && (dispatch.isOpen || dispatch.isUnclear === true)
}

/** A call was begun by an earlier process, or called off: nothing is known of it. */
export function interrupted(
  request: RetrainingRequest,
  { isIdempotent, now }: Pick<AnswerOptions, 'isIdempotent' | 'now'>,
): Step {
  const because = 'leeway was ended while it asked the orchestrator'
  return isIdempotent ? again(request, { because, now, dueAt: now, isUnclear: true }) : unknown(request, because, now)
}

/** An earlier call was unclear, and whoever is asked by now keeps no keys. */
export function unrepeatable(request: RetrainingRequest, now: Instant): Step {
  return unknown(request, 'an earlier call was not answered clearly, and its target keeps no keys', now)
}

/** What the orchestrator answered when it was asked for a run. */
export function launched(request: RetrainingRequest, launch: Launch, options: AnswerOptions): Step {
  const { isIdempotent, now, random } = options
  switch (launch.result) {
    case 'started':
    case 'already':
      return started(request, launch, options)
    case 'refused': {
      const because = `the orchestrator refused it: ${launch.because}`
      if (dispatchOf(request).isUnclear) return unknown(request, `an earlier call may have begun one; ${because}`, now)
      return step(request, 'failed', {
        ...{ at: now, state: 'failed', because },
        dispatch: { ...dispatchOf(request), isOpen: false },
      })
    }
    case 'unknown':
      if (!isIdempotent) return unknown(request, launch.because, now)
  }
  // It is clear that nothing began, or the same key may be sent again.
  const { attempts, claimedAt, isUnclear: wasUnclear = false } = dispatchOf(request)
  const isUnclear = wasUnclear || launch.result === 'unknown'
  const dueAt = now + waitOf(attempts, { random, first: RETRY.first, most: RETRY.most, asked: launch.retryAfterMs })
  if (dueAt - claimedAt > LAUNCH_BUDGET) {
    const because = `the orchestrator could not be asked within ${formatDuration(LAUNCH_BUDGET)}; last: ${launch.because}`
    return isUnclear
      ? unknown(request, because, now)
      : step(request, 'failed', {
          ...{ at: now, state: 'failed', because },
          dispatch: { ...dispatchOf(request), isOpen: false },
        })
  }
  return again(request, { because: launch.because, now, dueAt, isUnclear })
}

function again(
  request: RetrainingRequest,
  { because, now, dueAt, isUnclear }: { because: string; now: Instant; dueAt: Instant; isUnclear: boolean },
): Step {
  return step(request, 'retried', {
    ...{ at: now, because },
    dispatch: { ...dispatchOf(request), isOpen: false, isUnclear, dueAt },
  })
}

function unknown(request: RetrainingRequest, because: string, now: Instant): Step {
  return step(request, 'unknown', {
    ...{ at: now, state: 'unknown' },
    because: `it is not known whether a run began: ${because}`,
    dispatch: { ...dispatchOf(request), isOpen: false, dueAt: now },
  })
}

function started(
  request: RetrainingRequest,
  { run, detail }: Extract<Launch, { result: 'started' | 'already' }>,
  { canPoll, pollEveryMs, now }: AnswerOptions,
): Step {
  const dispatch = { ...dispatchOf(request), isOpen: false }
  const followed: FollowedRun = {
    ...{ run, startedAt: now, endedAt: null, status: detail },
    ...{ pollAt: now + pollEveryMs, failures: 0 },
  }
  if (canPoll && run !== null)
    return step(request, 'running', {
      ...{ at: now, state: 'running', because: `a run began: ${run.id}`, dispatch, run: followed },
    })
  const because = detail === '' ? 'its receiver took it' : `its receiver took it (${detail})`
  return step(request, 'handed over', {
    ...{
      at: now,
      state: 'handed over',
      because: `${because}; what becomes of it is not told`,
      dispatch,
      run: followed,
    },
  })
}

/** What a look at the orchestrator's runs says of a request that is unknown; undefined when nothing is news. */
export function lookedUp(request: RetrainingRequest, found: Found, options: AnswerOptions): Step | undefined {
  if (request.state !== 'unknown') return undefined
  if (found.result === 'found')
    return started(request, { result: 'already', run: found.run, detail: 'found by its key' }, options)
  const because =
    found.result === 'none'
      ? `${request.because}; the orchestrator knows no run with this key so far`
      : `${request.because}; its runs could not be looked through: ${found.because}`
  return step(request, 'unknown', {
    at: options.now,
    because,
    dispatch: { ...dispatchOf(request), dueAt: Number.MAX_SAFE_INTEGER },
  })
}

/** How the run stands; a step when that is news for people, the request alone when only the next look has changed. */
export function polled(
  request: RetrainingRequest,
  state: RunState,
  { pollEveryMs, now, random }: Pick<AnswerOptions, 'pollEveryMs' | 'now' | 'random'>,
): Step | RetrainingRequest {
  const followed = runOf(request)
  switch (state.state) {
    case 'queued':
    case 'running': {
      // A run of hours is not asked every few seconds.
      const age = now - followed.startedAt
      const wait = Math.min(POLL_MOST, Math.max(pollEveryMs, age / 20))
      const run = { ...followed, run: state.run ?? followed.run, status: state.detail, pollAt: now + wait, failures: 0 }
      return { ...request, run: { ...run, startedAt: state.startedAt ?? followed.startedAt } }
    }
    case 'succeeded':
    case 'failed':
    case 'cancelled': {
      const endedAt = state.endedAt ?? now
      const startedAt = state.startedAt ?? followed.startedAt
      const run = { ...followed, run: state.run ?? followed.run, status: state.detail, startedAt, endedAt, failures: 0 }
      return step(request, state.state, {
        ...{ at: now, state: state.state, run },
        because: `the run ${state.state} after ${lasted(endedAt - startedAt)}${state.detail === '' ? '' : `: ${state.detail}`}`,
      })
    }
    case 'lost':
      return unknown(request, `the orchestrator knows its run no more: ${state.because}`, now)
    case 'unanswered': {
      const failures = followed.failures + 1
      const asked = Math.min(state.retryAfterMs ?? 0, RETRY_AFTER_MOST)
      const wait = waitOf(failures, { random, first: pollEveryMs, most: POLL_MOST, asked })
      const run = { ...followed, status: `not known: ${state.because}`, pollAt: now + wait, failures }
      if (now - followed.startedAt > POLL_BUDGET && failures > 100)
        return unknown({ ...request, run }, `its run could not be looked at any more: ${state.because}`, now)
      return { ...request, run }
    }
  }
}

/** A time in words, to the minute, or to the second if it is short. */
function lasted(ms: Millis): string {
  if (ms < 90 * SECOND) return `${Math.round(ms / SECOND)} s`
  if (ms < 90 * MINUTE) return `${Math.round(ms / MINUTE)} min`
  return `${Math.floor(ms / HOUR)} h ${Math.round((ms % HOUR) / MINUTE)} min`
}

function waitOf(
  failures: number,
  { random, first, most, asked = 0 }: { random: number; first: Millis; most: Millis; asked?: Millis | undefined },
): Millis {
  const longest = Math.min(most, first * 2 ** Math.min(20, failures - 1))
  return Math.max(Math.round(random * longest), asked)
}
