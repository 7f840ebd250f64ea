// Who changed what, and what came of it. Rows are only ever added.

import type { Instant } from '../time.ts'
import type { SqlRow, Statements } from './statements.ts'

export interface AuditEntry {
  readonly at: Instant
  /** Joins the rows of one request. */
  readonly request: string
  /** Name of the token, or of the signal. */
  readonly actor: string
  /** The actor's role; '' for a signal. */
  readonly role: string
  /** Address it came from; '' for a signal. */
  readonly remote: string
  /** Such as `reload`. */
  readonly action: string
  /** What it is about; '' for the daemon as a whole. */
  readonly target: string
  /**
   * `asked` is written before anything is done, so that nothing is done without a trace; then `done`, `refused` with the reason, or
   * `failed`. `denied`: the role did not suffice. What changes the state is `done` in the transaction that changes it.
   */
  readonly outcome: 'asked' | 'done' | 'refused' | 'failed' | 'denied'
  readonly detail: string
}

const DETAIL_LENGTH_MAX = 2_000

/** Inside the transaction that changes what the entry is about, where that is state. */
export function writeAudit(sql: Statements, entry: AuditEntry): void {
  const { at, request, actor, role, remote, action, target, outcome, detail } = entry
  sql.run(
    'INSERT INTO audit (at, request, actor, role, remote, action, target, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    at,
    request,
    actor,
    role,
    remote,
    action,
    target,
    outcome,
    detail.slice(0, DETAIL_LENGTH_MAX),
  )
}

/** One row, with its number: they grow by one. */
export interface AuditRow extends AuditEntry {
  readonly number: number
}

export interface AuditQuery {
  readonly from?: Instant
  /** Rows before it. */
  readonly to?: Instant
  /** Rows behind the one of this number, oldest first. */
  readonly after?: number
  readonly limit: number
}

/** Newest first; behind a row, oldest first. */
export function readAudit(sql: Statements, { from, to, after, limit }: AuditQuery): AuditRow[] {
  return sql
    .all(
      `SELECT * FROM audit WHERE number > ?1 AND (?2 IS NULL OR at >= ?2) AND (?3 IS NULL OR at < ?3)
       ORDER BY number ${after === undefined ? 'DESC' : ''} LIMIT ?4`,
      after ?? 0,
      from ?? null,
      to ?? null,
      limit,
    )
    .map((row) => ({ number: row['number'] as number, ...toEntry(row) }))
}

function toEntry(row: SqlRow): AuditEntry {
  return {
    at: row['at'] as number,
    request: row['request'] as string,
    actor: row['actor'] as string,
    role: row['role'] as string,
    remote: row['remote'] as string,
    action: row['action'] as string,
    target: row['target'] as string,
    outcome: row['outcome'] as AuditEntry['outcome'],
    detail: row['detail'] as string,
  }
}
