// The outbox on disk. Every mark is durable (synchronous = FULL) when the call returns.

import type { DatabaseSync } from 'node:sqlite'
import type { Envelope, Notification } from '../delivery/notification.ts'
import type { Batch, Claimed, Head, Outbox, Row } from '../delivery/outbox.ts'
import type { Instant, Millis } from '../time.ts'

import { writeOutgoing } from './commit.ts'
import { moveHandling } from './handling.ts'
import { HELD_FROM } from './rebuild.ts'
import { moveRequests } from './retraining-rows.ts'
import { sealOf } from './seal.ts'

import type { SqlRow, Statements } from './statements.ts'
import { transact } from './transact.ts'

/** Of a lane that waits, so many rows are told at once. */
const LANE_ROWS_MAX = 200

/** A row waits for the earlier rows of its lane, but for those that were put off on purpose: only the head of a lane is ever due. */
const isHead = `this.state = 'queued' AND this.due_at < ${HELD_FROM} AND NOT EXISTS (
  SELECT 1 FROM outbox AS earlier INDEXED BY outbox_lane_waiting WHERE earlier.state = 'queued' AND earlier.lane = this.lane
    AND earlier.lane_order < this.lane_order AND earlier.deferred = 0)`

/** Rows of a batch, or the row itself: a batch of one row has the row's key. The plus: found by their keys, not by their state. */
const isOf = "(batch = ?1 OR key = ?1) AND +state = 'queued'"

export function createOutbox(db: DatabaseSync, sql: Statements): Outbox {
  const durably = (write: () => void) => transact(db, { doing: 'marking a delivery', isDurable: true }, write)
  function end(key: string, { state, at, detail }: { state: 'delivered' | 'dead'; at: Instant; detail: string }): void {
    sql.run(
      `UPDATE outbox SET state = ?2, attempts = attempts + 1, ended_at = ?3, detail = ?4 WHERE ${isOf}`,
      key,
      state,
      at,
      detail,
    )
    sql.run('DELETE FROM batches WHERE key = ?', key)
  }
  return {
    channels: () => channels(sql),
    heads: (channel, now, limit) =>
      sql
        .all(
          `SELECT key, lane, batch, kind, group_key, group_above, group_interval FROM outbox AS this INDEXED BY outbox_due
           WHERE channel = ? AND due_at <= ? AND ${isHead} ORDER BY due_at, queued_at, lane_order, key LIMIT ?`,
          channel,
          now,
          limit,
        )
        .map(toHead),
    nextDueAt: (channel) =>
      sql.get(
        `SELECT due_at FROM outbox AS this INDEXED BY outbox_due WHERE channel = ? AND ${isHead} ORDER BY due_at LIMIT 1`,
        channel,
      )?.['due_at'] as number | undefined,
    rowsOf: (lane) =>
      sql
        .allSealed(
          'outbox',
          `SELECT * FROM outbox INDEXED BY outbox_lane_waiting WHERE lane = ? AND state = 'queued' AND batch IS NULL AND due_at < ${HELD_FROM}
           ORDER BY lane_order, queued_at, key LIMIT ${LANE_ROWS_MAX}`,
          lane,
        )
        .map(toRow),
    wasTold: (lane) =>
      sql.get("SELECT 1 FROM outbox WHERE lane = ? AND state = 'delivered' LIMIT 1", lane) !== undefined,
    waits: (lane) =>
      sql.get(
        "SELECT 1 FROM outbox INDEXED BY outbox_lane_waiting WHERE lane = ? AND state = 'queued' LIMIT 1",
        lane,
      ) !== undefined,
    claim: ({ batch, suppressed, deferred }, now) =>
      durably(() => {
        for (const { key, because } of suppressed)
          sql.run(
            "UPDATE outbox SET state = 'suppressed', ended_at = ?, detail = ? WHERE key = ? AND state = 'queued'",
            now,
            because,
            key,
          )
        for (const { key, until, because } of deferred)
          sql.run('UPDATE outbox SET due_at = ?, deferred = 1, detail = ? WHERE key = ?', until, because, key)
        if (batch !== null) claim(sql, batch)
      }),
    claimed: (key) => claimed(sql, key),
    delivered: (key, at, detail, receipt) =>
      durably(() => {
        const channel = sql.get(`SELECT channel FROM outbox WHERE ${isOf} LIMIT 1`, key)?.['channel']
        end(key, { state: 'delivered', at, detail })
        if (receipt === undefined || channel === undefined) return
        // Another one than before: what the first one named is gone, and the channel has begun anew.
        sql.run(
          `INSERT INTO receipts (channel, incident, receipt, at) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET receipt = excluded.receipt, at = excluded.at WHERE receipt <> excluded.receipt`,
          channel as string,
          receipt.incident,
          receipt.text,
          at,
        )
      }),
    dead: (key, at, because, instead) =>
      durably(() => {
        const isUntold = `SELECT 1 FROM outbox WHERE ${isOf} AND passed_on IS NULL LIMIT 1`
        if (instead !== undefined && sql.get(isUntold, key) !== undefined)
          writeOutgoing(sql, { notifications: [instead], triggers: [] })
        end(key, { state: 'dead', at, detail: because })
      }),
    postponed: (key, dueAt, because, isDissolved = false) =>
      durably(() => {
        sql.run(
          `UPDATE outbox SET attempts = attempts + 1, due_at = ?2, detail = ?3${isDissolved ? ', batch = NULL' : ''} WHERE ${isOf}`,
          key,
          dueAt,
          because,
        )
        if (isDissolved) sql.run('DELETE FROM batches WHERE key = ?', key)
      }),
    notPassedOn: (channel, limit) =>
      sql
        .allSealed(
          'outbox',
          `SELECT * FROM outbox INDEXED BY outbox_due WHERE channel = ? AND state = 'queued' AND due_at < ${HELD_FROM}
           AND passed_on IS NULL ORDER BY due_at, queued_at, lane_order, key LIMIT ?`,
          channel,
          limit,
        )
        .map(toNotification),
    passOn: (rows, at) =>
      durably(() => {
        for (const { key, instead } of rows) {
          writeOutgoing(sql, { notifications: [instead], triggers: [] })
          sql.run('UPDATE outbox SET passed_on = ? WHERE key = ?', at, key)
        }
      }),
    overdue: (channel, queuedBefore, limit) =>
      sql
        .all(
          `SELECT DISTINCT coalesce(batch, key) AS key FROM outbox INDEXED BY outbox_due
           WHERE channel = ? AND state = 'queued' AND due_at < ${HELD_FROM} AND queued_at < ? LIMIT ?`,
          channel,
          queuedBefore,
          limit,
        )
        .map((row) => row['key'] as string),
  }
}

