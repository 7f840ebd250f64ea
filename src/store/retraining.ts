// Requests to retrain on disk. Whatever is decided of one is written together: the request, its history, the audit, its messages.

import type { DatabaseSync } from 'node:sqlite'
import type { Notification } from '../delivery/notification.ts'
import { OTHER_VERSION } from '../monitors/watched-model.ts'
import type { Marks } from '../retraining/asking-by-itself.ts'
import type { Stopped } from '../retraining/gates.ts'
import type { Change, RequestState, RetrainingRequest } from '../retraining/request.ts'
import type { Instant } from '../time.ts'
import type { AuditEntry } from './audit.ts'
import { writeAudit } from './audit.ts'
import { writeOutgoing } from './commit.ts'
import type { StoredChange } from './retraining-rows.ts'
import { insertChange, insertRequest, toRequest, updateRequest } from './retraining-rows.ts'
import type { SqlRow, Statements } from './statements.ts'
import { transact } from './transact.ts'

/** What is decided of one request. */
export interface Decision {
  readonly request: RetrainingRequest
  /** Its sequence before: nothing is written when it has another one by now. */
  readonly before: number
  /** For its history; null when only the next look at it is another. */
  readonly change: {
    readonly what: Change
    readonly because: string
    readonly actor: string
    readonly at: Instant
  } | null
  readonly audit: AuditEntry | null
  readonly notifications: readonly Notification[]
}

export interface RequestQuery {
  readonly model?: string
  readonly state?: RequestState
  readonly limit: number
}

/** What is known of a model's runs and labels. */
export interface ModelFacts {
  readonly labels: number
  readonly labelsAtLastRun: number
  readonly lastRunAt: Instant | null
  readonly recentRuns: readonly Instant[]
  readonly inFlight: string | null
  readonly versionsSeen: number
}

export interface RetrainingStore {
  request(id: string): RetrainingRequest | undefined
  /** Those with something left to be done, oldest first. */
  open(): readonly RetrainingRequest[]
  /** Withdrawn because their incident was over, which has come back since. */
  returned(): readonly RetrainingRequest[]
  /** Newest first. */
  list(query: RequestQuery): readonly RetrainingRequest[]
  history(id: string): readonly StoredChange[]
  stopped(): ReadonlyMap<string, Stopped>
  marks(model: string): Marks
  /** Models that have any. */
  marked(): readonly string[]
  /** @param except a request whose own calls do not count */
  facts(model: string, since: Instant, except?: string): ModelFacts
  /** How an incident stands; undefined when it is not known (any more). */
  incident(id: string): { readonly state: string; readonly sequence: number } | undefined
  /** Versions of a model by number, oldest first, later than `after`. */
  versions(model: string, after: number): ReadonlyArray<{ readonly number: number; readonly version: string }>
  /** End of the newest evaluated window; 0 when there is none. */
  newestWindow(model: string): Instant
  /** @returns whether it was written @throws StoreError */
  decide(decision: Decision): boolean
  /** Several at once, with how far what asks has come. @returns which of them are new @throws StoreError */
  ask(
    asks: ReadonlyArray<{
      readonly request: RetrainingRequest
      readonly at: Instant
      readonly audit: AuditEntry | null
    }>,
    marks: { readonly model: string; readonly marks: Marks } | null,
  ): readonly string[]
  /** @param stopped null = it is resumed @throws StoreError */
  setAutomation(model: string, stopped: Stopped | null, audit: AuditEntry): void
}

/** States in which a request holds the one place that its model has. */
const inFlight = "('dispatching', 'unknown', 'running')"

