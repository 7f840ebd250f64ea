// The outbox on disk. Every mark is durable (synchronous = FULL) when the call returns.

import type { DatabaseSync } from 'node:sqlite'
import type { Envelope, Notification } from '../delivery/notification.ts'
import type { Outbox } from '../delivery/outbox.ts'
import type { Instant, Millis } from '../time.ts'
import type { SqlRow, Statements } from './statements.ts'
import { transact } from './transact.ts'

/** A row waits for the earlier rows of its lane: only the head of a lane is ever due. */
const isHead = `state = 'queued' AND NOT EXISTS (
  SELECT 1 FROM outbox AS earlier WHERE earlier.lane = this.lane AND earlier.lane_order < this.lane_order AND earlier.state = 'queued')`

export function createOutbox(db: DatabaseSync, sql: Statements): Outbox {
  /** The row reaches its end, and with it the trigger that it carries. */
  function end(key: string, { state, at, detail }: { state: 'delivered' | 'dead'; at: Instant; detail: string }): void {
    transact(db, { doing: 'marking a delivery', isDurable: true }, () => {
      const ended = sql.run(
        "UPDATE outbox SET state = ?, attempts = attempts + 1, ended_at = ?, detail = ? WHERE key = ? AND state = 'queued'",
        state,
        at,
        detail,
        key,
      )
      if (ended > 0)
        sql.run(
          "UPDATE triggers SET state = ?, detail = ? WHERE id = (SELECT envelope ->> '$.trigger.id' FROM outbox WHERE key = ?)",
          state,
          detail,
          key,
        )
    })
  }
  return {
    due: (now, limit) =>
      sql
        .allSealed(
          'outbox',
          `SELECT * FROM outbox AS this
          WHERE due_at <= ? AND ${isHead} ORDER BY queued_at, lane_order, key LIMIT ?`,
          now,
          limit,
        )
        .map(toNotification),
    delivered: (key, at, detail) => end(key, { state: 'delivered', at, detail }),
    dead: (key, at, because) => end(key, { state: 'dead', at, detail: because }),
    postponed(key, dueAt, because) {
      transact(db, { doing: 'marking a delivery', isDurable: true }, () =>
        sql.run(
          "UPDATE outbox SET attempts = attempts + 1, due_at = ?, detail = ? WHERE key = ? AND state = 'queued'",
          dueAt,
          because,
          key,
        ),
      )
    },
    nextDueAt: () =>
      (sql.get(`SELECT min(due_at) AS due FROM outbox AS this WHERE ${isHead}`)?.['due'] as number | null) ?? undefined,
  }
}

/** The clock that due times come from was set by so much: what waits is moved along, and waits as long as it would have. */
export function moveOutbox(db: DatabaseSync, sql: Statements, by: Millis): void {
  transact(db, { doing: 'moving the outbox along with the clock', isDurable: true }, () =>
    sql.run("UPDATE outbox SET due_at = due_at + ?1, queued_at = queued_at + ?1 WHERE state = 'queued'", by),
  )
}

function toNotification(row: SqlRow): Notification {
  return {
    key: row['key'] as string,
    lane: row['lane'] as string,
    order: row['lane_order'] as number,
    envelope: JSON.parse(row['envelope'] as string) as Envelope,
    attempts: row['attempts'] as number,
    dueAt: row['due_at'] as number,
    queuedAt: row['queued_at'] as number,
  }
}
