// A state that is rebuilt from the start of its log goes through alerts of the past once more. Their messages are held in the outbox,
// and when the present is reached only what still fires is told.

import type { DatabaseSync } from 'node:sqlite'
import type { Notification } from '../delivery/notification.ts'
import type { Instant } from '../time.ts'
import { releaseHeld } from './retraining-rows.ts'
import { sealOf } from './seal.ts'
import type { Statements } from './statements.ts'
import { transact } from './transact.ts'

/** When a held message is due: not in this age of the world. */
const HELD_UNTIL = 2 ** 52
export const HELD_FROM = 2 ** 51
export const isHeld = `state = 'queued' AND due_at >= ${HELD_FROM}`
/** Rows of the outbox that somebody is expected to take; what is held waits for nobody, and so it never stops the reading that is to release it. */
export const isExpected = `state = 'queued' AND due_at < ${HELD_FROM}`
/** The document that is there as long. */
export const MARK = 'rebuild'

export interface Rebuild {
  /** Whether the state is being rebuilt; it is remembered through restarts. */
  readonly isOn: boolean
  /** The state is empty, and its past is to be gone through quietly. */
  begin(): void
  /** The present is reached: what still fires is told, the newest message of each incident and channel, and the rest is put aside. */
  end(now: Instant): { readonly told: number; readonly putAside: number }
}

/** A message that waits until the state is rebuilt. */
export function held(notification: Notification): Notification {
  return { ...notification, dueAt: HELD_UNTIL }
}

export function createRebuild(db: DatabaseSync, sql: Statements): Rebuild {
  let isOn = sql.getSealed('documents', 'SELECT * FROM documents WHERE name = ?', MARK) !== undefined
  return {
    get isOn() {
      return isOn
    },
    begin() {
      transact(db, { doing: 'beginning to rebuild the state', isDurable: true }, () =>
        sql.run('INSERT INTO documents (name, json, seal) VALUES (?, ?, ?)', MARK, 'true', sealOf([MARK, 'true'])),
      )
      isOn = true
    },
    end(now) {
      let [told, putAside] = [0, 0]
      transact(db, { doing: 'ending the rebuild of the state', isDurable: true }, () => {
        putAside = sql.run(
          `UPDATE outbox AS this SET state = 'superseded', ended_at = ?, detail = 'it had passed before the state was rebuilt'
           WHERE ${isHeld} AND (
             NOT EXISTS (SELECT 1 FROM incidents WHERE id = this.incident AND state IN ('firing', 'clearing'))
             OR this.envelope ->> '$.kind' = 'message' AND EXISTS (
               SELECT 1 FROM outbox AS later WHERE later.lane = this.lane AND later.lane_order > this.lane_order))`,
          now,
        )
        releaseHeld(sql, now)
        told = sql.run(`UPDATE outbox SET due_at = ?1, queued_at = ?1 WHERE ${isHeld}`, now)
        sql.run('DELETE FROM documents WHERE name = ?', MARK)
      })
      isOn = false
      return { told, putAside }
    },
  }
}