export function createRetrainingStore(db: DatabaseSync, sql: Statements): RetrainingStore {
  const durably = (write: () => void) =>
    transact(db, { doing: 'a step of a retraining request', isDurable: true }, write)
  const row = (id: string) => sql.getSealed('retraining', 'SELECT * FROM retraining WHERE id = ?', id)
  return {
    request(id) {
      const found = row(id)
      return found === undefined ? undefined : toRequest(found)
    },
    open: () =>
      sql.allSealed('retraining', 'SELECT * FROM retraining WHERE is_open = 1 ORDER BY asked_at, id').map(toRequest),
    returned: () =>
      sql
        .allSealed(
          'retraining',
          `SELECT retraining.* FROM retraining INDEXED BY retraining_withdrawn JOIN incidents ON incidents.id = retraining.incident
           WHERE retraining.state = 'withdrawn' AND incidents.state IN ('firing', 'clearing')`,
        )
        .map(toRequest),
    list: ({ model, state, limit }) =>
      sql
        .allSealed(
          'retraining',
          `SELECT * FROM retraining WHERE (?1 IS NULL OR model = ?1) AND (?2 IS NULL OR state = ?2)
           ORDER BY asked_at DESC, id LIMIT ?3`,
          model ?? null,
          state ?? null,
          limit,
        )
        .map(toRequest),
    history: (id) => sql.all('SELECT * FROM retraining_changes WHERE request = ? ORDER BY sequence', id).map(toChange),
    stopped: () =>
      new Map(
        sql.all('SELECT * FROM automation WHERE stopped_at IS NOT NULL').map((found) => [
          found['model'] as string,
          {
            by: found['stopped_by'] as string,
            because: found['stopped_because'] as string,
            at: found['stopped_at'] as number,
          },
        ]),
      ),
    marks(model) {
      const found = sql.get('SELECT slot, version, labels FROM automation WHERE model = ?', model)
      return {
        slot: (found?.['slot'] as string | null | undefined) ?? null,
        version: (found?.['version'] as number | null | undefined) ?? null,
        labels: (found?.['labels'] as number | null | undefined) ?? null,
      }
    },
    marked: () =>
      sql
        .all('SELECT model FROM automation WHERE coalesce(slot, version, labels) IS NOT NULL')
        .map((found) => found['model'] as string),
    facts: (model, since, except = '') => facts(sql, model, since, except),
    incident(id) {
      const found = sql.get("SELECT state, json ->> '$.sequence' AS sequence FROM incidents WHERE id = ?", id)
      return found as { state: string; sequence: number } | undefined
    },
    versions: (model, after) =>
      sql
        .all(
          'SELECT number, version FROM streams WHERE model = ? AND number > ? AND version <> ? ORDER BY number',
          model,
          after,
          OTHER_VERSION,
        )
        .map((found) => ({ number: found['number'] as number, version: found['version'] as string })),
    newestWindow: (model) =>
      (sql.get('SELECT max(window_end) AS newest FROM results WHERE model = ?', model)?.['newest'] as number | null) ??
      0,
    decide(decision) {
      let isWritten = false
      durably(() => {
        isWritten = writeDecision(sql, decision)
      })
      return isWritten
    },
    ask(asks, marks) {
      const fresh: string[] = []
      durably(() => {
        for (const { request, at, audit } of asks) {
          if (!insertRequest(sql, request, at)) continue
          fresh.push(request.id)
          if (audit !== null) writeAudit(sql, audit)
        }
        if (marks !== null) writeMarks(sql, marks.model, marks.marks)
      })
      return fresh
    },
    setAutomation: (model, stopped, audit) =>
      durably(() => {
        sql.run(
          `INSERT INTO automation (model, stopped_by, stopped_because, stopped_at) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET stopped_by = excluded.stopped_by, stopped_because = excluded.stopped_because,
             stopped_at = excluded.stopped_at`,
          model,
          stopped?.by ?? null,
          stopped?.because ?? '',
          stopped?.at ?? null,
        )
        writeAudit(sql, audit)
      }),
  }
}

function writeDecision(sql: Statements, { request, before, change, audit, notifications }: Decision): boolean {
  if (!updateRequest(sql, request, before)) return false
  if (change !== null) {
    const { what, because, actor, at } = change
    insertChange(sql, { request: request.id, sequence: request.sequence, change: what, because, actor, at })
  }
  if (audit !== null) writeAudit(sql, audit)
  if (notifications.length > 0) writeOutgoing(sql, { notifications, triggers: [] })
  return true
}

function writeMarks(sql: Statements, model: string, { slot, version, labels }: Marks): void {
  sql.run(
    `INSERT INTO automation (model, slot, version, labels) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET slot = excluded.slot, version = excluded.version, labels = excluded.labels`,
    model,
    slot,
    version,
    labels,
  )
}

function facts(sql: Statements, model: string, since: Instant, except: string): ModelFacts {
  const last = sql.get(
    'SELECT began_at, labels FROM retraining WHERE model = ? AND began_at IS NOT NULL AND id <> ? ORDER BY began_at DESC LIMIT 1',
    model,
    except,
  )
  const recent = sql.all(
    'SELECT began_at FROM retraining WHERE model = ? AND began_at > ? AND id <> ?',
    model,
    since,
    except,
  )
  const flying = sql.get(
    `SELECT id FROM retraining WHERE model = ? AND state IN ${inFlight} AND id <> ?`,
    model,
    except,
  )
  // A label that came before its prediction joins when that comes.
  const labels = sql.get(
    "SELECT total(value) AS joined FROM counters WHERE model = ? AND name IN ('labels/joined', 'early_labels/joined')",
    model,
  )
  const newest = sql.get('SELECT max(number) AS number FROM streams WHERE model = ?', model)
  return {
    labels: labels?.['joined'] as number,
    labelsAtLastRun: (last?.['labels'] as number | null | undefined) ?? 0,
    lastRunAt: (last?.['began_at'] as number | undefined) ?? null,
    recentRuns: recent.map((found) => found['began_at'] as number),
    inFlight: (flying?.['id'] as string | undefined) ?? null,
    versionsSeen: (newest?.['number'] as number | null) ?? -1,
  }
}

function toChange(row: SqlRow): StoredChange {
  return {
    request: row['request'] as string,
    sequence: row['sequence'] as number,
    change: row['change'] as string,
    because: row['because'] as string,
    actor: row['actor'] as string,
    at: row['at'] as number,
  }
}
