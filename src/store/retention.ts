// What has ended is forgotten after a while, so many rows a commit, so that a table as large as a year of incidents is small work.
//
// Evaluated windows, resolved incidents with their transitions, and retraining requests count in event time, as everything does
// that a replay brings again; deliveries, given up or not, count by the clock. What still fires or still waits is never forgotten.

import { DAY } from '../time.ts'
import type { Changes } from './changes.ts'
import { forgetHandling } from './handling.ts'
import { addTo } from './quarantine.ts'
import type { Statements } from './statements.ts'

/** Rows of each kind that one commit forgets at most. */
const STEP = 500
/** So much earlier than the windows of the whole, those of segments are forgotten. */
const SOONER_MS = 308 * DAY

/** The caller holds the transaction. */
export function forgetWhatEnded(sql: Statements, { dropResultsBefore, dropEndedBefore }: Changes): void {
  if (dropResultsBefore !== null) {
    sql.run(
      'DELETE FROM results WHERE rowid IN (SELECT rowid FROM results INDEXED BY results_by_end WHERE window_end < ? LIMIT ?)',
      dropResultsBefore,
      STEP,
    )
    forgetSegments(sql, dropResultsBefore + SOONER_MS)
    forgetIncidents(sql, dropResultsBefore)
    forgetRequests(sql, dropResultsBefore)
  }
  if (dropEndedBefore === null) return
  sql.run(
    `DELETE FROM receipts WHERE (channel, incident) IN (
       SELECT channel, incident FROM receipts AS old WHERE at < ? AND NOT EXISTS (SELECT 1 FROM incidents WHERE id = old.incident) LIMIT ?)`,
    dropEndedBefore,
    STEP,
  )
  // What was told of an incident says who is to hear of its end: it is kept until they have.
  const ended = `SELECT key FROM outbox AS old INDEXED BY outbox_by_end WHERE ended_at < ?
    AND NOT EXISTS (SELECT 1 FROM incidents WHERE id = old.incident AND state IN ('firing', 'clearing'))
    AND NOT EXISTS (SELECT 1 FROM handling WHERE incident = old.incident AND is_open = 1)
    AND (incident = '' OR NOT EXISTS (SELECT 1 FROM outbox AS waiting INDEXED BY outbox_by_incident
      WHERE waiting.incident = old.incident AND waiting.state = 'queued')) LIMIT ?`
  sql.run('DELETE FROM silences WHERE id IN (SELECT id FROM silences WHERE ends_at < ? LIMIT ?)', dropEndedBefore, STEP)
  addTo(sql, 'store/deliveries_forgotten', sql.run(`DELETE FROM outbox WHERE key IN (${ended})`, dropEndedBefore, STEP))
}

/** There are many segments: their windows are kept for a quarter. */
function forgetSegments(sql: Statements, before: number): void {
  sql.run(
    `DELETE FROM results WHERE rowid IN (
       SELECT rowid FROM results INDEXED BY results_of_segments WHERE segment <> '' AND window_end < ? LIMIT ?)`,
    before,
    STEP,
  )
}

function forgetRequests(sql: Statements, before: number): void {
  const ids = sql.all(
    'SELECT id FROM retraining INDEXED BY retraining_by_time WHERE at < ? AND is_open = 0 LIMIT ?',
    before,
    STEP,
  )
  for (const { id } of ids) {
    sql.run('DELETE FROM retraining_changes WHERE request = ?', id as string)
    sql.run('DELETE FROM retraining WHERE id = ?', id as string)
  }
  addTo(sql, 'store/triggers_forgotten', ids.length)
}

function forgetIncidents(sql: Statements, before: number): void {
  const ids = sql.all(
    "SELECT id FROM incidents INDEXED BY incidents_resolved WHERE state = 'resolved' AND at < ? LIMIT ?",
    before,
    STEP,
  )
  for (const { id } of ids) {
    sql.run('DELETE FROM transitions WHERE incident = ?', id as string)
    forgetHandling(sql, id as string)
    sql.run('DELETE FROM incidents WHERE id = ?', id as string)
    sql.run('DELETE FROM receipts WHERE incident = ?', id as string)
  }
  addTo(sql, 'store/incidents_forgotten', ids.length)
}
