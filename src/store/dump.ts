// The state as plain objects in a fixed order, to be compared line by line.

import type { DatabaseSync } from 'node:sqlite'
import { entriesOf } from '../summaries/summary.ts'

/** Positions, counters, panes (cell by cell), results, incidents, transitions, what people did, silences, outbox, triggers, references made of production, quarantine. */
export function* dumpState(db: DatabaseSync): Iterable<object> {
  const rows = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map(({ seal: _, ...row }) => row)
  // One point in time, whatever a running daemon commits meanwhile.
  db.exec('BEGIN')
  try {
    for (const row of rows('SELECT * FROM positions ORDER BY source, topic, partition'))
      yield { type: 'position', ...row }
    for (const row of rows('SELECT * FROM streams ORDER BY number')) yield { type: 'stream', ...row }
    for (const row of rows('SELECT * FROM counters ORDER BY name, model, version')) yield { type: 'counter', ...row }
    for (const { cells, ...row } of rows('SELECT * FROM panes ORDER BY stream, segment, part, start')) {
      yield { type: 'pane', ...row, cells: Object.fromEntries(entriesOf(cells as Uint8Array)) }
    }
    for (const { verdicts, ...row } of rows(
      'SELECT * FROM results ORDER BY model, version, segment, window, window_end, revision',
    )) {
      yield { type: 'result', ...row, verdicts: JSON.parse(verdicts as string) }
    }
    for (const { json } of rows('SELECT json FROM incidents ORDER BY id'))
      yield { type: 'incident', ...JSON.parse(json as string) }
    for (const row of rows('SELECT * FROM transitions ORDER BY incident, sequence'))
      yield { type: 'transition', ...row }
    for (const { json } of rows('SELECT json FROM handling ORDER BY incident'))
      yield { type: 'handling', ...JSON.parse(json as string) }
    for (const row of rows('SELECT * FROM deeds ORDER BY incident, number')) yield { type: 'deed', ...row }
    for (const { json } of rows('SELECT json FROM silences ORDER BY id'))
      yield { type: 'silence', ...JSON.parse(json as string) }
    for (const row of rows('SELECT key, lane, lane_order, channel, state, batch FROM outbox ORDER BY key'))
      yield { type: 'notification', ...row }
    for (const row of rows('SELECT id, model, version, target, at FROM retraining ORDER BY id'))
      yield { type: 'trigger', ...row }
    for (const { says, ...row } of rows(
      'SELECT model, version, id, kind, incident, before_id, rows, labelled, from_time, to_time, says, at, actor, note, ended_at, ended_by FROM model_references ORDER BY number',
    ))
      yield { type: 'reference', ...row, says: JSON.parse(says as string) }
    for (const row of rows(
      'SELECT source, topic, partition, record_offset, last_offset, records, reason, detail FROM quarantine ORDER BY source, topic, partition, record_offset, reason',
    )) {
      yield { type: 'quarantined', ...row }
    }
  } finally {
    db.exec('COMMIT')
  }
}