/** From one name to the next in the index, however many rows a channel has. */
function channels(sql: Statements): string[] {
  const next = "SELECT min(channel) FROM outbox INDEXED BY outbox_due WHERE state = 'queued'"
  return sql
    .all(
      `WITH RECURSIVE found (name) AS (${next} UNION ALL SELECT (${next} AND channel > found.name) FROM found WHERE found.name IS NOT NULL)
       SELECT name FROM found WHERE name IS NOT NULL`,
    )
    .map((row) => row['name'] as string)
}

function claim(sql: Statements, { key, envelope, rows }: Batch): void {
  if (envelope !== null) {
    const values = [key, envelope.channel, JSON.stringify(envelope)]
    sql.run('INSERT INTO batches (key, channel, envelope, seal) VALUES (?, ?, ?, ?)', ...values, sealOf(values))
  }
  for (const row of rows)
    sql.run("UPDATE outbox SET batch = ?, deferred = 0 WHERE key = ? AND state = 'queued'", key, row)
}

function claimed(sql: Statements, key: string): Claimed {
  const rows = sql
    .allSealed('outbox', `SELECT * FROM outbox WHERE ${isOf} ORDER BY lane, lane_order`, key)
    .map(toNotification)
  const content = sql.getSealed('batches', 'SELECT * FROM batches WHERE key = ?', key)?.['envelope']
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined || (content === undefined && key !== first.key))
    throw new RangeError(`what was claimed as ${key} is not there`)
  const envelope = content === undefined ? first.envelope : (JSON.parse(content as string) as Envelope)
  const thread =
    envelope.kind === 'message'
      ? sql.get(
          'SELECT receipt FROM receipts WHERE channel = ? AND incident = ?',
          envelope.channel,
          envelope.message.incidentId,
        )?.['receipt']
      : undefined
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b))
  return {
    notification: {
      ...last,
      key,
      envelope,
      attempts: most(rows.map(({ attempts }) => attempts)),
      dueAt: most(rows.map(({ dueAt }) => dueAt)),
      queuedAt: most(rows.map(({ queuedAt }) => queuedAt)),
      ...(thread !== undefined && { thread: thread as string }),
    },
    lanes: [...new Set(rows.map(({ lane }) => lane))],
    rows: rows.length,
  }
}

/**
 * The clock that due times come from was set by so much: what waits is moved along, and waits as long as it would have. What was put
 * off waits for a time of people's clocks, and is asked about again then.
 */
export function moveOutbox(db: DatabaseSync, sql: Statements, by: Millis): void {
  transact(db, { doing: 'moving the outbox along with the clock', isDurable: true }, () => {
    sql.run(
      "UPDATE outbox SET due_at = due_at + iif(deferred = 1, 0, ?1), queued_at = queued_at + ?1 WHERE state = 'queued'",
      by,
    )
    moveRequests(sql, by)
    moveHandling(sql, by)
  })
}

function toNotification(row: SqlRow): Notification {
  const group = groupOf(row)
  return {
    key: row['key'] as string,
    lane: row['lane'] as string,
    order: row['lane_order'] as number,
    envelope: JSON.parse(row['envelope'] as string) as Envelope,
    attempts: row['attempts'] as number,
    dueAt: row['due_at'] as number,
    queuedAt: row['queued_at'] as number,
    ...(group !== null && { group }),
  }
}

function toRow(row: SqlRow): Row {
  return { ...toNotification(row), isDeferred: row['deferred'] === 1 }
}

function toHead(row: SqlRow): Head {
  return {
    key: row['key'] as string,
    lane: row['lane'] as string,
    batch: row['batch'] as string | null,
    kind: row['kind'] as Envelope['kind'],
    group: groupOf(row),
  }
}

function groupOf(row: SqlRow): Head['group'] {
  const key = row['group_key'] as string
  if (key === '') return null
  return { key, above: row['group_above'] as number, intervalMs: row['group_interval'] as number }
}
