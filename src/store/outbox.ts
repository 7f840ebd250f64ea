// The outbox on disk. Every mark is durable (synchronous = FULL) when the call returns.

import type { DatabaseSync } from 'node:sqlite'
import type { Envelope, Notification } from '../delivery/notification.ts'
import type { Outbox } from '../delivery/outbox.ts'
import type { Instant } from '../time.ts'
import { storeError } from './store-error.ts'

// A row waits for the earlier rows of its lane: only the head of a lane is due.
const dueRows = `
  SELECT key, lane, lane_order, envelope, attempts, due_at, queued_at FROM outbox AS this
  WHERE state = 'queued' AND due_at <= ? AND NOT EXISTS (
    SELECT 1 FROM outbox AS earlier WHERE earlier.lane = this.lane AND earlier.lane_order < this.lane_order AND earlier.state = 'queued'
  ) ORDER BY queued_at, lane_order LIMIT ?`
const nextDue = `
  SELECT min(due_at) AS due FROM outbox AS this WHERE state = 'queued' AND NOT EXISTS (
    SELECT 1 FROM outbox AS earlier WHERE earlier.lane = this.lane AND earlier.lane_order < this.lane_order AND earlier.state = 'queued'
  )`

export function createOutbox(db: DatabaseSync, path: string): Outbox {
  const ended = (key: string, state: string, at: Instant, detail: string) => {
    durably(db, path, () => {
      db.prepare("UPDATE outbox SET state = ?, attempts = attempts + 1, ended_at = ?, detail = ? WHERE key = ? AND state = 'queued'").run(state, at, detail, key)
      db.prepare('UPDATE triggers SET state = ?, detail = ? WHERE id = ? AND EXISTS (SELECT 1 FROM outbox WHERE key = ? AND json_extract(envelope, \'$.kind\') = \'retrain\')').run(state, detail, key, key)
    })
  }
  return {
    due: (now, limit) => db.prepare(dueRows).all(now, limit).map(toNotification),
    delivered: (key, at, detail) => ended(key, 'delivered', at, detail),
    dead: (key, at, because) => ended(key, 'dead', at, because),
    postponed(key, dueAt, because) {
      durably(db, path, () => {
        db.prepare('UPDATE outbox SET attempts = attempts + 1, due_at = ?, detail = ? WHERE key = ?').run(dueAt, because, key)
      })
    },
    nextDueAt: () => (db.prepare(nextDue).get() as { due: number | null }).due ?? undefined,
  }
}

function toNotification(row: Record<string, unknown>): Notification {
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

/** One transaction that is on the disk, not only in the operating system, when it returns. */
function durably(db: DatabaseSync, path: string, write: () => void): void {
  try {
    db.exec('PRAGMA synchronous = FULL')
    db.exec('BEGIN IMMEDIATE')
    try {
      write()
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  } catch (error) {
    throw storeError('marking a delivery', path, error)
  }
}
