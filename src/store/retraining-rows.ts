// A request to retrain as a row, and back.

import { isFollowed } from '../retraining/outcome.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import { incidentOf } from '../retraining/request.ts'
import type { Instant } from '../time.ts'
import { sealOf } from './seal.ts'
import type { SqlRow, Statements } from './statements.ts'

const opened: ReadonlySet<RetrainingRequest['state']> = new Set([
  'held',
  'asked',
  'gated',
  'awaiting approval',
  'dispatching',
  'unknown',
  'running',
])

/** When its run began, as far as is known: a request of which that is unknown may have one. */
function beganAt({ state, dispatch, run }: RetrainingRequest): Instant | null {
  const mayRun = run !== null || state === 'dispatching' || state === 'unknown'
  return dispatch !== null && mayRun ? dispatch.claimedAt : null
}

/** @param at event time of what asked @returns whether it is new: an incident asks once */
export function insertRequest(sql: Statements, request: RetrainingRequest, at: Instant): boolean {
  const { id, model, version, target, cause, state, sequence, askedAt, because } = request
  const incident = cause.is === 'incident' ? cause.incident.id : null
  const json = JSON.stringify(request)
  const isNew =
    sql.run(
      `INSERT INTO retraining (id, model, version, target, incident, state, sequence, at, asked_at, began_at, labels, is_open, json, seal)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, 1, ?, ?) ON CONFLICT DO NOTHING`,
      ...[id, model, version, target, incident, state, sequence, at, askedAt, json],
      sealOf([id, model, incident, state, json]),
    ) > 0
  if (isNew) insertChange(sql, { request: id, sequence, change: 'asked', because, actor: '', at: askedAt })
  return isNew
}

/** @param before the sequence that it had @returns false when something else has happened to it meanwhile */
export function updateRequest(sql: Statements, request: RetrainingRequest, before: number): boolean {
  const { id, model, cause, state, sequence, dispatch } = request
  const incident = cause.is === 'incident' ? cause.incident.id : null
  const json = JSON.stringify(request)
  const began = beganAt(request)
  const isOpen = opened.has(state) || isFollowed(request) ? 1 : 0
  return (
    sql.run(
      `UPDATE retraining SET state = ?, sequence = ?, began_at = ?, labels = ?, is_open = ?, json = ?, seal = ?
       WHERE id = ? AND sequence = ?`,
      ...[state, sequence, began, began === null ? null : (dispatch?.labels ?? 0), isOpen, json],
      ...[sealOf([id, model, incident, state, json]), id, before],
    ) > 0
  )
}

export interface StoredChange {
  readonly request: string
  readonly sequence: number
  readonly change: string
  readonly because: string
  /** '' = leeway itself. */
  readonly actor: string
  readonly at: Instant
}

export function insertChange(sql: Statements, change: StoredChange): void {
  const { request, sequence, change: what, because, actor, at } = change
  sql.run(
    'INSERT INTO retraining_changes (request, sequence, change, because, actor, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ...[request, sequence, what, because, actor, at],
  )
}

export function toRequest(row: SqlRow): RetrainingRequest {
  return JSON.parse(row['json'] as string) as RetrainingRequest
}

/** Requests that wait go on waiting as long as they would have, whatever was done to the clock. */
export function moveRequests(sql: Statements, by: number): void {
  for (const row of sql.allSealed('retraining', 'SELECT * FROM retraining WHERE is_open = 1')) {
    const request = toRequest(row)
    const { dispatch, run, approvalAskedAt, askedAt, sequence } = request
    const moved = {
      ...request,
      askedAt: askedAt + by,
      approvalAskedAt: approvalAskedAt === null ? null : approvalAskedAt + by,
      dispatch:
        dispatch === null ? null : { ...dispatch, dueAt: dispatch.dueAt + by, claimedAt: dispatch.claimedAt + by },
      run: run === null ? null : { ...run, startedAt: run.startedAt + by, pollAt: run.pollAt + by },
    }
    updateRequest(sql, moved, sequence)
  }
}

/** The present is reached: what asked and still fires is looked at, the rest is withdrawn. */
export function releaseHeld(sql: Statements, now: Instant): void {
  for (const row of sql.allSealed('retraining', "SELECT * FROM retraining WHERE state = 'held'")) {
    const request = toRequest(row)
    const { id } = incidentOf(request) ?? { id: '' }
    const fires = sql.get("SELECT 1 FROM incidents WHERE id = ? AND state <> 'resolved'", id) !== undefined
    const because = fires ? request.because : 'it had passed before the state was rebuilt'
    const state = fires ? 'asked' : 'withdrawn'
    const sequence = request.sequence + 1
    updateRequest(sql, { ...request, state, because, sequence, askedAt: now, since: now }, request.sequence)
    insertChange(sql, { request: request.id, sequence, change: state, because, actor: '', at: now })
  }
}
